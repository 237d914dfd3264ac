//! A copy of everything.

use std::path::Path;

use super::database::Database;
use super::group::GroupCommit;
use super::{Store, StoreError, params, sqlite};

impl Store {
    /// Opens the file that a `sqlite:` URL leads to, as another version may have left it: nothing is created, and
    /// its tables are not brought up to date. For [`Store::back_up`], before an upgrade above all.
    ///
    /// # Errors
    /// Where there is no such file, or the database is on a server ([`StoreError::Unsupported`]).
    pub async fn open_to_read(url: &str) -> Result<Self, StoreError> {
        if !url.starts_with("sqlite:") {
            return Err(StoreError::Unsupported);
        }
        let database = sqlite::open_to_read(url).await?;
        Ok(Self { group: GroupCommit::start(database.clone()), database })
    }

    /// Writes a consistent copy into a new file that nobody else may read, while others go on reading and writing.
    /// SQLite only.
    ///
    /// # Errors
    /// Where the file is there already or cannot be created ([`StoreError::CopyNotWritten`]), the copy does not
    /// succeed, or the database is on a server ([`StoreError::Unsupported`]), which has tools of its own.
    pub async fn back_up(&self, file: &Path) -> Result<(), StoreError> {
        if matches!(self.database, Database::Postgres(_)) {
            return Err(StoreError::Unsupported);
        }
        // SQLite takes a file that is empty, and would create one that everybody may read.
        sqlite::create_new_for_us_alone(file).map_err(StoreError::CopyNotWritten)?;
        let name = file.to_string_lossy();
        let copied = self.database.fetch_all("VACUUM INTO $1", params![name.as_ref()]).await;
        if copied.is_err() {
            // A copy that broke off looks like one.
            let _ = std::fs::remove_file(file);
        }
        copied.map(drop)
    }
}
