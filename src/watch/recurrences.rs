//! Recurrences: what is stored of earlier failures, for the bots of a batch and for an answer.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Watch;
use super::decision::Decision;
use super::messages::head_of;
use crate::answer::Recurrences;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::catalogue::Catalogue;
use crate::diagnosis::vocabulary::Outcome;
use crate::recall::event::BotEvent;
use crate::recurrence::count::{self, CauseCount, Counted, Failure, Past};
use crate::recurrence::key::{BotKey, HashedKey, KeySecret, of_metadata};
use crate::report::Report;
use crate::report::recurrence::{Recurrence, WINDOW};
use crate::store::{
    AlertTransaction, DueBot, FailureChange, FailureRow, PastFailures, PastQuery, PlatformMessage, Store,
    StoreError,
};

/// The earlier failures that matter to the bots of a batch.
#[derive(Debug, Default)]
pub(super) struct PastOfBatch {
    /// The key of each bot that has one.
    keys: HashMap<String, BotKey>,
    /// For each query: the failures of a key, as they were stored before this batch.
    past: HashMap<PastOf, Past>,
    /// What this batch has decided since: whose failure, and the failure that came or went.
    changes: Vec<Change>,
}

/// Whose failures, and up to when: a failure that is stored already doesn't count those after it, so that its alert
/// keeps its number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct PastOf {
    key: String,
    stored: Option<(String, Timestamp)>,
}

#[derive(Debug)]
enum Change {
    Came(String, Failure),
    Went { key: String, bot: String, cause: String },
}

impl PastOf {
    fn of(due: &DueBot, key: &BotKey) -> Self {
        let key = key.hashed.as_str().to_owned();
        let stored = due.failure.as_ref().filter(|failure| failure.key.as_ref() == Some(&key));
        Self { stored: stored.map(|failure| (failure.bot.clone(), failure.at)), key }
    }

    fn query(&self, now: Timestamp) -> PastQuery {
        let (without, until) = self.stored.clone().unwrap_or((String::new(), now));
        query(self.key.clone(), without, until)
    }
}

fn query(key: String, without: String, until: Timestamp) -> PastQuery {
    let since = until.saturating_sub(WINDOW).unwrap_or(Timestamp::MIN);
    PastQuery { key, without, since, until }
}

impl PastOfBatch {
    /// Returns how often it failed for the bot's key, with this failure; `None` if it is the first.
    pub(super) fn recurrence(
        &self,
        due: &DueBot,
        own: &FailureRow,
        title: impl Fn(&str) -> String,
    ) -> Option<Recurrence> {
        let key = self.keys.get(&due.bot)?;
        let of = PastOf::of(due, key);
        let mut past = self.past.get(&of).cloned().unwrap_or_default();
        if of.stored.is_none() {
            for change in &self.changes {
                match change {
                    Change::Came(whose, failure) if *whose == of.key => past.add(failure),
                    Change::Went { key, bot, cause } if *key == of.key => past.remove(bot, cause),
                    _ => {}
                }
            }
        }
        count::recurrence(key.shown.clone(), &failure(own), &past, title)
    }

    /// Returns the key under which a failure of this bot is stored.
    pub(super) fn key_of(&self, bot: &str) -> Option<String> {
        self.keys.get(bot).map(|key| key.hashed.as_str().to_owned())
    }

    /// Makes a decision count for the next bots.
    pub(super) fn learn(&mut self, due: &DueBot, decision: &Decision) {
        let Some(change) = &decision.failure else { return };
        if let Some(FailureRow { bot, key: Some(key), cause, .. }) = &due.failure {
            let (key, bot, cause) = (key.clone(), bot.clone(), cause.clone());
            self.changes.push(Change::Went { key, bot, cause });
        }
        if let FailureChange::Save(row @ FailureRow { key: Some(key), .. }) = change {
            self.changes.push(Change::Came(key.clone(), failure(row)));
        }
    }
}

fn failure(row: &FailureRow) -> Failure {
    let (bot, cause, sub_code) = (row.bot.clone(), row.cause.clone(), row.sub_code.clone());
    Failure { bot, cause, sub_code, at: row.at, posted: Vec::new() }
}

impl Watch {
    /// Returns the secret of the database, with which keys are hashed.
    pub(super) async fn key_secret(&self) -> Result<KeySecret, StoreError> {
        Ok(KeySecret::new(&self.store.recurrence_secret().await?))
    }

    /// Reads the earlier failures for the keys of these bots.
    pub(super) async fn past_of(
        &self,
        tx: &mut AlertTransaction,
        failed: impl Iterator<Item = (&DueBot, &Vec<BotEvent>)>,
        secret: &KeySecret,
        now: Timestamp,
    ) -> Result<PastOfBatch, StoreError> {
        let mut keys = HashMap::new();
        let mut places: HashMap<PastOf, usize> = HashMap::new();
        let mut queries = Vec::new();
        for (due, events) in failed {
            let Some(key) = self.key(events, due.recurrence_key.as_deref(), secret) else { continue };
            let of = PastOf::of(due, &key);
            let query = of.query(now);
            places.entry(of).or_insert_with(|| {
                queries.push(query);
                queries.len() - 1
            });
            keys.insert(due.bot.clone(), key);
        }
        let found = tx.past_failures(&queries).await?;
        let ids: Vec<String> = found.iter().flat_map(message_ids).collect();
        let messages = by_id(tx.platform_messages(&ids).await?);
        let past =
            places.into_iter().filter_map(|(of, place)| Some((of, past(found.get(place)?, &messages))));
        Ok(PastOfBatch { keys, past: past.collect(), changes: Vec::new() })
    }

