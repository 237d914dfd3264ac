//! `mcp`: the server for agents over standard input and output.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::{CommandError, database, runtime, settings};
use crate::mcp::records::Records;
use crate::mcp::{Knowledge, stdio};
use crate::settings::database::DatabaseUrl;
use crate::store::{AlertedBot, AuditEntry, Store, StoreError};
use crate::{app, clock, observe};

/// The database of a service, which may run elsewhere, or never have run. It is opened for each call, and only read.
struct ReadOnly(DatabaseUrl);

#[async_trait::async_trait]
impl Records for ReadOnly {
    /// There is no audit here: the log on standard error has each call.
    async fn record(&self, _: &AuditEntry, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn alerted_bots(
        &self,
        since: Timestamp,
        after: Option<&AlertedBot>,
        limit: i64,
    ) -> Result<Vec<AlertedBot>, String> {
        let advice = |error| database::failed(error, &self.0).to_string();
        let store = Store::open_to_read(self.0.expose()).await.map_err(advice)?;
        let bots = store.alerted_bots(since, after, limit).await;
        store.close().await;
        bots.map_err(advice)
    }
}

pub(super) fn run(config: Option<&Path>) -> Result<String, CommandError> {
    let settings = settings(config)?;
    // Standard output belongs to the protocol.
    observe::start_logging(&settings.log, None);
    let answerer = Arc::new(app::answerer(&settings)?);
    let records = Arc::new(ReadOnly(settings.database.url));
    let knowledge = Knowledge::new(answerer, records, clock::now).map_err(anyhow::Error::from)?;
    runtime()?.block_on(stdio::serve(knowledge))?;
    Ok(String::new())
}
