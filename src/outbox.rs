//! What is to be said: delivered in order per place, repeated until it is said, and never lost.
//!
//! At least once. Where somebody died between sending and recording, the platform is asked first
//! whether the message is there ([`Messenger::find`]); where it cannot tell, the message is repeated.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tracing::Instrument;

use crate::chat::outbox_message::{Delivery, Fallback, OutboxMessage, ordering_key};
use crate::chat::{DeliveryError, Destination, MessageId, Messenger, Messengers, Retry, SendRequest};
use crate::observe::traces;
use crate::report::notices;
use crate::store::{LeasedOutboxRow, NewOutboxRow, Store, StoreError};

/// How long one attempt may take. The messengers end earlier by their own limits.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(45);
/// How long an outbox message is ours. Longer than an attempt may take.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How far the clock of an instance may be off that of the server that it shares with others. With one that
/// is as much ahead as another is behind, a lease is still longer than an attempt.
pub const CLOCK_OFF_MAX: SignedDuration = SignedDuration::from_secs(7);
/// The longest pause between two attempts.
const PAUSE_MAX_SECS: i64 = 300;
/// The longest pause that a platform is believed to ask for.
const PAUSE_ASKED_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Older than this, an answer helps nobody any more.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The outbox, and what delivers from it.
pub struct Outbox {
    store: Store,
    messengers: Messengers,
    due: Arc<Notify>,
}

impl Outbox {
    /// An outbox that looks for rows when `due` is signalled.
    #[must_use]
    pub const fn new(store: Store, messengers: Messengers, due: Arc<Notify>) -> Self {
        Self { store, messengers, due }
    }

    /// Ends when something may be due.
    pub async fn due(&self) {
        self.due.notified().await;
    }

