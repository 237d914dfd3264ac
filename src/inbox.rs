//! What arrived from people: committed before it is acknowledged, answered afterwards, once.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, oneshot};
use tracing::Instrument;

use crate::access::AccessPolicy;
use crate::answer::{self, Answerer, PriorContext};
use crate::chat::interaction::{ButtonOn, Interaction, InteractionKind};
use crate::chat::outbox_message::{Draft, channel_key};
use crate::chat::{InteractionSink, Message, Messengers, NotStored, SendRequest};
use crate::outbox::stored;
use crate::report::notices;
use crate::store::{Accepted, AuditEntry, LeasedItem, NewOutboxRow, Store, StoreError};

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
    answerer: Arc<Answerer>,
    messengers: Messengers,
    access: AccessPolicy,
    arrived: Arc<Notify>,
    answered: Arc<Notify>,
}

impl Inbox {
    /// An inbox that signals `answered` when there is something to deliver.
    #[must_use]
    pub fn new(
        store: Store,
        answerer: Arc<Answerer>,
        messengers: Messengers,
        access: AccessPolicy,
        answered: Arc<Notify>,
    ) -> Self {
        Self { store, answerer, messengers, access, arrived: Arc::new(Notify::new()), answered }
    }

    /// Commits what a person did. When this returns, they will get an answer.
    ///
    /// # Errors
    /// Where it could not be committed. It is then not to be acknowledged.
    pub async fn accept(&self, interaction: &Interaction) -> Result<Accepted, StoreError> {
        accept(&self.store, &self.arrived, interaction).await
    }

    /// Ends when something has arrived that nobody took yet.
    pub async fn interaction(&self) {
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
        let Ok(interaction) = serde_json::from_str::<Interaction>(&item.body) else {
            tracing::error!(delivery.id = item.delivery_id, "An item in the inbox cannot be read.");
            self.store.dead_letter_item(&item.delivery_id, "it cannot be read", &[], now).await?;
            return Ok(());
        };
        let begun = Instant::now();
        let (chat, action) = (interaction.chat.as_str(), interaction.kind.audit_text());
        let span = tracing::info_span!("answer", delivery.id = item.delivery_id, chat, action);
        // One broken question must not end the others.
        let answer = AssertUnwindSafe(self.answer(&interaction, now).instrument(span)).catch_unwind();
        match tokio::time::timeout(ANSWER_TIMEOUT, answer).await {
            Ok(Ok(Ok(drafts))) => {
                let rows = rows(&item.delivery_id, drafts);
                self.store.finish(&item.delivery_id, &rows, now).await?;
                let waited = Duration::try_from(now.duration_since(interaction.at)).unwrap_or_default();
                let took = waited + begun.elapsed();
                let took_ms = took.as_millis();
                tracing::info!(delivery.id = item.delivery_id, chat, action, took_ms, "Answered.");
                metrics::histogram!("wnr_answer_seconds", "chat" => chat).record(took);
                self.answered.notify_one();
            }
            Ok(Ok(Err(error))) => self.again(&item, &interaction, &error.to_string(), now).await?,
            Ok(Err(_)) => self.again(&item, &interaction, "the answer panicked", now).await?,
            Err(_) => self.again(&item, &interaction, "the answer took too long", now).await?,
        }
        Ok(())
    }

    async fn answer(&self, interaction: &Interaction, now: Timestamp) -> Result<Vec<Draft>, StoreError> {
        let place = &interaction.requester.destination;
        let allowed = self.access.admits(interaction.chat, &interaction.requester.user_id, &place.channel);
        self.store
            .record(
                &AuditEntry {
                    delivery_id: interaction.delivery_id.clone(),
                    chat: interaction.chat.as_str(),
                    user_id: interaction.requester.user_id.clone(),
                    channel: place.channel.clone(),
                    action: interaction.kind.audit_text(),
                    allowed,
                },
                now,
            )
            .await?;
        if !allowed {
            return Ok(answer::may_not_ask(interaction));
        }
        let prior = self.remember(interaction, now).await?;
        let Some(messenger) = self.messengers.get(&interaction.chat) else {
            tracing::error!(chat = interaction.chat.as_str(), "A question waits for a platform that is off.");
            return Ok(Vec::new());
        };
        Ok(self.answerer.answer(interaction, &prior, messenger.as_ref(), now).await)
    }

