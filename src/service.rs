//! Inbox, outbox and watch together: what every chat needs, and what the demo and the tests drive by hand.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::acting::Acting;
use crate::answer::Answerer;
use crate::chat::Messengers;
use crate::chat::outbox_message::channel_key;
use crate::digests::Digests;
use crate::inbox::{Inbox, Records};
use crate::muting::Muting;
use crate::outbox::Outbox;
use crate::rights::Rights;
use crate::store::{Store, StoreError};
use crate::watch::{AlertConfig, Watch};

/// The service without its surroundings: no listener, no timers, no tasks.
#[derive(Clone)]
pub struct Service {
    /// The store.
    pub store: Store,
    /// The inbox.
    pub inbox: Arc<Inbox>,
    /// What is done in running meetings.
    pub acting: Arc<Acting>,
    /// Messages to send.
    pub outbox: Arc<Outbox>,
    /// Alerts.
    pub watch: Arc<Watch>,
    /// Digests.
    pub digests: Arc<Digests>,
    /// Fetches, diagnoses and composes.
    pub answerer: Arc<Answerer>,
}

impl Service {
    /// Puts it together.
    #[must_use]
    pub fn new(
        store: Store,
        answerer: Answerer,
        messengers: Messengers,
        rights: Rights,
        alerts: AlertConfig,
    ) -> Self {
        let own = alerts.policy.channels().into_iter().map(|channel| channel.0.clone());
        let fallbacks = alerts.fallbacks.iter().map(|(chat, channel)| channel_key(*chat, channel));
        let channels = own.chain(fallbacks).collect();
        let (answerer, outbox_ready) = (Arc::new(answerer), Arc::new(Notify::new()));
        let outbox = Outbox::new(store.clone(), messengers.clone(), outbox_ready.clone());
        let decided = Arc::new(Notify::new());
        let digests =
            Digests::new(store.clone(), answerer.clone(), alerts.digest.clone(), outbox_ready.clone());
        let digests = Arc::new(digests);
        let watch =
            Watch::new(store.clone(), answerer.clone(), alerts, outbox_ready.clone(), decided.clone());
        let watch = Arc::new(watch);
        let acting = Acting::new(
            store.clone(),
            answerer.clone(),
            watch.clone(),
            messengers.clone(),
            rights.clone(),
            decided,
            outbox_ready.clone(),
        );
        let acting = Arc::new(acting);
        let muting = Muting::new(store.clone(), answerer.clone(), channels, outbox_ready.clone());
        let inbox = Inbox::new(
            store.clone(),
            answerer.clone(),
            acting.clone(),
            Records { recurrences: watch.clone(), digests: digests.clone(), muting: Arc::new(muting) },
            messengers,
            rights,
            outbox_ready,
        );
        Self { store, inbox: Arc::new(inbox), acting, outbox: Arc::new(outbox), watch, digests, answerer }
    }

    /// Answers, watches and delivers until nothing is due at this time any more.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn wait_until_idle(&self, now: Timestamp) -> Result<(), StoreError> {
        loop {
            if let Some(item) = self.inbox.lease(now).await? {
                self.inbox.work(item, now).await?;
            } else if let Some(attempt) = self.acting.lease(now).await? {
                self.acting.work(attempt, now).await?;
            } else if self.watch.evaluate_due(now).await? {
                // There may be more.
            } else if let Some(lookup) = self.watch.lease_lookup(now).await? {
                self.watch.look_up(lookup, now).await?;
            } else if let Some(outgoing) = self.outbox.lease(now).await? {
                self.outbox.deliver(outgoing, now).await?;
            } else {
                return Ok(());
            }
        }
    }
}
