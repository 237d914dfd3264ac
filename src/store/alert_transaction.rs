//! The alert transaction: everything that one decision reads and writes, in one transaction.
//!
//! It holds an advisory lock: no other process decides about the same
//! bots, or counts in the same places, before the commit. Nothing here waits for a network.

use jiff::Timestamp;

use super::database::{AdvisoryLock, Row, Transaction};
use super::outbox::{self, NewOutboxRow};
use super::{LookupPriority, PlannedLookup, Store, StoreError, params, time};

/// A bot that somebody has to think about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueBot {
    /// The bot.
    pub bot: String,
    /// Its workspace.
    pub workspace: String,
    /// When something was last heard of it, in milliseconds since 1970.
    pub last_event_at: i64,
    /// What was told of it.
    pub last_alert: Option<String>,
    /// What Recall.ai said when it was asked.
    pub api_response: Option<String>,
    /// When that was.
    pub fetched_at: Option<i64>,
    /// When Recall.ai was last asked in vain.
    pub lookup_failed_at: Option<i64>,
    /// When Recall.ai is to be asked, if it is.
    pub lookup_at: Option<i64>,
}

/// What becomes of a bot that was thought about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// When to think about it again without news.
    pub due_at: Option<Timestamp>,
    /// What was told of it by now.
    pub last_alert: Option<String>,
    /// When to ask Recall.ai; `None` where there is no need to, whatever was planned before.
    pub lookup: Option<PlannedLookup>,
    /// What Recall.ai said of it is not kept any longer.
    pub forget_api_response: bool,
}

/// An alert that stands in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedAlert {
    /// Where.
    pub channel: String,
    /// The message that counts it; `None` where it has its own.
    pub group_id: Option<String>,
    /// Whether it recorded after all, as far as was told.
    pub resolved: bool,
    /// Who was mentioned.
    pub mention: Option<String>,
}

/// What was said lately in one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecentAlerts {
    /// Alerts with a message of their own, for one cause.
    pub of_this_cause: u32,
    /// When the first of these was told.
    pub first_of_this_cause: Option<Timestamp>,
    /// New messages of any kind.
    pub messages: u32,
    /// The message that counts this cause.
    pub group_of_this_cause: Option<String>,
    /// The message that counts all causes.
    pub group_of_all: Option<String>,
}

/// A message that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertGroupRow {
    /// Its name, which is also that of its outbox message.
    pub id: String,
    /// Where it stands.
    pub channel: String,
    /// The cause; `None` for various.
    pub cause: Option<String>,
    /// What it says beside the numbers.
    pub body: String,
    /// Alerts with a message of their own before it.
    pub single: i64,
    /// Alerts that it stands for.
    pub grouped: i64,
    /// Those of them that recorded after all.
    pub resolved: i64,
    /// When it began, in milliseconds since 1970.
    pub since: i64,
    /// When the last one came.
    pub last_at: i64,
}

/// A decision in the making. Dropped without [`AlertTransaction::commit`], nothing of it has happened.
pub struct AlertTransaction {
    pub(super) transaction: Transaction,
}

impl Store {
    /// Begins an alert transaction.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn begin_alerts(&self) -> Result<AlertTransaction, StoreError> {
        let mut transaction = self.database.begin().await?;
        transaction.lock(AdvisoryLock::AlertTransaction).await?;
        Ok(AlertTransaction { transaction })
    }
}

