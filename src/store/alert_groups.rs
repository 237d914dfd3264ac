//! Alert groups, and bots that become due.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::alert_transaction::AlertTransaction;
use super::database::{Row, rows};
use super::{Backlog, Body, Store, StoreError, params, time};

/// Alerts that are counted in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupCount {
    /// The group.
    pub id: String,
    /// By how many counted alerts it grows.
    pub grouped: i64,
    /// By how many resolved alerts it grows; negative if it shrinks.
    pub resolved: i64,
}

/// A bot that is counted in a group, and not yet in its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlistedBot {
    /// The group.
    pub group_id: String,
    /// The bot.
    pub bot: String,
    /// When it was counted.
    pub at: Timestamp,
}

/// When a group is to be updated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDue {
    /// The group.
    pub id: String,
    /// When; `None` if it is closed.
    pub due_at: Option<Timestamp>,
}

/// An alert group as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertGroupRow {
    /// Its ID, which is also that of its outbox message.
    pub id: String,
    /// Its channel.
    pub channel: String,
    /// The cause; `None` for various.
    pub cause: Option<String>,
    /// Its body, besides the numbers.
    pub body: Body,
    /// Alerts with a message of their own before it.
    pub single: i64,
    /// Alerts that it counts.
    pub grouped: i64,
    /// Counted alerts that are resolved.
    pub resolved: i64,
    /// When it started, in milliseconds since 1970.
    pub since: i64,
    /// When its last alert was counted.
    pub last_at: i64,
}

impl AlertTransaction {
    /// Opens groups. They are due at once.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn open_groups(&mut self, groups: &[&AlertGroupRow]) -> Result<(), StoreError> {
        if groups.is_empty() {
            return Ok(());
        }
        let groups = rows(groups)?;
        let sql = "INSERT INTO alert_groups (id, channel, cause, body, single, grouped, resolved, since, last_at, due_at)
                   SELECT value ->> 'id', value ->> 'channel', value ->> 'cause', value ->> 'body',
                          CAST(value ->> 'single' AS BIGINT), CAST(value ->> 'grouped' AS BIGINT),
                          CAST(value ->> 'resolved' AS BIGINT), CAST(value ->> 'since' AS BIGINT),
                          CAST(value ->> 'last_at' AS BIGINT), CAST(value ->> 'since' AS BIGINT)
                   FROM json_each($1) WHERE TRUE ON CONFLICT DO NOTHING";
        self.transaction.execute(sql, params![&groups]).await?;
        Ok(())
    }

    /// Counts more alerts in groups, each of which appears once. They are updated at `soon` at the latest.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn count_in_groups(
        &mut self,
        counts: &[GroupCount],
        soon: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if counts.is_empty() {
            return Ok(());
        }
        let counts = rows(counts)?;
        let sql = "UPDATE alert_groups
                   SET grouped = alert_groups.grouped + n.grouped, resolved = alert_groups.resolved + n.resolved,
                       last_at = CASE WHEN n.grouped > 0 THEN $2 ELSE alert_groups.last_at END,
                       due_at = CASE WHEN alert_groups.due_at <= $3 THEN alert_groups.due_at ELSE $3 END
                   FROM (SELECT value ->> 'id' AS id, CAST(value ->> 'grouped' AS BIGINT) AS grouped,
                                CAST(value ->> 'resolved' AS BIGINT) AS resolved
                         FROM json_each($1)) AS n
                   WHERE alert_groups.id = n.id";
        self.transaction.execute(sql, params![&counts, now, soon]).await?;
        Ok(())
    }

    /// The groups that are to be updated.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn due_groups(&mut self, now: Timestamp, limit: i64) -> Result<Vec<AlertGroupRow>, StoreError> {
        let sql =
            "SELECT id, channel, cause, body, single, grouped, resolved, since, last_at FROM alert_groups
                   WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
        let group = |row: &Row| {
            Ok(AlertGroupRow {
                id: row.get(0)?,
                channel: row.get(1)?,
                cause: row.get(2)?,
                body: row.get::<String>(3)?.into(),
                single: row.get(4)?,
                grouped: row.get(5)?,
                resolved: row.get(6)?,
                since: row.get(7)?,
                last_at: row.get(8)?,
            })
        };
        self.transaction.fetch_all(sql, params![now, limit]).await?.iter().map(group).collect()
    }

    /// Bots that are counted in these groups and not yet in their lists, at most `limit` of each group.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn unlisted(
        &mut self,
        groups: &[AlertGroupRow],
        limit: i64,
    ) -> Result<Vec<UnlistedBot>, StoreError> {
        let groups = rows(groups.iter().map(|group| json!({ "id": group.id })))?;
        let sql = "SELECT group_id, bot, alerted_at
                   FROM (SELECT a.group_id, a.bot, a.alerted_at,
                                ROW_NUMBER() OVER (PARTITION BY a.group_id ORDER BY a.alerted_at, a.bot) AS place
                         FROM json_each($1) AS n JOIN alerts a ON a.group_id = n.value ->> 'id'
                         WHERE NOT a.listed) AS unlisted
                   WHERE place <= $2 ORDER BY group_id, place";
        let bot =
            |row: &Row| Ok(UnlistedBot { group_id: row.get(0)?, bot: row.get(1)?, at: time(row.get(2)?) });
        self.transaction.fetch_all(sql, params![&groups, limit]).await?.iter().map(bot).collect()
    }

    /// Marks bots as being in the list of their group.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn set_listed(&mut self, bots: &[UnlistedBot]) -> Result<(), StoreError> {
        let bots = rows(bots.iter().map(|listed| json!({ "group_id": listed.group_id, "bot": listed.bot })))?;
        let sql = "UPDATE alerts SET listed = TRUE FROM json_each($1) AS n
                   WHERE alerts.bot = n.value ->> 'bot' AND alerts.group_id = n.value ->> 'group_id'";
        self.transaction.execute(sql, params![&bots]).await?;
        Ok(())
    }

    /// Stores when groups are to be updated again.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn set_groups_due(&mut self, groups: &[GroupDue]) -> Result<(), StoreError> {
        let groups =
            rows(groups.iter().map(
                |group| json!({ "id": group.id, "due_at": group.due_at.map(Timestamp::as_millisecond) }),
            ))?;
        let sql =
            "UPDATE alert_groups SET due_at = CAST(n.value ->> 'due_at' AS BIGINT) FROM json_each($1) AS n
                   WHERE alert_groups.id = n.value ->> 'id'";
        self.transaction.execute(sql, params![&groups]).await?;
        Ok(())
    }
}

impl Store {
    /// Makes a bot due, if it is known.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn mark_due(&self, bot: &str, now: Timestamp) -> Result<(), StoreError> {
        self.database.execute("UPDATE bots SET due_at = $2 WHERE bot = $1", params![bot, now]).await?;
        Ok(())
    }

    /// Bots that wait to be evaluated at this time, and since when.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn watch_backlog(&self, now: Timestamp) -> Result<Backlog, StoreError> {
        let sql = "SELECT COUNT(*), CAST(0 AS BIGINT), MIN(due_at) FROM bots WHERE due_at <= $1";
        Backlog::read(&self.database.fetch_one(sql, params![now]).await?)
    }
}
