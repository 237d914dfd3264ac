//! Webhooks and their events: each delivery once, each event once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::database::{Database, Transaction, kept};
use super::{Accepted, Body, Store, StoreError, mentions, params, time};

/// Retries after another process wrote the same rows.
pub(super) const RACES_MAX: usize = 10;

/// A webhook that arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewWebhook {
    /// The sender's delivery ID.
    pub id: String,
    /// The workspace that it came from.
    pub workspace: String,
    /// The name of its event.
    pub event: String,
    /// The whole body, if it couldn't be read.
    pub body: Option<Body>,
    /// Its event, if it is about a bot.
    pub happening: Option<NewEvent>,
    /// Workspaces that its sender may not change: events about their bots are set aside.
    pub strangers: Arc<[String]>,
}

/// Something that happened to a bot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewEvent {
    /// The bot.
    pub bot: String,
    /// What, why and when: the same for the same thing.
    pub name: String,
    /// All of it.
    pub body: Body,
}

/// An event from a webhook or a bot list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) webhook: Option<&'a NewWebhook>,
    pub(super) workspace: &'a str,
    pub(super) event: Option<&'a NewEvent>,
    pub(super) at: Timestamp,
}

/// Stores events, all or none; see [`insert`].
pub(super) async fn commit(database: &Database, told: &[Told<'_>]) -> Result<Vec<Accepted>, StoreError> {
    for _ in 0..RACES_MAX {
        let mut transaction = database.begin().await?;
        match insert(&mut transaction, told).await {
            // The other process's rows are visible by now.
            Err(StoreError::Raced) => {}
            accepted => {
                let accepted = accepted?;
                transaction.commit().await?;
                return Ok(accepted);
            }
        }
    }
    Err(StoreError::Raced)
}

/// Stores events and makes bots due if they are new. The result is the same as storing them one by one: of two
/// webhooks with one ID or the same event, the first counts.
///
/// Each statement covers all of them. Known rows are read first, which are mostly none: rows that return from
/// SQLite's thread wake us one by one. Rows are written in the order of their keys, because two processes that write
/// the same rows in different orders would deadlock.
///
/// # Errors
/// Returns [`StoreError::Raced`] if another process stored some of them meanwhile.
pub(super) async fn insert(
    transaction: &mut Transaction,
    told: &[Told<'_>],
) -> Result<Vec<Accepted>, StoreError> {
    let (mut webhooks, mut events, mut due) = (Vec::new(), Vec::new(), BTreeMap::new());
    let (mut ids, mut names, mut unread) = (HashSet::new(), HashSet::new(), Vec::new());
    let (mut owners, mut disputed) = (HashMap::new(), Vec::new());
    let known = known(transaction, told).await?;
    let mut accepted = Vec::with_capacity(told.len());
    for (one, known) in told.iter().zip(&known) {
        let at = one.at.as_millisecond();
        if let Some(webhook) = one.webhook {
            if known.webhook || !ids.insert(kept(&webhook.id)) {
                accepted.push(Accepted::Duplicate);
                continue;
            }
            let set_aside = one.event.filter(|event| {
                let owner = known.owner.as_deref().or(owners.get(event.bot.as_str()).copied());
                owner.is_some_and(|owner| webhook.strangers.iter().any(|stranger| stranger == owner))
            });
            let NewWebhook { id, workspace, event, body, .. } = webhook;
            let body = set_aside.map(|event| &event.body).or(body.as_ref());
            webhooks.push((id, workspace, event, body, at));
            unread.extend(body.map(|body| (id.as_str(), body.as_str())));
            if let Some(event) = set_aside {
                disputed.push((event.bot.as_str(), at));
                accepted.push(Accepted::SetAside);
                continue;
            }
        }
        if let Some(NewEvent { bot, name, body }) = one.event {
            if known.event || !names.insert((kept(bot), kept(name))) {
                accepted.push(Accepted::Duplicate);
                continue;
            }
            events.push((bot, name, body, at));
            let owner = known.owner.as_deref().unwrap_or(one.workspace);
            owners.entry(bot.as_str()).or_insert(owner);
            // PostgreSQL updates no row twice in one statement.
            due.entry(bot.as_str()).or_insert((owner, at)).1 = at;
        }
        accepted.push(Accepted::New);
    }
    webhooks.sort_by_key(|row| row.0);
    events.sort_by_key(|row| (row.0, row.1));
    let due: Vec<_> = due.into_iter().map(|(bot, (workspace, at))| (bot, workspace, at)).collect();
    all(&webhooks, transaction.execute_each(INSERT_WEBHOOKS, &webhooks).await?)?;
    all(&events, transaction.execute_each(INSERT_EVENTS, &events).await?)?;
    all(&due, transaction.execute_each(MAKE_DUE, &due).await?)?;
    disputed.sort_unstable();
    transaction.execute_each(ASK_WHOSE, &disputed).await?;
    mentions::insert(transaction, mentions::Kind::Webhooks, &unread).await?;
    Ok(accepted)
}

const INSERT_WEBHOOKS: &str = "INSERT INTO webhooks (id, workspace, event, body, received_at)
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, CAST(value ->> 4 AS BIGINT) FROM json_each($1) WHERE TRUE ON CONFLICT DO NOTHING";
const INSERT_EVENTS: &str = "INSERT INTO events (bot, name, body, received_at)
     SELECT value ->> 0, value ->> 1, value ->> 2, CAST(value ->> 3 AS BIGINT) FROM json_each($1) WHERE TRUE ON CONFLICT DO NOTHING";
const MAKE_DUE: &str = "INSERT INTO bots (bot, workspace, last_event_at, due_at)
     SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), CAST(value ->> 2 AS BIGINT) FROM json_each($1) WHERE TRUE ON CONFLICT (bot) DO UPDATE
     SET last_event_at = excluded.last_event_at, due_at = excluded.due_at, lookup_failures = 0
     WHERE bots.workspace = excluded.workspace";
/// Two workspaces sent webhooks about a bot, and only Recall.ai knows which one it belongs to. It is looked up once,
/// after all others, because any holder of a secret could trigger lookups.
const ASK_WHOSE: &str = "UPDATE bots SET lookup_at = CAST(n.value ->> 1 AS BIGINT)
     FROM json_each($1) AS n WHERE bots.bot = n.value ->> 0 AND NOT bots.workspace_proven AND bots.lookup_at IS NULL AND bots.lookup_failed_at IS NULL";

#[derive(Debug, Clone, Default)]
struct Known {
    webhook: bool,
    event: bool,
    /// The bot's workspace, if it isn't the sender's.
    owner: Option<String>,
}

/// Reads what is known of each.
async fn known(transaction: &mut Transaction, told: &[Told<'_>]) -> Result<Vec<Known>, StoreError> {
    let sql = "SELECT CAST(value ->> 0 AS BIGINT), webhooks.id IS NOT NULL, events.bot IS NOT NULL, bots.workspace FROM json_each($1) LEFT JOIN webhooks ON webhooks.id = value ->> 1
         LEFT JOIN events ON events.bot = value ->> 2 AND events.name = value ->> 3
         LEFT JOIN bots ON bots.bot = value ->> 2 AND bots.workspace <> value ->> 4
         WHERE webhooks.id IS NOT NULL OR events.bot IS NOT NULL OR bots.bot IS NOT NULL";
    let mut rows = Vec::with_capacity(told.len());
    for (position, one) in told.iter().enumerate() {
        let (id, event) = (one.webhook.map(|webhook| &webhook.id), one.event);
        rows.push((
            position,
            id,
            event.map(|event| &event.bot),
            event.map(|event| &event.name),
            one.workspace,
        ));
    }
    let mut known = vec![Known::default(); told.len()];
    for row in transaction.fetch_each(sql, &rows).await? {
        let position = usize::try_from(row.get::<i64>(0)?).unwrap_or(usize::MAX);
        if let Some(known) = known.get_mut(position) {
            *known = Known { webhook: row.get(1)?, event: row.get(2)?, owner: row.get(3)? };
        }
    }
    Ok(known)
}

/// All rows were written, or another process wrote some of them since we asked.
fn all<T>(rows: &[T], written: u64) -> Result<(), StoreError> {
    if u64::try_from(rows.len()).is_ok_and(|many| many == written) { Ok(()) } else { Err(StoreError::Raced) }
}

impl Store {
    /// Commits a webhook, together with others that arrive at the same time. When this returns, its event is durable.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails or too many wait; the webhook must then be refused, and is sent
    /// again.
    pub async fn accept_webhook(&self, webhook: NewWebhook, now: Timestamp) -> Result<Accepted, StoreError> {
        self.group.commit(webhook, now).await
    }

    /// Returns when a workspace's last webhook arrived, if one is stored.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn last_webhook(&self, workspace: &str) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MAX(received_at) FROM webhooks WHERE workspace = $1";
        let row = self.database.fetch_one(sql, params![workspace]).await?;
        let last: Option<i64> = row.get(0)?;
        Ok(last.map(time))
    }

    /// Returns a bot's events, in any order.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn events_of(&self, bot: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT body FROM events WHERE bot = $1";
        let rows = self.database.fetch_all(sql, params![bot]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Returns a fact about the service itself.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row = self
            .database
            .fetch_optional("SELECT value FROM service_state WHERE name = $1", params![name])
            .await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// Stores a fact about the service itself.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn remember_fact(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO service_state (name, value) VALUES ($1, $2)
                   ON CONFLICT (name) DO UPDATE SET value = $2";
        self.database.execute(sql, params![name, value]).await?;
        Ok(())
    }
}
