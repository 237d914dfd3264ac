//! A message on its way: what is said, where, and what to do if it cannot be said there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::interaction::Requester;
use super::{CardNote, Chat, Destination, Message, MessageId};

/// One message and its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMessage {
    /// The platform that delivers it.
    pub chat: Chat,
    /// How and where.
    pub delivery: Delivery,
    /// What is said.
    pub message: Message,
    /// Who asked, and is told alone where the place does not take it.
    pub asker: Option<Requester>,
    /// It takes the place of the sign that an answer is coming.
    #[serde(default)]
    pub replaces_placeholder: bool,
    /// Whom to mention, as the platform writes it.
    #[serde(default)]
    pub mention: Option<String>,
    /// The channel that takes it where its own is gone or closed.
    #[serde(default)]
    pub fallback_channel: Option<String>,
    /// When we heard what it tells of, where nobody asked; to measure how long that takes.
    #[serde(default)]
    pub last_event_at: Option<Timestamp>,
    /// The trace that led to it.
    #[serde(default)]
    pub trace: Option<String>,
}

/// How a message is delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// As a new message for everybody there.
    Post(Destination),
    /// In the place of a message that was posted.
    Edit(Destination, MessageId),
    /// In the place of the message as which another outbox message was delivered; the outbox knows which.
    EditOutbox(Destination),
    /// To one person alone.
    Ephemeral(Requester),
    /// In the place of the message that only this person sees.
    EditEphemeral(Requester),
}

/// A outbox message of an answer, before it has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The message and its address.
    pub outgoing: OutboxMessage,
    /// The index of the draft in whose thread it goes.
    pub thread_parent: Option<usize>,
}

impl Delivery {
    /// The channel, where everybody there sees it.
    #[must_use]
    pub const fn shared(&self) -> Option<&Destination> {
        match self {
            Self::Post(to) | Self::Edit(to, _) | Self::EditOutbox(to) => Some(to),
            Self::Ephemeral(_) | Self::EditEphemeral(_) => None,
        }
    }
}

impl OutboxMessage {
    /// Where it goes, as one word: a channel, or one person in it. One message of it is under way at a time.
    #[must_use]
    pub fn channel_key(&self) -> String {
        let chat = self.chat.as_str();
        match &self.delivery {
            // What comes first takes the place of "thinking…", for whomever it is: the order has to hold.
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

    /// Messages with the same key are sent in order: all of one answer, and all edits of one message.
    #[must_use]
    pub fn ordering_key(&self, delivery_id: &str) -> String {
        match &self.delivery {
            Delivery::Edit(_, message) => format!("{}/{}", self.channel_key(), message.0),
            _ => delivery_id.to_owned(),
        }
    }

    /// What to do where it cannot be said there.
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
            // The details say all that the verdict says.
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

/// What to do with an outbox message that cannot be said where it was to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fallback {
    /// Tell it to the asker alone.
    Ephemeral(Box<OutboxMessage>),
    /// Say it in this channel.
    Channel(String),
    /// Nothing: another outbox message says the same.
    NotNeeded,
    /// Nobody can be told.
    None,
}

/// A channel of a platform, as one word.
#[must_use]
pub fn channel_key(chat: Chat, channel: &str) -> String {
    format!("{}:{channel}", chat.as_str())
}
