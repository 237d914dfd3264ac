//! Acting in a running meeting: from the press of a button, or the service's own decision, to what came of it.
//!
//! A press opens a preview. The person's decision about it is stored as an attempt, and a worker carries it out: each
//! step is written down before it is taken, so that a process that ends in between loses nothing and repeats nothing
//! with effect. When asking is offered, and how often, is `rescue`'s. Nothing here runs with the mode off.

mod carry_out;
mod known;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::answer::{Address, Answerer, Recurrences};
use crate::chat::action::{Action, Decision};
use crate::chat::form::{Form, OpenedBy};
use crate::chat::interaction::{ButtonOn, Interaction, Requester};
use crate::chat::outbox_message::{Delivery, Draft, channel_key};
use crate::chat::{Message, Messenger, Messengers};
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::diagnose;
use crate::report::notices;
use crate::report::rescue::{self as words, Preview};
use crate::rescue::card::why_not;
use crate::rescue::offer::{Known, Offer, offer};
use crate::rescue::preview::preview;
use crate::rescue::{Mode, Plan};
use crate::rights::Rights;
use crate::store::{NewRescue, RescueRow, Store, StoreError};

pub use known::{CardPlace, attempts, heard_until, no_step, shown};

/// Acts in running meetings.
pub struct Acting {
    store: Store,
    answerer: Arc<Answerer>,
    recurrences: Arc<dyn Recurrences>,
    messengers: Messengers,
    rights: Rights,
    /// An attempt was decided.
    due: Arc<Notify>,
    /// There is something to deliver.
    outbox_ready: Arc<Notify>,
}

/// What may be sent into a meeting now.
struct Sendable {
    preview: Preview,
    plan: Plan,
    workspace: String,
    attempts: usize,
    heard_until: Timestamp,
}

/// Why nothing may be sent.
enum Obstacle {
    /// The mode is off.
    Off,
    /// Recall.ai doesn't say how the bot is; what to do.
    Unreadable(String),
    /// Nothing is offered for the bot.
    NotOffered(Offer),
}

impl Obstacle {
    fn words(self) -> String {
        match self {
            Self::Off => words::IS_OFF.to_owned(),
            Self::Unreadable(advice) => advice,
            Self::NotOffered(offer) => why_not(offer),
        }
    }
}

impl Acting {
    /// Puts it together. `due` is notified when an attempt was decided elsewhere.
    #[must_use]
    pub fn new(
        store: Store,
        answerer: Arc<Answerer>,
        recurrences: Arc<dyn Recurrences>,
        messengers: Messengers,
        rights: Rights,
        due: Arc<Notify>,
        outbox_ready: Arc<Notify>,
    ) -> Self {
        Self { store, answerer, recurrences, messengers, rights, due, outbox_ready }
    }

    /// Waits until an attempt was decided.
    pub async fn decided(&self) {
        self.due.notified().await;
    }