    /// Leases the next outbox message that may be delivered now.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn lease(&self, now: Timestamp) -> Result<Option<LeasedOutboxRow>, StoreError> {
        self.store.lease_outbox(now, LEASE).await
    }

    /// Delivers an outbox message, and records what became of it.
    ///
    /// # Errors
    /// Where the database does not work. The outbox message comes back when its lease ends, and is in doubt.
    pub async fn deliver(&self, leased: LeasedOutboxRow, now: Timestamp) -> Result<(), StoreError> {
        let Ok(mut outgoing) = serde_json::from_str::<OutboxMessage>(&leased.body) else {
            return self.store.dead_letter_outbox(&leased.id, "it cannot be read", now).await;
        };
        let Some(messenger) = self.messengers.get(&outgoing.chat) else {
            return self.store.dead_letter_outbox(&leased.id, "its platform is off", now).await;
        };
        if !address(&mut outgoing.delivery, &leased) {
            return self.store.dead_letter_outbox(&leased.id, "there is no message to change", now).await;
        }
        let begun = Instant::now();
        let (chat, kind) = (outgoing.chat.as_str(), outgoing.message.kind());
        let span = tracing::info_span!("deliver", otel.kind = "client", outbox.id = leased.id, chat, kind);
        traces::follow(&span, outgoing.trace.as_deref());
        let attempt = attempt(&leased, &outgoing, messenger.as_ref()).instrument(span);
        let attempt = AssertUnwindSafe(attempt).catch_unwind();
        let done = match tokio::time::timeout(ATTEMPT_TIMEOUT, attempt).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(DeliveryError::InDoubt("the attempt panicked".to_owned())),
            Err(_) => Err(DeliveryError::InDoubt("it took too long".to_owned())),
        };
        // Waiting for the turn in a channel counts, or a pause that a platform asked for would end early.
        let now = now + SignedDuration::try_from(begun.elapsed()).unwrap_or_default();
        let result = done.as_ref().map_or_else(DeliveryError::class, |_| "delivered");
        metrics::counter!("wnr_deliveries_total", "chat" => chat, "result" => result).increment(1);
        let recorded = match done {
            Ok(message) => {
                let waited = u64::try_from(now.as_millisecond() - leased.created_at).unwrap_or_default();
                tracing::info!(outbox.id = leased.id, chat, kind, waited_ms = waited, "Delivered.");
                if let Some(last_event_at) = outgoing.last_event_at {
                    let since = Duration::try_from(now.duration_since(last_event_at)).unwrap_or_default();
                    metrics::histogram!("wnr_event_to_message_seconds", "chat" => chat).record(since);
                }
                metrics::histogram!("wnr_delivery_seconds", "chat" => chat, "kind" => kind)
                    .record(Duration::from_millis(waited));
                self.store.delivered(&leased.id, message.as_ref().map(|id| id.0.as_str()), now).await
            }
            Err(error) => {
                if let Some(class) = error.error_class() {
                    metrics::counter!("wnr_errors_total", "platform" => chat, "class" => class).increment(1);
                }
                self.failed(&leased, &outgoing, &error, now).await
            }
        };
        self.due.notify_one();
        recorded
    }

    async fn failed(
        &self,
        leased: &LeasedOutboxRow,
        outgoing: &OutboxMessage,
        error: &DeliveryError,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let why = error.to_string();
        tracing::warn!(
            outbox.id = leased.id,
            outbox.attempt = leased.attempts,
            error = why,
            "Not delivered."
        );
        let pause = match error.retry() {
            Retry::Never => return self.elsewhere(leased, outgoing, error, now).await,
            Retry::After(wait) => {
                SignedDuration::try_from(wait).unwrap_or(PAUSE_ASKED_MAX).min(PAUSE_ASKED_MAX)
            }
            Retry::Now | Retry::Backoff => {
                SignedDuration::from_secs((1 << leased.attempts.clamp(0, 9)).min(PAUSE_MAX_SECS))
            }
        };
        if now.as_millisecond() - leased.created_at > i64::try_from(AGE_MAX.as_millis()).unwrap_or(i64::MAX) {
            return self
                .store
                .dead_letter_outbox(&leased.id, &format!("given up after a day: {why}"), now)
                .await;
        }
        let in_doubt = matches!(error, DeliveryError::InDoubt(_));
        self.store.postpone_outbox(&leased.id, leased.attempts, now + pause, in_doubt, &why).await
    }

    /// Tells the asker alone what cannot be said where they asked. What nobody asked for is kept to be looked at.
    async fn elsewhere(
        &self,
        leased: &LeasedOutboxRow,
        outgoing: &OutboxMessage,
        error: &DeliveryError,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let why = error.to_string();
        match (error, outgoing.otherwise()) {
            // Somebody deleted the message. That is an answer, too.
            (DeliveryError::MessageGone(_), _) if leased.edits.is_some() => {
                return self.store.supersede(std::slice::from_ref(&leased.id), &[], &why, now).await;
            }
            (DeliveryError::NotThere(_), Fallback::Channel(channel)) => {
                return self.redirect(leased, outgoing, &channel, error, now).await;
            }
            (
                DeliveryError::NotThere(_) | DeliveryError::MessageGone(_),
                Fallback::Ephemeral(_) | Fallback::NotNeeded,
            ) => {}
            _ => return self.store.dead_letter_outbox(&leased.id, &why, now).await,
        }
        let stuck = self.store.with_its_thread(&leased.id).await?;
        let told = stuck.iter().filter_map(|(id, body)| {
            match serde_json::from_str::<OutboxMessage>(body).ok()?.otherwise() {
                Fallback::Ephemeral(outgoing) => Some(stored(&outgoing, format!("{id}/ephemeral"), None)),
                Fallback::NotNeeded | Fallback::None | Fallback::Channel(_) => None,
            }
        });
        let told: Vec<NewOutboxRow> = told.collect();
        let ids: Vec<String> = stuck.iter().map(|(id, _)| id.clone()).collect();
        self.store.supersede(&ids, &told, &why, now).await
    }

    /// Says it in the fallback channel, with a sentence why. The place counts as closed for a while, so that
    /// what comes next does not even try.
    async fn redirect(
        &self,
        leased: &LeasedOutboxRow,
        outgoing: &OutboxMessage,
        fallback: &str,
        error: &DeliveryError,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let to = ordering_key(outgoing.chat, fallback);
        if to == leased.ordering_key {
            tracing::error!(channel = to, %error, "The fallback channel does not take alerts either.");
            return self.store.dead_letter_outbox(&leased.id, &error.to_string(), now).await;
        }
        tracing::error!(channel = leased.ordering_key, fallback = to, %error, "A channel does not take alerts.");
        self.store.mark_unavailable(&leased.ordering_key, &error.to_string(), now).await?;
        let redirect_note = notices::meant_for(channel_of(&leased.ordering_key), &error.to_string());
        let Some(edits) = &leased.edits else {
            return self.store.redirect(&leased.id, &to, &redirect_note, now).await;
        };
        // The message stands where nobody can change it any more, so it is said anew.
        let there = Destination { channel: fallback.to_owned(), thread: None };
        let anew = OutboxMessage { delivery: Delivery::Post(there), ..outgoing.clone() };
        let body = serde_json::to_string(&anew).unwrap_or_default();
        self.store.restart(edits, &leased.id, &to, &body, &redirect_note, now).await
    }
}

