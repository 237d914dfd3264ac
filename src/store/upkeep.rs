//! A copy of everything.

use std::path::Path;

use super::database::sqlite;
use super::{Store, StoreError, params};

impl Store {
    /// Writes a consistent copy into a new file that only our user may read, while others continue reading and
    /// writing. SQLite only.
    ///
    /// # Errors
    /// Returns an error if the file exists or can't be created ([`StoreError::CopyNotWritten`]), the copy fails or
    /// may be torn ([`StoreError::CopyTorn`]), or the database is on a server ([`StoreError::Unsupported`]), which
    /// has its own tools.
    pub async fn back_up(&self, file: &Path) -> Result<(), StoreError> {
        let Some(original) = self.database.file() else { return Err(StoreError::Unsupported) };
        // SQLite accepts an empty file, and would create one that every user may read.
        sqlite::create_new_for_us_alone(file).map_err(StoreError::CopyNotWritten)?;
        let name = file.to_string_lossy();
        let nobody_wrote = !sqlite::has_log(original);
        let copied = self.database.fetch_all("VACUUM INTO $1", params![name.as_ref()]).await;
        let copied = match copied {
            // It was read without locks, because we have no permission to write them.
            Ok(_) if nobody_wrote && sqlite::has_log(original) => Err(StoreError::CopyTorn),
            copied => copied.map(drop),
        };
        if copied.is_err() {
            // A copy that broke off looks like one.
            let _ = std::fs::remove_file(file);
        }
        copied
    }
}
