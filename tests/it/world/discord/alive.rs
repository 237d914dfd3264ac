//! What Discord makes of a text that nobody asked for: pings, links and invitations.

use serde_json::Value;

/// Beginnings of what leads somewhere, as they stand in the text.
const MARKS: &[&str] = &["<#", "</", "<:", "<a:", "<id:", "]("];
/// Beginnings of what pings somebody, inside of code as well.
const PINGS: &[&str] = &[
    "<@!",
    "<@&",
    "<@0",
    "<@1",
    "<@2",
    "<@3",
    "<@4",
    "<@5",
    "<@6",
    "<@7",
    "<@8",
    "<@9",
    "@everyone",
    "@here",
];
/// Beginnings of addresses; capitals and backslashes change nothing.
const ADDRESSES: &[&str] = &["http://", "https://"];
/// Beginnings of invitations, which need no `https://`, and which Discord finds inside of code as well.
const INVITATIONS: &[&str] = &["discord.", "discordapp."];

/// Every such part of a text.
pub fn alive(text: &str) -> Vec<String> {
    let plain = |text: &str| text.replace('\\', "").to_lowercase();
    let found = |text: &str, begins: &[&str]| -> Vec<String> {
        begins.iter().flat_map(|begin| parts(text, begin)).collect()
    };
    let outside = outside_code(text);
    [
        found(text, PINGS),
        found(&unescaped(&outside), MARKS),
        found(&plain(&outside), ADDRESSES),
        found(&plain(text), INVITATIONS),
    ]
    .concat()
}

/// A text without what a backslash takes the meaning from.
fn unescaped(text: &str) -> String {
    let mut characters = text.chars();
    let mut unescaped = String::new();
    while let Some(character) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            _ => unescaped.push(character),
        }
    }
    unescaped
}

/// A text without what stands between backticks, three or one, as far as they are closed.
fn outside_code(text: &str) -> String {
    let mut outside = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let (before, code) = rest.split_at(at);
        let fence = if code.starts_with("```") { "```" } else { "`" };
        let is_escaped = before.ends_with('\\');
        outside.push_str(before);
        match code[fence.len()..].split_once(fence).filter(|_| !is_escaped) {
            Some((_, after)) => rest = after,
            None => {
                outside.push('`');
                rest = &code[1..];
            }
        }
    }
    outside.push_str(rest);
    outside
}

fn parts(text: &str, begin: &str) -> Vec<String> {
    let end = |rest: &str| rest.find([' ', '\n', '>', ')']).unwrap_or(rest.len());
    text.match_indices(begin).map(|(at, _)| text[at..][..end(&text[at..])].to_owned()).collect()
}

/// The same in all texts of a message that are shown.
pub fn alive_in(body: &Value) -> Vec<String> {
    let embeds = body["embeds"].as_array().into_iter().flatten();
    let texts = embeds.flat_map(|embed| [&embed["title"], &embed["description"]]);
    std::iter::once(&body["content"]).chain(texts).filter_map(Value::as_str).flat_map(alive).collect()
}
