//! Alerts: webhooks in, messages out.
//!
//! A webhook is committed ([`Watch::receive`]) and makes its bot due. Evaluating bots ([`Watch::evaluate_due`]) loads
//! everything that happened to them, decides, and writes alerts and their messages, in one transaction. Due times are
//! stored, so timers survive the process. Lookups run separately ([`Watch::look_up`]): a response makes the bot due
//! once more, and nothing waits for it for long.

mod alerting;
mod decide;
mod decision;
mod evaluate;
mod groups;
mod load;
mod lookup_rule;
mod lookups;
mod messages;
mod muted;
mod ownership;
mod pauses;
mod receive;
mod reconcile;
mod recurrences;
mod rescuing;
mod silence;
mod write;

pub use recurrences::counted;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Notify;

use crate::alerts::Policy;
use crate::alerts::channel_table::ChannelTable;
use crate::alerts::grouping::Grouping;
use crate::answer::Answerer;
use crate::chat::Chat;
use crate::diagnosis::vocabulary::AlertLevel;
use crate::digests::DigestConfig;
use crate::recall::webhook::WebhookKey;
use crate::recall::{Budget, PauseStore};
use crate::store::Store;
use jiff::SignedDuration;
use ownership::{SetAside, Strangers};

pub use receive::WebhookRejection;

/// Which alerts are sent, where, and whose webhooks are accepted.
#[derive(Debug, Clone)]
pub struct AlertConfig {
    /// Which alerts are sent, when and where.
    pub policy: Policy,
    /// The channels of customers at the start.
    pub channel_table: ChannelTable,
    /// The fallback channel of each platform.
    pub fallbacks: HashMap<Chat, String>,
    /// Every workspace that is watched.
    pub workspaces: Vec<WatchedWorkspace>,
    /// `true` if unsigned webhooks are accepted.
    pub insecure: bool,
    /// How often the bot lists are read.
    pub reconcile: Duration,
    /// Metadata keys by which failures are counted; the first that a bot has counts.
    pub recurrence_keys: Vec<String>,
    /// Where and when digests are posted.
    pub digest: DigestConfig,
}

/// A workspace that is watched.
#[derive(Debug, Clone)]
pub struct WatchedWorkspace {
    /// Its name in the settings.
    pub name: String,
    /// URL of its API and dashboard.
    pub base_url: String,
    /// The keys in its webhook secrets, all valid.
    pub keys: Vec<WebhookKey>,
}

impl Default for AlertConfig {
    /// Watches no workspace and sends no alerts.
    fn default() -> Self {
        Self {
            policy: Policy {
                min_level: AlertLevel::Notify,
                waiting: SignedDuration::from_secs(180),
                stale: SignedDuration::from_mins(30),
                grouping: Grouping { after: 5, window: SignedDuration::from_mins(10) },
                routes: Vec::new(),
                default_channels: Vec::new(),
            },
            channel_table: ChannelTable::default(),
            fallbacks: HashMap::new(),
            workspaces: Vec::new(),
            insecure: false,
            reconcile: Duration::from_secs(300),
            recurrence_keys: Vec::new(),
            digest: DigestConfig::default(),
        }
    }
}

/// Watches over the bots.
pub struct Watch {
    store: Store,
    answerer: Arc<Answerer>,
    alerts: AlertConfig,
    /// The channels of customers, which can be replaced.
    channel_table: RwLock<Arc<ChannelTable>>,
    /// Whose secrets do not speak for whom.
    strangers: Strangers,
    /// When it was last logged that a webhook was set aside.
    set_aside: SetAside,
    /// Lookups that may still be made.
    lookup_budget: Budget,
    /// Notified when a bot becomes due.
    bots_due: Notify,
    /// Recall.ai is to be asked about a bot.
    lookups_due: Notify,
    /// Notified when the outbox has a new message.
    outbox_ready: Arc<Notify>,
    /// Notified when an attempt in a meeting was decided.
    rescue_decided: Arc<Notify>,
}

impl Watch {
    /// Notifies `outbox_ready` when there is something to deliver.
    #[must_use]
    pub fn new(
        store: Store,
        answerer: Arc<Answerer>,
        mut alerts: AlertConfig,
        outbox_ready: Arc<Notify>,
        rescue_decided: Arc<Notify>,
    ) -> Self {
        let channel_table = RwLock::new(Arc::new(std::mem::take(&mut alerts.channel_table)));
        let lookup_budget = Budget::per_minute(answerer.fetcher.lookups_per_minute());
        let pauses: Arc<dyn PauseStore> = Arc::new(store.clone());
        answerer.fetcher.keep_pauses_in(&pauses);
        Self {
            store,
            answerer,
            strangers: Strangers::of(&alerts),
            set_aside: SetAside::default(),
            alerts,
            channel_table,
            lookup_budget,
            bots_due: Notify::new(),
            lookups_due: Notify::new(),
            outbox_ready,
            rescue_decided,
        }
    }

    /// Replaces the channels of customers. Bots that are being evaluated still use the earlier ones.
    pub fn replace_channel_table(&self, table: ChannelTable) {
        *self.channel_table.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
    }

    fn channel_table(&self) -> Arc<ChannelTable> {
        self.channel_table.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until a bot becomes due.
    pub async fn bots_due(&self) {
        self.bots_due.notified().await;
    }

    /// Ends when Recall.ai is to be asked about a bot.
    pub async fn lookups_due(&self) {
        self.lookups_due.notified().await;
    }

    /// What composes its reports, as those of answers.
    #[must_use]
    pub fn answerer(&self) -> &Answerer {
        &self.answerer
    }

    /// How long to wait between two comparisons with the bot lists.
    #[must_use]
    pub const fn reconcile_every(&self) -> Duration {
        self.alerts.reconcile
    }

    /// Returns `true` if a workspace has this name.
    #[must_use]
    pub fn is_watched(&self, name: &str) -> bool {
        self.watched(name).is_some()
    }

    fn watched(&self, name: &str) -> Option<&WatchedWorkspace> {
        self.alerts.workspaces.iter().find(|workspace| workspace.name == name)
    }
}
