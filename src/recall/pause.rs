//! The pause that Recall.ai asks for with `Retry-After`: it holds for everything that is asked of a workspace.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// No pause is believed that is longer: it is a mistake, or the clock has stepped back since.
const PAUSE_MAX: SignedDuration = SignedDuration::from_hours(1);

/// Where pauses outlive the process, and where other processes find them.
#[async_trait::async_trait]
pub trait PauseStore: Debug + Send + Sync {
    /// When a workspace may be asked again; `None` where nothing is known of a pause.
    async fn not_before(&self, workspace: &str) -> Option<Timestamp>;
    /// Remembers that a workspace is not to be asked before a time.
    async fn pause_until(&self, workspace: &str, until: Timestamp);
}

/// The pause of one workspace: in memory, and in a store where there is one.
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

    /// Shares it with whoever uses this store, from now on. A second store is ignored.
    pub(super) fn keep_in(&self, store: Arc<dyn PauseStore>) {
        let _ = self.store.set(store);
    }

    /// How much of it is left at a time.
    pub(super) async fn left(&self, now: Timestamp) -> Option<Duration> {
        let kept = match self.store.get() {
            Some(store) => store.not_before(&self.workspace).await,
            None => None,
        };
        let own = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = own.max(kept)?.duration_since(now);
        (left.is_positive() && left <= PAUSE_MAX).then(|| left.unsigned_abs())
    }

    /// Begins it, or makes it longer.
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