    /// Returns a bot's key: from the metadata of its events, else from what Recall.ai's response showed.
    fn key(&self, events: &[BotEvent], stored: Option<&str>, secret: &KeySecret) -> Option<BotKey> {
        key(&self.alerts.recurrence_keys, events, stored, secret)
    }

    pub(super) fn title(&self, cause: &str) -> String {
        title(&self.answerer.catalogue, cause)
    }

    /// Returns what is stored of a bot's failure and of those before it.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn counted(&self, bot: BotId) -> Result<Counted, StoreError> {
        counted(&self.store, &self.answerer.catalogue, &self.alerts.recurrence_keys, bot, None).await
    }
}

/// Returns what is stored of a bot's failure and of those before it. `names` are the metadata keys in the settings;
/// `report` is what Recall.ai says of the bot now, where that is known. Nothing is written.
///
/// # Errors
/// Returns [`StoreError`] if the query fails.
pub async fn counted(
    store: &Store,
    catalogue: &Catalogue,
    names: &[String],
    bot: BotId,
    report: Option<&Report>,
) -> Result<Counted, StoreError> {
    let Some(row) = store.failure_of(&bot.to_string()).await? else { return Ok(Counted::NoFailure) };
    // People may ask before the alerts know of what Recall.ai says now.
    let is_over = report.is_some_and(|report| match report.outcome {
        Outcome::Pending | Outcome::Recording | Outcome::Processing => true,
        Outcome::Recorded => report.cause != row.cause,
        _ => false,
    });
    if is_over {
        return Ok(Counted::NoFailure);
    }
    let Some(whose) = row.key.clone() else { return Ok(Counted::NoKey) };
    let events = store.events_of(&row.bot).await?;
    let secret = KeySecret::new(&store.recurrence_secret().await?);
    let events: Vec<BotEvent> = events.iter().filter_map(|body| serde_json::from_str(body).ok()).collect();
    let key = key(names, &events, Some(&whose), &secret);
    // The settings may name other keys by now.
    let key = key.filter(|key| key.hashed.as_str() == whose).or_else(|| HashedKey::parse(&whose));
    let Some(key) = key else { return Ok(Counted::NoKey) };
    let found = store.past_failures(&query(whose, row.bot.clone(), row.at)).await?;
    let ids: Vec<String> = message_ids(&found).collect();
    let messages = by_id(store.platform_messages(&ids).await?);
    let mut own = failure(&row);
    if let Some(report) = report {
        own.cause.clone_from(&report.cause);
    }
    let title = |cause: &str| match report {
        Some(report) if cause == report.cause => report.title.clone(),
        _ => title(catalogue, cause),
    };
    let again = count::recurrence(key.shown, &own, &past(&found, &messages), title);
    Ok(again.map_or(Counted::First, |again| Counted::Again(Box::new(again))))
}

#[async_trait::async_trait]
impl Recurrences for Watch {
    async fn recurrence(&self, bot: BotId, report: &Report) -> Option<Recurrence> {
        let names = &self.alerts.recurrence_keys;
        match counted(&self.store, &self.answerer.catalogue, names, bot, Some(report)).await {
            Ok(Counted::Again(recurrence)) => Some(*recurrence),
            Ok(Counted::NoFailure | Counted::NoKey | Counted::First) => None,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(bot.id = %bot, error, "Recurrence not read.");
                None
            }
        }
    }
}

fn key(names: &[String], events: &[BotEvent], stored: Option<&str>, secret: &KeySecret) -> Option<BotKey> {
    let metadata = events.iter().flat_map(|event| event.metadata.clone()).collect();
    let of_events = of_metadata(names, &metadata, secret);
    of_events.or_else(|| stored.and_then(HashedKey::parse))
}

fn title(catalogue: &Catalogue, cause: &str) -> String {
    catalogue.by_id(cause).map_or_else(|| cause.to_owned(), |known| known.title.clone())
}

/// The messages that may have told of these failures.
fn message_ids(past: &PastFailures) -> impl Iterator<Item = String> {
    past.recent.iter().flat_map(|failure| {
        failure.alerts.iter().map(|(channel, group)| message_id(&failure.bot, channel, group.as_ref()))
    })
}

fn message_id(bot: &str, channel: &str, group: Option<&String>) -> String {
    group.cloned().unwrap_or_else(|| head_of(bot, channel))
}

fn by_id(messages: Vec<PlatformMessage>) -> HashMap<String, (String, String)> {
    messages.into_iter().map(|message| (message.id, (message.channel, message.message))).collect()
}

fn past(found: &PastFailures, messages: &HashMap<String, (String, String)>) -> Past {
    let causes = found.causes.iter().map(|tally| CauseCount {
        cause: tally.cause.clone(),
        count: tally.count,
        first: tally.first,
    });
    let recent = found.recent.iter().map(|found| {
        let ids = found.alerts.iter().map(|(channel, group)| message_id(&found.bot, channel, group.as_ref()));
        Failure {
            bot: found.bot.clone(),
            cause: found.cause.clone(),
            sub_code: found.sub_code.clone(),
            at: found.at,
            posted: ids.filter_map(|id| messages.get(&id).cloned()).collect(),
        }
    });
    Past { causes: causes.collect(), recent: recent.collect() }
}
