//! An interaction: what a person did in a chat that needs an answer.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::question::Question;
use super::surface::SharedLink;
use super::{Chat, Destination, MessageId};
use crate::mutes::Scope;
use crate::mutes::request::Request;

/// What a person did in a chat. The inbox stores it in this form until it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// The platform's own ID of the delivery, which is the same for a duplicate.
    pub delivery_id: String,
    /// The platform it came from.
    pub chat: Chat,
    /// The time at which it arrived.
    pub at: Timestamp,
    /// The person, and how they can be answered alone.
    pub requester: Requester,
    /// What they asked for.
    pub kind: InteractionKind,
}

/// What a person asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InteractionKind {
    /// An answer to a question.
    Ask {
        /// The question.
        question: Question,
        /// `true` if only the requester is to see the answer.
        privately: bool,
    },
    /// The action of a button.
    Press {
        /// The action.
        action: Action,
        /// The message with the button.
        on: ButtonOn,
    },
    /// The outcome of bots below a message with links to them. Nobody asked, so there is no answer, and no notice
    /// if it fails.
    Links {
        /// The links, one for each bot.
        links: Vec<SharedLink>,
        /// The message with the links.
        message: MessageId,
    },
    /// The person's home, which they opened.
    Home,
    /// A form in which alerts are muted, as it was submitted.
    Mute {
        /// What the person asks for.
        request: Request,
        /// `true` if the form is a message, which the answer replaces.
        in_place: bool,
    },
    /// An unreadable interaction, which is answered with a notice.
    NotUnderstood,
}

/// The message with the selected button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonOn {
    /// A message that all in the channel or thread see.
    Posted(MessageId),
    /// A message that only this person sees.
    Ephemeral,
}

/// The requester, where they are, and how they can be answered alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// The platform's ID of the user.
    pub user_id: String,
    /// Where they are.
    pub destination: Destination,
    /// The Slack workspace of the user, or the Discord server in which they ask. Missing in Discord's direct
    /// messages and for many Slack users.
    #[serde(default)]
    pub server: Option<String>,
    /// The platform's reply handle, valid for a while.
    pub reply_handle: Option<ReplyHandle>,
    /// The person's Discord roles when they asked. Slack doesn't send its user groups.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Slack's permission to open a form for this person, valid for three seconds.
    #[serde(default)]
    pub trigger: Option<Trigger>,
    /// The person's time zone, if the platform sends it.
    #[serde(default)]
    pub time_zone: Option<String>,
}

impl Requester {
    /// A person in this place, of whom nothing else is known.
    #[must_use]
    pub const fn new(user_id: String, destination: Destination) -> Self {
        Self {
            user_id,
            destination,
            server: None,
            reply_handle: None,
            roles: Vec::new(),
            trigger: None,
            time_zone: None,
        }
    }

    /// Returns the person's time zone; UTC if their platform doesn't send it, or this machine doesn't know it.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        let named = self.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        named.unwrap_or(TimeZone::UTC)
    }
}

/// Slack's `trigger_id`. Its bearer can open a form for the person, so `Debug` does not print it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger(pub String);

impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trigger(…)")
    }
}

/// A reply credential issued by the platform (Slack `response_url`, Discord interaction token). Its bearer
/// can post in our name, so `Debug` does not print it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyHandle(pub String);

impl fmt::Debug for ReplyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyHandle(…)")
    }
}

impl InteractionKind {
    /// Returns `true` if no message answers it, whatever becomes of it.
    #[must_use]
    pub const fn is_quiet(&self) -> bool {
        matches!(self, Self::Links { .. } | Self::Home)
    }

    /// Returns what the person asks to mute, if they do.
    #[must_use]
    pub const fn mute_request(&self) -> Option<&Request> {
        match self {
            Self::Mute { request, .. } | Self::Ask { question: Question::Mute(request), .. } => Some(request),
            _ => None,
        }
    }

    /// Returns a description in a few words, without the typed text.
    #[must_use]
    pub fn audit_text(&self) -> String {
        match self {
            Self::Ask { question, .. } => match question {
                Question::Bots(bots) => {
                    let bots: Vec<String> = bots.iter().map(ToString::to_string).collect();
                    format!("ask {}", bots.join(" "))
                }
                Question::Explain(_) => "explain".to_owned(),
                Question::Help => "help".to_owned(),
                Question::Digest(Some(days)) => format!("digest {days}d"),
                Question::Digest(None) => "digest".to_owned(),
                Question::TooMany(_) | Question::NoId => "unclear".to_owned(),
                Question::ThreadStart => "ask about the thread".to_owned(),
                Question::Mute(request) => audit_of(request),
                Question::MuteUnclear(_) => "unclear mute".to_owned(),
                Question::Unmute(id) => format!("unmute {id}"),
                Question::Mutes => "mutes".to_owned(),
                Question::Recent => "recent".to_owned(),
            },
            Self::Mute { request, .. } => audit_of(request),
            Self::Press { action, .. } => action.id(),
            Self::Links { links, .. } => {
                let bots: Vec<String> = links.iter().map(|link| link.bot.to_string()).collect();
                format!("unfurl {}", bots.join(" "))
            }
            Self::Home => "home".to_owned(),
            Self::NotUnderstood => "unclear".to_owned(),
        }
    }
}

/// What is muted and until when, without the reason. A cause is a typed word until it is looked up.
fn audit_of(request: &Request) -> String {
    match &request.scope {
        Scope::Cause(_) => format!("mute cause until {}", request.end),
        scope => format!("mute {scope} until {}", request.end),
    }
}
