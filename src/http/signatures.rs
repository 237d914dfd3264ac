//! Whose signatures hold: a secret that is wrong refuses everything, and nobody else would notice.
//!
//! Slack and Discord tell a person that the app does not answer, and tell us nothing. So what was refused is counted
//! until something is accepted, logged now and then, and written down for `doctor`, which runs in another process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::store::{Store, StoreError};

/// How often the log says that requests are refused. Anybody can send some, and should not fill a disk.
const SAID_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// Who signs what it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// Commands, buttons and events.
    Slack,
    /// Interactions.
    Discord,
    /// Webhooks.
    Recall,
}

impl Sender {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Slack, Self::Discord, Self::Recall];

    /// Its name in metrics and in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Recall => "recall",
        }
    }

    /// The setting that its signatures are verified with.
    #[must_use]
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Slack => "slack.signing_secret",
            Self::Discord => "discord.public_key",
            Self::Recall => "recall.webhook_secret",
        }
    }
}

/// What became of the signatures of one sender.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Refused since something was accepted, or since the start.
    pub refused: u64,
    /// When the first of these came.
    pub since: Option<Timestamp>,
    /// When something was accepted.
    pub accepted: Option<Timestamp>,
}

impl Tally {
    /// What another process wrote down about a sender, if it did.
    ///
    /// # Errors
    /// Where the store does not tell.
    pub async fn read(store: &Store, sender: Sender) -> Result<Option<Self>, StoreError> {
        let text = store.fact(&key(sender)).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

/// The tallies of all senders, in this process.
#[derive(Debug, Default)]
pub struct Signatures([Mutex<Counted>; 3]);

#[derive(Debug, Default)]
struct Counted {
    tally: Tally,
    /// What was written down of it.
    written: Tally,
    said_at: Option<Timestamp>,
}

impl Signatures {
    /// A signature held.
    pub fn accepted(&self, sender: Sender, now: Timestamp) {
        count(sender, "accepted");
        self.of(sender).tally = Tally { refused: 0, since: None, accepted: Some(now) };
    }

    /// A signature did not hold, or its time did not.
    pub fn refused(&self, sender: Sender, now: Timestamp) {
        count(sender, "refused");
        let mut counted = self.of(sender);
        counted.tally.refused += 1;
        counted.tally.since.get_or_insert(now);
        if counted.said_at.is_some_and(|said_at| now.duration_since(said_at) < SAID_AGAIN_AFTER) {
            return;
        }
        counted.said_at = Some(now);
        let (platform, setting, refused) = (sender.name(), sender.setting(), counted.tally.refused);
        tracing::warn!(
            platform,
            setting,
            refused,
            "Requests are refused: their signatures or times do not hold."
        );
    }

    /// Writes down what changed.
    ///
    /// # Errors
    /// Where the store does not take it; it is written the next time.
    pub async fn write(&self, store: &Store) -> Result<(), StoreError> {
        for sender in Sender::ALL {
            let (tally, written) = {
                let counted = self.of(sender);
                (counted.tally, counted.written)
            };
            // That something was accepted again is no news.
            let news =
                tally.refused != written.refused || tally.accepted.is_some() != written.accepted.is_some();
            if news && let Ok(text) = serde_json::to_string(&tally) {
                store.remember_fact(&key(sender), &text).await?;
                self.of(sender).written = tally;
            }
        }
        Ok(())
    }

    fn of(&self, sender: Sender) -> MutexGuard<'_, Counted> {
        let place = match sender {
            Sender::Slack => 0,
            Sender::Discord => 1,
            Sender::Recall => 2,
        };
        self.0[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(sender: Sender) -> String {
    format!("signatures/{}", sender.name())
}

fn count(sender: Sender, result: &'static str) {
    metrics::counter!("wnr_signatures_total", "chat" => sender.name(), "result" => result).increment(1);
}
