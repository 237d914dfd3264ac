//! The only module that depends on chat platforms.
//!
//! It receives a [`Report`](crate::report::Report) and never a diagnosis, so that another platform is one
//! more folder.

pub mod action;
pub mod console;
mod delivery;
pub mod discord;
pub mod form;
pub mod interaction;
mod message;
pub mod outbox_message;
pub mod question;
pub mod slack;
pub mod surface;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use interaction::Interaction;

pub use delivery::{DeliveryError, Messenger, SendRequest, Shown};
pub use message::{CardNote, HostMessage, Message};

/// A chat platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chat {
    /// Slack.
    Slack,
    /// Discord.
    Discord,
    /// The terminal.
    Console,
}

impl Chat {
    /// Returns its one spelling in logs, metrics and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Console => "console",
        }
    }

    /// Returns the platform with this spelling, if there is one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Slack, Self::Discord, Self::Console].into_iter().find(|chat| chat.as_str() == word)
    }

    /// Returns the way to ask inside threads if the command does not work there.
    #[must_use]
    pub const fn how_to_ask_in_threads(self) -> &'static str {
        match self {
            Self::Slack => {
                "In threads Slack has no commands. Mention me there with the ID, or select \"Why no recording?\" in the \
                 menu of a message."
            }
            Self::Discord | Self::Console => "",
        }
    }
}

/// The messengers of the enabled platforms.
pub type Messengers = HashMap<Chat, Arc<dyn Messenger>>;

/// A channel, or a thread in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The platform's ID of the channel.
    pub channel: String,
    /// The message to which the thread belongs.
    pub thread: Option<MessageId>,
}

/// The platform's ID of a posted message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageId(pub String);

/// The interaction could not be stored, so it must not be acknowledged.
#[derive(Debug, thiserror::Error)]
#[error("what arrived could not be kept")]
pub struct NotStored;

/// Receives the interactions from the platforms.
#[async_trait::async_trait]
pub trait InteractionSink: Send + Sync {
    /// Stores an interaction. Once this returns, it may be acknowledged.
    async fn receive(&self, interaction: Interaction) -> Result<(), NotStored>;
}
