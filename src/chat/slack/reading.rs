//! Reads what Slack sends, which both transports bring as the same JSON.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::http::{Endpoint, SlackRequest};
use super::identity::SlackIdentity;
use super::inbound;
use super::wire::{Command, InteractionPayload, Push};
use crate::chat::action::ACTION_PREFIX;
use crate::chat::interaction::Interaction;

/// Reads a payload that is known to be Slack's.
///
/// What a person did and we cannot read is answered in a few words where Slack says how; what is somebody else's,
/// such as a button that is only a link, is nothing.
pub(super) fn read(
    endpoint: Endpoint,
    payload: &Value,
    us: Option<&SlackIdentity>,
    now: Timestamp,
) -> SlackRequest {
    // That an address is ours is asked before the app is installed anywhere.
    let is_challenge = payload["type"] == "url_verification";
    if us.is_some_and(|us| !is_challenge && !us.is_meant(payload)) {
        return SlackRequest::NotForUs;
    }
    let interaction = match endpoint {
        Endpoint::Commands => parsed::<Command>(payload).map(|command| inbound::command(command, now)),
        Endpoint::Interactions => parsed::<InteractionPayload>(payload)
            .and_then(|interaction| inbound::interaction(interaction, now))
            .or_else(|| is_for_us(payload).then(|| inbound::not_understood(payload, now))?),
        Endpoint::Events => match parsed::<Push>(payload) {
            Some(Push { kind, challenge: Some(challenge), .. }) if kind == "url_verification" => {
                return SlackRequest::Challenge(challenge);
            }
            Some(push) => inbound::push(push, now),
            None => None,
        },
    };
    let interaction = match endpoint {
        Endpoint::Commands => interaction.or_else(|| inbound::not_understood(payload, now)),
        Endpoint::Interactions | Endpoint::Events => interaction,
    };
    interaction.map_or(SlackRequest::Nothing, boxed)
}

fn boxed(interaction: Interaction) -> SlackRequest {
    SlackRequest::Interaction(Box::new(interaction))
}

/// Whether whoever did this waits for an answer of ours. A button that is only a link is reported as well, and a list
/// of choices is asked for while somebody types.
fn is_for_us(payload: &Value) -> bool {
    match payload["type"].as_str() {
        Some("block_actions") => payload["actions"][0]["action_id"]
            .as_str()
            .is_some_and(|action| action.starts_with(ACTION_PREFIX)),
        Some("block_suggestion" | "view_submission" | "view_closed") => false,
        _ => true,
    }
}

fn parsed<T: DeserializeOwned>(payload: &Value) -> Option<T> {
    let read = T::deserialize(payload);
    if read.is_err() {
        metrics::counter!("wnr_unparsed_requests_total", "chat" => "slack").increment(1);
    }
    read.ok()
}
