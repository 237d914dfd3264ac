//! The bots that alerts were about, the latest first, for those who ask what failed.

use jiff::Timestamp;

use super::{Body, Store, StoreError, params, time};

/// A bot that an alert was about, or would have been if a channel were configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertedBot {
    /// The bot.
    pub bot: String,
    /// Its workspace.
    pub workspace: String,
    /// When its last event came.
    pub last_event_at: Timestamp,
    /// What the last alert said of it.
    pub last_alert: Body,
}

impl Store {
    /// Bots with an event since a moment that an alert was about, the latest first, at most `limit`. With `after`,
    /// those that follow this one.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn alerted_bots(
        &self,
        since: Timestamp,
        after: Option<&AlertedBot>,
        limit: i64,
    ) -> Result<Vec<AlertedBot>, StoreError> {
        let sql = "SELECT bot, workspace, last_event_at, last_alert FROM bots
                   WHERE last_event_at >= $1 AND (last_event_at, bot) < ($2, $3) AND last_alert IS NOT NULL
                   ORDER BY last_event_at DESC, bot DESC LIMIT $4";
        let (at, bot) =
            after.map_or((i64::MAX, ""), |after| (after.last_event_at.as_millisecond(), after.bot.as_str()));
        let rows = self.database.fetch_all(sql, params![since, at, bot, limit]).await?;
        let bots = rows.iter().map(|row| {
            Ok(AlertedBot {
                bot: row.get(0)?,
                workspace: row.get(1)?,
                last_event_at: time(row.get(2)?),
                last_alert: row.get::<String>(3)?.into(),
            })
        });
        bots.collect()
    }
}
