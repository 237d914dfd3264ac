//! Webhooks and what they say: each delivery once, each thing that happened once.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::database::{Text, Transaction, each_row, kept};
use super::{Accepted, Store, StoreError, mentions, params, time};

/// A webhook that arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewWebhook {
    /// The sender's id of the delivery.
    pub id: String,
    /// The workspace that it came from.
    pub workspace: String,
    /// The name that it gives itself.
    pub event: String,
    /// All of it, where it could not be read.
    pub body: Option<String>,
    /// What happened, where it tells of a bot.
    pub happening: Option<NewEvent>,
}

/// Something that happened to a bot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewEvent {
    /// The bot.
    pub bot: String,
    /// What, why and when: the same for the same thing.
    pub name: String,
    /// All of it.
    pub body: String,
}

/// Stores webhooks with what they say, and makes their bots due where that is news. They are as if they were stored
/// one after the other: of two with one id, or that say the same, the first counts.
///
/// Each statement writes all rows of its table, in the order of their names: two processes that write the same rows
/// in different orders would wait for each other.
pub(super) async fn insert(
    transaction: &mut Transaction,
    webhooks: &[(&NewWebhook, Timestamp)],
) -> Result<Vec<Accepted>, StoreError> {
    let sql = each_row!(
        "INSERT INTO webhooks (id, workspace, event, body, received_at)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, CAST(value ->> 4 AS BIGINT) FROM",
        "WHERE TRUE ON CONFLICT DO NOTHING RETURNING id",
    );
    let mut rows: Vec<_> = webhooks
        .iter()
        .map(|(webhook, at)| {
            let NewWebhook { id, workspace, event, body, happening: _ } = webhook;
            (Text(id), Text(workspace), Text(event), body.as_deref().map(Text), at.as_millisecond())
        })
        .collect();
    rows.sort_by_key(|row| row.0);
    let returned = transaction.fetch_each(sql, &rows).await?;
    let mut new: HashSet<String> = returned.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    let mut accepted = Vec::with_capacity(webhooks.len());
    let (mut telling, mut told) = (Vec::new(), Vec::new());
    let mut unread = Vec::new();
    for (position, (webhook, at)) in webhooks.iter().enumerate() {
        let is_new = new.remove(kept(&webhook.id).as_ref());
        accepted.push(if is_new { Accepted::New } else { Accepted::Duplicate });
        if let (true, Some(body)) = (is_new, &webhook.body) {
            unread.push((webhook.id.as_str(), body.as_str()));
        }
        if let (true, Some(event)) = (is_new, &webhook.happening) {
            telling.push(position);
            told.push((webhook.workspace.as_str(), event, *at));
        }
    }
    mentions::insert(transaction, mentions::Kind::Webhooks, &unread).await?;
    for (position, event) in telling.into_iter().zip(insert_events(transaction, &told).await?) {
        accepted[position] = event;
    }
    Ok(accepted)
}

/// Stores what happened to bots of a workspace, and makes those due about which it is news.
async fn insert_events(
    transaction: &mut Transaction,
    events: &[(&str, &NewEvent, Timestamp)],
) -> Result<Vec<Accepted>, StoreError> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let sql = each_row!(
        "INSERT INTO events (bot, name, body, received_at)
         SELECT value ->> 0, value ->> 1, value ->> 2, CAST(value ->> 3 AS BIGINT) FROM",
        "WHERE TRUE ON CONFLICT DO NOTHING RETURNING bot, name",
    );
    let mut rows: Vec<_> = events
        .iter()
        .map(|(_, NewEvent { bot, name, body }, at)| (Text(bot), Text(name), Text(body), at.as_millisecond()))
        .collect();
    rows.sort_by_key(|row| (row.0, row.1));
    let returned = transaction.fetch_each(sql, &rows).await?;
    let mut new: HashSet<(String, String)> =
        returned.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_, StoreError>>()?;
    let mut accepted = Vec::with_capacity(events.len());
    // PostgreSQL updates no row twice in one statement.
    let mut due: BTreeMap<&str, (&str, i64)> = BTreeMap::new();
    for (workspace, event, at) in events {
        let is_new = new.remove(&(kept(&event.bot).into_owned(), kept(&event.name).into_owned()));
        accepted.push(if is_new { Accepted::New } else { Accepted::Duplicate });
        if is_new {
            due.entry(&event.bot).or_insert((*workspace, 0)).1 = at.as_millisecond();
        }
    }
    if !due.is_empty() {
        let sql = each_row!(
            "INSERT INTO bots (bot, workspace, last_event_at, due_at)
             SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), CAST(value ->> 2 AS BIGINT) FROM",
            "WHERE TRUE ON CONFLICT (bot) DO UPDATE
             SET last_event_at = excluded.last_event_at, due_at = excluded.due_at, lookup_failures = 0",
        );
        let rows: Vec<_> =
            due.into_iter().map(|(bot, (workspace, at))| (Text(bot), Text(workspace), at)).collect();
        transaction.execute_each(sql, &rows).await?;
    }
    Ok(accepted)
}

impl Store {
    /// Commits a webhook, together with others that come at the same time. When this returns, what it says
    /// is remembered, whatever happens to the process.
    ///
    /// # Errors
    /// Where it could not be committed, or too many wait; it is then to be refused, and comes again.
    pub async fn accept_webhook(&self, webhook: NewWebhook, now: Timestamp) -> Result<Accepted, StoreError> {
        self.group.commit(webhook, now).await
    }

    /// Stores what a list of bots tells, once; says how much of it was news.
    ///
    /// # Errors
    /// Where it could not be committed; then nothing of it is.
    pub async fn insert_listed_events(
        &self,
        workspace: &str,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut transaction = self.database.begin().await?;
        let told: Vec<_> = events.iter().map(|event| (workspace, event, now)).collect();
        let accepted = insert_events(&mut transaction, &told).await?;
        transaction.commit().await?;
        Ok(accepted.into_iter().filter(|accepted| *accepted == Accepted::New).count())
    }

    /// When the last webhook of a workspace came, if any is remembered.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn last_webhook(&self, workspace: &str) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MAX(received_at) FROM webhooks WHERE workspace = $1";
        let row = self.database.fetch_one(sql, params![workspace]).await?;
        let last: Option<i64> = row.get(0)?;
        Ok(last.map(time))
    }

    /// What happened to a bot, in any order.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn events_of(&self, bot: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT body FROM events WHERE bot = $1";
        let rows = self.database.fetch_all(sql, params![bot]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// A single fact about the service itself.
    ///
    /// # Errors
    /// Where the database does not tell.
    pub async fn fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row = self
            .database
            .fetch_optional("SELECT value FROM service_state WHERE name = $1", params![name])
            .await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// Remembers a single fact.
    ///
    /// # Errors
    /// Where it could not be committed.
    pub async fn remember_fact(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO service_state (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = $2";
        self.database.execute(sql, params![name, value]).await?;
        Ok(())
    }
}
