//! The outbox worker: leases a message, sends it, and records the result.
//!
//! Delivery is at least once. If a process died between sending and recording, the platform is asked for the message
//! first ([`Messenger::find`]); if it can't say, the message is sent again. The states of a message are in
//! `store/outbox.rs`.

mod attempt;
mod muted;
mod refused;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tracing::Instrument;

use crate::chat::outbox_message::{OutboxMessage, channel_key};
use crate::chat::{DeliveryError, MessageId, Messenger, Messengers};
use crate::observe::traces;
use crate::report::notices;
use crate::retry::{self, Backoff};
use crate::store::{LeasedOutboxRow, MessageClass, NewOutboxRow, Pause, Postponement, Store, StoreError};

/// How long one attempt may take. The messengers end earlier by their own limits.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(45);
/// Duration of a lease: longer than an attempt may take.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How far the clock of an instance may be off that of the server that it shares with others. With one that
/// is as much ahead as another is behind, a lease is still longer than an attempt.
pub const CLOCK_OFF_MAX: SignedDuration = SignedDuration::from_secs(7);
/// The longest pause that a platform is believed to ask for.
const PAUSE_ASKED_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Times are stored in whole milliseconds, and a platform counts from when it answered: a little later is in time.
const PAUSE_MARGIN: SignedDuration = SignedDuration::from_millis(20);
/// Messages older than this are given up.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The outbox, and what sends from it.
pub struct Outbox {
    store: Store,
    messengers: Messengers,
    due: Arc<Notify>,
}

impl Outbox {
    /// An outbox that looks for messages when `due` is signalled.
    #[must_use]
    pub const fn new(store: Store, messengers: Messengers, due: Arc<Notify>) -> Self {
        Self { store, messengers, due }
    }

    /// Ends when something may be due.
    pub async fn due(&self) {
        self.due.notified().await;
    }

    /// Leases the next message that may be sent now.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn lease(&self, now: Timestamp) -> Result<Option<LeasedOutboxRow>, StoreError> {
        self.store.lease_outbox(now, LEASE).await
    }

    /// Gives up messages whose parent will never be sent, so that an operator sees them.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn repair(&self, now: Timestamp) -> Result<(), StoreError> {
        let orphans = self.store.repair_outbox(now).await?;
        metrics::counter!("wnr_outbox_orphans_total").increment(orphans);
        if orphans > 0 {
            tracing::error!(orphans, "Messages given up: their parent is gone.");
        }
        Ok(())
    }

    /// Sends a message and records the result.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails. The message is retried when its lease ends, in doubt.
    pub async fn deliver(&self, mut leased: LeasedOutboxRow, now: Timestamp) -> Result<(), StoreError> {
        let started = Instant::now();
        let Ok(mut message) = serde_json::from_str::<OutboxMessage>(&leased.body) else {
            return self.give_up(&leased, "it cannot be read", now).await;
        };
        let Some(messenger) = self.messengers.get(&message.chat) else {
            return self.give_up(&leased, "its platform is off", now).await;
        };
        if !attempt::address(&mut message.delivery, &leased) {
            return self.give_up(&leased, "there is no message to change", now).await;
        }
        if leased.missed > 0 {
            leased.redirect_note = Some(notices::missed(leased.missed));
        }
        let (chat, kind) = (message.chat.as_str(), message.message.kind());
        let span = tracing::info_span!("deliver", otel.kind = "client", outbox.id = leased.id(), chat, kind);
        traces::follow(&span, message.trace.as_deref());
        let trying = attempt::attempt(&leased, &mut message, messenger.as_ref()).instrument(span);
        let done = match tokio::time::timeout(ATTEMPT_TIMEOUT, AssertUnwindSafe(trying).catch_unwind()).await
        {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(DeliveryError::InDoubt("the attempt panicked".to_owned())),
            Err(_) => Err(DeliveryError::InDoubt("it took too long".to_owned())),
        };
        // A pause that a platform asks for starts when it asks, and not when we set out.
        let now = now + SignedDuration::try_from(started.elapsed()).unwrap_or(SignedDuration::ZERO);
        let result = done.as_ref().map_or_else(DeliveryError::class, |_| "delivered");
        metrics::counter!("wnr_deliveries_total", "chat" => chat, "result" => result).increment(1);
        let pauses = pauses(&leased, &message, messenger.as_ref(), &done, now);
        let recorded = match done {
            Ok(platform_id) => self.sent(&leased, &message, platform_id.as_ref(), &pauses, now).await,
            Err(error) => {
                if let Some(class) = error.error_class() {
                    metrics::counter!("wnr_errors_total", "platform" => chat, "class" => class).increment(1);
                }
                self.failed(&leased, &message, &error, &pauses, now).await
            }
        };
        self.wake_up_after(&pauses, now);
        recorded
    }

    async fn sent(
        &self,
        leased: &LeasedOutboxRow,
        message: &OutboxMessage,
        platform_id: Option<&MessageId>,
        pauses: &[Pause],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let platform_id = platform_id.map(|id| id.0.as_str());
        if !self.store.sent(leased, platform_id, pauses, now).await? {
            lost(leased);
            return Ok(());
        }
        // Slack takes a channel's name, and people are in the channel with this ID.
        if let Some((id, _)) = platform_id.and_then(|id| id.split_once('/')) {
            self.store.remember_channel_id(&leased.channel, &channel_key(message.chat, id)).await?;
        }
        let (chat, kind) = (message.chat.as_str(), message.message.kind());
        let waited = u64::try_from(now.as_millisecond() - leased.created_at).unwrap_or_default();
        tracing::info!(outbox.id = leased.id(), chat, kind, waited_ms = waited, "Message delivered.");
        if let Some(last_event_at) = message.last_event_at {
            let since = Duration::try_from(now.duration_since(last_event_at)).unwrap_or_default();
            metrics::histogram!("wnr_event_to_message_seconds", "chat" => chat).record(since);
        }
        metrics::histogram!("wnr_delivery_seconds", "chat" => chat, "kind" => kind)
            .record(Duration::from_millis(waited));
        Ok(())
    }

    async fn failed(
        &self,
        leased: &LeasedOutboxRow,
        message: &OutboxMessage,
        error: &DeliveryError,
        pauses: &[Pause],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let why = error.to_string();
        tracing::warn!(
            outbox.id = leased.id(),
            outbox.attempt = leased.lease.attempts,
            error = why,
            "Message not delivered."
        );
        let pause = match error {
            DeliveryError::Busy(wait) | DeliveryError::PlatformBusy(wait) => asked(*wait),
            DeliveryError::InDoubt(_) | DeliveryError::Failed(_) | DeliveryError::NotAllowed(_) => {
                let pause = Backoff::DELIVERY.pause_after(leased.lease.attempts, retry::seed(leased.id()));
                SignedDuration::try_from(pause).unwrap_or(PAUSE_ASKED_MAX)
            }
            DeliveryError::NotThere(_)
            | DeliveryError::NoThread(_)
            | DeliveryError::ThreadClosed(_)
            | DeliveryError::MessageGone(_)
            | DeliveryError::Refused(_) => return self.refused(leased, message, error, now).await,
        };
        let age = now.as_millisecond() - leased.created_at;
        if age > i64::try_from(AGE_MAX.as_millis()).unwrap_or(i64::MAX) {
            return self.give_up(leased, &format!("given up after a day: {why}"), now).await;
        }
        let in_doubt = matches!(error, DeliveryError::InDoubt(_));
        let postponement = Postponement { until: now + pause, in_doubt, error: why };
        if !self.store.postpone_outbox(&leased.lease, &postponement, pauses, now).await? {
            lost(leased);
        }
        Ok(())
    }

    /// Makes a message and what belongs to it dead letters, which an operator sees.
    async fn give_up(&self, leased: &LeasedOutboxRow, error: &str, now: Timestamp) -> Result<(), StoreError> {
        if !self.store.dead_letter_outbox(&leased.lease, error, now).await? {
            lost(leased);
        }
        self.due.notify_one();
        Ok(())
    }

    /// Notifies the worker now, and again when the channel accepts the next message.
    fn wake_up_after(&self, pauses: &[Pause], now: Timestamp) {
        self.due.notify_one();
        let Some(until) = pauses.iter().map(|pause| pause.until).max() else { return };
        let Ok(wait) = Duration::try_from(until.duration_since(now)) else { return };
        let due = self.due.clone();
        // Only for latency: a worker that isn't notified polls.
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            due.notify_one();
        });
    }
}

