//! A copy of everything, and forgetting one bot.

use std::path::Path;

use super::database::Database;
use super::group::GroupCommit;
use super::{Store, StoreError, params, sqlite};

/// What is stored about one bot, as the statements that delete it: what it is called, and how.
const ABOUT_A_BOT: &[(&str, &str)] = &[
    ("events", "DELETE FROM events WHERE bot = $1"),
    ("what is known of it", "DELETE FROM bots WHERE bot = $1"),
    ("alerts", "DELETE FROM alerts WHERE bot = $1"),
    ("answers about its host", "DELETE FROM host_answers WHERE bot = $1"),
    // The list of an alert group names many bots, and says nothing else of them; only one that was given up is kept.
    ("messages", "DELETE FROM outbox WHERE bot = $1 OR (state = 'dead' AND body LIKE '%' || $1 || '%')"),
    ("questions", "DELETE FROM inbox WHERE body LIKE '%' || $1 || '%'"),
    ("entries of the audit", "DELETE FROM audit WHERE action LIKE '%' || $1 || '%'"),
    ("webhooks that could not be read", "DELETE FROM webhooks WHERE body LIKE '%' || $1 || '%'"),
];

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

    /// Deletes all that is stored about one bot. What of it stands in a chat stays there. Says how many rows of
    /// each kind there were.
    ///
    /// # Errors
    /// Where it could not be committed; then nothing is deleted.
    pub async fn forget(&self, bot: &str) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let mut forgotten = Vec::with_capacity(ABOUT_A_BOT.len());
        for (what, sql) in ABOUT_A_BOT {
            forgotten.push((*what, transaction.execute(sql, params![bot]).await?));
        }
        transaction.commit().await?;
        Ok(forgotten)
    }
}
