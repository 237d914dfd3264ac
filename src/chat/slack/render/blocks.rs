//! Blocks, each within the limits that Slack documents.
//! <https://docs.slack.dev/reference/block-kit/blocks>

use serde_json::{Value, json};

use super::super::mrkdwn::clip;
use crate::chat::action::Action;

/// Blocks in a message.
pub const BLOCKS_MAX: usize = 50;
/// Characters in the text of a section.
pub const SECTION_MAX: usize = 3000;
/// Characters in a header.
pub const HEADER_MAX: usize = 150;
/// Characters in one element of a context block; a text object takes no more.
pub const CONTEXT_MAX: usize = 3000;
/// Characters on a button.
pub const BUTTON_MAX: usize = 75;
/// Characters in the address of a button.
pub const URL_MAX: usize = 3000;
/// Characters in the text beside the blocks. Slack takes ten times as many and advises these.
pub const TEXT_MAX: usize = 4000;

pub(super) fn header(text: &str) -> Value {
    json!({ "type": "header", "text": { "type": "plain_text", "text": clip(text, HEADER_MAX), "emoji": false } })
}

/// `text` is mark-up whose foreign parts are escaped. Addresses in it are not made into links.
pub(super) fn section(text: &str) -> Value {
    json!({ "type": "section", "text": mrkdwn(&clip(text, SECTION_MAX)) })
}

/// Small print; the same rules as for [`section`].
pub(super) fn context(text: &str) -> Value {
    json!({ "type": "context", "elements": [mrkdwn(&clip(text, CONTEXT_MAX))] })
}

/// Text that is copied exactly as it is shown.
pub(super) fn preformatted(text: &str) -> Value {
    let text = clip(text, SECTION_MAX);
    json!({ "type": "rich_text", "elements": [
        { "type": "rich_text_preformatted", "elements": [{ "type": "text", "text": text }] },
    ] })
}

/// The buttons of a report, and the link to the dashboard.
pub(super) fn buttons(actions: &[Action], dashboard: Option<&str>) -> Option<Value> {
    let label = |text: &str| json!({ "type": "plain_text", "text": clip(text, BUTTON_MAX), "emoji": false });
    let mut elements: Vec<Value> = actions
        .iter()
        .map(|action| json!({ "type": "button", "text": label(action.label()), "action_id": action.id() }))
        .collect();
    if let Some(url) = dashboard.filter(|url| url.chars().count() <= URL_MAX) {
        let id = "wnr:dashboard";
        elements.push(
            json!({ "type": "button", "text": label("Open in Recall.ai"), "url": url, "action_id": id }),
        );
    }
    (!elements.is_empty()).then(|| json!({ "type": "actions", "elements": elements }))
}

fn mrkdwn(text: &str) -> Value {
    json!({ "type": "mrkdwn", "text": text, "verbatim": true })
}
