//! The inbox: interactions are committed before they are acknowledged, and answered once afterwards.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, oneshot, watch};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::acting::{self, Acting};
use crate::answer::{self, Answerer, PriorContext, Recurrences, Sources};
use crate::chat::action::Action;
use crate::chat::interaction::{ButtonOn, Interaction, InteractionKind};
use crate::chat::outbox_message::{Draft, channel_key};
use crate::chat::question::Question;
use crate::chat::{InteractionSink, Message, Messenger, Messengers, NotStored, SendRequest};
use crate::digests::Digests;
use crate::home;
use crate::mutes::Scope;
use crate::muting::{self, Muting};
use crate::outbox::stored;
use crate::report::{mute, notices, rescue};
use crate::retry::{self, Backoff};
use crate::rights::{Permission, Right, Rights};
use crate::store::{Accepted, AuditEntry, LeasedItem, NewOutboxRow, Store, StoreError};
use crate::unfurl::Unfurler;

/// How long an answer may take. Reading a bot from Recall.ai ends earlier by its own limits.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(50);
/// How long a platform is made to wait for the commit. It allows three seconds for everything.
const ACCEPT_TIMEOUT: Duration = Duration::from_secs(2);
/// Duration of a lease: longer than answering may take, so that no other worker starts the item meanwhile.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Attempts before an item is given up. Attempts that ended the process count too, because they would end the next
/// one.
const ATTEMPTS_MAX: i64 = 5;

/// The inbox: stored questions, and what answers them.
pub struct Inbox {
    store: Store,
    answerer: Arc<Answerer>,
    acting: Arc<Acting>,
    records: Records,
    messengers: Messengers,
    rights: Rights,
    unfurler: Unfurler,
    arrived: Arc<Notify>,
    answered: Arc<Notify>,
    /// Questions that are being stored. They may be acknowledged already.
    storing: TaskTracker,
    /// How many of them are acknowledged already.
    late: watch::Sender<usize>,
}

/// What answers need beside the bot that is asked about.
pub struct Records {
    /// Earlier failures.
    pub recurrences: Arc<dyn Recurrences>,
    /// Digests.
    pub digests: Arc<Digests>,
    /// Mutes, and who takes care of a bot.
    pub muting: Arc<Muting>,
}

impl Inbox {
    /// An inbox that signals `answered` when there is something to deliver.
    #[must_use]
    pub fn new(
        store: Store,
        answerer: Arc<Answerer>,
        acting: Arc<Acting>,
        records: Records,
        messengers: Messengers,
        rights: Rights,
        answered: Arc<Notify>,
    ) -> Self {
        let (arrived, storing) = (Arc::new(Notify::new()), TaskTracker::new());
        let (late, _) = watch::channel(0);
        Self {
            store,
            answerer,
            acting,
            records,
            messengers,
            rights,
            unfurler: Unfurler::default(),
            arrived,
            answered,
            storing,
            late,
        }
    }

    /// How many questions are acknowledged and not stored yet, since the disk is slow.
    #[must_use]
    pub fn late(&self) -> watch::Receiver<usize> {
        self.late.subscribe()
    }

    /// Waits until each received question is stored, or its requester was told that it isn't. Call it before the
    /// database is closed, once nothing is received any more.
    pub async fn until_stored(&self) {
        self.storing.close();
        self.storing.wait().await;
    }

    /// Commits what a person did. When this returns, they will get an answer.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails. It is then not to be acknowledged.
    pub async fn accept(&self, interaction: &Interaction) -> Result<Accepted, StoreError> {
        accept(&self.store, &self.arrived, interaction).await
    }

    /// Waits for a new item.
    pub async fn interaction(&self) {
        self.arrived.notified().await;
    }

