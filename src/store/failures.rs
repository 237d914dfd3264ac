//! Failures: one row for each bot whose recording failed, by which recurrences are counted.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::alert_transaction::AlertTransaction;
use super::database::{Row, rows};
use super::{Store, StoreError, params, time};

/// A bot whose recording failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureRow {
    /// The bot.
    pub bot: String,
    /// Whose failure it is, as a kind and a hash; `None` if that isn't known.
    pub key: Option<String>,
    /// The ID of the cause.
    pub cause: String,
    /// What happened to the recording.
    pub outcome: String,
    /// Who can fix it.
    pub actor: String,
    /// The sub code.
    pub sub_code: Option<String>,
    /// When it happened.
    pub at: Timestamp,
}

/// What becomes of a bot's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureChange {
    /// It failed, or for another reason than the one that was stored.
    Save(FailureRow),
    /// It didn't fail after all.
    Remove {
        /// The bot.
        bot: String,
    },
}

/// Which failures are counted: those of a key within a time, without one bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastQuery {
    /// The key, as it is stored.
    pub key: String,
    /// The bot that isn't counted; empty for none.
    pub without: String,
    /// Failures after this time.
    pub since: Timestamp,
    /// Failures up to this time.
    pub until: Timestamp,
}

/// The failures of a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PastFailures {
    /// All of them, by cause.
    pub causes: Vec<CauseTally>,
    /// The latest, newest first, at most 20.
    pub recent: Vec<PastFailure>,
}

/// Failures of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseTally {
    /// The ID of the cause.
    pub cause: String,
    /// How many there are.
    pub count: i64,
    /// When the first of them happened.
    pub first: Timestamp,
}

/// An earlier failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastFailure {
    /// The bot.
    pub bot: String,
    /// The ID of the cause.
    pub cause: String,
    /// The sub code.
    pub sub_code: Option<String>,
    /// When it happened.
    pub at: Timestamp,
    /// Its alerts: the channel, and the group that counts it if it has no message of its own.
    pub alerts: Vec<(String, Option<String>)>,
}

/// A message that a platform has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformMessage {
    /// Its ID in the outbox.
    pub id: String,
    /// The channel in which it is.
    pub channel: String,
    /// The platform's ID of it.
    pub message: String,
}

const OF_BOTS: &str = "SELECT f.bot, f.recurrence_key, f.cause, f.outcome, f.actor, f.sub_code, f.at
     FROM json_each($1) AS n JOIN failures f ON f.bot = n.value ->> 'bot'";
const TALLIES: &str = "SELECT CAST(n.value ->> 'number' AS BIGINT), f.cause, COUNT(*), MIN(f.at)
     FROM json_each($1) AS n JOIN failures f ON f.recurrence_key = n.value ->> 'key'
     WHERE f.at > CAST(n.value ->> 'since' AS BIGINT) AND f.at <= CAST(n.value ->> 'until' AS BIGINT)
       AND f.bot <> n.value ->> 'without' GROUP BY 1, 2 ORDER BY 1, 2";
/// The 21st latest bounds what is read, however many there are.
const RECENT: &str =
    "SELECT recent.number, recent.bot, recent.cause, recent.sub_code, recent.at, a.channel, a.group_id
     FROM (SELECT wanted.number, f.bot, f.cause, f.sub_code, f.at,
                  ROW_NUMBER() OVER (PARTITION BY wanted.number ORDER BY f.at DESC, f.bot) AS place
           FROM (SELECT CAST(n.value ->> 'number' AS BIGINT) AS number, n.value ->> 'key' AS key,
                        n.value ->> 'without' AS without, CAST(n.value ->> 'until' AS BIGINT) AS until,
                        COALESCE((SELECT x.at FROM failures x
                                  WHERE x.recurrence_key = n.value ->> 'key'
                                    AND x.at > CAST(n.value ->> 'since' AS BIGINT)
                                    AND x.at <= CAST(n.value ->> 'until' AS BIGINT)
                                  ORDER BY x.at DESC LIMIT 1 OFFSET 20),
                                 CAST(n.value ->> 'since' AS BIGINT) + 1) AS oldest
                 FROM json_each($1) AS n) AS wanted
           JOIN failures f ON f.recurrence_key = wanted.key AND f.at >= wanted.oldest AND f.at <= wanted.until
             AND f.bot <> wanted.without) AS recent
     LEFT JOIN alerts a ON a.bot = recent.bot WHERE recent.place <= 20
     ORDER BY recent.number, recent.at DESC, recent.bot, a.channel";
