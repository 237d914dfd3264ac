//! What Slack does not take, from its documentation, written down apart from the code under test.

use serde_json::Value;

/// Arguments that each method knows. Slack ignores others; a typing mistake should not pass here.
const ARGUMENTS: &[(&str, &[&str])] = &[
    (
        "chat.postMessage",
        &["channel", "thread_ts", "text", "blocks", "parse", "unfurl_links", "unfurl_media", "metadata"],
    ),
    ("chat.update", &["channel", "ts", "text", "blocks", "parse"]),
    ("chat.postEphemeral", &["channel", "user", "thread_ts", "text", "blocks", "parse"]),
    ("response_url", &["response_type", "replace_original", "text", "blocks", "parse"]),
    ("conversations.history", &["channel", "oldest", "limit", "include_all_metadata"]),
    ("conversations.replies", &["channel", "ts", "oldest", "limit", "include_all_metadata"]),
    ("chat.unfurl", &["channel", "ts", "unfurls"]),
    ("views.publish", &["user_id", "view"]),
    ("users.conversations", &["user", "types", "exclude_archived", "limit", "cursor"]),
    ("auth.test", &[]),
];

pub fn violations(method: &str, arguments: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let known = ARGUMENTS.iter().find(|(name, _)| *name == method).map_or(&[][..], |(_, known)| *known);
    for name in arguments.as_object().into_iter().flat_map(|fields| fields.keys()) {
        if !known.contains(&name.as_str()) {
            found.push(format!("{method} has no argument {name}"));
        }
    }
    if !arguments["blocks"].is_array() {
        return found;
    }
    let text = arguments["text"].as_str().unwrap_or_default();
    let parse = Parse::of(method, arguments["parse"].as_str());
    found.extend(
        parse
            .alive(text)
            .into_iter()
            .filter(|part| !part.starts_with('<'))
            .map(|part| format!("{method}: {part:?} in the text comes alive")),
    );
    if parse != Parse::None {
        found.push(format!("{method}: names and addresses are looked for in the text"));
    }
    if text.is_empty() || text.chars().count() > 4000 {
        found.push(format!("{method}: a text of {} characters beside the blocks", text.chars().count()));
    }
    found.extend(block_violations(&arguments["blocks"]).into_iter().map(|what| format!("{method}: {what}")));
    found
}

/// What Slack looks for in the text of a message. <https://docs.slack.dev/reference/methods/chat.postMessage#formatting>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parse {
    /// Its own marks alone: what stands in angle brackets.
    None,
    /// Addresses as well; what nobody asked for is `chat.update`'s `client`, which finds names too.
    Addresses,
    Client,
    /// Addresses and names, and no marks.
    Full,
}

impl Parse {
    fn of(method: &str, argument: Option<&str>) -> Self {
        match (argument, method) {
            (Some("none"), _) => Self::None,
            (Some("full"), _) => Self::Full,
            (_, "chat.update") => Self::Client,
            _ => Self::Addresses,
        }
    }

    /// What of a text pings somebody or leads somewhere.
    pub fn alive(self, text: &str) -> Vec<String> {
        let mut alive = Vec::new();
        let mut rest = text;
        while let Some((before, inner)) = rest.split_once('<').filter(|_| self != Self::Full) {
            let Some((inner, after)) = inner.split_once('>') else { break };
            alive.extend(self.found_in(before));
            alive.push(format!("<{inner}>"));
            rest = after;
        }
        alive.extend(self.found_in(rest));
        alive
    }

    fn found_in(self, text: &str) -> Vec<String> {
        let is_address = |word: &str| word.contains("://") || word.to_lowercase().starts_with("www.");
        let is_name = |word: &str| word.len() > 1 && word.starts_with(['@', '#']);
        text.split(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | '"'))
            .filter(|word| {
                self != Self::None && (is_address(word) || self != Self::Addresses && is_name(word))
            })
            .map(ToOwned::to_owned)
            .collect()
    }
}

/// Whether blocks keep Slack's limits; what does not.
pub fn block_violations(blocks: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let blocks = blocks.as_array().unwrap();
    if blocks.len() > 50 {
        found.push(format!("{} blocks", blocks.len()));
    }
    for block in blocks {
        let kind = block["type"].as_str().unwrap_or("no type");
        match kind {
            "header" => found.extend(text(&block["text"], "plain_text", 150)),
            "section" => found.extend(text(&block["text"], "mrkdwn", 3000)),
            "context" => {
                let elements = block["elements"].as_array().unwrap();
                if elements.is_empty() || elements.len() > 10 {
                    found.push(format!("{} elements in a context", elements.len()));
                }
                found.extend(elements.iter().flat_map(|element| text(element, "mrkdwn", 3000)));
            }
            "rich_text" => {
                let inner = block["elements"][0]["elements"][0]["text"].as_str().unwrap_or_default();
                if inner.is_empty() || inner.chars().count() > 3000 {
                    found.push(format!("{} characters of rich text", inner.chars().count()));
                }
            }
            "actions" => {
                let elements = block["elements"].as_array().unwrap();
                if elements.is_empty() || elements.len() > 25 {
                    found.push(format!("{} buttons", elements.len()));
                }
                let mut ids: Vec<&str> = elements.iter().filter_map(|e| e["action_id"].as_str()).collect();
                ids.sort_unstable();
                ids.dedup();
                if ids.len() != elements.len() || ids.iter().any(|id| id.len() > 255) {
                    found.push("ids of buttons that are missing, doubled or too long".to_owned());
                }
                found.extend(elements.iter().flat_map(|element| text(&element["text"], "plain_text", 75)));
            }
            other => found.push(format!("a block of type {other}")),
        }
    }
    found
}

fn text(object: &Value, kind: &str, max: usize) -> Option<String> {
    let text = object["text"].as_str().unwrap_or_default();
    let length = text.chars().count();
    (object["type"] != kind || length == 0 || length > max)
        .then(|| format!("{length} characters of {}", object["type"]))
}
