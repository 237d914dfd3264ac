//! Inbox, outbox and watch together: what every chat needs, and what the demo and the tests drive by hand.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::access::AccessPolicy;
use crate::answer::Answerer;
use crate::chat::Messengers;
use crate::inbox::Inbox;
use crate::outbox::Outbox;
use crate::store::{Store, StoreError};
use crate::watch::{AlertConfig, Watch};

/// The service without its surroundings: no listener, no timers, no tasks.
#[derive(Clone)]
pub struct Service {
    /// The store.
    pub store: Store,
    /// The inbox.
    pub inbox: Arc<Inbox>,
    /// Messages to send.
    pub outbox: Arc<Outbox>,
    /// Alerts.
    pub watch: Arc<Watch>,
}

impl Service {
    /// Puts it together.
    #[must_use]
    pub fn new(
        store: Store,
        answerer: Answerer,
        messengers: Messengers,
        access: AccessPolicy,
        alerts: AlertConfig,
    ) -> Self {
        let (answerer, outbox_ready) = (Arc::new(answerer), Arc::new(Notify::new()));
        let outbox = Outbox::new(store.clone(), messengers.clone(), outbox_ready.clone());
        let watch = Arc::new(Watch::new(store.clone(), answerer.clone(), alerts, outbox_ready.clone()));
        let inbox = Inbox::new(store.clone(), answerer, watch.clone(), messengers, access, outbox_ready);
        Self { store, inbox: Arc::new(inbox), outbox: Arc::new(outbox), watch }
    }

    /// Answers, watches and delivers until nothing is due at this time any more.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn wait_until_idle(&self, now: Timestamp) -> Result<(), StoreError> {
        loop {
            if let Some(item) = self.inbox.lease(now).await? {
                self.inbox.work(item, now).await?;
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
