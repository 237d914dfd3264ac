//! The counts behind the digest: from bots that are known, and from those that were deleted.

use jiff::Timestamp;
use serde_json::json;

use super::database::{Row, rows};
use super::outbox::{self, NewOutboxRow};
use super::{Store, StoreError, params};

/// How a bot counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The day on which it counts, in days since 1970.
    pub day: i64,
    /// As what, in the words of the digest.
    pub counted_as: String,
}

/// Bots that count alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyCount {
    /// How each of them counts.
    pub counted: Counted,
    /// How many they are.
    pub bots: i64,
}

/// The failures of a recurrence key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCount {
    /// The key, as it is stored.
    pub key: String,
    /// How many bots failed.
    pub bots: i64,
    /// One of them.
    pub example: String,
}

fn channels(names: &[String]) -> Result<String, StoreError> {
    rows(names.iter().map(|name| json!({ "channel": name })))
}

impl Store {
    /// Returns the counts of these days, the last one included. One statement, so that a purge that moves counts
    /// meanwhile neither loses nor doubles any.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn daily_counts(&self, (first, last): (i64, i64)) -> Result<Vec<DailyCount>, StoreError> {
        let sql = "SELECT counted_day, counted_as, COUNT(*) FROM bots
                   WHERE counted_day >= $1 AND counted_day <= $2 GROUP BY counted_day, counted_as
                   UNION ALL SELECT day, counted_as, bots FROM daily_counts WHERE day >= $1 AND day <= $2";
        self.database.fetch_all(sql, params![first, last]).await?.iter().map(count).collect()
    }

    /// Returns the counts of bots with an alert in a channel that is known by these names.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn daily_counts_in(
        &self,
        names: &[String],
        (first, last): (i64, i64),
    ) -> Result<Vec<DailyCount>, StoreError> {
        let names = channels(names)?;
        let sql = "SELECT b.counted_day, b.counted_as, COUNT(*) FROM json_each($1) AS n
                   JOIN alerts a ON a.channel = n.value ->> 'channel' JOIN bots b ON b.bot = a.bot
                   WHERE b.counted_day >= $2 AND b.counted_day <= $3
                   GROUP BY b.counted_day, b.counted_as";
        self.database.fetch_all(sql, params![&names, first, last]).await?.iter().map(count).collect()
    }

    /// Returns the keys with most failures within these times, the most first. One failure alone isn't counted.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn failing_keys(
        &self,
        (since, until): (Timestamp, Timestamp),
        limit: i64,
    ) -> Result<Vec<KeyCount>, StoreError> {
        let sql = "SELECT recurrence_key, COUNT(*), MAX(bot) FROM failures
                   WHERE at >= $1 AND at < $2 AND recurrence_key IS NOT NULL
                   GROUP BY recurrence_key HAVING COUNT(*) > 1 ORDER BY 2 DESC, 1 LIMIT $3";
        self.database.fetch_all(sql, params![since, until, limit]).await?.iter().map(key).collect()
    }

    /// The same, of bots with an alert in this channel.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn failing_keys_in(
        &self,
        names: &[String],
        (since, until): (Timestamp, Timestamp),
        limit: i64,
    ) -> Result<Vec<KeyCount>, StoreError> {
        let names = channels(names)?;
        let sql = "SELECT f.recurrence_key, COUNT(*), MAX(f.bot) FROM json_each($1) AS n
                   JOIN alerts a ON a.channel = n.value ->> 'channel' JOIN failures f ON f.bot = a.bot
                   WHERE f.at >= $2 AND f.at < $3 AND f.recurrence_key IS NOT NULL
                   GROUP BY f.recurrence_key HAVING COUNT(*) > 1 ORDER BY 2 DESC, 1 LIMIT $4";
        self.database.fetch_all(sql, params![&names, since, until, limit]).await?.iter().map(key).collect()
    }

    /// Returns how many alerts of these times were muted and never sent: in channels of these names, or in all.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn muted_alerts(
        &self,
        names: Option<&[String]>,
        (since, until): (Timestamp, Timestamp),
    ) -> Result<i64, StoreError> {
        let found = match names {
            Some(names) => {
                let sql = "SELECT COUNT(*) FROM json_each($1) AS n JOIN alerts a ON a.channel = n.value ->> 'channel'
                           WHERE a.muted_by IS NOT NULL AND a.alerted_at >= $2 AND a.alerted_at < $3";
                self.database.fetch_optional(sql, params![&channels(names)?, since, until]).await?
            }
            None => {
                let sql = "SELECT COUNT(*) FROM alerts
                           WHERE muted_by IS NOT NULL AND alerted_at >= $1 AND alerted_at < $2";
                self.database.fetch_optional(sql, params![since, until]).await?
            }
        };
        found.map_or(Ok(0), |row| row.get(0))
    }

    /// Marks a digest as done, and enqueues its message if it has one. Returns `false`, and does nothing, if this or a
    /// later one is done already, by whichever instance.
    ///
    /// `marker` names the channel, and `first_day` is the first day of the digest, as `2026-11-16`. The mark outlives
    /// the message, which may be purged within the hour.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; then neither has happened.
    pub async fn finish_digest(
        &self,
        marker: &str,
        first_day: &str,
        message: Option<&NewOutboxRow>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let sql = "INSERT INTO service_state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE
                   SET value = excluded.value WHERE service_state.value < excluded.value";
        if transaction.execute(sql, params![marker, first_day]).await? == 0 {
            return Ok(false);
        }
        if let Some(message) = message {
            outbox::insert(&mut transaction, message, now).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }
}

fn count(row: &Row) -> Result<DailyCount, StoreError> {
    Ok(DailyCount { counted: Counted { day: row.get(0)?, counted_as: row.get(1)? }, bots: row.get(2)? })
}

fn key(row: &Row) -> Result<KeyCount, StoreError> {
    Ok(KeyCount { key: row.get(0)?, bots: row.get(1)?, example: row.get(2)? })
}
