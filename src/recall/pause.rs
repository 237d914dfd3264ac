//! The pause that Recall.ai asks for with `Retry-After`. It applies to all requests to a workspace.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Hours of the longest pause that is accepted. A longer one is a mistake, or the clock has stepped back.
const PAUSE_MAX: SignedDuration = SignedDuration::from_hours(1);

/// Stores pauses, so that they outlive the process and apply to other processes.
#[async_trait::async_trait]
pub trait PauseStore: Debug + Send + Sync {
    /// Returns when a workspace accepts requests again; `None` if no pause is known.
    async fn not_before(&self, workspace: &str) -> Option<Timestamp>;
    /// Stores a pause of a workspace until this time.
    async fn pause_until(&self, workspace: &str, until: Timestamp);
}

/// The pause of one workspace: in memory, and in a store if there is one.
#[derive(Debug)]
pub(super) struct Pause {
    workspace: String,
    until: Mutex<Option<Timestamp>>,
    store: OnceLock<Arc<dyn PauseStore>>,
}

impl Pause {
    pub(super) const fn of(workspace: String) -> Self {
        Self { workspace, until: Mutex::new(None), store: OnceLock::new() }
    }

    /// Shares the pause through this store from now on. A second store is ignored.
    pub(super) fn keep_in(&self, store: Arc<dyn PauseStore>) {
        let _ = self.store.set(store);
    }

    /// Returns the rest of the pause at this time.
    pub(super) async fn left(&self, now: Timestamp) -> Option<Duration> {
        let kept = match self.store.get() {
            Some(store) => store.not_before(&self.workspace).await,
            None => None,
        };
        let own = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = own.max(kept)?.duration_since(now);
        (left.is_positive() && left <= PAUSE_MAX).then(|| left.unsigned_abs())
    }

    /// Starts or extends the pause.
    pub(super) async fn begin(&self, now: Timestamp, length: Duration) {
        let length = SignedDuration::try_from(length).unwrap_or(PAUSE_MAX).min(PAUSE_MAX);
        let Ok(until) = now.checked_add(length) else { return };
        {
            let mut own = self.until.lock().unwrap_or_else(PoisonError::into_inner);
            *own = (*own).max(Some(until));
        }
        if let Some(store) = self.store.get() {
            store.pause_until(&self.workspace, until).await;
        }
    }
}
