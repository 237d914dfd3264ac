//! `mcp`: the server for agents over standard input and output.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::{CommandError, database, runtime, settings};
use crate::answer::Answerer;
use crate::diagnosis::bot_id::BotId;
use crate::mcp::records::Records;
use crate::mcp::{Knowledge, stdio};
use crate::recurrence::count::Counted;
use crate::report::Report;
use crate::report::recurrence::Recurrence;
use crate::settings::database::DatabaseUrl;
use crate::store::{AlertedBot, AuditEntry, Store, StoreError};
use crate::{app, clock, observe, watch};

/// The database of a service, which may run elsewhere, or never have run. It is opened for each call, and only read.
struct ReadOnly {
    url: DatabaseUrl,
    answerer: Arc<Answerer>,
    recurrence_keys: Vec<String>,
}

impl ReadOnly {
    fn advice(&self, error: StoreError) -> String {
        database::failed(error, &self.url).to_string()
    }

    async fn open(&self) -> Result<Store, String> {
        Store::open_to_read(self.url.expose()).await.map_err(|error| self.advice(error))
    }
}

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
        let store = self.open().await?;
        let bots = store.alerted_bots(since, after, limit).await;
        store.close().await;
        bots.map_err(|error| self.advice(error))
    }

    async fn counted(&self, bot: BotId) -> Result<Counted, String> {
        let store = self.open().await?;
        let counted =
            watch::counted(&store, &self.answerer.catalogue, &self.recurrence_keys, bot, None).await;
        store.close().await;
        counted.map_err(|error| self.advice(error))
    }

    /// A diagnosis needs no database here, as that of the command line.
    async fn recurrence(&self, _: BotId, _: &Report) -> Option<Recurrence> {
        None
    }
}

pub(super) fn run(config: Option<&Path>) -> Result<String, CommandError> {
    let settings = settings(config)?;
    // Standard output belongs to the protocol.
    observe::start_logging(&settings.log, None);
    let answerer = Arc::new(app::answerer(&settings)?);
    let records = ReadOnly {
        url: settings.database.url,
        answerer: answerer.clone(),
        recurrence_keys: settings.alerts.recurrence_keys,
    };
    let knowledge = Knowledge::new(answerer, Arc::new(records), clock::now).map_err(anyhow::Error::from)?;
    runtime()?.block_on(stdio::serve(knowledge))?;
    Ok(String::new())
}
