//! A message in the outbox: its content, its destination, and its fallback.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::interaction::Requester;
use super::{CardNote, Chat, Destination, Message, MessageId};

/// One message and its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMessage {
    /// The platform that delivers it.
    pub chat: Chat,
    /// The way of delivery, with the destination.
    pub delivery: Delivery,
    /// The content of the message.
    pub message: Message,
    /// The requester, who gets it as an ephemeral message if the destination refuses it.
    pub asker: Option<Requester>,
    /// `true` if it replaces the placeholder for a coming answer.
    #[serde(default)]
    pub replaces_placeholder: bool,
    /// The mention, as the platform writes it.
    #[serde(default)]
    pub mention: Option<String>,
    /// The channel that receives it if its own is gone or unavailable.
    #[serde(default)]
    pub fallback_channel: Option<String>,
    /// The time of the event behind an alert, to measure the alert's delay; `None` for answers.
    #[serde(default)]
    pub last_event_at: Option<Timestamp>,
    /// The trace context of its origin.
    #[serde(default)]
    pub trace: Option<String>,
}

/// How a message is delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// As a new message that all in the channel or thread see.
    Post(Destination),
    /// In place of a posted message.
    Edit(Destination, MessageId),
    /// In place of the message as which another outbox message was delivered; the outbox has its ID.
    EditOutbox(Destination),
    /// To one person only.
    Ephemeral(Requester),
    /// In place of the message that only this person sees.
    EditEphemeral(Requester),
}

/// An outbox message of an answer that has no ID yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The message and its address.
    pub outgoing: OutboxMessage,
    /// The index of the draft in whose thread it goes.
    pub thread_parent: Option<usize>,
}

impl Delivery {
    /// Returns the channel, if all people there see the message.
    #[must_use]
    pub const fn shared(&self) -> Option<&Destination> {
        match self {
            Self::Post(to) | Self::Edit(to, _) | Self::EditOutbox(to) => Some(to),
            Self::Ephemeral(_) | Self::EditEphemeral(_) => None,
        }
    }
}

impl OutboxMessage {
    /// Returns the destination as one word: a channel, or one person in it. One of its messages is in
    /// progress at a time.
    #[must_use]
    pub fn channel_key(&self) -> String {
        let chat = self.chat.as_str();
        match &self.delivery {
            // The first message replaces "thinking…", for all or for one person, so the order has to hold.
            Delivery::Ephemeral(requester) | Delivery::EditEphemeral(requester)
                if self.chat == Chat::Discord =>
            {
                channel_key(self.chat, &requester.destination.channel)
            }
            Delivery::Post(to) | Delivery::Edit(to, _) | Delivery::EditOutbox(to) => {
                channel_key(self.chat, &to.channel)
            }
            Delivery::Ephemeral(requester) | Delivery::EditEphemeral(requester) => {
                format!("{chat}:{}:{}", requester.destination.channel, requester.user_id)
            }
        }
    }

    /// Returns the ordering key. Messages with the same key are sent in order: all of one answer, and all
    /// edits of one message.
    #[must_use]
    pub fn ordering_key(&self, delivery_id: &str) -> String {
        match &self.delivery {
            Delivery::Edit(_, message) => format!("{}/{}", self.channel_key(), message.0),
            _ => delivery_id.to_owned(),
        }
    }

    /// Returns what to do if it cannot be delivered.
    #[must_use]
    pub fn fallback(&self) -> Fallback {
        if let (Some(channel), Delivery::Post(_) | Delivery::Edit(..)) =
            (&self.fallback_channel, &self.delivery)
        {
            return Fallback::Channel(channel.clone());
        }
        let Some(requester) = self.asker.clone() else { return Fallback::None };
        let message = match (&self.delivery, &self.message) {
            (Delivery::Ephemeral(_) | Delivery::EditEphemeral(_), _) => return Fallback::None,
            // The details contain everything in the verdict.
            (_, Message::Verdict(_)) => return Fallback::NotNeeded,
            (Delivery::Post(_), Message::Details { report, .. }) => {
                Message::Details { report: report.clone(), note: Some(CardNote::NotInChannel) }
            }
            (Delivery::Post(_) | Delivery::Edit(..) | Delivery::EditOutbox(_), message) => message.clone(),
        };
        Fallback::Ephemeral(Box::new(Self {
            chat: self.chat,
            delivery: Delivery::Ephemeral(requester),
            message,
            asker: None,
            replaces_placeholder: self.replaces_placeholder,
            mention: None,
            fallback_channel: None,
            last_event_at: None,
            trace: self.trace.clone(),
        }))
    }
}

/// What to do with an outbox message that cannot be delivered to its destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fallback {
    /// Send it to the requester only.
    Ephemeral(Box<OutboxMessage>),
    /// Send it to this channel.
    Channel(String),
    /// Do nothing, because another outbox message has the same content.
    NotNeeded,
    /// Do nothing, because no other destination exists.
    None,
}

/// Returns a channel of a platform as one word.
#[must_use]
pub fn channel_key(chat: Chat, channel: &str) -> String {
    format!("{}:{channel}", chat.as_str())
}
