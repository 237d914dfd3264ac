//! Who asked and pressed what, and what people answered.

use jiff::Timestamp;

use super::{Store, StoreError, mentions, params};

/// One question or one press of a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The sender's id of the delivery.
    pub delivery_id: String,
    /// The chat platform.
    pub chat: &'static str,
    /// Who, as the platform names them.
    pub user_id: String,
    /// Where, as the platform names it.
    pub channel: String,
    /// What they wished, in a few words and without free text.
    pub action: String,
    /// Whether they may.
    pub allowed: bool,
}

impl Store {
    /// Writes down who asked for what. Once per delivery, however often it is tried.
    ///
    /// # Errors
    /// Where it could not be committed.
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

    /// Remembers what a user_id answered about the host of a bot; the last answer holds.
    ///
    /// # Errors
    /// Where it could not be committed.
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

    /// What was answered about the host of a bot, and by whom.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn answer_about(&self, bot: &str) -> Result<Option<(bool, String)>, StoreError> {
        let sql = "SELECT host_was_present, user_id FROM host_answers WHERE bot = $1";
        let row = self.database.fetch_optional(sql, params![bot]).await?;
        row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }
}
