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

use crate::chat::parcel::{Delivery, Otherwise, Parcel, lane};
use crate::chat::{DeliveryError, Destination, Letter, MessageId, Messenger, Messengers, Retry};
use crate::observe::traces;
use crate::report::notices;
use crate::store::{LeasedParcel, NewParcel, Store, StoreError};

/// How long one attempt may take. The messengers end earlier by their own limits.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(45);
/// How long a parcel is ours. Longer than an attempt may take.
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
    /// An outbox that looks for parcels when `due` is signalled.
    #[must_use]
    pub const fn new(store: Store, messengers: Messengers, due: Arc<Notify>) -> Self {
        Self { store, messengers, due }
    }

    /// Ends when something may be due.
    pub async fn due(&self) {
        self.due.notified().await;
    }

    /// Leases the next parcel that may be delivered now.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn lease(&self, now: Timestamp) -> Result<Option<LeasedParcel>, StoreError> {
        self.store.lease_parcel(now, LEASE).await
    }

    /// Delivers a parcel, and records what became of it.
    ///
    /// # Errors
    /// Where the database does not work. The parcel comes back when its lease ends, and is in doubt.
    pub async fn deliver(&self, leased: LeasedParcel, now: Timestamp) -> Result<(), StoreError> {
        let Ok(mut parcel) = serde_json::from_str::<Parcel>(&leased.body) else {
            return self.store.bury_parcel(&leased.id, "it cannot be read", now).await;
        };
        let Some(messenger) = self.messengers.get(&parcel.chat) else {
            return self.store.bury_parcel(&leased.id, "its platform is off", now).await;
        };
        if !address(&mut parcel.delivery, &leased) {
            return self.store.bury_parcel(&leased.id, "there is no message to change", now).await;
        }
        let begun = Instant::now();
        let (chat, kind) = (parcel.chat.as_str(), parcel.message.kind());
        let span = tracing::info_span!("deliver", otel.kind = "client", parcel.id = leased.id, chat, kind);
        traces::follow(&span, parcel.trace.as_deref());
        let attempt = attempt(&leased, &parcel, messenger.as_ref()).instrument(span);
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
                tracing::info!(parcel.id = leased.id, chat, kind, waited_ms = waited, "Delivered.");
                if let Some(heard_at) = parcel.heard_at {
                    let since = Duration::try_from(now.duration_since(heard_at)).unwrap_or_default();
                    metrics::histogram!("wnr_event_to_message_seconds", "chat" => chat).record(since);
                }
                metrics::histogram!("wnr_delivery_seconds", "chat" => chat, "kind" => kind)
                    .record(Duration::from_millis(waited));
                self.store.delivered(&leased.id, message.as_ref().map(|id| id.0.as_str()), now).await
            }
            Err(error) => {
                if let Some(class) = error.blame() {
                    metrics::counter!("wnr_errors_total", "platform" => chat, "class" => class).increment(1);
                }
                self.failed(&leased, &parcel, &error, now).await
            }
        };
        self.due.notify_one();
        recorded
    }

    async fn failed(
        &self,
        leased: &LeasedParcel,
        parcel: &Parcel,
        error: &DeliveryError,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let why = error.to_string();
        tracing::warn!(parcel.id = leased.id, parcel.attempt = leased.attempts, why, "Not delivered.");
        let pause = match error.retry() {
            Retry::Never => return self.elsewhere(leased, parcel, error, now).await,
            Retry::After(wait) => {
                SignedDuration::try_from(wait).unwrap_or(PAUSE_ASKED_MAX).min(PAUSE_ASKED_MAX)
            }
            Retry::Later => SignedDuration::from_secs((1 << leased.attempts.clamp(0, 9)).min(PAUSE_MAX_SECS)),
        };
        if now.as_millisecond() - leased.created_at > i64::try_from(AGE_MAX.as_millis()).unwrap_or(i64::MAX) {
            return self.store.bury_parcel(&leased.id, &format!("given up after a day: {why}"), now).await;
        }
        let in_doubt = matches!(error, DeliveryError::InDoubt(_));
        self.store.postpone_parcel(&leased.id, leased.attempts, now + pause, in_doubt, &why).await
    }

    /// Tells the asker alone what cannot be said where they asked. What nobody asked for is kept to be looked at.
    async fn elsewhere(
        &self,
        leased: &LeasedParcel,
        parcel: &Parcel,
        error: &DeliveryError,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let why = error.to_string();
        match (error, parcel.otherwise()) {
            // Somebody deleted the message. That is an answer, too.
            (DeliveryError::MessageGone(_), _) if leased.amends.is_some() => {
                return self.store.supersede(std::slice::from_ref(&leased.id), &[], &why, now).await;
            }
            (DeliveryError::NotThere(_), Otherwise::Elsewhere(channel)) => {
                return self.redirect(leased, parcel, &channel, error, now).await;
            }
            (
                DeliveryError::NotThere(_) | DeliveryError::MessageGone(_),
                Otherwise::Tell(_) | Otherwise::Needless,
            ) => {}
            _ => return self.store.bury_parcel(&leased.id, &why, now).await,
        }
        let stuck = self.store.with_its_thread(&leased.id).await?;
        let told = stuck.iter().filter_map(|(id, body)| {
            match serde_json::from_str::<Parcel>(body).ok()?.otherwise() {
                Otherwise::Tell(parcel) => Some(stored(&parcel, format!("{id}/alone"), None)),
                Otherwise::Needless | Otherwise::Nowhere | Otherwise::Elsewhere(_) => None,
            }
        });
        let told: Vec<NewParcel> = told.collect();
        let ids: Vec<String> = stuck.iter().map(|(id, _)| id.clone()).collect();
        self.store.supersede(&ids, &told, &why, now).await
    }

    /// Says it in the fallback channel, with a sentence why. The place counts as closed for a while, so that
    /// what comes next does not even try.
    async fn redirect(
        &self,
        leased: &LeasedParcel,
        parcel: &Parcel,
        fallback: &str,
        error: &DeliveryError,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let to = lane(parcel.chat, fallback);
        if to == leased.lane {
            tracing::error!(place = to, why = %error, "The fallback channel does not take alerts either.");
            return self.store.bury_parcel(&leased.id, &error.to_string(), now).await;
        }
        tracing::error!(place = leased.lane, fallback = to, why = %error, "A channel does not take alerts.");
        self.store.close_place(&leased.lane, &error.to_string(), now).await?;
        let remark = notices::meant_for(channel_of(&leased.lane), &error.to_string());
        let Some(amends) = &leased.amends else {
            return self.store.redirect(&leased.id, &to, &remark, now).await;
        };
        // The message stands where nobody can change it any more, so it is said anew.
        let there = Destination { channel: fallback.to_owned(), thread: None };
        let anew = Parcel { delivery: Delivery::Post(there), ..parcel.clone() };
        let body = serde_json::to_string(&anew).unwrap_or_default();
        self.store.restart(amends, &leased.id, &to, &body, &remark, now).await
    }
}

