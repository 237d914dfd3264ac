//! One attempt to send a message: where it goes, and the call.

use jiff::Timestamp;

use crate::chat::outbox_message::{Delivery, OutboxMessage};
use crate::chat::{DeliveryError, Destination, MessageId, Messenger, SendRequest};
use crate::store::LeasedOutboxRow;

/// Fills in what only the outbox knows: the channel after a redirection, the thread, the message to edit. Returns
/// `false` if one of them isn't known.
pub(super) fn address(delivery: &mut Delivery, leased: &LeasedOutboxRow) -> bool {
    let at = Destination {
        channel: channel_of(&leased.channel).to_owned(),
        thread: leased.thread.clone().map(MessageId),
    };
    if leased.edits.is_some() {
        let Some(message) = leased.edited.clone() else { return false };
        *delivery = Delivery::Edit(at, MessageId(message));
        return true;
    }
    match delivery {
        Delivery::Post(to) => {
            to.channel = at.channel;
            to.thread = at.thread.or_else(|| to.thread.take());
            true
        }
        Delivery::EditOutbox(_) => false,
        Delivery::Edit(..) | Delivery::Ephemeral(_) | Delivery::EditEphemeral(_) => true,
    }
}

/// The channel in the key of a message that everyone there can see.
pub(super) fn channel_of(key: &str) -> &str {
    key.split_once(':').map_or(key, |(_, channel)| channel)
}

/// Makes one attempt. Returns the platform's message ID, if it has one.
pub(super) async fn attempt(
    leased: &LeasedOutboxRow,
    message: &mut OutboxMessage,
    messenger: &dyn Messenger,
) -> Result<Option<MessageId>, DeliveryError> {
    link_earlier_alerts(message, &leased.channel, messenger).await;
    let request = SendRequest {
        message: &message.message,
        idempotency_key: leased.id(),
        asker: message.asker.as_ref(),
        replaces_placeholder: message.replaces_placeholder,
        begins_thread: leased.thread_parent.is_some() && leased.thread.is_some(),
        threadless: leased.threadless,
        mention: message.mention.as_deref(),
        redirect_note: leased.redirect_note.as_deref(),
    };
    match &message.delivery {
        Delivery::Post(to) => {
            if leased.in_doubt {
                let since = Timestamp::from_millisecond(leased.created_at).unwrap_or(Timestamp::UNIX_EPOCH);
                if let Some(found) = messenger.find(to, leased.id(), since).await? {
                    return Ok(Some(found));
                }
            }
            messenger.post(to, &request).await.map(Some)
        }
        // An edit of another outbox message has the id of that one by now.
        Delivery::EditOutbox(_) => Err(DeliveryError::Refused("it was not addressed".to_owned())),
        Delivery::Edit(at, id) => messenger.edit(at, id, &request).await.map(|()| None),
        Delivery::Ephemeral(requester) => messenger.post_ephemeral(requester, &request).await.map(|()| None),
        Delivery::EditEphemeral(requester) => {
            messenger.edit_ephemeral(requester, &request).await.map(|()| None)
        }
    }
}

/// Fills in where the earlier alerts are that the message links to, on its own platform alone: first in its own
/// channel.
async fn link_earlier_alerts(message: &mut OutboxMessage, channel: &str, messenger: &dyn Messenger) {
    let chat = message.chat;
    for earlier in message.message.earlier_alerts() {
        let same = |(other, _): &&(String, String)| other == channel;
        let of_platform = |(other, _): &&(String, String)| {
            other.split_once(':').is_some_and(|(other, _)| other == chat.as_str())
        };
        let posted = earlier.posted.iter().find(same).or(earlier.posted.iter().find(of_platform));
        let Some((channel, id)) = posted else { continue };
        earlier.url = messenger.permalink(channel_of(channel), &MessageId(id.clone())).await;
    }
}
