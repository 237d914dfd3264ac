//! Work that one instance does at a time, and that another takes over when it ends or dies.

use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::clock;
use crate::store::{Store, StoreError};

/// How long the work stays undone at most when its holder dies.
const LEASE_TTL: SignedDuration = SignedDuration::from_secs(20);
/// How often the holder says that it lives.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How often the others look whether the work is free.
const TRY_ACQUIRE_EVERY: Duration = Duration::from_secs(2);

/// A lease that this instance may hold.
#[derive(Debug, Clone)]
pub(super) struct LeaderLease {
    store: Store,
    name: &'static str,
    /// Who we are, to the others.
    holder: String,
}

impl LeaderLease {
    pub(super) fn new(store: Store, name: &'static str) -> Self {
        Self { store, name, holder: Uuid::new_v4().to_string() }
    }

    /// Waits for the lease, does its work for as long as it is ours, and waits again, until told to stop. The
    /// work is told to stop when the lease is lost, and lays it down when it ends.
    ///
    /// # Errors
    /// Where the database does not work while nothing is being done. What is being done goes on then: nobody else
    /// can take the lease from a database that does not work.
    pub(super) async fn serve<Work: Future<Output = ()>>(
        &self,
        stop: &CancellationToken,
        work: impl Fn(CancellationToken) -> Work,
    ) -> Result<(), StoreError> {
        while self.wait(stop).await? {
            tracing::debug!(lease = self.name, "Leader lease acquired.");
            let term = stop.child_token();
            let working = async {
                work(term.clone()).await;
                term.cancel();
            };
            tokio::join!(working, self.renew(&term));
            self.store.release(self.name, &self.holder).await?;
        }
        Ok(())
    }

    /// Ends with true when the lease is ours, and with false when told to stop.
    async fn wait(&self, stop: &CancellationToken) -> Result<bool, StoreError> {
        while !stop.is_cancelled() {
            if self.take().await? {
                return Ok(true);
            }
            stop.run_until_cancelled(tokio::time::sleep(TRY_ACQUIRE_EVERY)).await;
        }
        Ok(false)
    }

    /// Keeps the lease until its work ends, or ends the work when somebody else has it.
    async fn renew(&self, term: &CancellationToken) {
        while term.run_until_cancelled(tokio::time::sleep(RENEW_EVERY)).await.is_some() {
            if matches!(self.take().await, Ok(false)) {
                tracing::warn!(lease = self.name, "Leader lease lost to another instance.");
                term.cancel();
            }
        }
    }

    async fn take(&self) -> Result<bool, StoreError> {
        self.store.acquire_or_renew(self.name, &self.holder, clock::now(), LEASE_TTL).await
    }
}
