//! What Discord does not take, from its documentation, written down apart from the code under test.

use serde_json::Value;

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
        total += limit("an embed's title", &embed["title"], 1, 256);
        total += limit("an embed's description", &embed["description"], 1, 4096);
    }
    let rows = body["components"].as_array().cloned().unwrap_or_default();
    for row in &rows {
        let buttons = row["components"].as_array().cloned().unwrap_or_default();
        for button in &buttons {
            limit("a button", &button["label"], 1, 80);
            limit("a button's id", &button["custom_id"], 0, 100);
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
    if body["allowed_mentions"]["parse"].as_array().is_none_or(|parse| !parse.is_empty()) {
        found.borrow_mut().push(format!("{path}: mentions are not switched off"));
    }
    found.into_inner()
}
