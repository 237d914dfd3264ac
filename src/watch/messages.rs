//! Alerts and notices as rows of the outbox.

use jiff::Timestamp;

use super::decision::Edit;
use crate::alerts::ChannelRef;
use crate::chat::outbox_message::{Delivery, OutboxMessage};
use crate::chat::{Chat, Destination, Message};
use crate::observe::traces;
use crate::store::{AlertTransaction, MessageClass, NewOutboxRow, StoreError};

use super::Watch;

/// An alert or a notice, and its channel.
pub(super) struct ChannelMessage<'a> {
    /// Its name in the outbox.
    pub(super) id: String,
    /// The place that it is meant for.
    pub(super) channel: &'a ChannelRef,
    /// The bot that it is about, or nothing.
    pub(super) bot: &'a str,
    /// The message.
    pub(super) message: Message,
    /// Whom to mention.
    pub(super) mention: Option<String>,
    /// When the webhook behind it arrived, if there is one.
    pub(super) last_event_at: Option<Timestamp>,
}

/// The name of the message about a bot in a place.
pub(super) fn head_of(bot: &str, channel: &str) -> String {
    format!("alert/{bot}/{channel}")
}

/// The name of the details in its thread.
pub(super) fn details_of(head: &str) -> String {
    format!("{head}/details")
}

/// The name of a line in its thread. `mark` names the update, and no other of the same bot.
pub(super) fn line_of(head: &str, mark: &str) -> String {
    format!("{head}/update/{mark}")
}

impl Watch {
    /// Enqueues a new message. Whether its channel accepts it is known when it is sent.
    pub(super) async fn post(
        &self,
        tx: &mut AlertTransaction,
        message: &ChannelMessage<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match self.new_message(message) {
            Some(row) => tx.enqueue(&row, now).await,
            None => Ok(()),
        }
    }

    /// A change of a message.
    pub(super) fn edit(&self, message: &ChannelMessage<'_>) -> Option<Edit> {
        Some(Edit { body: self.new_message(message)?.body, change: self.change(message)? })
    }

    /// Returns the outbox row of a new message; `None` if the channel's platform is unknown.
    pub(super) fn new_message(&self, message: &ChannelMessage<'_>) -> Option<NewOutboxRow> {
        self.outgoing(message, Delivery::Post)
    }

    /// The outbox message of a change of that message.
    pub(super) fn change(&self, message: &ChannelMessage<'_>) -> Option<NewOutboxRow> {
        self.outgoing(message, Delivery::EditOutbox)
    }

    fn outgoing(
        &self,
        message: &ChannelMessage<'_>,
        delivery: impl FnOnce(Destination) -> Delivery,
    ) -> Option<NewOutboxRow> {
        let (chat, channel) = message.channel.0.split_once(':')?;
        let chat = Chat::from_word(chat)?;
        let outgoing = OutboxMessage {
            chat,
            delivery: delivery(Destination { channel: channel.to_owned(), thread: None }),
            message: message.message.clone(),
            asker: None,
            replaces_placeholder: false,
            mention: message.mention.clone(),
            last_event_at: message.last_event_at,
            trace: traces::here(),
            fallback_channel: self
                .alerts
                .fallbacks
                .get(&chat)
                .filter(|fallback| *fallback != channel)
                .cloned(),
        };
        Some(NewOutboxRow {
            id: message.id.clone(),
            channel: message.channel.0.clone(),
            class: class_of(&outgoing),
            bot: message.bot.to_owned(),
            kind: outgoing.message.kind(),
            body: serde_json::to_string(&outgoing).unwrap_or_default().into(),
            ..NewOutboxRow::default()
        })
    }
}

/// Headlines first, then what becomes of them, then the details.
const fn class_of(outgoing: &OutboxMessage) -> MessageClass {
    match (&outgoing.message, &outgoing.delivery) {
        (Message::Details { .. }, _) => MessageClass::Details,
        (Message::Bots(_), _) => MessageClass::Update,
        (_, Delivery::EditOutbox(_)) => MessageClass::Edit,
        _ => MessageClass::Headline,
    }
}
