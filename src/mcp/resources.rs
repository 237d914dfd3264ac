//! The catalogue as resources: a list of all causes, and one page for each.

use rmcp::model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate};

use super::McpServer;
use crate::diagnosis::catalogue::Catalogue;
use crate::formats::markdown::{self, escape};
use crate::report::agents;

/// The list of all causes.
const LIST: &str = "why-no-recording://catalogue";
/// What stands before the ID of a cause.
const CAUSE: &str = "why-no-recording://catalogue/";
const MARKDOWN: &str = "text/markdown";

pub(super) fn list() -> Resource {
    Resource::new(LIST, "catalogue")
        .with_title("All causes")
        .with_description("Every cause of a missing recording: its ID, who can fix it, and its title.")
        .with_mime_type(MARKDOWN)
}

pub(super) fn template() -> ResourceTemplate {
    ResourceTemplate::new(format!("{CAUSE}{{cause}}"), "cause")
        .with_title("One cause")
        .with_description("What a cause means and how to fix it, by its ID or a sub code of Recall.ai.")
        .with_mime_type(MARKDOWN)
}

impl McpServer {
    /// Reads a resource; `None` if there is none at this address.
    pub(super) async fn read(&self, uri: &str) -> Option<Result<ReadResourceResult, String>> {
        let (about, text) = if uri == LIST {
            ("", catalogue(&self.knowledge.answerer.catalogue))
        } else {
            let cause = self.cause(uri.strip_prefix(CAUSE)?).ok()?;
            (cause.id.as_str(), markdown::explanation(&self.explanation(cause)))
        };
        let contents = ResourceContents::text(text, uri).with_mime_type(MARKDOWN);
        Some(self.perform("resource", about, async { Ok(ReadResourceResult::new(vec![contents])) }).await)
    }
}

/// Says that there is no resource at an address.
pub(super) fn not_there() -> String {
    agents::wrong_argument("uri", &format!("{LIST}, or {CAUSE} followed by the ID of a cause"))
}

fn catalogue(catalogue: &Catalogue) -> String {
    let mut text = "# Causes\n\n| cause | who can fix it | title |\n|---|---|---|\n".to_owned();
    for cause in catalogue.causes() {
        text.push_str(&format!(
            "| [`{0}`]({CAUSE}{0}) | {1} | {2} |\n",
            cause.id,
            cause.actor,
            escape(&cause.title)
        ));
    }
    text
}
