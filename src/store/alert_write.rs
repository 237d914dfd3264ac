//! Writes a batch of decisions, with one statement for each table.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::alert_transaction::AlertTransaction;
use super::database::rows;
use super::{Body, Counted, LookupPriority, PlannedLookup, StoreError, params};

/// The result of evaluating a bot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// The bot.
    pub bot: String,
    /// When to evaluate it again without an event.
    pub due_at: Option<Timestamp>,
    /// Its last alert.
    pub last_alert: Option<Body>,
    /// When to ask Recall.ai; `None`: not at all. A lookup that is under way keeps its own time.
    pub lookup: Option<PlannedLookup>,
    /// `true` if its API response isn't needed any more.
    pub forget_response: bool,
    /// How it counts in the digest; `None` if it doesn't.
    pub counted: Option<Counted>,
}

/// An alert that is sent, or counted in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewAlertRow {
    /// The bot.
    pub bot: String,
    /// The channel.
    pub channel: String,
    /// The cause.
    pub cause: String,
    /// The group that counts it; `None` if it has its own message.
    pub group_id: Option<String>,
    /// Whom to mention.
    pub mention: Option<String>,
    /// The mute that keeps it back; `None` if it is sent.
    pub muted_by: Option<String>,
}

/// An alert whose resolution changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResolvedAlert {
    /// The bot.
    pub bot: String,
    /// The channel.
    pub channel: String,
    /// `true` if it recorded after all.
    pub resolved: bool,
}

impl AlertTransaction {
    /// Stores the results of evaluations.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn save_evaluations<'a>(
        &mut self,
        evaluations: impl IntoIterator<Item = &'a Evaluation>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let millis = |time: Option<Timestamp>| time.map(Timestamp::as_millisecond);
        let evaluations = rows(evaluations.into_iter().map(|evaluation| {
            json!({
                "bot": evaluation.bot,
                "due_at": millis(evaluation.due_at),
                "last_alert": evaluation.last_alert,
                "lookup_at": millis(evaluation.lookup.map(|lookup| lookup.at)),
                "lookup_priority": evaluation.lookup.map_or(LookupPriority::Other, |lookup| lookup.priority) as i64,
                "forget_response": evaluation.forget_response,
                "counted_day": evaluation.counted.as_ref().map(|counted| counted.day),
                "counted_as": evaluation.counted.as_ref().map(|counted| &counted.counted_as),
            })
        }))?;
        let sql = "UPDATE bots
                   SET due_at = n.due_at, last_alert = n.last_alert,
                       lookup_at = CASE WHEN bots.lookup_lease_until > $2 THEN bots.lookup_at ELSE n.lookup_at END,
                       lookup_priority = n.lookup_priority,
                       counted_day = n.counted_day, counted_as = n.counted_as,
                       api_response = CASE WHEN n.forget_response THEN NULL ELSE bots.api_response END
                   FROM (SELECT value ->> 'bot' AS bot, value ->> 'last_alert' AS last_alert,
                                CAST(value ->> 'due_at' AS BIGINT) AS due_at,
                                CAST(value ->> 'lookup_at' AS BIGINT) AS lookup_at,
                                CAST(value ->> 'lookup_priority' AS BIGINT) AS lookup_priority,
                                CAST(value ->> 'forget_response' AS BOOLEAN) AS forget_response,
                                CAST(value ->> 'counted_day' AS BIGINT) AS counted_day,
                                value ->> 'counted_as' AS counted_as
                         FROM json_each($1)) AS n
                   WHERE bots.bot = n.bot";
        self.transaction.execute(sql, params![&evaluations, now]).await?;
        Ok(())
    }

    /// Inserts alerts. An existing alert stays as it is.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn insert_alerts(&mut self, alerts: &[&NewAlertRow], now: Timestamp) -> Result<(), StoreError> {
        if alerts.is_empty() {
            return Ok(());
        }
        let alerts = rows(alerts)?;
        // SQLite would parse the ON as a join condition, hence the WHERE.
        let sql = "INSERT INTO alerts (bot, channel, cause, group_id, mention, muted_by, alerted_at)
                   SELECT value ->> 'bot', value ->> 'channel', value ->> 'cause', value ->> 'group_id',
                          value ->> 'mention', value ->> 'muted_by', $2
                   FROM json_each($1) WHERE TRUE ON CONFLICT DO NOTHING";
        self.transaction.execute(sql, params![&alerts, now]).await?;
        Ok(())
    }

    /// Stores alerts that were muted and are sent now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn release_alerts(
        &mut self,
        alerts: &[&NewAlertRow],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if alerts.is_empty() {
            return Ok(());
        }
        let alerts = rows(alerts)?;
        let sql = "UPDATE alerts SET muted_by = NULL, cause = n.value ->> 'cause', group_id = n.value ->> 'group_id',
                          mention = n.value ->> 'mention', alerted_at = $2, resolved = FALSE, listed = FALSE
                   FROM json_each($1) AS n
                   WHERE alerts.bot = n.value ->> 'bot' AND alerts.channel = n.value ->> 'channel'";
        self.transaction.execute(sql, params![&alerts, now]).await?;
        Ok(())
    }

    /// Stores the causes of alerts that stay muted, and the mutes that keep them back.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn mute_again(&mut self, alerts: &[&NewAlertRow]) -> Result<(), StoreError> {
        if alerts.is_empty() {
            return Ok(());
        }
        let alerts = rows(alerts)?;
        let sql = "UPDATE alerts SET cause = n.value ->> 'cause', muted_by = n.value ->> 'muted_by'
                   FROM json_each($1) AS n
                   WHERE alerts.bot = n.value ->> 'bot' AND alerts.channel = n.value ->> 'channel'";
        self.transaction.execute(sql, params![&alerts]).await?;
        Ok(())
    }

    /// Stores which alerts are resolved and which aren't.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn set_resolved(&mut self, alerts: &[&ResolvedAlert]) -> Result<(), StoreError> {
        if alerts.is_empty() {
            return Ok(());
        }
        let alerts = rows(alerts)?;
        let sql =
            "UPDATE alerts SET resolved = CAST(n.value ->> 'resolved' AS BOOLEAN) FROM json_each($1) AS n
                   WHERE alerts.bot = n.value ->> 'bot' AND alerts.channel = n.value ->> 'channel'";
        self.transaction.execute(sql, params![&alerts]).await?;
        Ok(())
    }
}
