//! Checks whether the store can be written to, with a cache so that frequent probes cost nothing.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::store::Store;

/// A database that does not answer within this is not ready.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How long a result is cached. Each probe is a commit, and anyone who reaches the service can call `/readyz`.
const HOLDS_FOR: Duration = Duration::from_secs(1);

/// The last probe of the store; those who ask at the same time share one.
#[derive(Debug)]
pub struct StoreProbe {
    store: Store,
    last: Mutex<Option<(Instant, String)>>,
}

impl StoreProbe {
    /// A probe of this store, which was not asked yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, last: Mutex::new(None) }
    }

    /// `ok`, or what is wrong: as of now, or of a second ago at most.
    pub async fn state(&self) -> String {
        let mut last = self.last.lock().await;
        if let Some((at, state)) = &*last
            && at.elapsed() < HOLDS_FOR
        {
            return state.clone();
        }
        let state = match timeout(TIMEOUT, self.store.probe()).await {
            Ok(Ok(())) => "ok".to_owned(),
            Ok(Err(error)) => format!("not writable: {error}"),
            Err(_) => "does not answer".to_owned(),
        };
        *last = Some((Instant::now(), state.clone()));
        state
    }
}
