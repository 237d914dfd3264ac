//! What Slack does not take, from its documentation, written down apart from the code under test.

use serde_json::{Value, json};

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
    ("views.open", &["trigger_id", "view"]),
    ("views.update", &["view_id", "view"]),
    ("usergroups.users.list", &["usergroup"]),
];

pub fn violations(method: &str, arguments: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let known = ARGUMENTS.iter().find(|(name, _)| *name == method).map_or(&[][..], |(_, known)| *known);
    for name in arguments.as_object().into_iter().flat_map(|fields| fields.keys()) {
        if !known.contains(&name.as_str()) {
            found.push(format!("{method} has no argument {name}"));
        }
    }
    if ["views.open", "views.update"].contains(&method) {
        found.extend(view_violations(&arguments["view"]).into_iter().map(|what| format!("{method}: {what}")));
        return found;
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
    let charts = blocks.iter().filter(|block| block["type"] == "data_visualization").count();
    if charts > 2 {
        found.push(format!("{charts} charts"));
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
            "data_visualization" => found.extend(chart(block)),
            other => found.push(format!("a block of type {other}")),
        }
    }
    found
}

/// Whether a message has a chart.
pub fn has_chart(arguments: &Value) -> bool {
    let blocks = arguments["blocks"].as_array().map_or(&[][..], Vec::as_slice);
    blocks.iter().any(|block| block["type"] == "data_visualization")
}

/// <https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block>, and fewer segments, series and
/// points where Slack once took fewer.
fn chart(block: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut label = |what: &str, text: &Value, max: usize| {
        let length = text.as_str().unwrap_or_default().chars().count();
        if length == 0 || length > max {
            found.push(format!("{length} characters of the {what} of a chart"));
        }
    };
    label("title", &block["title"], 50);
    let chart = &block["chart"];
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let labels = |points: &[Value]| points.iter().map(|point| point["label"].clone()).collect::<Vec<_>>();
    let (segments, series) = (list(&chart["segments"]), list(&chart["series"]));
    let categories = list(&chart["axis_config"]["categories"]);
    segments.iter().for_each(|segment| label("segment", &segment["label"], 20));
    series.iter().for_each(|one| label("series", &one["name"], 20));
    categories.iter().for_each(|category| label("category", category, 20));
    match chart["type"].as_str().unwrap_or_default() {
        "pie" => {
            if segments.is_empty() || segments.len() > 6 {
                found.push(format!("{} segments of a pie", segments.len()));
            }
            if segments.iter().any(|segment| segment["value"].as_u64().is_none_or(|value| value == 0)) {
                found.push("a segment without a size".to_owned());
            }
        }
        "bar" | "line" | "area" => {
            if series.is_empty() || series.len() > 6 {
                found.push(format!("{} series", series.len()));
            }
            let mut different = categories.clone();
            different.sort_by_key(ToString::to_string);
            different.dedup();
            if different.len() != categories.len() || categories.is_empty() || categories.len() > 20 {
                found.push(format!("{} categories, {} of them different", categories.len(), different.len()));
            }
            for one in &series {
                let points = list(&one["data"]);
                if labels(&points) != categories || points.iter().any(|point| !point["value"].is_u64()) {
                    found.push(format!("points that are not those of the categories: {one}"));
                }
            }
        }
        other => found.push(format!("a chart of type {other}")),
    }
    found
}

fn text(object: &Value, kind: &str, max: usize) -> Option<String> {
    let text = object["text"].as_str().unwrap_or_default();
    let length = text.chars().count();
    (object["type"] != kind || length == 0 || length > max)
        .then(|| format!("{length} characters of {}", object["type"]))
}

/// Whether a modal keeps Slack's limits; what does not. <https://docs.slack.dev/reference/views/modal-views>
fn view_violations(view: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for name in view.as_object().unwrap().keys() {
        if !["type", "title", "blocks", "close", "submit", "private_metadata", "callback_id"]
            .contains(&name.as_str())
        {
            found.push(format!("a view has no member {name}"));
        }
    }
    found.extend(["title", "close"].iter().flat_map(|part| text(&view[part], "plain_text", 24)));
    let has_inputs = view["blocks"].as_array().unwrap().iter().any(|block| block["type"] == "input");
    // A form in which nothing is filled in may be one that is only read.
    if has_inputs || !view["submit"].is_null() {
        found.extend(text(&view["submit"], "plain_text", 24));
    }
    for (part, max) in [("private_metadata", 3000), ("callback_id", 255)] {
        let length = view[part].as_str().unwrap_or_default().chars().count();
        if length == 0 || length > max {
            found.push(format!("{length} characters of {part}"));
        }
    }
    let blocks = view["blocks"].as_array().unwrap();
    let mut ids = Vec::new();
    for block in blocks {
        if block["type"] != "input" {
            found.extend(block_violations(&json!([block])));
            continue;
        }
        ids.push(block["block_id"].as_str().unwrap_or_default());
        found.extend(text(&block["label"], "plain_text", 2000));
        if !block["hint"].is_null() {
            found.extend(text(&block["hint"], "plain_text", 2000));
        }
        found.extend(input_violations(&block["element"]));
    }
    let many = ids.len();
    ids.sort_unstable();
    ids.dedup();
    if blocks.len() > 100 || ids.len() != many || ids.iter().any(|id| id.is_empty() || id.len() > 255) {
        found.push("too many blocks, or ids that are missing, doubled or too long".to_owned());
    }
    found
}

