//! What a person did in a chat that wants an answer.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::question::Question;
use super::{Chat, Destination, MessageId};

/// Something a person did in a chat. It is kept in the inbox in this form until it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// The platform's own id of the delivery; the same when it repeats itself.
    pub delivery_id: String,
    /// Where it came from.
    pub chat: Chat,
    /// When it came.
    pub at: Timestamp,
    /// Who did it, and how they can be answered alone.
    pub requester: Requester,
    /// What they wish.
    pub kind: InteractionKind,
}

/// What a person wishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InteractionKind {
    /// An answer.
    Ask {
        /// To what.
        question: Question,
        /// For their eyes only.
        privately: bool,
    },
    /// What a button stands for.
    Press {
        /// The button.
        action: Action,
        /// The message below which it stands.
        on: ButtonOn,
    },
    /// Something that cannot be read. They are told so.
    NotUnderstood,
}

/// The message below which a button was pressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonOn {
    /// One that everybody there sees.
    Posted(MessageId),
    /// One that only the person who pressed sees.
    Ephemeral,
}

/// One person, where they are, and how they can be answered alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// As the platform names them.
    pub user_id: String,
    /// Where they are.
    pub destination: Destination,
    /// The Slack workspace that they belong to, or the Discord server that they ask in. Not told in Discord's direct
    /// messages and of many people in Slack.
    #[serde(default)]
    pub server: Option<String>,
    /// What the platform gave us to answer them with, for a while.
    pub reply_handle: Option<ReplyHandle>,
}

/// What a platform gives us to answer one person with. Whoever holds it can speak there, so it does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyHandle(pub String);

impl fmt::Debug for ReplyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyHandle(…)")
    }
}

impl InteractionKind {
    /// What it is, in a few words and without what was typed.
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
                Question::TooMany(_) | Question::NoId => "unclear".to_owned(),
                Question::ThreadStart => "ask about the thread".to_owned(),
            },
            Self::Press { action, .. } => action.id(),
            Self::NotUnderstood => "unclear".to_owned(),
        }
    }
}
