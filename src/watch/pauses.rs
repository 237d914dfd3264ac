//! Pauses that Recall.ai asked for, kept in the database: for the next process, and for the others.

use jiff::Timestamp;

use crate::recall::PauseStore;
use crate::store::{Store, StoreError};

#[async_trait::async_trait]
impl PauseStore for Store {
    async fn not_before(&self, workspace: &str) -> Option<Timestamp> {
        // If the database fails, the pauses that this process received still count.
        Self::not_before(self, workspace).await.unwrap_or_else(|error| {
            log(workspace, &error);
            None
        })
    }

    async fn pause_until(&self, workspace: &str, until: Timestamp) {
        if let Err(error) = Self::pause_until(self, workspace, until).await {
            log(workspace, &error);
        }
    }
}

fn log(workspace: &str, error: &StoreError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(workspace, error, "Pause for Recall.ai not loaded or stored.");
}
