//! Reads everything that a batch of decisions needs, with one statement for each table.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::json;

use super::alert_transaction::AlertTransaction;
use super::database::{Row, rows};
use super::{Body, Counted, FailureRow, RescueRow, StoreError, params, time};

/// A bot that is due, and what is stored about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueBot {
    /// The bot.
    pub bot: String,
    /// Its workspace.
    pub workspace: String,
    /// When its last event came, in milliseconds since 1970.
    pub last_event_at: i64,
    /// Its last alert.
    pub last_alert: Option<Body>,
    /// Recall.ai's last response about it.
    pub api_response: Option<Body>,
    /// When that was.
    pub fetched_at: Option<i64>,
    /// When the last lookup failed.
    pub lookup_failed_at: Option<i64>,
    /// When Recall.ai is to be asked.
    pub lookup_at: Option<i64>,
    /// Its events, in any order.
    pub events: Vec<Body>,
    /// Whether its host was present, and who answered so.
    pub host_answer: Option<(bool, String)>,
    /// Its alerts.
    pub alerts: Vec<PostedAlert>,
    /// Who takes care of it, and since when.
    pub taken: Option<(String, Timestamp)>,
    /// The attempts to get a recording while the meeting runs, oldest first.
    pub rescues: Vec<RescueRow>,
    /// Its recurrence key, as Recall.ai's response showed it.
    pub recurrence_key: Option<String>,
    /// Its failure, as it was last stored.
    pub failure: Option<FailureRow>,
    /// How it counts in the digest, as it was last stored.
    pub counted: Option<Counted>,
}

/// An alert of a bot in a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedAlert {
    /// The channel.
    pub channel: String,
    /// The group that counts it; `None` if it has its own message.
    pub group_id: Option<String>,
    /// `true` if the alert was posted as resolved.
    pub resolved: bool,
    /// Who was mentioned.
    pub mention: Option<String>,
    /// The cause with which it started.
    pub cause: String,
    /// The mute that keeps it back; `None` if it was sent.
    pub muted_by: Option<String>,
}

/// Alerts of one cause with a message of their own, in one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentSingles {
    /// The channel.
    pub channel: String,
    /// The cause.
    pub cause: String,
    /// How many there are.
    pub count: u32,
    /// When the first of them was sent.
    pub first: Timestamp,
}

/// An alert group that still counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountingGroup {
    /// Its ID, which is also that of its outbox message.
    pub id: String,
    /// Its channel.
    pub channel: String,
    /// The cause that it counts; `None` for all.
    pub cause: Option<String>,
    /// When it was opened.
    pub since: Timestamp,
}

