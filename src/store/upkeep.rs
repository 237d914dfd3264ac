//! A copy of everything, and forgetting one bot.

use std::path::Path;

use super::database::Database;
use super::{Store, StoreError, params};

/// What is stored about one bot, as the statements that delete it: what it is called, and how.
const ABOUT_A_BOT: &[(&str, &str)] = &[
    ("events", "DELETE FROM events WHERE bot = $1"),
    ("what is known of it", "DELETE FROM bots WHERE bot = $1"),
    ("alerts", "DELETE FROM alerts WHERE bot = $1"),
    ("answers about its host", "DELETE FROM answers WHERE bot = $1"),
    ("messages", "DELETE FROM outbox WHERE subject = $1"),
    ("questions", "DELETE FROM inbox WHERE body LIKE '%' || $1 || '%'"),
    ("entries of the audit", "DELETE FROM audit WHERE wish LIKE '%' || $1 || '%'"),
    ("webhooks that could not be read", "DELETE FROM webhooks WHERE body LIKE '%' || $1 || '%'"),
];

impl Store {
    /// Writes a consistent copy into a new file, while others go on reading and writing. SQLite only.
    ///
    /// # Errors
    /// Where the file is there already or cannot be written, or the database is on a server
    /// ([`StoreError::Unsupported`]), which has tools of its own.
    pub async fn back_up(&self, file: &Path) -> Result<(), StoreError> {
        if matches!(self.database, Database::Postgres(_)) {
            return Err(StoreError::Unsupported);
        }
        let file = file.to_string_lossy();
        self.database.fetch_all("VACUUM INTO $1", params![file.as_ref()]).await?;
        Ok(())
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
