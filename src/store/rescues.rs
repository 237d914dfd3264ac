//! Attempts to get a recording while the meeting runs: each is decided once, and each step is written down before it is
//! taken.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::alert_transaction::AlertTransaction;
use super::database::{Row, Transaction, rows};
use super::outbox::{NewOutboxRow, insert};
use super::{AuditEntry, Body, DueBot, Store, StoreError, mentions, params, time};

/// An attempt that was decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NewRescue {
    /// The delivery that decided it, or a name of our own.
    pub press: String,
    /// The bot.
    pub bot: String,
    /// Which attempt of the bot it is, from 1.
    pub number: i64,
    /// Its workspace.
    pub workspace: String,
    /// What is to be done.
    pub plan: String,
    /// A digest of what was shown before.
    pub digest: String,
    /// The message to the host.
    pub text: Option<String>,
    /// The user who decided it; `None` for the service.
    pub user_id: Option<String>,
    /// Who pressed where.
    pub body: Body,
    /// Where the card is that says what comes of it.
    pub card: Option<String>,
    /// The time of the bot's last status, in milliseconds since 1970. What is later came of the attempt.
    pub heard_until: i64,
}

/// An attempt as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RescueRow {
    /// The delivery that decided it.
    pub press: String,
    /// What is to be done.
    pub plan: String,
    /// The user who decided it; `None` for the service.
    pub user_id: Option<String>,
    /// When it was decided.
    pub at: Timestamp,
    /// The time of the bot's last status then, by Recall.ai's clock.
    pub heard_until: Timestamp,
    /// Where the card is that says what comes of it.
    pub card: Option<String>,
    /// What that card last said.
    pub shown: Option<String>,
    /// Why it ended before its first step.
    pub not_begun: Option<String>,
    /// What came of the message.
    pub message: Option<String>,
    /// What came of the request.
    pub request: Option<String>,
    /// `true` once nothing more happens.
    pub is_over: bool,
}

/// An attempt that is being carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedRescue {
    /// The bot.
    pub bot: String,
    /// Its workspace.
    pub workspace: String,
    /// A digest of what was shown before.
    pub digest: String,
    /// The message to the host.
    pub text: Option<String>,
    /// Who pressed where.
    pub body: Body,
    /// How often it was leased, this time included.
    pub leases: i64,
    /// All that is known of it.
    pub row: RescueRow,
}

/// A step of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RescueStep {
    /// The message to the host.
    Message,
    /// The request, or the start.
    Request,
}

/// The end of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RescueEnd {
    /// Why it ended before its first step.
    pub not_begun: Option<String>,
    /// `true` if it counts as one of the bot's attempts.
    pub counts: bool,
    /// What its card says now.
    pub shown: Option<String>,
    /// What is written in the audit.
    pub audit: AuditEntry,
}

/// The columns of a [`RescueRow`], from the first one read.
const COLUMNS: usize = 11;

fn read(row: &Row, from: usize) -> Result<RescueRow, StoreError> {
    Ok(RescueRow {
        press: row.get(from)?,
        plan: row.get(from + 1)?,
        user_id: row.get(from + 2)?,
        at: time(row.get(from + 3)?),
        card: row.get(from + 4)?,
        shown: row.get(from + 5)?,
        not_begun: row.get(from + 6)?,
        message: row.get(from + 7)?,
        request: row.get(from + 8)?,
        is_over: row.get(from + 9)?,
        heard_until: time(row.get(from + 10)?),
    })
}

/// An attempt that has its press or its number already is not inserted.
const INSERT: &str = "INSERT INTO rescues
       (press, bot, number, workspace, plan, digest, text, user_id, body, card, heard_until, created_at)
     SELECT value ->> 'press', value ->> 'bot', CAST(value ->> 'number' AS BIGINT), value ->> 'workspace',
            value ->> 'plan', value ->> 'digest', value ->> 'text', value ->> 'user_id', value ->> 'body',
            value ->> 'card', CAST(value ->> 'heard_until' AS BIGINT), CAST($2 AS BIGINT)
     FROM json_each($1) WHERE TRUE ON CONFLICT DO NOTHING";