/// Fills in what only the outbox knows: the channel after a redirection, the thread, the message to change.
/// Whether that was possible.
fn address(delivery: &mut Delivery, leased: &LeasedParcel) -> bool {
    match delivery {
        Delivery::Post(to) => {
            channel_of(&leased.lane).clone_into(&mut to.channel);
            if let Some(above) = &leased.thread {
                to.thread = Some(MessageId(above.clone()));
            }
            true
        }
        Delivery::Amend(to) => {
            let Some(message) = &leased.amended else { return false };
            let at = Destination {
                channel: channel_of(&leased.lane).to_owned(),
                thread: leased.thread.clone().map(MessageId),
            };
            *to = at.clone();
            *delivery = Delivery::Edit(at, MessageId(message.clone()));
            true
        }
        Delivery::Edit(..) | Delivery::Tell(_) | Delivery::Replace(_) => true,
    }
}

/// The channel in the lane of a parcel that everybody sees.
fn channel_of(lane: &str) -> &str {
    lane.split_once(':').map_or(lane, |(_, channel)| channel)
}

/// One attempt. The id of the message, where it has one.
async fn attempt(
    leased: &LeasedParcel,
    parcel: &Parcel,
    messenger: &dyn Messenger,
) -> Result<Option<MessageId>, DeliveryError> {
    let letter = Letter {
        message: &parcel.message,
        mark: &leased.id,
        asker: parcel.asker.as_ref(),
        opens: parcel.opens,
        begins_thread: leased.thread.is_some() && leased.amended.is_none(),
        mention: parcel.mention.as_deref(),
        remark: leased.remark.as_deref(),
    };
    match &parcel.delivery {
        Delivery::Post(to) => {
            if leased.in_doubt {
                let since = Timestamp::from_millisecond(leased.created_at).unwrap_or(Timestamp::UNIX_EPOCH);
                if let Some(found) = messenger.find(to, &leased.id, since).await? {
                    return Ok(Some(found));
                }
            }
            messenger.post(to, &letter).await.map(Some)
        }
        // An amendment has become an edit by now.
        Delivery::Amend(_) => Err(DeliveryError::Refused("it was not addressed".to_owned())),
        Delivery::Edit(at, id) => messenger.edit(at, id, &letter).await.map(|()| None),
        Delivery::Tell(reader) => messenger.tell(reader, &letter).await.map(|()| None),
        Delivery::Replace(reader) => messenger.replace(reader, &letter).await.map(|()| None),
    }
}

/// A parcel as the store keeps it.
#[must_use]
pub fn stored(parcel: &Parcel, id: String, below: Option<String>) -> NewParcel {
    NewParcel {
        id,
        lane: parcel.lane(),
        below,
        subject: parcel
            .message
            .report()
            .and_then(|report| report.bot_id)
            .map(|bot| bot.to_string())
            .unwrap_or_default(),
        kind: parcel.message.kind(),
        body: serde_json::to_string(parcel).unwrap_or_default(),
        amends: None,
        remark: None,
    }
}
