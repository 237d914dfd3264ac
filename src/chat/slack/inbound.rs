//! Parses Slack's payloads into interactions. Pure, and the same for both transports.

use jiff::Timestamp;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::modal;
use super::wire::{Command, Event, InteractionPayload, Push};
use crate::chat::action::Action;
use crate::chat::interaction::{ButtonOn, Interaction, InteractionKind, ReplyHandle, Requester, Trigger};
use crate::chat::question::Question;
use crate::chat::surface::{SharedLink, UNFURLS_MAX};
use crate::chat::{Chat, Destination, MessageId};
use crate::diagnosis::bot_id::BotId;

/// The callback ID of our message shortcut.
pub const SHORTCUT: &str = "why_no_recording";
/// The domain of Recall.ai's dashboards, each of which has its region before it.
pub(super) const RECALL: &str = "recall.ai";
/// Seconds in which a person's home is published once.
const BETWEEN_HOMES_SECS: i64 = 5;

/// Parses a slash command. Slack has none inside threads.
pub(super) fn command(command: Command, now: Timestamp) -> Interaction {
    let (question, privately) = Question::parse_command(command.text.as_deref().unwrap_or_default());
    Interaction {
        delivery_id: delivery_id(command.trigger_id.as_deref()),
        chat: Chat::Slack,
        at: now,
        // Slack offers commands only to people in the app's own workspace.
        requester: Requester {
            reply_handle: command.response_url.map(ReplyHandle),
            trigger: command.trigger_id.map(Trigger),
            ..Requester::new(command.user_id, Destination { channel: command.channel_id, thread: None })
        },
        kind: InteractionKind::Ask { question, privately },
    }
}

/// Parses a button or a shortcut, if it is one of ours.
pub(super) fn interaction(interaction: InteractionPayload, now: Timestamp) -> Option<Interaction> {
    match interaction.kind.as_str() {
        "block_actions" => press(interaction, now),
        "view_submission" => submission(interaction, now),
        "message_action" if interaction.callback_id.as_deref() == Some(SHORTCUT) => {
            shortcut(interaction, now)
        }
        _ => None,
    }
}

/// Parses an event, if it is one of ours.
pub(super) fn push(push: Push, now: Timestamp) -> Option<Interaction> {
    let Push { event_id, team_id, event: Some(event), .. } = push else { return None };
    match event.kind.as_str() {
        "app_mention" => asked(event_id.as_deref(), event, now),
        "link_shared" => shared(team_id, event, now),
        "app_home_opened" => opened(team_id, event, now),
        _ => None,
    }
}

/// Parses a mention. Mentions by other apps are ignored, because two apps could otherwise answer each other
/// for ever.
fn asked(event_id: Option<&str>, event: Event, now: Timestamp) -> Option<Interaction> {
    if event.bot_id.is_some() {
        return None;
    }
    let question = mention(&event);
    // A question in a channel is answered in a thread below it.
    let thread = event.thread_ts.or(event.ts).map(MessageId);
    Some(Interaction {
        delivery_id: delivery_id(event_id),
        chat: Chat::Slack,
        at: now,
        requester: Requester {
            server: event.user_team.or(event.source_team).or(event.team),
            ..Requester::new(event.user?, Destination { channel: event.channel?, thread })
        },
        kind: InteractionKind::Ask { question, privately: false },
    })
}

/// Parses a message with links to bots, once it is sent. Its name is that of the message, because Slack reports it
/// again after an edit, and a message is unfurled once.
fn shared(team: Option<String>, event: Event, now: Timestamp) -> Option<Interaction> {
    if event.source.as_deref() != Some("conversations_history") {
        return None;
    }
    let mut links: Vec<SharedLink> = Vec::new();
    for link in &event.links {
        let Some(bot) = bot_of(&link.url).filter(|bot| links.iter().all(|known| known.bot != *bot)) else {
            continue;
        };
        if links.len() < UNFURLS_MAX {
            links.push(SharedLink { url: link.url.clone(), bot });
        }
    }
    let (channel, message) = (event.channel?, event.message_ts?);
    (!links.is_empty()).then(|| Interaction {
        delivery_id: format!("slack:unfurl:{channel}:{message}"),
        chat: Chat::Slack,
        at: now,
        requester: Requester {
            server: event.user_team.or(event.source_team).or(event.team).or(team),
            ..Requester::new(event.user.unwrap_or_default(), Destination { channel, thread: None })
        },
        kind: InteractionKind::Links { links, message: MessageId(message) },
    })
}

/// Returns the bot of a link to Recall.ai's dashboard. Other pages of Recall.ai may have IDs in their addresses too.
fn bot_of(link: &str) -> Option<BotId> {
    let url = Url::parse(link).ok()?;
    let host = url.host_str()?;
    let is_recall = host == RECALL || host.strip_suffix(RECALL).is_some_and(|region| region.ends_with('.'));
    let is_dashboard = is_recall && url.path().starts_with("/dashboard/");
    is_dashboard.then(|| BotId::find_all(link).first().copied())?
}

/// Parses the home that a person opened. Its name is that of the person and the moment, so that a person who opens it
/// again and again gets one every few seconds.
fn opened(team: Option<String>, event: Event, now: Timestamp) -> Option<Interaction> {
    if event.tab.as_deref() != Some("home") {
        return None;
    }
    let person = event.user?;
    Some(Interaction {
        delivery_id: format!("slack:home:{person}:{}", now.as_second().div_euclid(BETWEEN_HOMES_SECS)),
        chat: Chat::Slack,
        at: now,
        requester: Requester {
            server: event.user_team.or(event.source_team).or(event.team).or(team),
            ..Requester::new(person, Destination { channel: event.channel.unwrap_or_default(), thread: None })
        },
        kind: InteractionKind::Home,
    })
}

