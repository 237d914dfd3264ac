//! Who asked and pressed what, and what people answered.

use jiff::Timestamp;

use super::{Store, StoreError, mentions, params};

/// A question or a button press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The delivery ID.
    pub delivery_id: String,
    /// The chat platform.
    pub chat: &'static str,
    /// The platform's user ID.
    pub user_id: String,
    /// The platform's channel ID.
    pub channel: String,
    /// The action in a few words, without free text.
    pub action: String,
    /// `true` if they may.
    pub allowed: bool,
}

impl Store {
    /// Inserts an audit entry, once per delivery, however often it is tried.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn record(&self, entry: &AuditEntry, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO audit (delivery_id, at, chat, user_id, channel, action, allowed)
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
        let AuditEntry { delivery_id, chat, user_id, channel, action, allowed } = entry;
        let values = params![delivery_id, now, *chat, user_id, channel, action, *allowed];
        let mut transaction = self.database.begin().await?;
        if transaction.execute(sql, values).await? > 0 {
            mentions::insert(&mut transaction, mentions::Kind::Audit, &[(delivery_id, action)]).await?;
        }
        transaction.commit().await
    }

    /// Stores what a user answered about a bot's host; the last answer counts.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn remember_answer(
        &self,
        bot: &str,
        host_was_present: bool,
        user_id: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO host_answers (bot, host_was_present, user_id, answered_at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (bot) DO UPDATE SET host_was_present = $2, user_id = $3, answered_at = $4";
        self.database.execute(sql, params![bot, host_was_present, user_id, now]).await?;
        Ok(())
    }

    /// Returns what was answered about a bot's host, and by whom.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn answer_about(&self, bot: &str) -> Result<Option<(bool, String)>, StoreError> {
        let sql = "SELECT host_was_present, user_id FROM host_answers WHERE bot = $1";
        let row = self.database.fetch_optional(sql, params![bot]).await?;
        row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }
}
