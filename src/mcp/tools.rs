//! The tools: names, schemas and hints.

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};

use crate::diagnosis::vocabulary::vocabulary;
use crate::report::agents;

vocabulary! {
    /// A tool. Its name is part of the interface.
    ToolName {
        /// Diagnoses a bot.
        DiagnoseBot = "diagnose_bot",
        /// Explains a cause.
        ExplainCause = "explain_cause",
        /// Lists what failed.
        RecentFailures = "recent_failures",
        /// Counts how often it failed for the same customer, host or meeting.
        Recurrence = "recurrence",
    }
}

/// The descriptions of all tools, as agents get them.
pub(super) struct Tools(Vec<Tool>);

impl Tools {
    /// The tools that this program carries.
    pub(super) fn embedded() -> Result<Self, serde_json::Error> {
        ToolName::ALL.iter().map(|name| name.described()).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn all(&self) -> Vec<Tool> {
        self.0.clone()
    }

    pub(super) fn named(&self, name: &str) -> Option<Tool> {
        self.0.iter().find(|tool| tool.name == name).cloned()
    }
}

impl ToolName {
    fn described(self) -> Result<Tool, serde_json::Error> {
        let (title, description, input, output) = match self {
            Self::DiagnoseBot => (
                "Diagnose a bot",
                agents::DIAGNOSE_BOT,
                include_str!("schema/diagnose_bot.input.json"),
                include_str!("schema/diagnose_bot.output.json"),
            ),
            Self::ExplainCause => (
                "Explain a cause",
                agents::EXPLAIN_CAUSE,
                include_str!("schema/explain_cause.input.json"),
                include_str!("schema/explain_cause.output.json"),
            ),
            Self::RecentFailures => (
                "List recent failures",
                agents::RECENT_FAILURES,
                include_str!("schema/recent_failures.input.json"),
                include_str!("schema/recent_failures.output.json"),
            ),
            Self::Recurrence => (
                "Count failures that repeat",
                agents::RECURRENCE,
                include_str!("schema/recurrence.input.json"),
                include_str!("schema/recurrence.output.json"),
            ),
        };
        let hints = ToolAnnotations::with_title(title)
            .read_only(true)
            .destructive(false)
            .idempotent(true)
            .open_world(self.leaves_the_service());
        let input: JsonObject = serde_json::from_str(input)?;
        let tool = Tool::new(self.as_str(), description, input)
            .with_title(title)
            .with_raw_output_schema(Arc::new(serde_json::from_str(output)?))
            .with_annotations(hints);
        Ok(tool)
    }

    /// Returns `true` if the tool asks Recall.ai about a meeting, which changes and which others write in. The rest is
    /// in the program and its database.
    const fn leaves_the_service(self) -> bool {
        matches!(self, Self::DiagnoseBot)
    }
}
