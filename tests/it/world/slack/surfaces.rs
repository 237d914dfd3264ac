//! What Slack shows besides messages: links that the app unfurls, and the homes of people. And who is in which channel.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::limits::block_violations;
use super::{FakeSlack, Workspace};

/// Channels in one page, however many are asked for.
const PER_PAGE: usize = 2;
/// Most blocks in a home.
const HOME_BLOCKS_MAX: usize = 100;

#[derive(Default)]
pub(in crate::world) struct Surfaces {
    /// What is shown below a message, by channel and time.
    unfurled: HashMap<(String, String), Value>,
    homes: HashMap<String, Value>,
    /// The channels of people.
    members: HashMap<String, BTreeSet<String>>,
}

impl FakeSlack {
    /// What is shown below a message, by link; nothing where there is nothing.
    pub fn unfurled(&self, channel: &str, ts: &str) -> Value {
        let at = (channel.to_owned(), ts.to_owned());
        self.lock().surfaces.unfurled.get(&at).cloned().unwrap_or_default()
    }

    /// A person's home; nothing where there is none.
    pub fn home(&self, person: &str) -> Value {
        self.lock().surfaces.homes.get(person).cloned().unwrap_or_default()
    }

    /// A person is in a channel. One with a `G` is private.
    pub fn has_member(&self, channel: &str, person: &str) {
        self.lock().surfaces.members.entry(person.to_owned()).or_default().insert(channel.to_owned());
    }
}

fn refused(error: &str) -> Option<Value> {
    Some(json!({ "ok": false, "error": error }))
}

/// The answer of a method that is one of these.
pub(super) fn call(workspace: &mut Workspace, method: &str, arguments: &Value) -> Option<Value> {
    match method {
        "chat.unfurl" => unfurl(workspace, arguments),
        "views.publish" => publish(workspace, arguments),
        "users.conversations" => conversations(workspace, arguments),
        _ => None,
    }
}

/// A link is unfurled where it stands in the message, word for word, and its domain is one of the manifest's.
fn unfurl(workspace: &mut Workspace, arguments: &Value) -> Option<Value> {
    if !workspace.scopes.contains("links:write") {
        return refused("missing_scope");
    }
    let text = |name: &str| arguments[name].as_str().unwrap_or_default().to_owned();
    let (channel, ts) = (text("channel"), text("ts"));
    let Some(message) = workspace.messages.iter().find(|m| m.channel == channel && m.ts == ts) else {
        return refused("cannot_find_message");
    };
    let Some(unfurls) = arguments["unfurls"].as_object().filter(|unfurls| !unfurls.is_empty()) else {
        return refused("missing_unfurls");
    };
    let said = message.body["text"].as_str().unwrap_or_default();
    for (link, unfurl) in unfurls {
        let host = url::Url::parse(link).ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
        let is_of_manifest = host.is_some_and(|host| host == "recall.ai" || host.ends_with(".recall.ai"));
        if !is_of_manifest || !said.contains(link.as_str()) {
            return refused("cannot_unfurl_url");
        }
        let members: Vec<&String> = unfurl.as_object().into_iter().flat_map(|fields| fields.keys()).collect();
        if members != ["blocks"] {
            return refused("invalid_unfurls_format");
        }
        let wrong = block_violations(&unfurl["blocks"]);
        workspace.violations.extend(wrong.into_iter().map(|what| format!("chat.unfurl: {what}")));
    }
    workspace.surfaces.unfurled.insert((channel, ts), arguments["unfurls"].clone());
    Some(json!({ "ok": true }))
}

fn publish(workspace: &mut Workspace, arguments: &Value) -> Option<Value> {
    let view = &arguments["view"];
    let known = ["type", "blocks", "private_metadata", "callback_id", "external_id"];
    let members: Vec<&String> = view.as_object().into_iter().flat_map(|fields| fields.keys()).collect();
    if view["type"] != "home" || members.iter().any(|member| !known.contains(&member.as_str())) {
        return refused("invalid_arguments");
    }
    let blocks = view["blocks"].as_array().cloned().unwrap_or_default();
    if blocks.is_empty() || blocks.len() > HOME_BLOCKS_MAX {
        return refused("invalid_blocks");
    }
    // A message has half as many.
    let wrong = blocks.chunks(50).flat_map(|half| block_violations(&half.into()));
    workspace.violations.extend(wrong.map(|what| format!("views.publish: {what}")));
    let person = arguments["user_id"].as_str().unwrap_or_default();
    if !person.starts_with('U') {
        return refused("user_not_found");
    }
    workspace.surfaces.homes.insert(person.to_owned(), view.clone());
    Some(json!({ "ok": true, "view": { "id": "V1" } }))
}

/// Private channels are those that the app is in as well.
fn conversations(workspace: &Workspace, arguments: &Value) -> Option<Value> {
    let types: Vec<&str> = arguments["types"].as_str().unwrap_or_default().split(',').collect();
    let needed = [("public_channel", "channels:read"), ("private_channel", "groups:read")];
    if needed.iter().any(|(kind, scope)| types.contains(kind) && !workspace.scopes.contains(scope)) {
        return refused("missing_scope");
    }
    let person = arguments["user"].as_str().unwrap_or_default();
    let is_seen = |channel: &&String| match channel.starts_with('G') {
        true => types.contains(&"private_channel") && workspace.joined.contains(*channel),
        false => types.contains(&"public_channel"),
    };
    let own: Vec<&String> =
        workspace.surfaces.members.get(person).into_iter().flatten().filter(is_seen).collect();
    let begin: usize =
        arguments["cursor"].as_str().and_then(|cursor| cursor.parse().ok()).unwrap_or_default();
    let end = (begin + PER_PAGE).min(own.len());
    let page: Vec<Value> = own[begin..end].iter().map(|channel| json!({ "id": channel })).collect();
    let next = if end < own.len() { end.to_string() } else { String::new() };
    Some(json!({ "ok": true, "channels": page, "response_metadata": { "next_cursor": next } }))
}