/// Fills in what only the outbox knows: the channel after a redirection, the thread, the message to change.
/// Whether that was possible.
fn address(delivery: &mut Delivery, leased: &LeasedOutboxRow) -> bool {
    match delivery {
        Delivery::Post(to) => {
            channel_of(&leased.ordering_key).clone_into(&mut to.channel);
            if let Some(above) = &leased.thread {
                to.thread = Some(MessageId(above.clone()));
            }
            true
        }
        Delivery::EditOutbox(to) => {
            let Some(message) = &leased.amended else { return false };
            let at = Destination {
                channel: channel_of(&leased.ordering_key).to_owned(),
                thread: leased.thread.clone().map(MessageId),
            };
            *to = at.clone();
            *delivery = Delivery::Edit(at, MessageId(message.clone()));
            true
        }
        Delivery::Edit(..) | Delivery::Ephemeral(_) | Delivery::EditEphemeral(_) => true,
    }
}

/// The channel in the ordering key of an outbox message that everybody sees.
fn channel_of(ordering_key: &str) -> &str {
    ordering_key.split_once(':').map_or(ordering_key, |(_, channel)| channel)
}

/// One attempt. The id of the message, where it has one.
async fn attempt(
    leased: &LeasedOutboxRow,
    outgoing: &OutboxMessage,
    messenger: &dyn Messenger,
) -> Result<Option<MessageId>, DeliveryError> {
    let request = SendRequest {
        message: &outgoing.message,
        idempotency_key: &leased.id,
        asker: outgoing.asker.as_ref(),
        replaces_placeholder: outgoing.replaces_placeholder,
        begins_thread: leased.thread.is_some() && leased.amended.is_none(),
        mention: outgoing.mention.as_deref(),
        redirect_note: leased.redirect_note.as_deref(),
    };
    match &outgoing.delivery {
        Delivery::Post(to) => {
            if leased.in_doubt {
                let since = Timestamp::from_millisecond(leased.created_at).unwrap_or(Timestamp::UNIX_EPOCH);
                if let Some(found) = messenger.find(to, &leased.id, since).await? {
                    return Ok(Some(found));
                }
            }
            messenger.post(to, &request).await.map(Some)
        }
        // An amendment has become an edit by now.
        Delivery::EditOutbox(_) => Err(DeliveryError::Refused("it was not addressed".to_owned())),
        Delivery::Edit(at, id) => messenger.edit(at, id, &request).await.map(|()| None),
        Delivery::Ephemeral(requester) => messenger.post_ephemeral(requester, &request).await.map(|()| None),
        Delivery::EditEphemeral(requester) => {
            messenger.edit_ephemeral(requester, &request).await.map(|()| None)
        }
    }
}

/// A outbox message as the store keeps it.
#[must_use]
pub fn stored(outgoing: &OutboxMessage, id: String, thread_parent: Option<String>) -> NewOutboxRow {
    NewOutboxRow {
        id,
        ordering_key: outgoing.ordering_key(),
        thread_parent,
        bot: outgoing
            .message
            .report()
            .and_then(|report| report.bot_id)
            .map(|bot| bot.to_string())
            .unwrap_or_default(),
        kind: outgoing.message.kind(),
        body: serde_json::to_string(outgoing).unwrap_or_default(),
        edits: None,
        redirect_note: None,
    }
}
