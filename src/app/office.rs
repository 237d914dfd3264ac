//! Work that one instance does at a time, and that another takes over when it ends or dies.

use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::clock;
use crate::store::{Store, StoreError};

/// How long the work stays undone at most when its holder dies.
const TERM: SignedDuration = SignedDuration::from_secs(20);
/// How often the holder says that it lives.
const RENEW: Duration = Duration::from_secs(5);
/// How often the others look whether the work is free.
const STAND_BY: Duration = Duration::from_secs(2);

/// An office that this instance may hold.
#[derive(Debug, Clone)]
pub(super) struct Office {
    store: Store,
    name: &'static str,
    /// Who we are, to the others.
    holder: String,
}

impl Office {
    pub(super) fn new(store: Store, name: &'static str) -> Self {
        Self { store, name, holder: Uuid::new_v4().to_string() }
    }

    /// Waits for the office, does its work for as long as it is ours, and waits again, until told to stop. The
    /// work is told to stop when the office is lost, and lays it down when it ends.
    ///
    /// # Errors
    /// Where the database does not work while nothing is being done. What is being done goes on then: nobody else
    /// can take the office from a database that does not work.
    pub(super) async fn serve<Work: Future<Output = ()>>(
        &self,
        stop: &CancellationToken,
        work: impl Fn(CancellationToken) -> Work,
    ) -> Result<(), StoreError> {
        while self.wait(stop).await? {
            tracing::debug!(office = self.name, "This instance holds an office.");
            let term = stop.child_token();
            let working = async {
                work(term.clone()).await;
                term.cancel();
            };
            tokio::join!(working, self.renew(&term));
            self.store.lay_down_office(self.name, &self.holder).await?;
        }
        Ok(())
    }

    /// Ends with true when the office is ours, and with false when told to stop.
    async fn wait(&self, stop: &CancellationToken) -> Result<bool, StoreError> {
        while !stop.is_cancelled() {
            if self.take().await? {
                return Ok(true);
            }
            stop.run_until_cancelled(tokio::time::sleep(STAND_BY)).await;
        }
        Ok(false)
    }

    /// Keeps the office until its work ends, or ends the work when somebody else has it.
    async fn renew(&self, term: &CancellationToken) {
        while term.run_until_cancelled(tokio::time::sleep(RENEW)).await.is_some() {
            if matches!(self.take().await, Ok(false)) {
                tracing::warn!(office = self.name, "Another instance has taken over an office.");
                term.cancel();
            }
        }
    }

    async fn take(&self) -> Result<bool, StoreError> {
        self.store.take_office(self.name, &self.holder, clock::now(), TERM).await
    }
}
