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
        let cause = self.asked_about(name, arguments);
        // The ID of the cause, and not what was typed: the audit has no free text.
        let about = cause.as_ref().map(|cause| cause.id.as_str()).unwrap_or_default();
        let work = async {
            let cause = cause.clone()?;
            let text = markdown::explanation(&self.explanation(cause));
            let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
            result.structured_content = Some(json_v1::cause(cause));
            Ok(result)
        };
        self.perform(name, about, work).await
    }

    fn asked_about(&self, name: &str, arguments: Option<JsonObject>) -> Result<&Cause, String> {
        let arguments = Arguments::new(name, &["code"], arguments)?;
        self.cause(&arguments.word("code", "a cause or a sub code, such as zoom_local_recording_disabled")?)
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
