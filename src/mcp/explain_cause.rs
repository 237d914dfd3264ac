//! The tool `explain_cause`.

use rmcp::model::{CallToolResult, ContentBlock, JsonObject};

use super::McpServer;
use super::arguments::Arguments;
use crate::diagnosis::catalogue::Cause;
use crate::formats::{json_v1, markdown};
use crate::report::{Explanation, agents, did_you_mean};

impl McpServer {
    pub(super) async fn explain_cause(
        &self,
        name: &'static str,
        arguments: Option<JsonObject>,
    ) -> Result<CallToolResult, String> {
        let arguments = Arguments::new(name, &["code"], arguments)?;
        let code = arguments.word("code", "a cause or a sub code, such as zoom_local_recording_disabled")?;
        let cause = self.cause(&code)?;
        // The ID of the cause, and not what was typed: the audit has no free text.
        self.perform(name, cause.id.as_str(), async {
            let text = markdown::explanation(&self.explanation(cause));
            let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
            result.structured_content = Some(json_v1::cause(cause));
            Ok(result)
        })
        .await
    }

    /// Finds a cause by its ID or a sub code.
    pub(super) fn cause(&self, code: &str) -> Result<&Cause, String> {
        let found = self.knowledge.answerer.catalogue.find(code);
        found.map_err(|near| agents::not_in_the_catalogue(code, did_you_mean(&near).as_deref()))
    }

    pub(super) fn explanation(&self, cause: &Cause) -> Explanation {
        Explanation::of(cause).with_host_page(cause, self.knowledge.answerer.public_url.as_deref())
    }
}
