//! What happened last: alerts of a channel, and where a person used the app. Each statement reads a bounded number of
//! rows, however many there are.

use jiff::Timestamp;

use super::database::Row;
use super::{Store, StoreError, params, time};

/// Entries of the audit that are searched for those of one person. They are the newest of everyone.
const SEARCHED_MAX: i64 = 10_000;
/// Most entries of one person.
const OF_PERSON_MAX: i64 = 200;

/// A question or a press of a person who may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedApp {
    /// When.
    pub at: Timestamp,
    /// The platform's channel ID.
    pub channel: String,
    /// The action in a few words, with the bots.
    pub action: String,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentAlert {
    /// The bot.
    pub bot: String,
    /// The cause of its first alert.
    pub cause: String,
    /// When it was alerted.
    pub at: Timestamp,
    /// It recorded after all.
    pub resolved: bool,
    /// It was muted, so that no message was sent.
    pub muted: bool,
}

/// Alerts that one message counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentGroup {
    /// The cause; `None` for various.
    pub cause: Option<String>,
    /// When its last alert was counted.
    pub at: Timestamp,
    /// How many it counts.
    pub bots: i64,
    /// How many of them recorded after all.
    pub resolved: i64,
}

fn alert(row: &Row) -> Result<RecentAlert, StoreError> {
    let (bot, cause, at) = (row.get(0)?, row.get(1)?, time(row.get(2)?));
    Ok(RecentAlert { bot, cause, at, resolved: row.get(3)?, muted: row.get(4)? })
}

impl Store {
    /// Returns the last alerts of a channel that have a message of their own, the newest first.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn recent_alerts(&self, channel: &str, limit: usize) -> Result<Vec<RecentAlert>, StoreError> {
        let sql = "SELECT bot, cause, alerted_at, resolved, muted_by IS NOT NULL FROM alerts
                   WHERE channel = $1 AND group_id IS NULL ORDER BY alerted_at DESC LIMIT $2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.database.fetch_all(sql, params![channel, limit]).await?.iter().map(alert).collect()
    }

    /// Returns the last alerts of a channel that is known by these names, counted ones too, the newest first.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn latest_alerts(
        &self,
        names: &[String],
        limit: usize,
    ) -> Result<Vec<RecentAlert>, StoreError> {
        let mut found = Vec::new();
        for channel in names {
            let sql = "SELECT bot, cause, alerted_at, resolved, muted_by IS NOT NULL FROM alerts
                       WHERE channel = $1 ORDER BY alerted_at DESC LIMIT $2";
            for row in self.database.fetch_all(sql, params![channel, limit]).await? {
                found.push(alert(&row)?);
            }
        }
        found.sort_by_key(|alert| std::cmp::Reverse(alert.at));
        found.truncate(limit);
        Ok(found)
    }

    /// Returns the last alert groups of a channel, the newest first.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn recent_groups(&self, channel: &str, limit: usize) -> Result<Vec<RecentGroup>, StoreError> {
        let sql = "SELECT cause, last_at, grouped, resolved FROM alert_groups
                   WHERE channel = $1 ORDER BY last_at DESC LIMIT $2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let group = |row: &Row| {
            let (cause, bots) = (row.get(0)?, row.get(2)?);
            Ok(RecentGroup { cause, at: time(row.get(1)?), bots, resolved: row.get(3)? })
        };
        self.database.fetch_all(sql, params![channel, limit]).await?.iter().map(group).collect()
    }

    /// Returns what a person asked and pressed since a time, the newest first. Links that they shared don't count.
    ///
    /// Of a busy service only the newest entries are searched, so the list may end earlier than `since`.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn used_app(
        &self,
        chat: &str,
        person: &str,
        since: Timestamp,
    ) -> Result<Vec<UsedApp>, StoreError> {
        let sql = "SELECT n.at, n.channel, n.action FROM (
                     SELECT at, chat, user_id, channel, action, allowed FROM audit
                     WHERE at > $1 ORDER BY at DESC LIMIT $2) AS n
                   WHERE n.chat = $3 AND n.user_id = $4 AND n.allowed AND n.action NOT LIKE 'unfurl %'
                   ORDER BY n.at DESC LIMIT $5";
        let values = params![since, SEARCHED_MAX, chat, person, OF_PERSON_MAX];
        let used =
            |row: &Row| Ok(UsedApp { at: time(row.get(0)?), channel: row.get(1)?, action: row.get(2)? });
        self.database.fetch_all(sql, values).await?.iter().map(used).collect()
    }
}
