//! Channels: until when each accepts no message, and which refuse messages.

use jiff::Timestamp;

use super::database::Transaction;
use super::outbox::{CLOCK_STEP, Pause};
use super::{Store, StoreError, params, time};

/// Stores pauses; a longer existing one stays.
pub(super) async fn pause(
    transaction: &mut Transaction,
    pauses: &[Pause],
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO channels (channel, not_before, set_at) VALUES ($1, $2, $3)
               ON CONFLICT (channel) DO UPDATE SET
                 not_before = CASE WHEN channels.not_before > $2 AND channels.set_at <= $4
                                   THEN channels.not_before ELSE $2 END,
                 set_at = $3";
    for Pause { of, until } in pauses {
        transaction.execute(sql, params![of, *until, now, now + CLOCK_STEP]).await?;
    }
    Ok(())
}

impl Store {
    /// Stores that a channel refuses messages, and why.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn mark_unavailable(
        &self,
        channel: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO channels (channel, refused_since, refused_at, reason) VALUES ($1, $2, $2, $3)
                   ON CONFLICT (channel) DO UPDATE
                   SET refused_since = COALESCE(channels.refused_since, $2), refused_at = $2, reason = $3";
        self.database.execute(sql, params![channel, now, reason]).await?;
        Ok(())
    }

    /// Returns the channels that refused a message since a time and accepted none after it, with the time and the
    /// reason.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn unavailable_channels(
        &self,
        since: Timestamp,
    ) -> Result<Vec<(String, Timestamp, String)>, StoreError> {
        let sql = "SELECT channel, refused_at, reason FROM channels
                   WHERE refused_since IS NOT NULL AND refused_at > $1 ORDER BY channel";
        let rows = self.database.fetch_all(sql, params![since]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, time(row.get(1)?), row.get(2)?))).collect()
    }
}
