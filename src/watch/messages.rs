//! What is told, as rows of the outbox.

use jiff::Timestamp;

use super::decision::Edit;
use super::load::{Channels, unavailable_since};
use crate::alerts::ChannelRef;
use crate::chat::outbox_message::{Delivery, OutboxMessage};
use crate::chat::{Chat, Destination, Message};
use crate::observe::traces;
use crate::report::notices;
use crate::store::{AlertTransaction, NewOutboxRow, StoreError};

use super::Watch;

/// A message that nobody asked for, and where it goes.
pub(super) struct ChannelMessage<'a> {
    /// Its name in the outbox.
    pub(super) id: String,
    /// The place that it is meant for.
    pub(super) channel: &'a ChannelRef,
    /// The bot that it is about, or nothing.
    pub(super) bot: &'a str,
    /// What is said.
    pub(super) message: Message,
    /// Whom to mention.
    pub(super) mention: Option<String>,
    /// When the webhook came that it tells of, where it tells of one.
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
    /// Puts a new message into the outbox: for its channel, or at once for the fallback of one that refuses it.
    pub(super) async fn post(
        &self,
        tx: &mut AlertTransaction,
        message: &ChannelMessage<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let unavailable = tx.unavailable_channels(unavailable_since(now)).await?;
        let channels = Channels { unavailable, ..Channels::default() };
        match self.new_post(message, &channels) {
            Some(outgoing) => tx.enqueue(&outgoing, now).await,
            None => Ok(()),
        }
    }

    /// The outbox message of a new message in a channel, or in the fallback of one that refuses it.
    pub(super) fn new_post(&self, message: &ChannelMessage<'_>, channels: &Channels) -> Option<NewOutboxRow> {
        let outgoing = self.new_message(message)?;
        let Some((fallback, note)) = self.fallback_for(message.channel, channels) else {
            return Some(outgoing);
        };
        Some(NewOutboxRow { ordering_key: fallback, redirect_note: Some(note), ..outgoing })
    }

    /// The ordering key of the channel that takes what this one refuses, and why it does.
    fn fallback_for(&self, channel: &ChannelRef, channels: &Channels) -> Option<(String, String)> {
        let why = channels.unavailable.get(&channel.0)?;
        let (chat, channel) = channel.0.split_once(':')?;
        let fallback = self.alerts.fallbacks.get(&Chat::from_word(chat)?)?;
        (fallback != channel).then(|| (format!("{chat}:{fallback}"), notices::meant_for(channel, why)))
    }

    /// A change of a message. `mark` names the change, and no other of the same message.
    pub(super) fn edit(&self, message: &ChannelMessage<'_>, mark: &str) -> Option<Edit> {
        let mut change = self.change(message)?;
        change.id = format!("{}+{mark}", message.id);
        Some(Edit { new: self.new_message(message)?, change })
    }

    /// The outbox message of a new message. `None` for a place on a platform that nobody knows.
    pub(super) fn new_message(&self, message: &ChannelMessage<'_>) -> Option<NewOutboxRow> {
        self.outgoing(message, Delivery::Post)
    }

    /// The outbox message of a change of that message, where it changes once at most.
    pub(super) fn change(&self, message: &ChannelMessage<'_>) -> Option<NewOutboxRow> {
        let change = self.outgoing(message, Delivery::EditOutbox)?;
        Some(NewOutboxRow { id: format!("{}+changed", message.id), ..change })
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
            fallback: self.alerts.fallbacks.get(&chat).filter(|fallback| *fallback != channel).cloned(),
        };
        Some(NewOutboxRow {
            id: message.id.clone(),
            ordering_key: message.channel.0.clone(),
            bot: message.bot.to_owned(),
            kind: outgoing.message.kind(),
            body: serde_json::to_string(&outgoing).unwrap_or_default(),
            ..NewOutboxRow::default()
        })
    }
}
