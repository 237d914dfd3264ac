//! Answers the methods of the protocol.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, GetPromptRequestParams,
    GetPromptResponse, Implementation, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};

use super::tools::ToolName;
use super::{McpServer, prompt, resources};
use crate::report::agents;

type Context = RequestContext<RoleServer>;
type Page = Option<PaginatedRequestParams>;

impl ServerHandler for McpServer {
    fn get_info(&self) -> ServerConfig {
        let capabilities =
            ServerCapabilities::builder().enable_tools().enable_resources().enable_prompts().build();
        let us = Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
            .with_title("Why no recording?")
            .with_description(env!("CARGO_PKG_DESCRIPTION"));
        ServerConfig::new(capabilities).with_server_info(us).with_instructions(agents::INSTRUCTIONS)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.knowledge.tools.named(name)
    }

    async fn list_tools(&self, _: Page, _: Context) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.knowledge.tools.all()))
    }

    /// What is wrong with a call is a result that the agent reads, as the protocol wants it. Only a tool that isn't
    /// there is an error of the protocol.
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        let tool = ToolName::from_word(&request.name)
            .ok_or_else(|| ErrorData::invalid_params("There is no tool with this name.", None))?;
        let (name, arguments) = (tool.as_str(), request.arguments);
        let result = match tool {
            ToolName::DiagnoseBot => self.diagnose_bot(name, arguments).await,
            ToolName::ExplainCause => self.explain_cause(name, arguments).await,
            ToolName::RecentFailures => self.recent_failures(name, arguments).await,
            ToolName::Recurrence => self.recurrence(name, arguments).await,
        };
        let result = result.unwrap_or_else(|advice| CallToolResult::error(vec![ContentBlock::text(advice)]));
        Ok(result.into())
    }

    async fn list_resources(&self, _: Page, _: Context) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(vec![resources::list()]))
    }

    async fn list_resource_templates(
        &self,
        _: Page,
        _: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(vec![resources::template()]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        match self.read(&request.uri).await {
            Some(Ok(result)) => Ok(result.into()),
            Some(Err(advice)) => Err(ErrorData::internal_error(advice, None)),
            None => {
                let address = serde_json::json!({ "uri": request.uri });
                Err(ErrorData::resource_not_found(resources::not_there(), Some(address)))
            }
        }
    }

    async fn list_prompts(&self, _: Page, _: Context) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(vec![prompt::described()]))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        if request.name != prompt::NAME {
            return Err(ErrorData::invalid_params("There is no prompt with this name.", None));
        }
        let written = self.write_to_the_host(request.arguments).await;
        written.map(Into::into).map_err(|advice| ErrorData::invalid_params(advice, None))
    }
}