fn input_violations(element: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let most = match element["type"].as_str() {
        Some("radio_buttons") => 10,
        Some("static_select") => 100,
        Some("datetimepicker") => return found,
        Some("plain_text_input") => {
            if element["max_length"].as_u64().is_some_and(|max| max > 3000) {
                found.push("a text of more than 3000 characters".to_owned());
            }
            return found;
        }
        other => return vec![format!("an element of type {other:?}")],
    };
    let options = element["options"].as_array().unwrap();
    if options.is_empty() || options.len() > most {
        found.push(format!("{} options", options.len()));
    }
    found.extend(options.iter().flat_map(|option| text(&option["text"], "plain_text", 75)));
    if options.iter().any(|option| option["value"].as_str().is_none_or(|value| value.chars().count() > 150)) {
        found.push("a value that is missing or too long".to_owned());
    }
    if !element["initial_option"].is_null() && !options.contains(&element["initial_option"]) {
        found.push("an initial option that is not offered".to_owned());
    }
    found
}

/// The payload of a form that is submitted. Fails where Slack would not let a person submit it.
pub fn submission(view: &Value, values: &[(&str, Value)]) -> Value {
    assert!(!view["submit"].is_null(), "there is no button for it: {view}");
    let inputs: Vec<&Value> =
        view["blocks"].as_array().unwrap().iter().filter(|block| block["type"] == "input").collect();
    let known = |block: &str| inputs.iter().any(|input| input["block_id"] == block);
    assert!(values.iter().all(|(block, _)| known(block)), "{values:?} in {view}");
    let mut state = json!({});
    for input in inputs {
        let (block, element) = (input["block_id"].as_str().unwrap(), &input["element"]);
        let given = values.iter().find(|(of, _)| *of == block).map(|(_, value)| value);
        let kind = element["type"].as_str().unwrap();
        let value = match kind {
            "radio_buttons" | "static_select" => {
                let offered = |value: &Value| {
                    let mut options = element["options"].as_array().unwrap().iter();
                    options.find(|option| option["value"] == *value).expect("it is offered").clone()
                };
                let selected = given.map_or_else(|| element["initial_option"].clone(), offered);
                json!({ "type": kind, "selected_option": selected })
            }
            "datetimepicker" => json!({ "type": kind, "selected_date_time": given }),
            "plain_text_input" => {
                let length = given.and_then(Value::as_str).unwrap_or_default().chars().count();
                assert!(length <= usize::try_from(element["max_length"].as_u64().unwrap()).unwrap());
                json!({ "type": kind, "value": given })
            }
            other => panic!("nobody fills in {other}"),
        };
        state[block][element["action_id"].as_str().unwrap()] = value;
    }
    json!({
        "type": "view_submission", "team": { "id": "T1", "domain": "acme" }, "api_app_id": "A1",
        "user": { "id": "U2", "username": "sam", "name": "sam", "team_id": "T1" },
        "trigger_id": "submitted", "view": {
            "id": view["id"], "team_id": "T1", "type": "modal", "callback_id": view["callback_id"],
            "private_metadata": view["private_metadata"], "blocks": view["blocks"], "state": { "values": state },
            "hash": "1795014000.abc", "app_id": "A1", "bot_id": "BBOT",
        },
        "response_urls": [], "is_enterprise_install": false,
    })
}

/// The errors in the acknowledgement of a submission, by block. Slack refuses those of blocks that are no inputs of
/// the form. <https://docs.slack.dev/surfaces/modals#displaying_errors>
pub fn errors(view: &Value, answer: &Value) -> Vec<(String, String)> {
    assert_eq!(answer["response_action"], "errors", "{answer}");
    assert_eq!(answer.as_object().unwrap().len(), 2, "{answer}");
    let blocks = view["blocks"].as_array().unwrap();
    let errors = answer["errors"].as_object().unwrap();
    assert!(!errors.is_empty(), "{answer}");
    let read = |(block, words): (&String, &Value)| {
        let is_input = |of: &&Value| of["block_id"] == *block && of["type"] == "input";
        assert!(blocks.iter().any(|of| is_input(&of)), "{answer}");
        (block.clone(), words.as_str().unwrap().to_owned())
    };
    errors.iter().map(read).collect()
}
