//! Parses Slack's payloads, which are the same JSON in both transports.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::http::{Endpoint, SlackRequest};
use super::identity::SlackIdentity;
use super::wire::{Command, InteractionPayload, Push};
use super::{inbound, mute_modal};
use crate::chat::action::ACTION_PREFIX;
use crate::chat::interaction::Interaction;

/// Parses a payload that is verified to be Slack's.
///
/// An unreadable interaction gets a short answer if Slack sends a way to give one. Payloads that are not for
/// us, such as a button that is only a link, are ignored.
pub(super) fn read(
    endpoint: Endpoint,
    payload: &Value,
    us: Option<&SlackIdentity>,
    now: Timestamp,
) -> SlackRequest {
    // Slack checks the URL before the app is installed in any workspace.
    let is_challenge = payload["type"] == "url_verification";
    if us.is_some_and(|us| !is_challenge && !us.is_meant(payload)) {
        return SlackRequest::NotForUs;
    }
    let interaction = match endpoint {
        Endpoint::Commands => parsed::<Command>(payload).map(|command| inbound::command(command, now)),
        Endpoint::Interactions if payload["view"]["callback_id"] == mute_modal::CALLBACK => {
            match parsed(payload).and_then(|submitted| mute_modal::submission(submitted, now)) {
                Some(Err(response)) => return SlackRequest::Response(response),
                submitted => submitted.and_then(Result::ok),
            }
        }
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

/// Returns `true` if the person is waiting for an answer. Slack also reports buttons that are only links, and
/// requests options while a person types.
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
