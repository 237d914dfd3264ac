//! What the service stored, as far as agents may read it.

use jiff::Timestamp;

use crate::report::agents;
use crate::store::{AlertedBot, AuditEntry, Store, StoreError};

/// The stored bots, and the audit.
#[async_trait::async_trait]
pub trait Records: Send + Sync {
    /// Writes down that a caller asked for something.
    ///
    /// # Errors
    /// Returns [`StoreError`] if it can't be written. The caller gets no answer then.
    async fn record(&self, entry: &AuditEntry, now: Timestamp) -> Result<(), StoreError>;

    /// Bots with an event since a moment that an alert was about, the latest first, at most `limit`. With `after`,
    /// those that follow this one.
    ///
    /// # Errors
    /// Returns the advice for the caller.
    async fn alerted_bots(
        &self,
        since: Timestamp,
        after: Option<&AlertedBot>,
        limit: i64,
    ) -> Result<Vec<AlertedBot>, String>;
}

#[async_trait::async_trait]
impl Records for Store {
    async fn record(&self, entry: &AuditEntry, now: Timestamp) -> Result<(), StoreError> {
        Self::record(self, entry, now).await
    }

    async fn alerted_bots(
        &self,
        since: Timestamp,
        after: Option<&AlertedBot>,
        limit: i64,
    ) -> Result<Vec<AlertedBot>, String> {
        Self::alerted_bots(self, since, after, limit).await.map_err(|error| {
            tracing::error!(%error, "Stored bots not read for an agent.");
            agents::NOT_READ.to_owned()
        })
    }
}