    /// Leases the item that has waited longest.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn lease(&self, now: Timestamp) -> Result<Option<LeasedItem>, StoreError> {
        self.store.lease_item(now, LEASE).await
    }

    /// Answers an item, and enqueues the answer.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails. The item is retried when its lease ends.
    pub async fn work(&self, item: LeasedItem, now: Timestamp) -> Result<(), StoreError> {
        let Ok(interaction) = serde_json::from_str::<Interaction>(&item.body) else {
            tracing::error!(delivery.id = item.delivery_id, "Inbox item not readable.");
            return self.give_up(&item, "it cannot be read", Vec::new(), now).await;
        };
        if item.attempts > ATTEMPTS_MAX {
            tracing::error!(
                delivery.id = item.delivery_id,
                "Question given up: each attempt ended the process."
            );
            let drafts = answer::gave_up(&interaction);
            return self.give_up(&item, "the process ended while it was answered", drafts, now).await;
        }
        let Some(messenger) = self.messengers.get(&interaction.chat) else {
            tracing::error!(
                chat = interaction.chat.as_str(),
                "Question given up: its platform is turned off."
            );
            // There is no platform through which the requester could be told.
            return self.give_up(&item, "its platform is off", Vec::new(), now).await;
        };
        let begun = Instant::now();
        let (chat, action) = (interaction.chat.as_str(), self.audit_text(&interaction.kind));
        let span = tracing::info_span!("answer", delivery.id = item.delivery_id, chat, action);
        // One broken question must not end the others.
        let answer = AssertUnwindSafe(self.answer(&interaction, messenger.as_ref(), now).instrument(span))
            .catch_unwind();
        match tokio::time::timeout(ANSWER_TIMEOUT, answer).await {
            Ok(Ok(Ok(drafts))) => {
                let rows = rows(&item.delivery_id, drafts);
                if !self.store.finish(&item, &rows, now).await? {
                    lease_ended(&item);
                    return Ok(());
                }
                let waited = Duration::try_from(now.duration_since(interaction.at)).unwrap_or_default();
                let took = waited + begun.elapsed();
                let took_ms = took.as_millis();
                tracing::info!(delivery.id = item.delivery_id, chat, action, took_ms, "Question answered.");
                metrics::histogram!("wnr_answer_seconds", "chat" => chat).record(took);
                self.answered.notify_one();
            }
            Ok(Ok(Err(error))) => self.again(&item, &interaction, &error.to_string(), now).await?,
            Ok(Err(_)) => self.again(&item, &interaction, "the answer panicked", now).await?,
            Err(_) => self.again(&item, &interaction, "the answer took too long", now).await?,
        }
        Ok(())
    }

    async fn answer(
        &self,
        interaction: &Interaction,
        messenger: &dyn Messenger,
        now: Timestamp,
    ) -> Result<Vec<Draft>, StoreError> {
        let place = &interaction.requester.destination;
        if let InteractionKind::Home = interaction.kind {
            let may_ask = self.rights.may_ask_somewhere(interaction.chat, &interaction.requester);
            let known = (&self.store, &self.answerer.catalogue);
            home::publish(interaction, may_ask, known, messenger, now).await?;
            return Ok(Vec::new());
        }
        if let Some(placed) = home::in_channel_of_mute(interaction, &self.store).await? {
            // What is to be said, the channel hears. The person sees it in their home.
            Box::pin(self.answer(&placed, messenger, now)).await?;
            let may_ask = self.rights.may_ask_somewhere(interaction.chat, &interaction.requester);
            let known = (&self.store, &self.answerer.catalogue);
            home::publish(interaction, may_ask, known, messenger, now).await?;
            return Ok(Vec::new());
        }
        let is_muting = muting::needs_the_right(&interaction.kind);
        let right = if is_muting { self.rights.muting() } else { right_for(&interaction.kind) };
        let permission = self.rights.check(right, interaction.chat, &interaction.requester, messenger).await;
        let allowed = permission == Permission::Granted;
        self.store
            .record(
                &AuditEntry {
                    delivery_id: interaction.delivery_id.clone(),
                    chat: interaction.chat.as_str(),
                    user_id: interaction.requester.user_id.clone(),
                    channel: place.channel.clone(),
                    action: self.audit_text(&interaction.kind),
                    allowed,
                },
                now,
            )
            .await?;
        if let InteractionKind::Links { links, message } = &interaction.kind {
            let (shared, known) = ((message, links.as_slice()), (&*self.answerer, &self.store));
            let sharer = (&interaction.requester, allowed);
            self.unfurler.show(sharer, shared, known, messenger, now).await?;
            return Ok(Vec::new());
        }
        match (permission, right) {
            (Permission::Granted, _) => {}
            (Permission::Unknown(why), _) => {
                return Ok(answer::notice(interaction, &rescue::right_unknown(&why)));
            }
            (Permission::Denied, Right::Ask) => return Ok(answer::may_not_ask(interaction)),
            (Permission::Denied, Right::Act) if is_muting => {
                return Ok(answer::notice(interaction, mute::MAY_NOT_MUTE));
            }
            (Permission::Denied, Right::Act) => return Ok(answer::notice(interaction, rescue::MAY_NOT_ACT)),
        }
        if let Some(drafts) = self.records.muting.answer(interaction, messenger, now).await? {
            return Ok(drafts);
        }
        match &interaction.kind {
            InteractionKind::Press { action, on } if action.is_acting() => {
                return self.acting.answer(interaction, action, on, messenger, now).await;
            }
            InteractionKind::Ask { question: Question::Digest(days), .. } => {
                return self.records.digests.answer(interaction, *days, now).await;
            }
            InteractionKind::Press { action: Action::Cancel(_), .. } => {
                return Ok(acting::cancelled(interaction));
            }
            _ => {}
        }
        let prior = self.remember(interaction, now).await?;
        let recurrences = self.records.recurrences.as_ref();
        let sources = Sources { messenger, recurrences, memory: &self.store };
        Ok(self.answerer.answer(interaction, &prior, sources, now).await)
    }

    /// Returns what was done in a few words. A cause is named if the catalogue has it, since any other is typed text.
    fn audit_text(&self, kind: &InteractionKind) -> String {
        let known = kind.mute_request().and_then(|request| match &request.scope {
            Scope::Cause(word) => Some((self.answerer.catalogue.find(word).ok()?, request.end)),
            _ => None,
        });
        known.map_or_else(|| kind.audit_text(), |(cause, end)| format!("mute cause={} until {end}", cause.id))
    }

    /// Keeps the answer in a press, and finds what was kept.
    async fn remember(&self, interaction: &Interaction, now: Timestamp) -> Result<PriorContext, StoreError> {
        let InteractionKind::Press { action, on } = &interaction.kind else {
            return Ok(PriorContext::default());
        };
        let Some(bot) = action.bot() else { return Ok(PriorContext::default()) };
        let bot = bot.to_string();
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
            "Question not answered."
        );
        metrics::counter!("wnr_answers_failed_total").increment(1);
        if item.attempts >= ATTEMPTS_MAX {
            return self.give_up(item, why, answer::gave_up(interaction), now).await;
        }
        let pause = Backoff::QUESTION.pause_after(item.attempts, retry::seed(&item.delivery_id));
        let due = now + SignedDuration::try_from(pause).unwrap_or(LEASE);
        if !self.store.postpone_item(item, due, why).await? {
            lease_ended(item);
        }
        Ok(())
    }

    /// Makes an item a dead letter, and notifies its requester.
    async fn give_up(
        &self,
        item: &LeasedItem,
        why: &str,
        drafts: Vec<Draft>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.store.dead_letter_item(item, why, &rows(&item.delivery_id, drafts), now).await? {
            self.answered.notify_one();
        } else {
            lease_ended(item);
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl InteractionSink for Inbox {
    /// A slow disk doesn't delay the acknowledgement, which platforms require within 3 seconds. If storing fails
    /// after it, the requester is told.
    async fn receive(&self, interaction: Interaction) -> Result<(), NotStored> {
        let (store, arrived) = (self.store.clone(), self.arrived.clone());
        let messenger = self.messengers.get(&interaction.chat).cloned();
        let (kept, waiting) = oneshot::channel();
        let late = self.late.clone();
        self.storing.spawn(async move {
            // A panic is reported too, because the question may already be acknowledged.
            let accepted = AssertUnwindSafe(accept(&store, &arrived, &interaction)).catch_unwind();
            let accepted = counted_when_late(accepted, &late).await;
            let accepted = match accepted {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "Question not stored.");
                    Err(NotStored)
                }
                Err(_) => {
                    tracing::error!("Storing a question panicked.");
                    Err(NotStored)
                }
            };
            let (Err(Err(_)), Some(messenger)) = (kept.send(accepted), messenger) else { return };
            if interaction.kind.is_quiet() {
                return;
            }
            let notice = Message::Notice(notices::NOT_STORED.to_owned());
            let asker = Some(&interaction.requester);
            let request = SendRequest {
                asker,
                replaces_placeholder: true,
                ..SendRequest::plain(&notice, &interaction.delivery_id)
            };
            if let Err(error) = messenger.post_ephemeral(&interaction.requester, &request).await {
                tracing::error!(%error, "Requester not told that the question was not stored.");
            }
        });
        match tokio::time::timeout(ACCEPT_TIMEOUT, waiting).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(_) => Err(NotStored),
            Err(_) => {
                tracing::warn!("Question acknowledged before it was stored: the disk is slow.");
                Ok(())
            }
        }
    }
}

