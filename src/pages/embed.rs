//! What Discord shows instead of a link to a page: a component embed.
//! <https://docs.discord.com/developers/link-previews/component-embeds>
//!
//! The page links to it, because a page of ours has no script element, not even for data. It has no drawing: Discord
//! shows no SVG.

use serde_json::{Value, json};

use super::spans::Span;
use super::{Language, Links, Pages};
use crate::diagnosis::catalogue::Cause;
use crate::report::host_page::steps_with_pictures;

/// Most bytes of the JSON.
const BYTES_MAX: usize = 3_000;

// Types of components: <https://docs.discord.com/developers/components/reference>
const ACTION_ROW: u8 = 1;
const BUTTON: u8 = 2;
const TEXT_DISPLAY: u8 = 10;
const CONTAINER: u8 = 17;
/// The style of a button that leads to an address, the only one that is allowed here.
const LINK: u8 = 5;

/// The name of the embed of a cause, from where the pages are.
pub(super) fn file(cause: &Cause, language: Language) -> String {
    format!("{}/embed.json?lang={language}", cause.id)
}

/// The embed of a page: what happened, what to do, and a button that leads to the page. `None` if nobody knows the
/// address of the page, or it is so long that nothing fits.
pub(super) fn component_embed(
    pages: &Pages,
    cause: &Cause,
    language: Language,
    links: Links<'_>,
) -> Option<String> {
    let address = links.address(&links.page(cause.id.as_str(), language))?;
    let content = pages.content(cause, language);
    let happened = format!("## {}\n{}", escape(&content.title), escape(&content.happened));
    let steps = content.steps.iter().enumerate();
    let steps: Vec<String> =
        steps.map(|(index, step)| format!("{}. {}", index + 1, markdown(step))).collect();
    let button =
        json!({ "type": BUTTON, "style": LINK, "label": steps_with_pictures(language), "url": address });
    let button = json!({ "type": ACTION_ROW, "components": [button] });
    let whole = container(&[text(&happened), text(&steps.join("\n")), button.clone()]);
    // The page has the steps in any case.
    let brief = container(&[text(&happened), button]);
    [whole, brief].into_iter().find(|json| json.len() <= BYTES_MAX)
}

fn text(content: &str) -> Value {
    json!({ "type": TEXT_DISPLAY, "content": content })
}

fn container(components: &[Value]) -> String {
    json!({ "component": { "type": CONTAINER, "components": components } }).to_string()
}

fn markdown(spans: &[Span]) -> String {
    let text = |span: &Span| match (span.is_label, span.is_foreign) {
        (false, _) => escape(&span.text),
        (true, false) => format!("**{}**", escape(&span.text)),
        (true, true) => format!("**“{}”** ({})", escape(&span.text), escape(&span.translation)),
    };
    spans.iter().map(text).collect()
}

/// Escapes what Discord would read as mark-up.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '*' | '_' | '~' | '`' | '|' | '[' | ']' | '<') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
