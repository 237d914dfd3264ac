//! Results of signature checks, because a wrong secret refuses every request without any other sign.
//!
//! Slack and Discord show an error to the person and report nothing to us. So refusals are counted until a request is
//! accepted, logged at intervals, and stored for `doctor`, which runs in another process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::store::{Store, StoreError};

/// Interval between log lines about refused requests, because anyone can send some and must not fill a disk.
const SAID_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(5);
/// Interval at which acceptance is stored if nothing was refused.
const ACCEPTED_WRITTEN_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Who signs what it sends, by the secret that it is signed with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sender {
    /// Commands, buttons and events.
    Slack,
    /// Interactions.
    Discord,
    /// Webhooks: of the workspace that the path names, or of any.
    Recall(Option<String>),
}

impl Sender {
    /// Its name in metrics.
    const fn platform(&self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Recall(_) => "recall",
        }
    }

    /// The setting that its signatures are verified with.
    #[must_use]
    pub fn setting(&self) -> String {
        match self {
            Self::Slack => "slack.signing_secret".to_owned(),
            Self::Discord => "discord.public_key".to_owned(),
            Self::Recall(None) => "recall.webhook_secret".to_owned(),
            Self::Recall(Some(workspace)) => format!("webhook_secret of the workspace {workspace:?}"),
        }
    }

    fn key(&self) -> String {
        match self {
            Self::Recall(Some(workspace)) => format!("signatures/recall/{workspace}"),
            _ => format!("signatures/{}", self.platform()),
        }
    }
}

/// Signature results of one sender, across all processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Refused since something was accepted.
    pub refused: u64,
    /// When the first of these came.
    pub since: Option<Timestamp>,
    /// When something was last accepted, give or take some minutes.
    pub accepted: Option<Timestamp>,
}

impl Tally {
    /// Returns the stored results of a sender, if any.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn read(store: &Store, sender: &Sender) -> Result<Option<Self>, StoreError> {
        let text = store.fact(&sender.key()).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// This, and what came after it.
    fn then(self, news: Self) -> Self {
        if news.accepted.is_some() {
            return Self { accepted: news.accepted.max(self.accepted), ..news };
        }
        Self {
            refused: self.refused + news.refused,
            since: self.since.or(news.since),
            accepted: self.accepted,
        }
    }
}

/// Results of this process that aren't stored yet.
#[derive(Debug, Default)]
pub struct Signatures(Mutex<BTreeMap<Sender, Counted>>);

#[derive(Debug, Default)]
struct Counted {
    news: Tally,
    said_at: Option<Timestamp>,
}

impl Signatures {
    /// A signature held.
    pub fn accepted(&self, sender: Sender, now: Timestamp) {
        count(&sender, "accepted");
        let news = Tally { refused: 0, since: None, accepted: Some(now) };
        self.lock().entry(sender).or_default().news = news;
    }

    /// A signature did not hold, or its time did not.
    pub fn refused(&self, sender: Sender, now: Timestamp) {
        count(&sender, "refused");
        let (platform, setting) = (sender.platform(), sender.setting());
        let mut all = self.lock();
        let counted = all.entry(sender).or_default();
        counted.news.refused += 1;
        counted.news.since.get_or_insert(now);
        if counted.said_at.is_some_and(|said_at| now.duration_since(said_at) < SAID_AGAIN_AFTER) {
            return;
        }
        counted.said_at = Some(now);
        let refused = counted.news.refused;
        tracing::warn!(platform, setting, refused, "Requests refused: invalid signature or timestamp.");
    }

    /// Stores the results since the last call.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails; the results are added the next time.
    pub async fn write(&self, store: &Store) -> Result<(), StoreError> {
        let pending: Vec<(Sender, Tally)> =
            self.lock().iter().map(|(sender, counted)| (sender.clone(), counted.news)).collect();
        for (sender, news) in pending.into_iter().filter(|(_, news)| *news != Tally::default()) {
            let written = Tally::read(store, &sender).await?.unwrap_or_default();
            if is_no_news(written, news) {
                continue;
            }
            if let Ok(text) = serde_json::to_string(&written.then(news)) {
                store.remember_fact(&sender.key(), &text).await?;
            }
            if let Some(counted) = self.lock().get_mut(&sender) {
                counted.news = since_then(counted.news, news);
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Sender, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns `true` if the only news is that requests are accepted as before.
fn is_no_news(written: Tally, news: Tally) -> bool {
    let lately = |accepted: Timestamp| {
        written.accepted.is_some_and(|before| accepted.duration_since(before) < ACCEPTED_WRITTEN_AFTER)
    };
    written.refused == 0 && news.refused == 0 && news.accepted.is_none_or(lately)
}

/// Returns the results that arrived while a tally was being stored.
fn since_then(now: Tally, written: Tally) -> Tally {
    if now.accepted != written.accepted {
        return now;
    }
    let refused = now.refused.saturating_sub(written.refused);
    Tally { refused, since: now.since.filter(|_| refused > 0), accepted: None }
}

fn count(sender: &Sender, result: &'static str) {
    metrics::counter!("wnr_signatures_total", "chat" => sender.platform(), "result" => result).increment(1);
}