fn mention(event: &Event) -> Question {
    let said = event.text.as_deref().unwrap_or_default();
    let words: Vec<&str> = said.split_whitespace().filter(|word| !word.starts_with("<@")).collect();
    match Question::parse(&words.join(" ")) {
        Question::Help if words.is_empty() && event.thread_ts.is_some() => Question::ThreadStart,
        question => question,
    }
}

fn press(interaction: InteractionPayload, now: Timestamp) -> Option<Interaction> {
    let pushed = interaction.actions.first()?;
    let user = interaction.user?;
    let action = Action::parse(pushed.action_id.as_deref()?)?;
    let container = interaction.container?;
    let channel = interaction.channel.map(|channel| channel.id).or(container.channel_id);
    // A home is in no channel.
    let is_at_home = container.kind == "view" && channel.is_none();
    let channel = if is_at_home { String::new() } else { channel? };
    let in_message = interaction.message.as_ref().and_then(|message| message["thread_ts"].as_str());
    let thread = container.thread_ts.or_else(|| in_message.map(ToOwned::to_owned));
    let thread = match action {
        // It is below a message of a person, in whose thread it is answered.
        Action::Why(_) => thread.or_else(|| container.message_ts.clone()),
        _ => thread,
    };
    let thread = thread.map(MessageId);
    let on = if container.is_ephemeral || is_at_home {
        ButtonOn::Ephemeral
    } else {
        ButtonOn::Posted(MessageId(container.message_ts?))
    };
    Some(Interaction {
        delivery_id: delivery_id(interaction.trigger_id.as_deref().or(pushed.action_ts.as_deref())),
        chat: Chat::Slack,
        at: now,
        requester: Requester {
            server: user.team_id,
            reply_handle: interaction.response_url.map(ReplyHandle),
            trigger: interaction.trigger_id.map(Trigger),
            time_zone: user.tz,
            ..Requester::new(user.id, Destination { channel, thread })
        },
        kind: InteractionKind::Press { action, on },
    })
}

/// Parses a form that was submitted. One form means one decision, however often it is sent.
fn submission(interaction: InteractionPayload, now: Timestamp) -> Option<Interaction> {
    let view = interaction.view.filter(|view| view.callback_id == modal::CALLBACK)?;
    let (action, place) = modal::read_metadata(&view.private_metadata)?;
    let user = interaction.user?;
    Some(Interaction {
        delivery_id: format!("slack:view:{}", view.id),
        chat: Chat::Slack,
        at: now,
        requester: Requester { server: user.team_id, ..Requester::new(user.id, place) },
        kind: InteractionKind::Press { action, on: ButtonOn::Ephemeral },
    })
}

/// Parses "Why no recording?" from the menu of a message: a question about the bots in the message, answered
/// in its thread.
fn shortcut(interaction: InteractionPayload, now: Timestamp) -> Option<Interaction> {
    let (message, user) = (interaction.message.as_ref()?, interaction.user?);
    let text = message["text"].as_str().unwrap_or_default();
    let text = if BotId::find_all(text).is_empty() { words(message) } else { text.to_owned() };
    let thread = message["thread_ts"].as_str().or(message["ts"].as_str())?;
    let question = match Question::in_message(&text) {
        question @ (Question::Bots(_) | Question::TooMany(_)) => question,
        _ => Question::NoId,
    };
    let place = Destination { channel: interaction.channel?.id, thread: Some(MessageId(thread.to_owned())) };
    Some(Interaction {
        delivery_id: delivery_id(interaction.trigger_id.as_deref()),
        chat: Chat::Slack,
        at: now,
        requester: Requester {
            server: user.team_id,
            reply_handle: interaction.response_url.map(ReplyHandle),
            ..Requester::new(user.id, place)
        },
        kind: InteractionKind::Ask { question, privately: false },
    })
}

/// Parses an unreadable interaction, if Slack sends a way to answer it.
pub(super) fn not_understood(payload: &Value, now: Timestamp) -> Option<Interaction> {
    let reply_handle = Some(ReplyHandle(payload["response_url"].as_str()?.to_owned()));
    let text = |found: [&Value; 3]| found.into_iter().find_map(Value::as_str).unwrap_or_default().to_owned();
    let user_id = text([&payload["user_id"], &payload["user"]["id"], &payload["user"]]);
    let channel =
        text([&payload["channel_id"], &payload["channel"]["id"], &payload["container"]["channel_id"]]);
    Some(Interaction {
        delivery_id: delivery_id(payload["trigger_id"].as_str()),
        chat: Chat::Slack,
        at: now,
        requester: Requester {
            server: payload["user"]["team_id"].as_str().map(ToOwned::to_owned),
            reply_handle,
            ..Requester::new(user_id, Destination { channel, thread: None })
        },
        kind: InteractionKind::NotUnderstood,
    })
}

/// Returns the text of a message. Monitoring tools often put it into attachments and blocks. Other members
/// contain IDs of Slack and of the sending program, which look like bot IDs.
pub(super) fn words(message: &Value) -> String {
    ["text", "blocks", "attachments", "files"].map(|field| message[field].to_string()).join(" ")
}

/// Returns Slack's own ID, which identifies duplicates. A delivery without one counts as new.
fn delivery_id(id: Option<&str>) -> String {
    id.map_or_else(|| format!("slack:{}", Uuid::new_v4()), |id| format!("slack:{id}"))
}
