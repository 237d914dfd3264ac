//! An interaction: what a person did in a chat that needs an answer.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::question::Question;
use super::{Chat, Destination, MessageId};

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
}

impl Requester {
    /// A person in this place, of whom nothing else is known.
    #[must_use]
    pub const fn new(user_id: String, destination: Destination) -> Self {
        Self { user_id, destination, server: None, reply_handle: None, roles: Vec::new(), trigger: None }
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
            },
            Self::Press { action, .. } => action.id(),
            Self::NotUnderstood => "unclear".to_owned(),
        }
    }
}