const MESSAGES: &str = "SELECT o.id, o.channel, o.platform_message_id
     FROM json_each($1) AS n JOIN outbox o ON o.id = n.value ->> 'id' WHERE o.platform_message_id IS NOT NULL";

impl AlertTransaction {
    /// Returns the failures of these bots.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub(super) async fn failures_of(&mut self, bots: &str) -> Result<Vec<FailureRow>, StoreError> {
        self.transaction.fetch_all(OF_BOTS, params![bots]).await?.iter().map(failure).collect()
    }

    /// Returns the failures of each of these queries, in their order.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn past_failures(&mut self, queries: &[PastQuery]) -> Result<Vec<PastFailures>, StoreError> {
        let mut past = vec![PastFailures::default(); queries.len()];
        if queries.is_empty() {
            return Ok(past);
        }
        let tallies = self.transaction.fetch_all(TALLIES, params![&parameter(queries, |_| true)?]).await?;
        add_tallies(&mut past, &tallies)?;
        let found =
            parameter(queries, |number| past.get(number).is_some_and(|past| !past.causes.is_empty()))?;
        if past.iter().any(|past| !past.causes.is_empty()) {
            add_recent(&mut past, &self.transaction.fetch_all(RECENT, params![&found]).await?)?;
        }
        Ok(past)
    }

    /// Returns which of these outbox messages a platform has, and where.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn platform_messages(&mut self, ids: &[String]) -> Result<Vec<PlatformMessage>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = rows(ids.iter().map(|id| json!({ "id": id })))?;
        self.transaction.fetch_all(MESSAGES, params![&ids]).await?.iter().map(message).collect()
    }

    /// Stores which bots failed, and which did not.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn save_failures<'a>(
        &mut self,
        changes: impl IntoIterator<Item = &'a FailureChange>,
    ) -> Result<(), StoreError> {
        let (mut saved, mut removed) = (Vec::new(), Vec::new());
        for change in changes {
            match change {
                FailureChange::Save(row) => saved.push(json!({
                    "bot": row.bot,
                    "key": row.key,
                    "cause": row.cause,
                    "outcome": row.outcome,
                    "actor": row.actor,
                    "sub_code": row.sub_code,
                    "at": row.at.as_millisecond(),
                })),
                FailureChange::Remove { bot } => removed.push(json!({ "bot": bot })),
            }
        }
        if !saved.is_empty() {
            // SQLite would parse the ON as a join condition, hence the WHERE.
            let sql = "INSERT INTO failures (bot, recurrence_key, cause, outcome, actor, sub_code, at)
                       SELECT value ->> 'bot', value ->> 'key', value ->> 'cause', value ->> 'outcome',
                              value ->> 'actor', value ->> 'sub_code', CAST(value ->> 'at' AS BIGINT)
                       FROM json_each($1) WHERE TRUE ON CONFLICT (bot) DO UPDATE
                       SET recurrence_key = excluded.recurrence_key, cause = excluded.cause,
                           outcome = excluded.outcome, actor = excluded.actor, sub_code = excluded.sub_code,
                           at = excluded.at";
            self.transaction.execute(sql, params![&rows(saved)?]).await?;
        }
        if !removed.is_empty() {
            let sql = "DELETE FROM failures WHERE bot IN (SELECT value ->> 'bot' FROM json_each($1))";
            self.transaction.execute(sql, params![&rows(removed)?]).await?;
        }
        Ok(())
    }
}

