//! Leader election: work that one instance does at a time, and that another takes over if it ends or dies.

use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::clock;
use crate::store::{Store, StoreError};

/// Time to live of the lease: how long the work is undone at most if its holder dies.
const LEASE_TTL: SignedDuration = SignedDuration::from_secs(20);
/// Interval between renewals; a quarter of the TTL, so that three may fail.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// Interval at which standby instances try to acquire the lease.
const TRY_ACQUIRE_EVERY: Duration = Duration::from_secs(2);

/// A lease that this instance may hold.
#[derive(Debug, Clone)]
pub(super) struct LeaderLease {
    store: Store,
    name: &'static str,
    /// Identifies this instance.
    holder: String,
}

impl LeaderLease {
    pub(super) fn new(store: Store, name: &'static str) -> Self {
        Self { store, name, holder: Uuid::new_v4().to_string() }
    }

    /// Waits for the lease, does the work while it holds it, and waits again, until stopped. If the lease is lost,
    /// the work is stopped; when the work ends, the lease is released.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails while no work is running. Running work continues: no instance can
    /// take the lease from a database that is down.
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

    /// Returns `true` once the lease is acquired, `false` if stopped.
    async fn wait(&self, stop: &CancellationToken) -> Result<bool, StoreError> {
        while !stop.is_cancelled() {
            if self.take().await? {
                return Ok(true);
            }
            stop.run_until_cancelled(tokio::time::sleep(TRY_ACQUIRE_EVERY)).await;
        }
        Ok(false)
    }

    /// Renews the lease until the work ends, or stops the work if another instance holds it.
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