/// Another worker has the message, because this attempt took longer than its lease.
fn lost(leased: &LeasedOutboxRow) {
    let attempt = leased.lease.attempts;
    tracing::warn!(outbox.id = leased.id(), outbox.attempt = attempt, "Delivery outlived its lease.");
}

/// Limits the pause that a platform asked for.
fn asked(wait: Duration) -> SignedDuration {
    SignedDuration::try_from(wait).unwrap_or(PAUSE_ASKED_MAX).min(PAUSE_ASKED_MAX) + PAUSE_MARGIN
}

/// Returns the pauses after this attempt: of the channel for its pace, or of the channel or platform that asked for
/// one.
fn pauses(
    leased: &LeasedOutboxRow,
    message: &OutboxMessage,
    messenger: &dyn Messenger,
    done: &Result<Option<MessageId>, DeliveryError>,
    now: Timestamp,
) -> Vec<Pause> {
    let pause = |of: &str, wait: SignedDuration| Pause { of: of.to_owned(), until: now + wait };
    match done {
        Err(DeliveryError::Busy(wait)) => vec![pause(&leased.channel, asked(*wait))],
        Err(DeliveryError::PlatformBusy(wait)) => vec![pause(message.chat.as_str(), asked(*wait))],
        _ => {
            let pace = message.delivery.shared().map_or(Duration::ZERO, |to| messenger.pace(to));
            let pace = SignedDuration::try_from(pace).unwrap_or(PAUSE_ASKED_MAX).min(PAUSE_ASKED_MAX);
            if pace.is_zero() { Vec::new() } else { vec![pause(&leased.channel, pace)] }
        }
    }
}

/// An outbox message as the store keeps it: one that a person asked for, in order with others of this key.
#[must_use]
pub fn stored(
    message: &OutboxMessage,
    id: String,
    thread_parent: Option<String>,
    ordering_key: String,
) -> NewOutboxRow {
    let bot = message.message.report().and_then(|report| report.bot_id);
    NewOutboxRow {
        id,
        channel: message.channel_key(),
        ordering_key,
        class: MessageClass::Headline,
        thread_parent,
        edits: None,
        redirect_note: None,
        bot: bot.map(|bot| bot.to_string()).unwrap_or_default(),
        kind: message.message.kind(),
        body: serde_json::to_string(message).unwrap_or_default().into(),
    }
}
