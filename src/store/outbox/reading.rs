//! Reads the outbox.

use super::OutboxRow;
use crate::store::{Backlog, Store, StoreError, params};

impl Store {
    /// Returns the bot of a posted message, if it is a verdict.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn verdict_at(
        &self,
        channel: &str,
        platform_message_id: &str,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT bot FROM outbox
                   WHERE channel = $1 AND platform_message_id = $2 AND kind = 'verdict'";
        let row = self.database.fetch_optional(sql, params![channel, platform_message_id]).await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// Returns the backlog.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn outbox_backlog(&self) -> Result<Backlog, StoreError> {
        let sql = "SELECT (SELECT COUNT(*) FROM outbox WHERE state IN ('due', 'leased')),
                          (SELECT COUNT(*) FROM outbox WHERE state = 'dead'),
                          (SELECT MIN(created_at) FROM outbox WHERE state IN ('due', 'leased'))";
        Backlog::read(&self.database.fetch_one(sql, params![]).await?)
    }

    /// Returns waiting and dead messages, oldest first, at most `limit`.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn undelivered(&self, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = "SELECT id, channel, bot, kind, state, created_at, attempts, last_error FROM outbox
                   WHERE state IN ('due', 'leased', 'dead') ORDER BY seq LIMIT $1";
        self.database.fetch_all(sql, params![limit]).await?.iter().map(OutboxRow::read).collect()
    }

    /// Returns one message in any state, with its body.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn outbox_row(&self, id: &str) -> Result<Option<(OutboxRow, String)>, StoreError> {
        let sql = "SELECT id, channel, bot, kind, state, created_at, attempts, last_error, body FROM outbox
                   WHERE id = $1";
        let row = self.database.fetch_optional(sql, params![id]).await?;
        row.map(|row| Ok((OutboxRow::read(&row)?, row.get(8)?))).transpose()
    }
}
