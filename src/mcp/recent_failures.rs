//! The tool `recent_failures`.

use jiff::{SignedDuration, Timestamp};
use rmcp::model::{CallToolResult, ContentBlock, JsonObject};
use serde_json::json;

use super::McpServer;
use super::arguments::Arguments;
use crate::alerts::lifecycle::LastAlert;
use crate::formats::markdown::escape;
use crate::report::alert::AlertState;
use crate::report::{agents, format_utc};
use crate::store::AlertedBot;

/// Hours that are looked back by default, and at most: a week.
const HOURS: (u32, u32) = (24, 7 * 24);
/// Bots that are listed by default, and at most.
const BOTS: (u32, u32) = (20, 100);
/// Rows that are read at a time: alerts that were resolved since are passed over.
const SLICE: i64 = 200;

/// A bot that failed, or is about to.
struct Failure {
    stored: AlertedBot,
    alert: LastAlert,
}

impl McpServer {
    pub(super) async fn recent_failures(
        &self,
        name: &'static str,
        arguments: Option<JsonObject>,
    ) -> Result<CallToolResult, String> {
        let now = (self.knowledge.clock)();
        self.perform(name, "", async {
            let arguments = Arguments::new(name, &["since_hours", "limit"], arguments)?;
            let hours = arguments.whole("since_hours", 1..=HOURS.1, HOURS.0)?;
            let limit = arguments.whole("limit", 1..=BOTS.1, BOTS.0)?;
            let since = now - SignedDuration::from_hours(hours.into());
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let mut failures = self.failures(since, limit + 1).await?;
            let more = failures.len() > limit;
            failures.truncate(limit);
            Ok(result(&failures, since, hours, more))
        })
        .await
    }

    /// Reads the latest failures until there are enough.
    async fn failures(&self, since: Timestamp, enough: usize) -> Result<Vec<Failure>, String> {
        let (mut failures, mut last) = (Vec::new(), None);
        loop {
            let stored = self.knowledge.records.alerted_bots(since, last.as_ref(), SLICE).await?;
            let is_last = i64::try_from(stored.len()).is_ok_and(|many| many < SLICE);
            last = stored.last().cloned();
            failures.extend(stored.into_iter().filter_map(Failure::of));
            if is_last || failures.len() >= enough {
                failures.truncate(enough);
                return Ok(failures);
            }
        }
    }
}

impl Failure {
    /// A bot that recorded after all, or about which nothing is to be done, is no failure.
    fn of(stored: AlertedBot) -> Option<Self> {
        let alert: LastAlert = serde_json::from_str(&stored.last_alert).ok()?;
        matches!(alert.state, AlertState::Failed | AlertState::Warning).then_some(Self { stored, alert })
    }
}

fn result(failures: &[Failure], since: Timestamp, hours: u32, more: bool) -> CallToolResult {
    let mut text = agents::failures(failures.len(), hours, more);
    let mut objects = Vec::with_capacity(failures.len());
    for Failure { stored, alert } in failures {
        let at = format_utc(stored.last_event_at);
        let (bot, state, title) = (&stored.bot, alert.state.as_str(), escape(&alert.title));
        text.push_str(&format!("\n- {at} UTC · `{bot}` · {state} · {title} (`{}`)", alert.cause));
        objects.push(json!({
            "bot_id": bot,
            "workspace": stored.workspace,
            "state": state,
            "cause": alert.cause,
            "title": alert.title,
            "last_event_at": stored.last_event_at.to_string(),
        }));
    }
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content =
        Some(json!({ "since": since.to_string(), "failures": objects, "more": more }));
    result
}