impl Store {
    /// Stores an attempt, to be carried out at once. Returns `false` if the press was there already, or the bot has an
    /// attempt of this number.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn begin_rescue(&self, new: &NewRescue, now: Timestamp) -> Result<bool, StoreError> {
        let new = rows([new])?;
        Ok(self.database.execute(INSERT, params![&new, now]).await? > 0)
    }

    /// Returns the attempts of a bot, oldest first.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn rescues_of(&self, bot: &str) -> Result<Vec<RescueRow>, StoreError> {
        let sql = "SELECT press, plan, user_id, created_at, card, shown, not_begun, message, request,
                          finished_at IS NOT NULL, heard_until
                   FROM rescues WHERE bot = $1 ORDER BY created_at, press";
        self.database.fetch_all(sql, params![bot]).await?.iter().map(|row| read(row, 0)).collect()
    }

    /// Returns `true` if this posted message is an alert, or the details of one.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn is_alert(&self, channel: &str, message: &str) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM outbox WHERE channel = $1 AND platform_message_id = $2 LIMIT 1";
        let row = self.database.fetch_optional(sql, params![channel, message]).await?;
        let id = row.map(|row| row.get::<String>(0)).transpose()?;
        Ok(id.is_some_and(|id| id.starts_with("alert/")))
    }

    /// Leases the attempt that has waited longest, if there is one.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn lease_rescue(
        &self,
        now: Timestamp,
        length: SignedDuration,
    ) -> Result<Option<LeasedRescue>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let sql = "SELECT press, plan, user_id, created_at, card, shown, not_begun, message, request,
                          finished_at IS NOT NULL, heard_until, bot, workspace, digest, text, body, leases + 1
                   FROM rescues WHERE finished_at IS NULL AND created_at > 0 AND lease_until <= $1
                   ORDER BY created_at, press LIMIT 1 FOR UPDATE SKIP LOCKED";
        let Some(row) = transaction.fetch_optional(sql, params![now]).await? else { return Ok(None) };
        let leased = LeasedRescue {
            bot: row.get(COLUMNS)?,
            workspace: row.get(COLUMNS + 1)?,
            digest: row.get(COLUMNS + 2)?,
            text: row.get(COLUMNS + 3)?,
            body: row.get::<String>(COLUMNS + 4)?.into(),
            leases: row.get(COLUMNS + 5)?,
            row: read(&row, 0)?,
        };
        let sql = "UPDATE rescues SET lease_until = $2, leases = leases + 1 WHERE press = $1";
        transaction.execute(sql, params![&leased.row.press, now + length]).await?;
        transaction.commit().await?;
        Ok(Some(leased))
    }

    /// Writes down what came of a step, or that it begins. Returns `false` if the lease ended; then the step must not
    /// be taken.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; then the step must not be taken.
    pub async fn note_rescue_step(
        &self,
        leased: &LeasedRescue,
        step: RescueStep,
        result: &str,
    ) -> Result<bool, StoreError> {
        let sql = match step {
            RescueStep::Message => {
                "UPDATE rescues SET message = $3 WHERE press = $1 AND leases = $2 AND finished_at IS NULL"
            }
            RescueStep::Request => {
                "UPDATE rescues SET request = $3 WHERE press = $1 AND leases = $2 AND finished_at IS NULL"
            }
        };
        Ok(self.database.execute(sql, params![&leased.row.press, leased.leases, result]).await? > 0)
    }

    /// Ends an attempt, and enqueues what is said of it. The bot's alerts are due. Returns `false` if the lease ended;
    /// then nothing is done.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; then nothing is done.
    pub async fn finish_rescue(
        &self,
        leased: &LeasedRescue,
        end: &RescueEnd,
        messages: &[NewOutboxRow],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let sql = "UPDATE rescues
                   SET finished_at = $3, not_begun = $4, body = '', lease_until = 0,
                       shown = $6,
                       number = CASE WHEN $5 THEN number END
                   WHERE press = $1 AND leases = $2 AND finished_at IS NULL";
        let press = leased.row.press.as_str();
        let values = params![press, leased.leases, now, &end.not_begun, end.counts, &end.shown];
        if transaction.execute(sql, values).await? == 0 {
            return Ok(false);
        }
        for message in messages {
            insert(&mut transaction, message, now).await?;
        }
        audit(&mut transaction, &end.audit, now).await?;
        transaction.execute("UPDATE bots SET due_at = $2 WHERE bot = $1", params![&leased.bot, now]).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

async fn audit(transaction: &mut Transaction, entry: &AuditEntry, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit (delivery_id, at, chat, user_id, channel, action, allowed)
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let AuditEntry { delivery_id, chat, user_id, channel, action, allowed } = entry;
    let values = params![delivery_id, now, *chat, user_id, channel, action, *allowed];
    if transaction.execute(sql, values).await? > 0 {
        mentions::insert(transaction, mentions::Kind::Audit, &[(delivery_id, action)]).await?;
    }
    Ok(())
}

impl AlertTransaction {
    /// Stores attempts that the service decided by itself. Those that are there already are left alone.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn begin_rescues(&mut self, new: &[&NewRescue], now: Timestamp) -> Result<(), StoreError> {
        if new.is_empty() {
            return Ok(());
        }
        let new = rows(new)?;
        self.transaction.execute(INSERT, params![&new, now]).await?;
        Ok(())
    }

    /// Stores what cards last said of attempts: the press, and the words.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn set_shown(&mut self, shown: &[(&str, &str)]) -> Result<(), StoreError> {
        let sql = "UPDATE rescues SET shown = n.value ->> 1 FROM json_each($1) AS n
                   WHERE rescues.press = n.value ->> 0";
        if !shown.is_empty() {
            self.transaction.execute(sql, params![&rows(shown)?]).await?;
        }
        Ok(())
    }

    /// Returns which of these facts are known.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn known_facts(&mut self, names: &[String]) -> Result<HashSet<String>, StoreError> {
        let names = rows(names.iter().map(|name| (name,)))?;
        let sql = "SELECT f.name FROM json_each($1) AS n JOIN service_state f ON f.name = n.value ->> 0";
        let found = self.transaction.fetch_all(sql, params![&names]).await?;
        found.iter().map(|row| row.get(0)).collect()
    }

    /// Reads the attempts of bots that are due.
    pub(super) async fn read_rescues(&mut self, due: &mut [DueBot]) -> Result<(), StoreError> {
        let bots = rows(due.iter().map(|due| json!({ "bot": due.bot })))?;
        let sql = "SELECT r.press, r.plan, r.user_id, r.created_at, r.card, r.shown, r.not_begun, r.message, r.request,
                          r.finished_at IS NOT NULL, r.heard_until, r.bot
                   FROM json_each($1) AS n JOIN rescues r ON r.bot = n.value ->> 'bot' ORDER BY r.created_at, r.press";
        let found = self.transaction.fetch_all(sql, params![&bots]).await?;
        if found.is_empty() {
            return Ok(());
        }
        let mut places: HashMap<String, &mut DueBot> =
            due.iter_mut().map(|due| (due.bot.clone(), due)).collect();
        for row in &found {
            if let Some(due) = places.get_mut(&row.get::<String>(COLUMNS)?) {
                due.rescues.push(read(row, 0)?);
            }
        }
        Ok(())
    }
}
