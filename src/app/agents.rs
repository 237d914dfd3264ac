//! What agents may read of the service.

use std::sync::Arc;

use jiff::Timestamp;

use crate::answer::Recurrences;
use crate::diagnosis::bot_id::BotId;
use crate::mcp::records::Records;
use crate::recurrence::count::Counted;
use crate::report::recurrence::Recurrence;
use crate::report::{Report, agents};
use crate::store::{AlertedBot, AuditEntry, Store, StoreError};
use crate::watch::Watch;

/// The records of a running service.
pub(super) struct ServiceRecords {
    pub(super) store: Store,
    pub(super) watch: Arc<Watch>,
}

/// Returns the advice for an agent, and logs the reason.
fn not_read(error: &StoreError) -> String {
    tracing::error!(%error, "Stored bots not read for an agent.");
    agents::NOT_READ.to_owned()
}

#[async_trait::async_trait]
impl Records for ServiceRecords {
    async fn record(&self, entry: &AuditEntry, now: Timestamp) -> Result<(), StoreError> {
        self.store.record(entry, now).await
    }

    async fn alerted_bots(
        &self,
        since: Timestamp,
        after: Option<&AlertedBot>,
        limit: i64,
    ) -> Result<Vec<AlertedBot>, String> {
        self.store.alerted_bots(since, after, limit).await.map_err(|error| not_read(&error))
    }

    async fn counted(&self, bot: BotId) -> Result<Counted, String> {
        self.watch.counted(bot).await.map_err(|error| not_read(&error))
    }

    async fn recurrence(&self, bot: BotId, report: &Report) -> Option<Recurrence> {
        self.watch.recurrence(bot, report).await
    }
}
