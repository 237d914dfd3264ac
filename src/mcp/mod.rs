//! A server of the Model Context Protocol: what chat answers, for AI agents. Read only.
//!
//! The protocol is rmcp's. This module has the tools, the catalogue as resources, and a prompt. They use the flow of
//! chat ([`Answerer`]), so its limits and its privacy hold. [`http::McpEndpoint`] serves it behind bearer tokens, and
//! [`stdio::serve`] to the process that started us.

mod arguments;
mod diagnose_bot;
mod explain_cause;
mod handler;
pub mod http;
mod marked;
mod prompt;
mod recent_failures;
pub mod records;
mod recurrence;
mod resources;
pub mod stdio;
mod tools;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::Timestamp;
use tracing::Instrument;
use uuid::Uuid;

use crate::answer::Answerer;
use crate::pages::{Pages, PagesError};
use crate::report::{agents, notices};
use crate::store::AuditEntry;
use records::Records;
use tools::Tools;

/// Time for one call, as for a question in chat.
const CALL_TIMEOUT: Duration = Duration::from_secs(50);

/// What the server knows, shared by all callers.
pub struct Knowledge {
    answerer: Arc<Answerer>,
    pages: Pages,
    tools: Tools,
    records: Arc<dyn Records>,
    clock: fn() -> Timestamp,
}

/// A fault in what the program carries.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// The pages for hosts can't be read.
    #[error(transparent)]
    Pages(#[from] PagesError),
    /// The schema of a tool is no JSON object.
    #[error("the schema of a tool: {0}")]
    Schema(#[from] serde_json::Error),
}

impl Knowledge {
    /// Puts it together. `records` is what the service stored.
    ///
    /// # Errors
    /// Never for a program that passed its tests.
    pub fn new(
        answerer: Arc<Answerer>,
        records: Arc<dyn Records>,
        clock: fn() -> Timestamp,
    ) -> Result<Self, KnowledgeError> {
        Ok(Self { answerer, pages: Pages::embedded()?, tools: Tools::embedded()?, records, clock })
    }
}

/// The server as one caller sees it.
#[derive(Clone)]
pub struct McpServer {
    knowledge: Arc<Knowledge>,
    /// The name of the caller's token, for the audit.
    caller: Arc<str>,
}

impl McpServer {
    /// The server for the holder of the token with this name.
    #[must_use]
    pub fn new(knowledge: Arc<Knowledge>, caller: &str) -> Self {
        Self { knowledge, caller: caller.into() }
    }

    /// Does what a caller asked for: writes the audit entry first, limits the time, and survives a panic.
    ///
    /// `call` names the kind of call, `about` what it is about, without free text.
    ///
    /// # Errors
    /// Returns the advice for the caller.
    async fn perform<T>(
        &self,
        call: &'static str,
        about: &str,
        work: impl Future<Output = Result<T, String>>,
    ) -> Result<T, String> {
        let action = format!("{call} {about}").trim_end().to_owned();
        let span = tracing::info_span!("mcp call", call);
        let done = AssertUnwindSafe(async {
            self.audit(action).await?;
            work.await
        });
        let done = tokio::time::timeout(CALL_TIMEOUT, done.catch_unwind().instrument(span)).await;
        let done = match done {
            Ok(Ok(done)) => done,
            Ok(Err(_)) | Err(_) => {
                let timed_out = done.is_err();
                tracing::error!(call, timed_out, "MCP call failed.");
                Err(notices::GAVE_UP.to_owned())
            }
        };
        let result = if done.is_ok() { "ok" } else { "error" };
        metrics::counter!("wnr_mcp_calls_total", "call" => call, "result" => result).increment(1);
        tracing::info!(token = %self.caller, call, result, "MCP call answered.");
        done
    }

    async fn audit(&self, action: String) -> Result<(), String> {
        let entry = AuditEntry {
            delivery_id: format!("mcp/{}", Uuid::new_v4()),
            chat: "mcp",
            user_id: self.caller.to_string(),
            channel: String::new(),
            action,
            allowed: true,
        };
        self.knowledge.records.record(&entry, (self.knowledge.clock)()).await.map_err(|error| {
            tracing::error!(%error, "MCP call not answered: no audit entry.");
            agents::NOT_AUDITED.to_owned()
        })
    }
}
