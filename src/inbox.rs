//! What arrived from people: committed before it is acknowledged, answered afterwards, once.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, oneshot};
use tracing::Instrument;

use crate::chat::arrival::{Arrival, Pressed, Wish};
use crate::chat::parcel::{Draft, lane};
use crate::chat::{Letter, Message, Messengers, NotKept, Reception};
use crate::flow::{self, Answering, Remembered};
use crate::gate::Gate;
use crate::outbox::stored;
use crate::report::notices;
use crate::store::{Accepted, AuditEntry, LeasedItem, NewParcel, Store, StoreError};

/// How long an answer may take. Reading a bot from Recall.ai ends earlier by its own limits.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(50);
/// How long a platform is made to wait for the commit. It allows three seconds for everything.
const ACCEPT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long an item is ours. Longer than an answer may take, so that nobody else begins it meanwhile.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Attempts before an item is given up.
const ATTEMPTS_MAX: i64 = 5;

/// Where questions wait, and those who answer them.
pub struct Inbox {
    store: Store,
    answering: Arc<Answering>,
    messengers: Messengers,
    gate: Gate,
    arrived: Arc<Notify>,
    answered: Arc<Notify>,
}

impl Inbox {
    /// An inbox that signals `answered` when there is something to deliver.
    #[must_use]
    pub fn new(
        store: Store,
        answering: Arc<Answering>,
        messengers: Messengers,
        gate: Gate,
        answered: Arc<Notify>,
    ) -> Self {
        Self { store, answering, messengers, gate, arrived: Arc::new(Notify::new()), answered }
    }

    /// Commits what a person did. When this returns, they will get an answer.
    ///
    /// # Errors
    /// Where it could not be committed. It is then not to be acknowledged.
    pub async fn accept(&self, arrival: &Arrival) -> Result<Accepted, StoreError> {
        accept(&self.store, &self.arrived, arrival).await
    }

    /// Ends when something has arrived that nobody took yet.
    pub async fn arrival(&self) {
        self.arrived.notified().await;
    }

    /// Leases the item that has waited longest.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn lease(&self, now: Timestamp) -> Result<Option<LeasedItem>, StoreError> {
        self.store.lease_item(now, LEASE).await
    }

    /// Answers an item, and puts the answer into the outbox.
    ///
    /// # Errors
    /// Where the database does not work. The item comes back when its lease ends.
    pub async fn work(&self, item: LeasedItem, now: Timestamp) -> Result<(), StoreError> {
        let Ok(arrival) = serde_json::from_str::<Arrival>(&item.body) else {
            tracing::error!(delivery.id = item.delivery_id, "An item in the inbox cannot be read.");
            self.store.bury_item(&item.delivery_id, "it cannot be read", &[], now).await?;
            return Ok(());
        };
        let begun = Instant::now();
        let (chat, wish) = (arrival.chat.as_str(), arrival.wish.in_words());
        let span = tracing::info_span!("answer", delivery.id = item.delivery_id, chat, wish);
        // One broken question must not end the others.
        let answer = AssertUnwindSafe(self.answer(&arrival, now).instrument(span)).catch_unwind();
        match tokio::time::timeout(ANSWER_TIMEOUT, answer).await {
            Ok(Ok(Ok(drafts))) => {
                let parcels = parcels(&item.delivery_id, drafts);
                self.store.finish(&item.delivery_id, &parcels, now).await?;
                let waited = Duration::try_from(now.duration_since(arrival.at)).unwrap_or_default();
                let took = waited + begun.elapsed();
                let took_ms = took.as_millis();
                tracing::info!(delivery.id = item.delivery_id, chat, wish, took_ms, "Answered.");
                metrics::histogram!("wnr_answer_seconds", "chat" => chat).record(took);
                self.answered.notify_one();
            }
            Ok(Ok(Err(error))) => self.again(&item, &arrival, &error.to_string(), now).await?,
            Ok(Err(_)) => self.again(&item, &arrival, "the answer panicked", now).await?,
            Err(_) => self.again(&item, &arrival, "the answer took too long", now).await?,
        }
        Ok(())
    }

    async fn answer(&self, arrival: &Arrival, now: Timestamp) -> Result<Vec<Draft>, StoreError> {
        let place = &arrival.reader.place;
        let allowed = self.gate.admits(arrival.chat, &arrival.reader.person, &place.channel);
        self.store
            .record(
                &AuditEntry {
                    delivery_id: arrival.delivery_id.clone(),
                    chat: arrival.chat.as_str(),
                    person: arrival.reader.person.clone(),
                    channel: place.channel.clone(),
                    wish: arrival.wish.in_words(),
                    allowed,
                },
                now,
            )
            .await?;
        if !allowed {
            return Ok(flow::may_not_ask(arrival));
        }
        let remembered = self.remember(arrival, now).await?;
        let Some(messenger) = self.messengers.get(&arrival.chat) else {
            tracing::error!(chat = arrival.chat.as_str(), "A question waits for a platform that is off.");
            return Ok(Vec::new());
        };
        Ok(self.answering.answer(arrival, &remembered, messenger.as_ref(), now).await)
    }

    /// Keeps the answer in a press, and finds what was kept.
    async fn remember(&self, arrival: &Arrival, now: Timestamp) -> Result<Remembered, StoreError> {
        let Wish::Press { action, on } = &arrival.wish else { return Ok(Remembered::default()) };
        let bot = action.bot().to_string();
        if let Some(present) = action.host_was_present() {
            self.store.remember_answer(&bot, present, &arrival.reader.person, now).await?;
        }
        // What is told unasked about this bot changes with the answer.
        self.store.think_again(&bot, now).await?;
        let mut remembered = Remembered { answer: self.store.answer_about(&bot).await?, verdict: None };
        let place = &arrival.reader.place;
        if let (Pressed::Posted(_), Some(above)) = (on, &place.thread) {
            let about = self.store.verdict_at(&lane(arrival.chat, &place.channel), &above.0).await?;
            remembered.verdict = about.is_some_and(|about| about == bot).then(|| above.clone());
        }
        Ok(remembered)
    }

    async fn again(
        &self,
        item: &LeasedItem,
        arrival: &Arrival,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        tracing::error!(delivery.id = item.delivery_id, attempt = item.attempts, why, "No answer yet.");
        metrics::counter!("wnr_answers_failed_total").increment(1);
        if item.attempts >= ATTEMPTS_MAX {
            let parcels = parcels(&item.delivery_id, flow::gave_up(arrival));
            self.store.bury_item(&item.delivery_id, why, &parcels, now).await?;
            self.answered.notify_one();
            return Ok(());
        }
        let wait = SignedDuration::from_secs(1 << item.attempts.clamp(0, 5));
        self.store.postpone_item(&item.delivery_id, now + wait, why).await
    }
}

