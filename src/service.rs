//! Inbox, outbox and watch together: what every chat needs, and what the demo and the tests drive by hand.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::chat::Messengers;
use crate::flow::Answering;
use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::outbox::Outbox;
use crate::store::{Store, StoreError};
use crate::watch::{Unasked, Watch};

/// The service without its surroundings: no listener, no timers, no tasks.
#[derive(Clone)]
pub struct Service {
    /// What is kept.
    pub store: Store,
    /// What arrived.
    pub inbox: Arc<Inbox>,
    /// What is to be said.
    pub outbox: Arc<Outbox>,
    /// What is told unasked.
    pub watch: Arc<Watch>,
}

impl Service {
    /// Puts it together.
    #[must_use]
    pub fn new(
        store: Store,
        answering: Answering,
        messengers: Messengers,
        gate: Gate,
        unasked: Unasked,
    ) -> Self {
        let (answering, said) = (Arc::new(answering), Arc::new(Notify::new()));
        let outbox = Outbox::new(store.clone(), messengers.clone(), said.clone());
        let watch = Watch::new(store.clone(), answering.clone(), unasked, said.clone());
        let inbox = Inbox::new(store.clone(), answering, messengers, gate, said);
        Self { store, inbox: Arc::new(inbox), outbox: Arc::new(outbox), watch: Arc::new(watch) }
    }

    /// Answers, watches and delivers until nothing is due at this time any more.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn settle(&self, now: Timestamp) -> Result<(), StoreError> {
        loop {
            if let Some(item) = self.inbox.lease(now).await? {
                self.inbox.work(item, now).await?;
            } else if self.watch.think(now).await? {
                // There may be more.
            } else if let Some(lookup) = self.watch.lease_lookup(now).await? {
                self.watch.look_up(lookup, now).await?;
            } else if let Some(parcel) = self.outbox.lease(now).await? {
                self.outbox.deliver(parcel, now).await?;
            } else {
                return Ok(());
            }
        }
    }
}
