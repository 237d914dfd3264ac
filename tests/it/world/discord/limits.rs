//! What Discord does not take, from its documentation, written down apart from the code under test.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

/// Discord's own description of the requests that we make.
static DESCRIPTION: LazyLock<Validator> = LazyLock::new(|| {
    let schema = include_str!("../../../reference/discord_requests.schema.json");
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
});

/// What does not fit Discord's description of a request to this path.
pub fn unlike_the_description(path: &str, body: &Value) -> Vec<String> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let request = match parts.as_slice() {
        ["interactions", .., "callback"] => "callback",
        ["webhooks", _, _] => "webhook_post",
        ["webhooks", ..] | ["channels", _, "messages", _] => "webhook_edit",
        ["channels", _, "messages"] => "message_create",
        ["channels", .., "threads"] => "thread",
        ["channels", _] => "thread_change",
        ["applications", .., "commands"] => "commands",
        _ => return vec![format!("no description of {path}")],
    };
    DESCRIPTION.iter_errors(&json!({ request: body })).map(|fault| format!("{path}: {fault:.300}")).collect()
}

pub fn violations(path: &str, body: &Value) -> Vec<String> {
    let body = if path.ends_with("/callback") { &body["data"] } else { body };
    if body.get("content").is_none() && body.get("embeds").is_none() {
        return Vec::new();
    }
    let found = std::cell::RefCell::new(Vec::new());
    let limit = |what: &str, text: &Value, min: usize, max: usize| {
        let length = text.as_str().unwrap_or_default().chars().count();
        if length < min || length > max {
            found.borrow_mut().push(format!("{path}: {length} characters of {what}"));
        }
        length
    };
    let content = limit("content", &body["content"], 0, 2000);
    let embeds = body["embeds"].as_array().cloned().unwrap_or_default();
    let mut total = 0;
    for embed in &embeds {
        // Either may be missing, and what is there may not be empty.
        if !embed["title"].is_null() {
            total += limit("an embed's title", &embed["title"], 1, 256);
        }
        total += limit("an embed's description", &embed["description"], 1, 4096);
    }
    let rows = body["components"].as_array().cloned().unwrap_or_default();
    for row in &rows {
        let buttons = row["components"].as_array().cloned().unwrap_or_default();
        for button in &buttons {
            limit("a component's id", &button["custom_id"], 0, 100);
            if button["type"] == 3 {
                let chosen = button["options"].as_array().unwrap().iter();
                if buttons.len() > 1 || chosen.filter(|option| option["default"] == true).count() > 1 {
                    found.borrow_mut().push(format!("{path}: a menu beside others, or with two defaults"));
                }
                continue;
            }
            limit("a button", &button["label"], 1, 80);
        }
        if buttons.is_empty() || buttons.len() > 5 {
            found.borrow_mut().push(format!("{path}: {} buttons in a row", buttons.len()));
        }
    }
    if total > 6000 || embeds.len() > 10 || rows.len() > 5 {
        found.borrow_mut().push(format!(
            "{path}: {total} characters in {} embeds, {} rows",
            embeds.len(),
            rows.len()
        ));
    }
    if content == 0 && embeds.is_empty() {
        found.borrow_mut().push(format!("{path}: an empty message"));
    }
    // In a change it says which ones stay.
    if path.contains("/messages/") && body.get("attachments").is_some() {
        found.borrow_mut().push(format!("{path}: attachments are taken away"));
    }
    if body["allowed_mentions"]["parse"].as_array().is_none_or(|parse| !parse.is_empty()) {
        found.borrow_mut().push(format!("{path}: mentions are not switched off"));
    }
    found.into_inner()
}