    /// Answers the press of somebody who may act.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn answer(
        &self,
        interaction: &Interaction,
        action: &Action,
        on: &ButtonOn,
        messenger: &dyn Messenger,
        now: Timestamp,
    ) -> Result<Vec<Draft>, StoreError> {
        let address = Address::of(interaction);
        let mut drafts = match action {
            Action::Send(decision) => {
                let told = self.decide(interaction, decision, now).await?;
                in_place(&address, told)
            }
            action => {
                let by = OpenedBy { requester: &interaction.requester, on };
                let Some(bot) = action.bot() else { return Ok(address.notice(notices::NOT_UNDERSTOOD)) };
                self.open_preview(bot, by, &address, messenger, now).await?
            }
        };
        drafts.iter_mut().take(1).for_each(|draft| draft.outgoing.replaces_placeholder = true);
        Ok(drafts)
    }

    /// Shows what would be sent: in a form, or in a message to the person alone.
    async fn open_preview(
        &self,
        bot: BotId,
        by: OpenedBy<'_>,
        address: &Address<'_>,
        messenger: &dyn Messenger,
        now: Timestamp,
    ) -> Result<Vec<Draft>, StoreError> {
        // A form has to be open within seconds of the press, and Recall.ai may take longer.
        let form = messenger.open_form(by, Form::Waiting).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "Form not opened; message sent instead.");
            None
        });
        let rows = self.store.rescues_of(&bot.to_string()).await?;
        let found = self.sendable(bot, &rows, now).await?.map_err(Obstacle::words);
        if let Some(form) = &form {
            let shown = match &found {
                Ok(found) => Form::Preview(&found.preview),
                Err(told) => Form::Notice(told),
            };
            match messenger.fill_form(form, by, shown).await {
                Ok(()) => return Ok(Vec::new()),
                Err(error) => tracing::warn!(%error, "Form not filled; message sent instead."),
            }
        }
        let card = match by.on {
            ButtonOn::Posted(message) => Some(message.clone()),
            ButtonOn::Ephemeral => None,
        };
        Ok(match found {
            Ok(found) => address.tell(Message::Preview { preview: Box::new(found.preview), card }),
            Err(told) => address.notice(&told),
        })
    }

    /// Stores the decision to send what the preview showed. Returns what the person is told.
    async fn decide(
        &self,
        interaction: &Interaction,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let bot = decision.bot.to_string();
        let so_far = self.store.rescues_of(&bot).await?;
        if so_far.iter().any(|row| row.press == interaction.delivery_id) {
            return Ok(words::BEGUN.to_owned());
        }
        let found = match self.sendable(decision.bot, &so_far, now).await? {
            Ok(found) if found.preview.digest == decision.digest => found,
            Ok(_) => return Ok(words::OUTDATED.to_owned()),
            Err(obstacle) => return Ok(obstacle.words()),
        };
        // What it may carry for a while is secret, and of no use later. Only where nobody else sees the card, what comes
        // of it is told through the handle.
        let reply_handle = interaction.requester.reply_handle.clone().filter(|_| decision.card.is_none());
        let requester = Requester { reply_handle, trigger: None, ..interaction.requester.clone() };
        let body = Interaction { requester, ..interaction.clone() };
        let new = NewRescue {
            press: interaction.delivery_id.clone(),
            bot,
            number: i64::try_from(found.attempts + 1).unwrap_or(i64::MAX),
            workspace: found.workspace,
            plan: found.plan.as_str().to_owned(),
            digest: found.preview.digest,
            text: found.preview.text,
            user_id: Some(interaction.requester.user_id.clone()),
            heard_until: found.heard_until.as_millisecond(),
            body: serde_json::to_string(&body).unwrap_or_default().into(),
            card: self.card_place(interaction, decision).await?.and_then(|place| place.stored()),
        };
        let begun = self.store.begin_rescue(&new, now).await?;
        self.due.notify_one();
        Ok(if begun { words::BEGUN } else { words::OUTDATED }.to_owned())
    }

    async fn card_place(
        &self,
        interaction: &Interaction,
        decision: &Decision,
    ) -> Result<Option<CardPlace>, StoreError> {
        let Some(card) = &decision.card else { return Ok(None) };
        let place = &interaction.requester.destination;
        let channel = channel_key(interaction.chat, &place.channel);
        let is_alert = self.store.is_alert(&channel, &card.0).await?;
        Ok(Some(if is_alert {
            CardPlace::Alert
        } else {
            CardPlace::Message(interaction.chat, place.clone(), card.clone())
        }))
    }

    /// Returns what may be sent to a bot's meeting now, or why nothing may. `rows` are the attempts so far.
    async fn sendable(
        &self,
        bot: BotId,
        rows: &[RescueRow],
        now: Timestamp,
    ) -> Result<Result<Sendable, Obstacle>, StoreError> {
        let mode = self.answerer.rescue;
        if mode == Mode::Off {
            return Ok(Err(Obstacle::Off));
        }
        // What Recall.ai said a moment ago may be wrong by now.
        self.answerer.fetcher.forget();
        let (mut case, workspace) = match self.answerer.fetcher.case_file_in("", bot, now).await {
            Ok((case, workspace)) => (case, workspace.to_owned()),
            Err(error) => return Ok(Err(Obstacle::Unreadable(error.advice()))),
        };
        let attempts = attempts(rows);
        let can_ask = self.store.fact(&no_step(&workspace)).await?.is_none();
        case.host_was_present = self.store.answer_about(&bot.to_string()).await?.map(|(present, _)| present);
        let diagnosis = diagnose(&case, &self.answerer.catalogue);
        let known = Known { mode, attempts: &attempts, can_ask };
        let offered = offer(&diagnosis, known);
        let (Offer::Now { plan, .. }, Some(preview)) =
            (offered, preview(&diagnosis, offered, self.answerer.public_url.as_deref()))
        else {
            return Ok(Err(Obstacle::NotOffered(offered)));
        };
        let attempts = attempts.iter().filter(|attempt| attempt.counts()).count();
        Ok(Ok(Sendable { preview, plan, workspace, attempts, heard_until: heard_until(&diagnosis) }))
    }
}

/// Puts words in the place of the preview.
fn in_place(address: &Address<'_>, told: String) -> Vec<Draft> {
    let delivery = Delivery::EditEphemeral(address.requester.clone());
    vec![address.draft(delivery, Message::Notice(told))]
}

/// Answers the decision that nothing is sent.
#[must_use]
pub fn cancelled(interaction: &Interaction) -> Vec<Draft> {
    let mut drafts = in_place(&Address::of(interaction), words::CANCELLED.to_owned());
    drafts.iter_mut().for_each(|draft| draft.outgoing.replaces_placeholder = true);
    drafts
}
