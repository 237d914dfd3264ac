//! Inbox and outbox together: what every chat needs, and what the demo and the tests drive by hand.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::chat::Messengers;
use crate::flow::Answering;
use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::outbox::Outbox;
use crate::store::{Store, StoreError};

/// The service without its surroundings: no listener, no timers, no tasks.
#[derive(Clone)]
pub struct Service {
    /// What is kept.
    pub store: Store,
    /// What arrived.
    pub inbox: Arc<Inbox>,
    /// What is to be said.
    pub outbox: Arc<Outbox>,
}

impl Service {
    /// Puts it together.
    #[must_use]
    pub fn new(store: Store, answering: Answering, messengers: Messengers, gate: Gate) -> Self {
        let answered = Arc::new(Notify::new());
        let outbox = Outbox::new(store.clone(), messengers.clone(), answered.clone());
        let inbox = Inbox::new(store.clone(), answering, messengers, gate, answered);
        Self { store, inbox: Arc::new(inbox), outbox: Arc::new(outbox) }
    }

    /// Answers and delivers until nothing is due at this time any more.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn settle(&self, now: Timestamp) -> Result<(), StoreError> {
        loop {
            if let Some(item) = self.inbox.lease(now).await? {
                self.inbox.work(item, now).await?;
            } else if let Some(parcel) = self.outbox.lease(now).await? {
                self.outbox.deliver(parcel, now).await?;
            } else {
                return Ok(());
            }
        }
    }
}
