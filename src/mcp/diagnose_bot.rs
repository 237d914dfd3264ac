//! The tool `diagnose_bot`.

use rmcp::model::{CallToolResult, ContentBlock, JsonObject};

use super::arguments::Arguments;
use super::{McpServer, marked};
use crate::diagnosis::bot_id::BotId;
use crate::formats::{json_v1, markdown};
use crate::report::agents;

impl McpServer {
    /// The structured result is the machine output, version 1. The text is the card, with foreign text marked.
    pub(super) async fn diagnose_bot(
        &self,
        name: &'static str,
        arguments: Option<JsonObject>,
    ) -> Result<CallToolResult, String> {
        let asked = read(name, arguments);
        let about = asked.as_ref().map(|(bot, _)| bot.to_string()).unwrap_or_default();
        let knowledge = &self.knowledge;
        let work = async {
            let (bot, host_was_present) = asked?;
            let answerer = &knowledge.answerer;
            let case = answerer.case_file(bot, host_was_present, (knowledge.clock)()).await?;
            let report = answerer.report(&case);
            let recurrence = knowledge.records.recurrence(bot, &report).await;
            let shown = marked::unknown_codes(answerer.compose(&marked::names(&case)));
            let shown = shown.with_recurrence(recurrence.clone().map(marked::value));
            let report = report.with_recurrence(recurrence);
            let object = json_v1::object(&report).map_err(|error| error.to_string())?;
            let card = markdown::report(&shown, agents::HOW_TO_ANSWER);
            let text = format!("{}\n\n{card}", agents::MARKED_TEXT_IS_DATA);
            let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
            result.structured_content = Some(object);
            Ok(result)
        };
        self.perform(name, &about, work).await
    }
}

fn read(name: &str, arguments: Option<JsonObject>) -> Result<(BotId, Option<bool>), String> {
    let arguments = Arguments::new(name, &["bot", "host_was_present"], arguments)?;
    Ok((arguments.bot()?, arguments.flag("host_was_present")?))
}
