//! Handles a message that a platform refuses for good. A refusal is about the message, its thread or its channel, and
//! ends what belongs to that and nothing else.
//!
//! | refused | ends | instead |
//! |---|---|---|
//! | the message | it, and what belongs to it | – |
//! | the message to edit is gone | the edit | – |
//! | a thread, since there can be none | what only repeats the edited headline | the details are shown in the headline |
//! | the thread is locked or gone | what was to go into it | to the requester only, if there is one |
//! | the channel | it, and what belongs to it | to the requester only; an alert goes to the fallback |

use jiff::Timestamp;

use super::attempt::channel_of;
use super::{Outbox, lost, stored};
use crate::chat::outbox_message::{Delivery, Fallback, OutboxMessage, channel_key};
use crate::chat::{DeliveryError, Destination};
use crate::report::notices;
use crate::store::{LeasedOutboxRow, NewOutboxRow, StoreError};

impl Outbox {
    pub(super) async fn refused(
        &self,
        leased: &LeasedOutboxRow,
        message: &OutboxMessage,
        error: &DeliveryError,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let why = error.to_string();
        let in_a_thread = leased.thread_parent.is_some() || leased.thread.is_some();
        let ours = match (error, message.fallback()) {
            (DeliveryError::NoThread(_), _) if leased.thread_parent.is_some() => {
                let parent = leased.thread_parent.as_deref().unwrap_or_default();
                self.store.without_thread(leased, parent, &why, now).await?
            }
            // The message was deleted, or its thread closed. That is a result too.
            (DeliveryError::MessageGone(_) | DeliveryError::ThreadClosed(_), _) if leased.edits.is_some() => {
                self.store.supersede(&leased.lease, &[], &[], &why, now).await?
            }
            (
                DeliveryError::NotThere(_)
                | DeliveryError::NoThread(_)
                | DeliveryError::ThreadClosed(_)
                | DeliveryError::MessageGone(_),
                Fallback::Ephemeral(_) | Fallback::NotNeeded,
            ) => self.to_the_asker(leased, &why, now).await?,
            (DeliveryError::ThreadClosed(_), _) if leased.thread_parent.is_some() => {
                let parent = leased.thread_parent.as_deref().unwrap_or_default();
                self.store.end_thread(&leased.lease, parent, &why, now).await?
            }
            (DeliveryError::NotThere(_), fallback) => {
                self.store.mark_unavailable(&leased.channel, &why, now).await?;
                match fallback {
                    Fallback::Channel(channel) if !in_a_thread || leased.edits.is_some() => {
                        self.redirect(leased, message, &channel, &why, now).await?
                    }
                    _ => {
                        let channel = &leased.channel;
                        tracing::error!(channel, error = why, "Channel unavailable, no fallback.");
                        self.store.dead_letter_outbox(&leased.lease, &why, now).await?
                    }
                }
            }
            _ => self.store.dead_letter_outbox(&leased.lease, &why, now).await?,
        };
        if !ours {
            lost(leased);
        }
        Ok(())
    }

    /// Sends an answer to the requester only, because it can't be posted where they asked.
    async fn to_the_asker(
        &self,
        leased: &LeasedOutboxRow,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let stuck = self.store.with_its_thread(leased.id()).await?;
        let told = stuck.iter().filter_map(|(id, body)| {
            match serde_json::from_str::<OutboxMessage>(body).ok()?.fallback() {
                Fallback::Ephemeral(message) => {
                    Some(stored(&message, format!("{id}/ephemeral"), None, leased.ordering_key.clone()))
                }
                Fallback::NotNeeded | Fallback::None | Fallback::Channel(_) => None,
            }
        });
        let told: Vec<NewOutboxRow> = told.collect();
        let ids: Vec<String> = stuck.into_iter().map(|(id, _)| id).collect();
        self.store.supersede(&leased.lease, &ids, &told, why, now).await
    }

    /// Sends the alert to the fallback channel, with the reason.
    async fn redirect(
        &self,
        leased: &LeasedOutboxRow,
        message: &OutboxMessage,
        fallback: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let to = channel_key(message.chat, fallback);
        if to == leased.channel {
            tracing::error!(channel = to, error = why, "Fallback channel unavailable.");
            return self.store.dead_letter_outbox(&leased.lease, why, now).await;
        }
        if let Some(kept_back) = self.kept_back(leased, message, &to, now).await? {
            tracing::warn!(
                channel = leased.channel,
                fallback = to,
                error = why,
                "Channel unavailable, fallback muted."
            );
            return Ok(kept_back);
        }
        tracing::error!(
            channel = leased.channel,
            fallback = to,
            error = why,
            "Channel unavailable, alert sent to fallback."
        );
        let note = notices::meant_for(channel_of(&leased.channel), why);
        let Some(edits) = &leased.edits else {
            return self.store.redirect(&leased.lease, &to, &note).await;
        };
        // The message can't be edited any more, so it is sent anew.
        let there = Destination { channel: fallback.to_owned(), thread: None };
        let anew = OutboxMessage { delivery: Delivery::Post(there), ..message.clone() };
        let body = serde_json::to_string(&anew).unwrap_or_default();
        self.store.restart(leased, edits, &to, &body, &note, now).await
    }
}
