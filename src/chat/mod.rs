//! The only module that knows chat platforms.
//!
//! It sees a [`Report`](crate::report::Report) and never a diagnosis, so that a further platform is one folder.

pub mod action;
pub mod console;
mod delivery;
pub mod discord;
pub mod interaction;
mod message;
pub mod outbox_message;
pub mod question;
pub mod slack;

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use interaction::Interaction;

pub use delivery::{DeliveryError, Messenger, SendRequest, Shown};
pub use message::{CardNote, Message};

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
    /// Its one spelling in logs, metrics and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Console => "console",
        }
    }

    /// The platform that is spelled like this, if there is one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Slack, Self::Discord, Self::Console].into_iter().find(|chat| chat.as_str() == word)
    }

    /// Which way to ask works inside threads, where the command does not.
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

/// The messengers of the platforms that are on.
pub type Messengers = HashMap<Chat, Arc<dyn Messenger>>;

/// A channel, or a thread in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The channel, as its platform names it.
    pub channel: String,
    /// The message that the thread hangs on.
    pub thread: Option<MessageId>,
}

/// A message that was posted, as its platform names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageId(pub String);

/// What a person did could not be kept, and is not to be acknowledged.
#[derive(Debug, thiserror::Error)]
#[error("what arrived could not be kept")]
pub struct NotStored;

/// Where the platforms hand in what people do.
#[async_trait::async_trait]
pub trait InteractionSink: Send + Sync {
    /// Keeps it. When this returns, it may be acknowledged.
    async fn receive(&self, interaction: Interaction) -> Result<(), NotStored>;
}
