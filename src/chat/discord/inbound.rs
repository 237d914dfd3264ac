//! Parses Discord's payloads into interactions and their acknowledgements. Pure, and the same for the gateway
//! and HTTP. Parsing is tolerant, because Discord may add and remove members.

use jiff::Timestamp;
use serde_json::Value;
use serenity::all::{ChannelType, InteractionType, MessageFlags};
use serenity::builder::{CreateInteractionResponse, CreateInteractionResponseMessage};

use super::api::to_json;
use super::handle::{Deferred, Handle};
use super::mute_form;
use crate::chat::action::Action;
use crate::chat::interaction::{ButtonOn, Interaction, InteractionKind, Requester};
use crate::chat::question::Question;
use crate::chat::{Chat, Destination, MessageId};

/// The name of the command in a message's menu.
pub(super) const MESSAGE_COMMAND: &str = "Why no recording?";
/// The name of the typed command.
pub(super) const COMMAND: &str = "why-no-recording";

/// What was read.
#[derive(Debug, PartialEq)]
pub(super) enum Read {
    /// An interaction, and the acknowledgement to send at once.
    Interaction(Box<Interaction>, Value),
    /// What needs nothing but this response.
    Response(Value),
}

/// Parses an interaction, if it is one of ours.
pub(super) fn read(interaction: &Value, now: Timestamp) -> Option<Read> {
    let own = kind(interaction)?;
    if own == InteractionType::Component
        && let Some(response) = mute_form::response(interaction)
    {
        return Some(Read::Response(response));
    }
    let (wish, deferred) = match own {
        InteractionType::Command => command(&interaction["data"])?,
        InteractionType::Component => press(interaction)?,
        InteractionType::Modal => match mute_form::submitted(&interaction["data"])? {
            Ok(request) => (InteractionKind::Mute { request, in_place: true }, Deferred::TheMessage),
            Err(problem) => {
                let question = Question::MuteUnclear(problem);
                (InteractionKind::Ask { question, privately: true }, Deferred::Ephemeral)
            }
        },
        _ => return None,
    };
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let person = text(&interaction["member"]["user"]["id"]).or_else(|| text(&interaction["user"]["id"]))?;
    let roles = interaction["member"]["roles"].as_array().into_iter().flatten();
    let handle = Handle {
        application: text(&interaction["application_id"])?,
        token: text(&interaction["token"])?,
        deferred,
        at: now,
    };
    let interaction = Interaction {
        delivery_id: format!("discord:{}", interaction["id"].as_str()?),
        chat: Chat::Discord,
        at: now,
        requester: Requester {
            server: text(&interaction["guild_id"]).or_else(|| text(&interaction["guild"]["id"])),
            reply_handle: handle.into_reply_handle(),
            roles: roles.filter_map(text).collect(),
            ..Requester::new(person, destination(interaction)?)
        },
        kind: wish,
    };
    Some(Read::Interaction(Box::new(interaction), acknowledgement(deferred)))
}

/// Parses the kind of an interaction or of a channel. serenity accepts each number, even one without a name.
pub(super) fn kind<T: From<u8>>(of: &Value) -> Option<T> {
    u8::try_from(of["type"].as_u64()?).ok().map(T::from)
}

/// Returns `true` if a channel of this kind is a thread.
pub(super) const fn is_thread(kind: ChannelType) -> bool {
    matches!(kind, ChannelType::NewsThread | ChannelType::PublicThread | ChannelType::PrivateThread)
}

fn acknowledgement(deferred: Deferred) -> Value {
    let thinking = CreateInteractionResponseMessage::new();
    to_json(&match deferred {
        Deferred::ForAll => CreateInteractionResponse::Defer(thinking),
        Deferred::Ephemeral => CreateInteractionResponse::Defer(thinking.ephemeral(true)),
        Deferred::TheMessage => CreateInteractionResponse::Acknowledge,
    })
}

/// Returns the destination. A thread becomes its parent channel, and the thread in it.
fn destination(interaction: &Value) -> Option<Destination> {
    let channel = &interaction["channel"];
    let id = interaction["channel_id"].as_str().or(channel["id"].as_str())?.to_owned();
    let in_thread = kind(channel).is_some_and(is_thread);
    match channel["parent_id"].as_str().filter(|_| in_thread) {
        Some(parent) => Some(Destination { channel: parent.to_owned(), thread: Some(MessageId(id)) }),
        None => Some(Destination { channel: id, thread: None }),
    }
}

fn command(data: &Value) -> Option<(InteractionKind, Deferred)> {
    let (question, privately) = match data["name"].as_str()? {
        COMMAND => {
            let option =
                |name: &str| data["options"].as_array()?.iter().find(|option| option["name"] == name);
            let what = option("id").and_then(|option| option["value"].as_str()).unwrap_or_default();
            let (question, privately) = Question::parse_command(what);
            let wished = option("private").and_then(|option| option["value"].as_bool()).unwrap_or_default();
            (question, privately || wished)
        }
        MESSAGE_COMMAND => {
            let target = data["target_id"].as_str()?;
            // Messages of monitoring tools often have their text in embeds.
            let message = data["resolved"]["messages"][target].to_string();
            match Question::in_message(&message) {
                question @ (Question::Bots(_) | Question::TooMany(_)) => (question, false),
                _ => (Question::NoId, false),
            }
        }
        _ => return None,
    };
    // The acknowledgement decides who sees the answer, and this cannot be changed later.
    let for_all = matches!(question, Question::Bots(_)) && !privately;
    Some((
        InteractionKind::Ask { question, privately },
        if for_all { Deferred::ForAll } else { Deferred::Ephemeral },
    ))
}

fn press(interaction: &Value) -> Option<(InteractionKind, Deferred)> {
    let action = Action::parse(interaction["data"]["custom_id"].as_str()?)?;
    let message = &interaction["message"];
    let id = message["id"].as_str()?.to_owned();
    let flags = message["flags"].as_u64().map(MessageFlags::from_bits_retain);
    let is_ephemeral = flags.is_some_and(|flags| flags.contains(MessageFlags::EPHEMERAL));
    let on = if is_ephemeral { ButtonOn::Ephemeral } else { ButtonOn::Posted(MessageId(id)) };
    let deferred = match action {
        Action::HostMessage(_) | Action::Rescue(_) | Action::Start(_) | Action::Mute(_) => {
            Deferred::Ephemeral
        }
        // It is changed where it is shown, to the person who selected the language.
        Action::HostMessageIn(..) if on == ButtonOn::Ephemeral => Deferred::TheMessage,
        Action::HostMessageIn(..) => Deferred::Ephemeral,
        Action::HostWasThere(_)
        | Action::HostWasNotThere(_)
        | Action::Recheck(_)
        | Action::Why(_)
        | Action::Send(_)
        | Action::Cancel(_)
        | Action::MuteAs { .. }
        | Action::Unmute(_)
        | Action::Take(_) => Deferred::TheMessage,
    };
    Some((InteractionKind::Press { action, on }, deferred))
}