/// Counts the item as late while storing takes longer than a platform waits.
async fn counted_when_late<T>(storing: impl Future<Output = T>, late: &watch::Sender<usize>) -> T {
    let mut storing = std::pin::pin!(storing);
    if let Ok(stored) = tokio::time::timeout(ACCEPT_TIMEOUT, &mut storing).await {
        return stored;
    }
    late.send_modify(|many| *many += 1);
    let stored = storing.await;
    late.send_modify(|many| *many -= 1);
    stored
}

/// Another worker holds the lease now, and finishes the item.
fn lease_ended(item: &LeasedItem) {
    tracing::warn!(delivery.id = item.delivery_id, attempt = item.attempts, "Answering outlived its lease.");
}

async fn accept(store: &Store, arrived: &Notify, interaction: &Interaction) -> Result<Accepted, StoreError> {
    let body = serde_json::to_string(interaction).unwrap_or_default();
    let accepted = store.accept(&interaction.delivery_id, &body, interaction.at).await?;
    let chat = interaction.chat.as_str();
    match accepted {
        Accepted::New => metrics::counter!("wnr_interactions_total", "chat" => chat).increment(1),
        Accepted::Duplicate => metrics::counter!("wnr_duplicates_total", "chat" => chat).increment(1),
        Accepted::SetAside => {}
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

/// Returns the right that an interaction takes.
const fn right_for(kind: &InteractionKind) -> Right {
    match kind {
        InteractionKind::Press { action, .. } if action.is_acting() => Right::Act,
        InteractionKind::Press { .. }
        | InteractionKind::Ask { .. }
        | InteractionKind::Links { .. }
        | InteractionKind::Home
        | InteractionKind::Mute { .. }
        | InteractionKind::NotUnderstood => Right::Ask,
    }
}
