//! What is told, as parcels of the outbox.

use jiff::Timestamp;

use crate::alerts::Place;
use crate::chat::parcel::{Delivery, Parcel};
use crate::chat::{Chat, Destination, Message};
use crate::observe::traces;
use crate::store::NewParcel;

use super::Watch;

/// A message that nobody asked for, and where it goes.
pub(super) struct Unaddressed<'a> {
    /// Its name in the outbox.
    pub(super) id: String,
    /// The place that it is meant for.
    pub(super) place: &'a Place,
    /// The bot that it is about, or nothing.
    pub(super) subject: &'a str,
    /// What is said.
    pub(super) message: Message,
    /// Whom to mention.
    pub(super) mention: Option<String>,
    /// When the webhook came that it tells of, where it tells of one.
    pub(super) heard_at: Option<Timestamp>,
}

/// The name of the message about a bot in a place.
pub(super) fn head_of(bot: &str, place: &str) -> String {
    format!("alert/{bot}/{place}")
}

/// The name of the details in its thread.
pub(super) fn details_of(head: &str) -> String {
    format!("{head}/details")
}

impl Watch {
    /// The parcel of a new message. `None` for a place on a platform that nobody knows.
    pub(super) fn new_message(&self, message: &Unaddressed<'_>) -> Option<NewParcel> {
        self.parcel(message, Delivery::Post)
    }

    /// The parcel of a change of that message.
    pub(super) fn change(&self, message: &Unaddressed<'_>) -> Option<NewParcel> {
        self.parcel(message, Delivery::Amend)
    }

    fn parcel(
        &self,
        message: &Unaddressed<'_>,
        delivery: impl FnOnce(Destination) -> Delivery,
    ) -> Option<NewParcel> {
        let (chat, channel) = message.place.0.split_once(':')?;
        let chat = Chat::from_word(chat)?;
        let parcel = Parcel {
            chat,
            delivery: delivery(Destination { channel: channel.to_owned(), thread: None }),
            message: message.message.clone(),
            asker: None,
            opens: false,
            mention: message.mention.clone(),
            heard_at: message.heard_at,
            trace: traces::here(),
            fallback: self.unasked.fallbacks.get(&chat).filter(|fallback| *fallback != channel).cloned(),
        };
        Some(NewParcel {
            id: message.id.clone(),
            lane: message.place.0.clone(),
            subject: message.subject.to_owned(),
            kind: parcel.message.kind(),
            body: serde_json::to_string(&parcel).unwrap_or_default(),
            ..NewParcel::default()
        })
    }
}
