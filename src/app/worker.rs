//! Worker pool: leases work from a queue in the database and does it, up to a concurrency limit.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::supervise::Handle;
use crate::acting::Acting;
use crate::clock;
use crate::inbox::Inbox;
use crate::outbox::Outbox;
use crate::store::{LeasedItem, LeasedOutboxRow, LeasedRescue, StoreError};

/// Poll interval. Notifications only reduce latency: retries and expired leases send none, so the queue is polled
/// too.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// A queue in the database.
#[async_trait::async_trait]
pub(super) trait Queue: Send + Sync + 'static {
    /// A leased item.
    type Work: Send + 'static;
    /// Its name in health and logs.
    const NAME: &'static str;
    /// How much of it is done at the same time.
    const CONCURRENCY: usize;

    async fn lease(&self) -> Result<Option<Self::Work>, StoreError>;
    async fn work(&self, leased: Self::Work) -> Result<(), StoreError>;
    /// Ends when there may be something to lease.
    async fn wake_up(&self);
}

#[async_trait::async_trait]
impl Queue for Inbox {
    type Work = LeasedItem;
    const NAME: &'static str = "answers";
    const CONCURRENCY: usize = 32;

    async fn lease(&self) -> Result<Option<LeasedItem>, StoreError> {
        self.lease(clock::now()).await
    }

    async fn work(&self, leased: LeasedItem) -> Result<(), StoreError> {
        self.work(leased, clock::now()).await
    }

    async fn wake_up(&self) {
        self.interaction().await;
    }
}

/// Few people act at the same time, and each is waiting.
#[async_trait::async_trait]
impl Queue for Acting {
    type Work = LeasedRescue;
    const NAME: &'static str = "acting";
    const CONCURRENCY: usize = 8;

    async fn lease(&self) -> Result<Option<LeasedRescue>, StoreError> {
        self.lease(clock::now()).await
    }

    async fn work(&self, leased: LeasedRescue) -> Result<(), StoreError> {
        self.work(leased, clock::now()).await
    }

    async fn wake_up(&self) {
        self.decided().await;
    }
}

/// Each place still gets one message after the other.
#[async_trait::async_trait]
impl Queue for Outbox {
    type Work = LeasedOutboxRow;
    const NAME: &'static str = "deliveries";
    const CONCURRENCY: usize = 16;

    async fn lease(&self) -> Result<Option<LeasedOutboxRow>, StoreError> {
        self.lease(clock::now()).await
    }

    async fn work(&self, leased: LeasedOutboxRow) -> Result<(), StoreError> {
        self.deliver(leased, clock::now()).await
    }

    async fn wake_up(&self) {
        self.due().await;
    }
}

/// Leases and works until stopped, then finishes work in progress.
///
/// # Errors
/// Returns an error if leasing fails, after work in progress is finished. A failure of `work` is logged, and its item
/// is retried when the lease ends.
pub(super) async fn run<Q: Queue>(queue: Arc<Q>, task: Handle) -> Result<(), StoreError> {
    let mut begun = JoinSet::new();
    let ended = loop {
        task.beat();
        match fill(&queue, &mut begun, &task.stop).await {
            Ok(()) => {}
            Err(error) => break Err(error),
        }
        tokio::select! {
            () = task.stop.cancelled() => break Ok(()),
            Some(done) = begun.join_next() => log(done),
            () = queue.wake_up(), if begun.len() < Q::CONCURRENCY => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
    };
    while let Some(done) = begun.join_next().await {
        log(done);
    }
    ended
}

/// Starts items until the queue is empty or the concurrency limit is reached.
async fn fill<Q: Queue>(
    queue: &Arc<Q>,
    begun: &mut JoinSet<Result<(), StoreError>>,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    while begun.len() < Q::CONCURRENCY && !stop.is_cancelled() {
        let Some(leased) = queue.lease().await? else { return Ok(()) };
        let queue = queue.clone();
        begun.spawn(async move { queue.work(leased).await });
    }
    Ok(())
}

fn log(done: Result<Result<(), StoreError>, tokio::task::JoinError>) {
    match done {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(error = &error as &dyn std::error::Error, "The database failed."),
        Err(_) => tracing::error!("Worker panicked; its work is retried when the lease ends."),
    }
}