#[async_trait::async_trait]
impl Reception for Inbox {
    /// A disk that is slow does not hold up the acknowledgement, which a platform wants within three seconds.
    /// What it then does not take after all, its sender is told.
    async fn receive(&self, arrival: Arrival) -> Result<(), NotKept> {
        let (store, arrived) = (self.store.clone(), self.arrived.clone());
        let messenger = self.messengers.get(&arrival.chat).cloned();
        let (kept, waiting) = oneshot::channel();
        tokio::spawn(async move {
            let accepted = accept(&store, &arrived, &arrival).await.map(drop);
            if let Err(error) = &accepted {
                tracing::error!(error = error as &dyn std::error::Error, "A question could not be stored.");
            }
            let (Err(Err(_)), Some(messenger)) = (kept.send(accepted), messenger) else { return };
            let notice = Message::Notice(notices::NOT_KEPT.to_owned());
            let asker = Some(&arrival.reader);
            let letter = Letter { asker, opens: true, ..Letter::plain(&notice, &arrival.delivery_id) };
            if let Err(error) = messenger.tell(&arrival.reader, &letter).await {
                tracing::error!(why = %error, "The asker of a question that was not stored could not be told.");
            }
        });
        match tokio::time::timeout(ACCEPT_TIMEOUT, waiting).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(_) => Err(NotKept),
            Err(_) => {
                tracing::warn!("The disk is slow; a question is acknowledged before it is stored.");
                Ok(())
            }
        }
    }
}

async fn accept(store: &Store, arrived: &Notify, arrival: &Arrival) -> Result<Accepted, StoreError> {
    let body = serde_json::to_string(arrival).unwrap_or_default();
    let accepted = store.accept(&arrival.delivery_id, &body, arrival.at).await?;
    let chat = arrival.chat.as_str();
    match accepted {
        Accepted::New => metrics::counter!("wnr_arrivals_total", "chat" => chat).increment(1),
        Accepted::Known => metrics::counter!("wnr_repetitions_total", "chat" => chat).increment(1),
    }
    arrived.notify_one();
    Ok(accepted)
}

/// Gives the drafts of an answer their names. An item that is answered twice gives the same names.
fn parcels(delivery_id: &str, drafts: Vec<Draft>) -> Vec<NewParcel> {
    let name = |index: usize| format!("{delivery_id}/{index:02}");
    let named = drafts
        .into_iter()
        .enumerate()
        .map(|(index, draft)| stored(&draft.parcel, name(index), draft.below.map(name)));
    named.collect()
}