impl AlertTransaction {
    /// Commits the decision.
    ///
    /// # Errors
    /// Where it could not be committed; then nothing of it has happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await
    }

    /// The bots that are due, those first that have waited longest.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn due_bots(&mut self, now: Timestamp, limit: i64) -> Result<Vec<DueBot>, StoreError> {
        let sql =
            "SELECT bot, workspace, last_event_at, last_alert, api_response, fetched_at, lookup_failed_at,
                          lookup_at FROM bots
                   WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED";
        let due = |row: &Row| {
            Ok(DueBot {
                bot: row.get(0)?,
                workspace: row.get(1)?,
                last_event_at: row.get(2)?,
                last_alert: row.get(3)?,
                api_response: row.get(4)?,
                fetched_at: row.get(5)?,
                lookup_failed_at: row.get(6)?,
                lookup_at: row.get(7)?,
            })
        };
        self.transaction.fetch_all(sql, params![now, limit]).await?.iter().map(due).collect()
    }

    /// What happened to a bot, in any order.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn events(&mut self, bot: &str) -> Result<Vec<String>, StoreError> {
        let rows = self.transaction.fetch_all("SELECT body FROM events WHERE bot = $1", params![bot]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// What was answered about the host of a bot, and by whom.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn answer_about(&mut self, bot: &str) -> Result<Option<(bool, String)>, StoreError> {
        let sql = "SELECT host_was_present, user_id FROM host_answers WHERE bot = $1";
        let row = self.transaction.fetch_optional(sql, params![bot]).await?;
        row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }

    /// Puts a bot away.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn save_evaluation(&mut self, bot: &str, evaluation: &Evaluation) -> Result<(), StoreError> {
        let sql = "UPDATE bots SET due_at = $2, last_alert = $3, lookup_at = $4, lookup_priority = $5,
                          api_response = CASE WHEN $6 THEN NULL ELSE api_response END
                   WHERE bot = $1";
        let Evaluation { due_at, last_alert, lookup, forget_api_response } = evaluation;
        let lookup_at = lookup.map(|lookup| lookup.at);
        let priority = lookup.map_or(LookupPriority::Other, |lookup| lookup.priority) as i64;
        let values = params![bot, *due_at, last_alert, lookup_at, priority, *forget_api_response];
        self.transaction.execute(sql, values).await?;
        Ok(())
    }

    /// Where a bot was told of.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn alerts_of(&mut self, bot: &str) -> Result<Vec<PostedAlert>, StoreError> {
        let sql = "SELECT channel, group_id, resolved, mention FROM alerts WHERE bot = $1 ORDER BY channel";
        let alert = |row: &Row| {
            let (channel, group_id) = (row.get(0)?, row.get(1)?);
            Ok(PostedAlert { channel, group_id, resolved: row.get(2)?, mention: row.get(3)? })
        };
        self.transaction.fetch_all(sql, params![bot]).await?.iter().map(alert).collect()
    }

    /// What was said in a place since a moment.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn recent_alerts(
        &mut self,
        channel: &str,
        cause: &str,
        since: Timestamp,
    ) -> Result<RecentAlerts, StoreError> {
        let sql = "SELECT cause, COUNT(*), MIN(alerted_at) FROM alerts
                   WHERE channel = $1 AND group_id IS NULL AND alerted_at > $2 GROUP BY cause";
        let mut said = RecentAlerts::default();
        for row in self.transaction.fetch_all(sql, params![channel, since]).await? {
            let (named, count): (String, i64) = (row.get(0)?, row.get(1)?);
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            said.messages = said.messages.saturating_add(count);
            if named == cause {
                said.of_this_cause = count;
                said.first_of_this_cause = Some(time(row.get(2)?));
            }
        }
        let sql = "SELECT id, cause, since FROM alert_groups WHERE channel = $1 AND last_at > $2";
        for row in self.transaction.fetch_all(sql, params![channel, since]).await? {
            let (id, counts): (String, Option<String>) = (row.get(0)?, row.get(1)?);
            if row.get::<i64>(2)? > since.as_millisecond() {
                said.messages = said.messages.saturating_add(1);
            }
            match counts {
                None => said.group_of_all = Some(id),
                Some(counted) if counted == cause => said.group_of_this_cause = Some(id),
                Some(_) => {}
            }
        }
        Ok(said)
    }

    /// Writes down that a bot is told of in a place; false where it already was.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn insert_alert(
        &mut self,
        bot: &str,
        channel: &str,
        cause: &str,
        group_id: Option<&str>,
        mention: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO alerts (bot, channel, cause, group_id, mention, alerted_at)
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        Ok(self.transaction.execute(sql, params![bot, channel, cause, group_id, mention, now]).await? == 1)
    }

    /// Writes down whether a bot that was told of has recorded after all.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn set_resolved(
        &mut self,
        bot: &str,
        alert: &PostedAlert,
        resolved: bool,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE alerts SET resolved = $3 WHERE bot = $1 AND channel = $2";
        self.transaction.execute(sql, params![bot, &alert.channel, resolved]).await?;
        Ok(())
    }

    /// Puts an outbox message into the outbox, once.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn enqueue(&mut self, outgoing: &NewOutboxRow, now: Timestamp) -> Result<(), StoreError> {
        outbox::insert(&mut self.transaction, outgoing, now).await
    }

    /// Puts a message into the thread of another one, in whichever channel that one is by now.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn enqueue_reply(
        &mut self,
        parent: &str,
        row: NewOutboxRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        outbox::insert_reply(&mut self.transaction, parent, row, now).await
    }

    /// Makes a message say something else: `body` is the whole message as a new one, `edit` the same as an edit of
    /// the old one.
    ///
    /// # Errors
    /// Where it could not be written.
    pub async fn enqueue_edit(
        &mut self,
        id: &str,
        body: &str,
        edit: &NewOutboxRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        outbox::insert_edit(&mut self.transaction, id, body, edit, now).await
    }
}