impl AlertTransaction {
    /// The bots that are due, those that have waited longest first.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn due_bots(&mut self, now: Timestamp, limit: i64) -> Result<Vec<DueBot>, StoreError> {
        let sql =
            "SELECT bot, workspace, last_event_at, last_alert, api_response, fetched_at, lookup_failed_at,
                          lookup_at, recurrence_key, counted_day, counted_as
                   FROM bots WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED";
        let mut due = Vec::new();
        for row in self.transaction.fetch_all(sql, params![now, limit]).await? {
            let counted: (Option<i64>, Option<String>) = (row.get(9)?, row.get(10)?);
            due.push(DueBot {
                bot: row.get(0)?,
                workspace: row.get(1)?,
                last_event_at: row.get(2)?,
                last_alert: row.get::<Option<String>>(3)?.map(Body::from),
                api_response: row.get::<Option<String>>(4)?.map(Body::from),
                fetched_at: row.get(5)?,
                lookup_failed_at: row.get(6)?,
                lookup_at: row.get(7)?,
                recurrence_key: row.get(8)?,
                counted: match counted {
                    (Some(day), Some(counted_as)) => Some(Counted { day, counted_as }),
                    _ => None,
                },
                ..DueBot::default()
            });
        }
        if !due.is_empty() {
            self.read_what_belongs_to(&mut due).await?;
            self.read_rescues(&mut due).await?;
        }
        Ok(due)
    }

    async fn read_what_belongs_to(&mut self, due: &mut [DueBot]) -> Result<(), StoreError> {
        let bots = rows(due.iter().map(|due| json!({ "bot": due.bot })))?;
        let places: HashMap<String, usize> =
            due.iter().enumerate().map(|(place, due)| (due.bot.clone(), place)).collect();
        let place = |row: &Row| Ok::<_, StoreError>(places.get(&row.get::<String>(0)?).copied());

        let sql = "SELECT e.bot, e.body FROM json_each($1) AS n JOIN events e ON e.bot = n.value ->> 'bot'";
        for row in self.transaction.fetch_all(sql, params![&bots]).await? {
            if let Some(due) = place(&row)?.and_then(|place| due.get_mut(place)) {
                due.events.push(row.get::<String>(1)?.into());
            }
        }
        let sql = "SELECT h.bot, h.host_was_present, h.user_id
                   FROM json_each($1) AS n JOIN host_answers h ON h.bot = n.value ->> 'bot'";
        for row in self.transaction.fetch_all(sql, params![&bots]).await? {
            if let Some(due) = place(&row)?.and_then(|place| due.get_mut(place)) {
                due.host_answer = Some((row.get(1)?, row.get(2)?));
            }
        }
        let sql = "SELECT t.bot, t.user_id, t.at FROM json_each($1) AS n
                   JOIN acknowledgements t ON t.bot = n.value ->> 'bot' WHERE t.user_id IS NOT NULL";
        for row in self.transaction.fetch_all(sql, params![&bots]).await? {
            if let Some(due) = place(&row)?.and_then(|place| due.get_mut(place)) {
                due.taken = Some((row.get(1)?, time(row.get(2)?)));
            }
        }
        let sql = "SELECT a.bot, a.channel, a.group_id, a.resolved, a.mention, a.cause, a.muted_by
                   FROM json_each($1) AS n JOIN alerts a ON a.bot = n.value ->> 'bot' ORDER BY a.bot, a.channel";
        for row in self.transaction.fetch_all(sql, params![&bots]).await? {
            if let Some(due) = place(&row)?.and_then(|place| due.get_mut(place)) {
                let (channel, group_id) = (row.get(1)?, row.get(2)?);
                let (resolved, mention) = (row.get(3)?, row.get(4)?);
                let (cause, muted_by) = (row.get(5)?, row.get(6)?);
                due.alerts.push(PostedAlert { channel, group_id, resolved, mention, cause, muted_by });
            }
        }
        for failure in self.failures_of(&bots).await? {
            if let Some(due) = places.get(&failure.bot).and_then(|place| due.get_mut(*place)) {
                due.failure = Some(failure);
            }
        }
        Ok(())
    }

    /// Returns which of these outbox messages were or may have been sent, so that they can only be edited, and the
    /// channel in which each is by now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn sent_or_in_doubt(&mut self, ids: &[String]) -> Result<HashMap<String, String>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = rows(ids.iter().map(|id| json!({ "id": id })))?;
        let sql = "SELECT o.id, o.channel FROM json_each($1) AS n JOIN outbox o ON o.id = n.value ->> 'id'
                   WHERE (o.platform_message_id IS NOT NULL OR o.in_doubt OR o.state = 'leased') AND o.state <> 'dead'";
        let found = self.transaction.fetch_all(sql, params![&ids]).await?;
        found.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Alerts with a message of their own in these channels since a moment, by cause.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn recent_singles(
        &mut self,
        channels: &[&str],
        since: Timestamp,
    ) -> Result<Vec<RecentSingles>, StoreError> {
        let channels = rows(channels.iter().map(|channel| json!({ "channel": channel })))?;
        let sql = "SELECT a.channel, a.cause, COUNT(*), MIN(a.alerted_at)
                   FROM json_each($1) AS n JOIN alerts a ON a.channel = n.value ->> 'channel'
                   WHERE a.group_id IS NULL AND a.muted_by IS NULL AND a.alerted_at > $2 GROUP BY a.channel, a.cause";
        let singles = |row: &Row| {
            let count = u32::try_from(row.get::<i64>(2)?).unwrap_or(u32::MAX);
            Ok(RecentSingles { channel: row.get(0)?, cause: row.get(1)?, count, first: time(row.get(3)?) })
        };
        self.transaction.fetch_all(sql, params![&channels, since]).await?.iter().map(singles).collect()
    }

    /// Groups in these channels that counted something since a moment, the one that counted last at the end.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn counting_groups(
        &mut self,
        channels: &[&str],
        since: Timestamp,
    ) -> Result<Vec<CountingGroup>, StoreError> {
        let channels = rows(channels.iter().map(|channel| json!({ "channel": channel })))?;
        let sql = "SELECT g.id, g.channel, g.cause, g.since
                   FROM json_each($1) AS n JOIN alert_groups g ON g.channel = n.value ->> 'channel'
                   WHERE g.last_at > $2 ORDER BY g.last_at, g.id";
        let group = |row: &Row| {
            let (id, channel, cause) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(CountingGroup { id, channel, cause, since: time(row.get(3)?) })
        };
        self.transaction.fetch_all(sql, params![&channels, since]).await?.iter().map(group).collect()
    }
}
