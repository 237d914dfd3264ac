//! A message on its way: what is said, where, and what to do if it cannot be said there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::arrival::Reader;
use super::{Aside, Chat, Destination, Message, MessageId};

/// One message and its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The platform that delivers it.
    pub chat: Chat,
    /// How and where.
    pub delivery: Delivery,
    /// What is said.
    pub message: Message,
    /// Who asked, and is told alone where the place does not take it.
    pub asker: Option<Reader>,
    /// It takes the place of the sign that an answer is coming.
    #[serde(default)]
    pub opens: bool,
    /// Whom to mention, as the platform writes it.
    #[serde(default)]
    pub mention: Option<String>,
    /// The channel that takes it where its own is gone or closed.
    #[serde(default)]
    pub fallback: Option<String>,
    /// When we heard what it tells of, where nobody asked; to measure how long that takes.
    #[serde(default)]
    pub heard_at: Option<Timestamp>,
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
    /// In the place of the message as which another parcel was delivered; the outbox knows which.
    Amend(Destination),
    /// To one person alone.
    Tell(Reader),
    /// In the place of the message that only this person sees.
    Replace(Reader),
}

/// A parcel of an answer, before it has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The message and its address.
    pub parcel: Parcel,
    /// The index of the draft in whose thread it goes.
    pub below: Option<usize>,
}

impl Parcel {
    /// The place where it goes. The parcels of one lane are delivered in order.
    #[must_use]
    pub fn lane(&self) -> String {
        let chat = self.chat.as_str();
        match &self.delivery {
            // What comes first takes the place of "thinking…", for whomever it is: the order has to hold.
            Delivery::Tell(reader) | Delivery::Replace(reader) if self.chat == Chat::Discord => {
                lane(self.chat, &reader.place.channel)
            }
            Delivery::Post(to) | Delivery::Edit(to, _) | Delivery::Amend(to) => lane(self.chat, &to.channel),
            Delivery::Tell(reader) | Delivery::Replace(reader) => {
                format!("{chat}:{}:{}", reader.place.channel, reader.person)
            }
        }
    }

    /// What to do where it cannot be said there.
    #[must_use]
    pub fn otherwise(&self) -> Otherwise {
        if let (Some(channel), Delivery::Post(_) | Delivery::Edit(..)) = (&self.fallback, &self.delivery) {
            return Otherwise::Elsewhere(channel.clone());
        }
        let Some(reader) = self.asker.clone() else { return Otherwise::Nowhere };
        let message = match (&self.delivery, &self.message) {
            (Delivery::Tell(_) | Delivery::Replace(_), _) => return Otherwise::Nowhere,
            // The details say all that the verdict says.
            (_, Message::Verdict(_)) => return Otherwise::Needless,
            (Delivery::Post(_), Message::Details { report, .. }) => {
                Message::Details { report: report.clone(), aside: Some(Aside::NotInChannel) }
            }
            (Delivery::Post(_) | Delivery::Edit(..) | Delivery::Amend(_), message) => message.clone(),
        };
        Otherwise::Tell(Box::new(Self {
            chat: self.chat,
            delivery: Delivery::Tell(reader),
            message,
            asker: None,
            opens: self.opens,
            mention: None,
            fallback: None,
            heard_at: None,
            trace: self.trace.clone(),
        }))
    }
}

/// What to do with a parcel that cannot be said where it was to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Otherwise {
    /// Tell it to the asker alone.
    Tell(Box<Parcel>),
    /// Say it in this channel.
    Elsewhere(String),
    /// Nothing: another parcel says the same.
    Needless,
    /// Nobody can be told.
    Nowhere,
}

/// The lane of a channel.
#[must_use]
pub fn lane(chat: Chat, channel: &str) -> String {
    format!("{}:{channel}", chat.as_str())
}
