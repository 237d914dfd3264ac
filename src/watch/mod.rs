//! What is told without anybody having asked: webhooks in, alerts out.
//!
//! A webhook is committed ([`Watch::receive`]) and makes its bot due. Thinking about a bot ([`Watch::think`])
//! reads everything that happened to it, decides, and puts what is to be said into the outbox, in one
//! transaction. Time makes bots due as well, so timers survive the process. Recall.ai is asked beside all
//! this ([`Watch::look_up`]): what it says makes the bot due once more, and nothing waits for it for long.

mod lookups;
mod parcels;
mod receive;
mod reconcile;
mod storms;
mod think;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::alerts::Policy;
use crate::alerts::fold::Folding;
use crate::chat::Chat;
use crate::diagnosis::vocabulary::AlertLevel;
use crate::flow::Answering;
use crate::recall::webhook::WebhookKey;
use crate::store::Store;
use jiff::SignedDuration;

pub use receive::Refused;

/// What is told unasked, where, and from whom it is heard.
#[derive(Debug, Clone)]
pub struct Unasked {
    /// What is told, when and where.
    pub policy: Policy,
    /// The channel of each platform that takes what another one does not.
    pub fallbacks: HashMap<Chat, String>,
    /// Every workspace that is watched.
    pub workspaces: Vec<Watched>,
    /// Whether webhooks are taken that nobody signed.
    pub insecure: bool,
    /// How often the lists of bots are read.
    pub reconcile: Duration,
}

/// A workspace that is watched.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Its name in the settings.
    pub name: String,
    /// Where its API and dashboard are.
    pub base_url: String,
    /// The keys in its webhook secrets, all valid.
    pub keys: Vec<WebhookKey>,
}

impl Default for Unasked {
    /// Hears of nothing and tells nobody.
    fn default() -> Self {
        Self {
            policy: Policy {
                minimum: AlertLevel::Notify,
                waiting: SignedDuration::from_secs(180),
                stale: SignedDuration::from_mins(30),
                folding: Folding { after: 5, window: SignedDuration::from_mins(10) },
                routes: Vec::new(),
                otherwise: Vec::new(),
            },
            fallbacks: HashMap::new(),
            workspaces: Vec::new(),
            insecure: false,
            reconcile: Duration::from_secs(300),
        }
    }
}

/// Watches over the bots.
pub struct Watch {
    store: Store,
    answering: Arc<Answering>,
    unasked: Unasked,
    /// Something was heard of a bot.
    heard: Notify,
    /// Recall.ai is to be asked about a bot.
    wondered: Notify,
    /// Something is to be said.
    said: Arc<Notify>,
}

impl Watch {
    /// Signals `said` when there is something to deliver.
    #[must_use]
    pub fn new(store: Store, answering: Arc<Answering>, unasked: Unasked, said: Arc<Notify>) -> Self {
        Self { store, answering, unasked, heard: Notify::new(), wondered: Notify::new(), said }
    }

    /// Ends when something was heard of a bot.
    pub async fn heard(&self) {
        self.heard.notified().await;
    }

    /// Ends when Recall.ai is to be asked about a bot.
    pub async fn wondered(&self) {
        self.wondered.notified().await;
    }

    /// How long to wait between two comparisons with the lists of bots.
    #[must_use]
    pub const fn between_comparisons(&self) -> Duration {
        self.unasked.reconcile
    }

    fn watched(&self, name: &str) -> Option<&Watched> {
        self.unasked.workspaces.iter().find(|workspace| workspace.name == name)
    }
}