    /// Keeps the answer in a press, and finds what was kept.
    async fn remember(&self, interaction: &Interaction, now: Timestamp) -> Result<PriorContext, StoreError> {
        let InteractionKind::Press { action, on } = &interaction.kind else {
            return Ok(PriorContext::default());
        };
        let bot = action.bot().to_string();
        if let Some(present) = action.host_was_present() {
            self.store.remember_answer(&bot, present, &interaction.requester.user_id, now).await?;
        }
        // The alerts about this bot change with the answer.
        self.store.mark_due(&bot, now).await?;
        let mut prior = PriorContext { answer: self.store.answer_about(&bot).await?, verdict: None };
        let place = &interaction.requester.destination;
        if let (ButtonOn::Posted(_), Some(above)) = (on, &place.thread) {
            let about =
                self.store.verdict_at(&channel_key(interaction.chat, &place.channel), &above.0).await?;
            prior.verdict = about.is_some_and(|about| about == bot).then(|| above.clone());
        }
        Ok(prior)
    }

    async fn again(
        &self,
        item: &LeasedItem,
        interaction: &Interaction,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        tracing::error!(
            delivery.id = item.delivery_id,
            attempt = item.attempts,
            error = why,
            "No answer yet."
        );
        metrics::counter!("wnr_answers_failed_total").increment(1);
        if item.attempts >= ATTEMPTS_MAX {
            let rows = rows(&item.delivery_id, answer::gave_up(interaction));
            self.store.dead_letter_item(&item.delivery_id, why, &rows, now).await?;
            self.answered.notify_one();
            return Ok(());
        }
        let wait = SignedDuration::from_secs(1 << item.attempts.clamp(0, 5));
        self.store.postpone_item(&item.delivery_id, now + wait, why).await
    }
}

#[async_trait::async_trait]
impl InteractionSink for Inbox {
    /// A disk that is slow does not hold up the acknowledgement, which a platform wants within three seconds.
    /// What it then does not take after all, its sender is told.
    async fn receive(&self, interaction: Interaction) -> Result<(), NotStored> {
        let (store, arrived) = (self.store.clone(), self.arrived.clone());
        let messenger = self.messengers.get(&interaction.chat).cloned();
        let (kept, waiting) = oneshot::channel();
        tokio::spawn(async move {
            let accepted = accept(&store, &arrived, &interaction).await.map(drop);
            if let Err(error) = &accepted {
                tracing::error!(error = error as &dyn std::error::Error, "A question could not be stored.");
            }
            let (Err(Err(_)), Some(messenger)) = (kept.send(accepted), messenger) else { return };
            let notice = Message::Notice(notices::NOT_STORED.to_owned());
            let asker = Some(&interaction.requester);
            let request = SendRequest {
                asker,
                replaces_placeholder: true,
                ..SendRequest::plain(&notice, &interaction.delivery_id)
            };
            if let Err(error) = messenger.post_ephemeral(&interaction.requester, &request).await {
                tracing::error!(%error, "The asker of a question that was not stored could not be told.");
            }
        });
        match tokio::time::timeout(ACCEPT_TIMEOUT, waiting).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(_) => Err(NotStored),
            Err(_) => {
                tracing::warn!("The disk is slow; a question is acknowledged before it is stored.");
                Ok(())
            }
        }
    }
}

async fn accept(store: &Store, arrived: &Notify, interaction: &Interaction) -> Result<Accepted, StoreError> {
    let body = serde_json::to_string(interaction).unwrap_or_default();
    let accepted = store.accept(&interaction.delivery_id, &body, interaction.at).await?;
    let chat = interaction.chat.as_str();
    match accepted {
        Accepted::New => metrics::counter!("wnr_interactions_total", "chat" => chat).increment(1),
        Accepted::Duplicate => metrics::counter!("wnr_duplicates_total", "chat" => chat).increment(1),
    }
    arrived.notify_one();
    Ok(accepted)
}

/// Gives the drafts of an answer their names. An item that is answered twice gives the same names.
fn rows(delivery_id: &str, drafts: Vec<Draft>) -> Vec<NewOutboxRow> {
    let name = |index: usize| format!("{delivery_id}/{index:02}");
    let named = drafts.into_iter().enumerate().map(|(index, draft)| {
        let ordering_key = draft.outgoing.ordering_key(delivery_id);
        stored(&draft.outgoing, name(index), draft.thread_parent.map(name), ordering_key)
    });
    named.collect()
}