impl Store {
    /// Returns the failure of a bot, if it failed.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn failure_of(&self, bot: &str) -> Result<Option<FailureRow>, StoreError> {
        let bots = rows([json!({ "bot": bot })])?;
        self.database.fetch_optional(OF_BOTS, params![&bots]).await?.map(|row| failure(&row)).transpose()
    }

    /// Returns the failures of a query.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn past_failures(&self, query: &PastQuery) -> Result<PastFailures, StoreError> {
        let queries = parameter(std::slice::from_ref(query), |_| true)?;
        let mut past = [PastFailures::default()];
        add_tallies(&mut past, &self.database.fetch_all(TALLIES, params![&queries]).await?)?;
        add_recent(&mut past, &self.database.fetch_all(RECENT, params![&queries]).await?)?;
        let [past] = past;
        Ok(past)
    }

    /// Returns which of these outbox messages a platform has, and where.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn platform_messages(&self, ids: &[String]) -> Result<Vec<PlatformMessage>, StoreError> {
        let ids = rows(ids.iter().map(|id| json!({ "id": id })))?;
        self.database.fetch_all(MESSAGES, params![&ids]).await?.iter().map(message).collect()
    }
}

#[derive(Serialize)]
struct Query<'a> {
    number: usize,
    key: &'a str,
    without: &'a str,
    since: i64,
    until: i64,
}

/// The queries whose place is wanted, as rows.
fn parameter(queries: &[PastQuery], wanted: impl Fn(usize) -> bool) -> Result<String, StoreError> {
    rows(queries.iter().enumerate().filter(|(number, _)| wanted(*number)).map(|(number, query)| Query {
        number,
        key: &query.key,
        without: &query.without,
        since: query.since.as_millisecond(),
        until: query.until.as_millisecond(),
    }))
}

fn place<'a>(past: &'a mut [PastFailures], row: &Row) -> Result<Option<&'a mut PastFailures>, StoreError> {
    let number: i64 = row.get(0)?;
    Ok(usize::try_from(number).ok().and_then(|number| past.get_mut(number)))
}

fn add_tallies(past: &mut [PastFailures], rows: &[Row]) -> Result<(), StoreError> {
    for row in rows {
        let tally = CauseTally { cause: row.get(1)?, count: row.get(2)?, first: time(row.get(3)?) };
        if let Some(past) = place(past, row)? {
            past.causes.push(tally);
        }
    }
    Ok(())
}

/// A failure has a row for each of its alerts.
fn add_recent(past: &mut [PastFailures], rows: &[Row]) -> Result<(), StoreError> {
    for row in rows {
        let (bot, alert): (String, Option<String>) = (row.get(1)?, row.get(5)?);
        let alert = alert.map(|channel| Ok::<_, StoreError>((channel, row.get(6)?))).transpose()?;
        let Some(past) = place(past, row)? else { continue };
        match past.recent.last_mut().filter(|last| last.bot == bot) {
            Some(last) => last.alerts.extend(alert),
            None => past.recent.push(PastFailure {
                bot,
                cause: row.get(2)?,
                sub_code: row.get(3)?,
                at: time(row.get(4)?),
                alerts: alert.into_iter().collect(),
            }),
        }
    }
    Ok(())
}

fn failure(row: &Row) -> Result<FailureRow, StoreError> {
    Ok(FailureRow {
        bot: row.get(0)?,
        key: row.get(1)?,
        cause: row.get(2)?,
        outcome: row.get(3)?,
        actor: row.get(4)?,
        sub_code: row.get(5)?,
        at: time(row.get(6)?),
    })
}

fn message(row: &Row) -> Result<PlatformMessage, StoreError> {
    Ok(PlatformMessage { id: row.get(0)?, channel: row.get(1)?, message: row.get(2)? })
}
