//! The tool `recurrence`.

use rmcp::model::{CallToolResult, ContentBlock, JsonObject};
use serde_json::json;

use super::arguments::Arguments;
use super::{McpServer, marked};
use crate::diagnosis::bot_id::BotId;
use crate::formats::{json_v1, markdown};
use crate::recurrence::count::Counted;
use crate::report::agents;
use crate::report::recurrence::Recurrence;

impl McpServer {
    pub(super) async fn recurrence(
        &self,
        name: &'static str,
        arguments: Option<JsonObject>,
    ) -> Result<CallToolResult, String> {
        let bot = Arguments::new(name, &["bot"], arguments).and_then(|arguments| arguments.bot());
        let about = bot.as_ref().map(ToString::to_string).unwrap_or_default();
        let work = async {
            let bot = bot?;
            result(bot, &self.knowledge.records.counted(bot).await?).map_err(|error| error.to_string())
        };
        self.perform(name, &about, work).await
    }
}

fn result(bot: BotId, counted: &Counted) -> Result<CallToolResult, serde_json::Error> {
    let (state, text, again) = match counted {
        Counted::NoFailure => ("no_failure", agents::NO_FAILURE.to_owned(), None),
        Counted::NoKey => ("not_counted", agents::NOT_COUNTED.to_owned(), None),
        Counted::First => ("first_time", agents::FIRST_TIME.to_owned(), None),
        Counted::Again(recurrence) => ("again", said(recurrence), Some(recurrence)),
    };
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(json!({
        "bot_id": bot.to_string(),
        "state": state,
        "recurrence": again.map(|recurrence| json_v1::recurrence(recurrence)).transpose()?,
        "recall_report": again.and_then(|recurrence| recurrence.vendor_report.as_deref()),
    }));
    Ok(result)
}

/// The words of the card, with foreign text marked.
fn said(recurrence: &Recurrence) -> String {
    let shown = marked::value(recurrence.clone());
    format!("{}\n\n{}", agents::MARKED_TEXT_IS_DATA, markdown::recurrence(&shown))
}
