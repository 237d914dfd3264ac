//! Webhooks and what they say: each delivery once, each thing that happened once.

use jiff::Timestamp;

use super::database::Transaction;
use super::{Accepted, Store, StoreError, params, time};

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

/// Stores a webhook with what it says, and makes its bot due.
pub(super) async fn insert(
    transaction: &mut Transaction,
    webhook: &NewWebhook,
    now: Timestamp,
) -> Result<Accepted, StoreError> {
    let sql = "INSERT INTO webhooks (id, workspace, event, body, received_at) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT DO NOTHING";
    let NewWebhook { id, workspace, event, body, happening } = webhook;
    if transaction.execute(sql, params![id, workspace, event, body, now]).await? == 0 {
        return Ok(Accepted::Duplicate);
    }
    match happening {
        Some(event) => insert_event(transaction, workspace, event, now).await,
        None => Ok(Accepted::New),
    }
}

/// Stores what happened to a bot, and makes the bot due where that is news.
pub(super) async fn insert_event(
    transaction: &mut Transaction,
    workspace: &str,
    event: &NewEvent,
    now: Timestamp,
) -> Result<Accepted, StoreError> {
    let sql = "INSERT INTO events (bot, name, body, received_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT DO NOTHING";
    let NewEvent { bot, name, body } = event;
    if transaction.execute(sql, params![bot, name, body, now]).await? == 0 {
        return Ok(Accepted::Duplicate);
    }
    let sql = "INSERT INTO bots (bot, workspace, last_event_at, due_at) VALUES ($1, $2, $3, $3)
               ON CONFLICT (bot) DO UPDATE SET last_event_at = $3, due_at = $3, lookup_failures = 0";
    transaction.execute(sql, params![bot, workspace, now]).await?;
    Ok(Accepted::New)
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
