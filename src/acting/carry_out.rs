//! Carries out an attempt: checks once more, then takes its steps in order.

use jiff::{SignedDuration, Timestamp};

use super::known::{attempt, attempts};
use super::{Acting, CardPlace, Obstacle, no_step, shown};
use crate::answer::{Memory, PriorContext, Remembered, Sources};
use crate::chat::action::Action;
use crate::chat::interaction::{ButtonOn, Interaction, InteractionKind};
use crate::chat::outbox_message::Delivery;
use crate::diagnosis::bot_id::BotId;
use crate::outbox::stored;
use crate::recall::{ActionError, IdempotencyKey, MeetingAction, Recipient};
use crate::rescue::attempt::{NotBegun, StepResult};
use crate::rescue::{KEY_REMEMBERED, Plan};
use crate::rights::{Permission, Right};
use crate::store::{AuditEntry, LeasedRescue, NewOutboxRow, RescueEnd, RescueRow, RescueStep, StoreError};

/// Duration of a lease: longer than all steps may take.
const LEASE: SignedDuration = SignedDuration::from_secs(45);
/// What was checked so long ago is checked again.
const CHECKED_FOR: SignedDuration = SignedDuration::from_secs(5);
/// An attempt that didn't begin within this time is given up: the person has seen that nothing happened.
const BEGINS_WITHIN: SignedDuration = SignedDuration::from_secs(60);
/// A key is not used in the last minutes for which Recall.ai remembers it.
const KEY_MARGIN: SignedDuration = SignedDuration::from_mins(5);

impl Acting {
    /// Leases the attempt that has waited longest.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails.
    pub async fn lease(&self, now: Timestamp) -> Result<Option<LeasedRescue>, StoreError> {
        self.store.lease_rescue(now, LEASE).await
    }

    /// Carries out an attempt.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the query fails. The attempt continues where it was when its lease ends.
    pub async fn work(&self, mut leased: LeasedRescue, now: Timestamp) -> Result<(), StoreError> {
        let interaction: Option<Interaction> = serde_json::from_str(&leased.body).ok();
        if leased.row.message.is_none()
            && leased.row.request.is_none()
            && let Some(why) = self.obstacle(&leased, interaction.as_ref(), now).await?
        {
            leased.row.not_begun = Some(why.as_str().to_owned());
            return self.finish(&leased, interaction.as_ref(), now).await;
        }
        let plan = attempt(&leased.row).plan;
        if let (Plan::Ask, Some(text)) = (plan, leased.text.clone()) {
            let message = MeetingAction::SendChatMessage { to: Recipient::Host, text };
            if !self.take(&mut leased, RescueStep::Message, &message, now).await? {
                return Ok(());
            }
        }
        let message = attempt(&leased.row).message;
        if matches!(message, Some(StepResult::NotInCall | StepResult::MayOnlyRead)) {
            if !self.note(&mut leased, RescueStep::Request, StepResult::Skipped).await? {
                return Ok(());
            }
        } else {
            let request = match plan {
                Plan::Ask => MeetingAction::RequestRecordingPermission,
                Plan::Start => MeetingAction::StartRecording,
            };
            if !self.take(&mut leased, RescueStep::Request, &request, now).await? {
                return Ok(());
            }
        }
        self.finish(&leased, interaction.as_ref(), now).await
    }

    /// Returns why an attempt must not begin.
    async fn obstacle(
        &self,
        leased: &LeasedRescue,
        interaction: Option<&Interaction>,
        now: Timestamp,
    ) -> Result<Option<NotBegun>, StoreError> {
        let waited = now.duration_since(leased.row.at);
        if waited > BEGINS_WITHIN {
            return Ok(Some(NotBegun::TooLate));
        }
        if leased.row.user_id.is_some() && !self.may_act(interaction).await {
            return Ok(Some(NotBegun::NoRight));
        }
        let was_checked_now = waited <= CHECKED_FOR && leased.leases == 1;
        let Ok(bot) = leased.bot.parse() else { return Ok(Some(NotBegun::Outdated)) };
        if was_checked_now {
            return Ok(None);
        }
        let others = self.store.rescues_of(&leased.bot).await?;
        let others = others.into_iter().filter(|row| row.press != leased.row.press).collect::<Vec<_>>();
        Ok(match self.sendable(bot, &others, now).await? {
            Ok(found) if found.preview.digest == leased.digest => None,
            Err(Obstacle::Unreadable(_)) => Some(NotBegun::Unreadable),
            Ok(_) | Err(Obstacle::Off | Obstacle::NotOffered(_)) => Some(NotBegun::Outdated),
        })
    }

    async fn may_act(&self, interaction: Option<&Interaction>) -> bool {
        let Some(interaction) = interaction else { return false };
        let Some(messenger) = self.messengers.get(&interaction.chat) else { return false };
        let (chat, requester) = (interaction.chat, &interaction.requester);
        self.rights.check(Right::Act, chat, requester, messenger.as_ref()).await == Permission::Granted
    }

    /// Takes a step, unless its end is known. Returns `false` if the lease has ended.
    async fn take(
        &self,
        leased: &mut LeasedRescue,
        step: RescueStep,
        action: &MeetingAction,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let before = attempt(&leased.row);
        let before = match step {
            RescueStep::Message => before.message,
            RescueStep::Request => before.request,
        };
        match before {
            None => {
                if !self.note(leased, step, StepResult::Begun).await? {
                    return Ok(false);
                }
            }
            // The process ended in between. The same key has no second effect, as long as it is remembered.
            Some(StepResult::Begun) => {
                if now.duration_since(leased.row.at) > KEY_REMEMBERED - KEY_MARGIN {
                    return self.note(leased, step, StepResult::Unknown).await;
                }
            }
            Some(_) => return Ok(true),
        }
        let result = self.call(leased, step, action, now).await?;
        self.note(leased, step, result).await
    }

    async fn call(
        &self,
        leased: &LeasedRescue,
        step: RescueStep,
        action: &MeetingAction,
        now: Timestamp,
    ) -> Result<StepResult, StoreError> {
        let Ok(bot) = leased.bot.parse() else { return Ok(StepResult::Failed) };
        let name = match step {
            RescueStep::Message => "message",
            RescueStep::Request => "request",
        };
        let fetcher = &self.answerer.fetcher;
        let key = IdempotencyKey::of(&leased.row.press, name);
        let mut done = fetcher.act(&leased.workspace, bot, action, key, now).await;
        if let Err(ActionError::OutOfCapacity) = done {
            // Recall.ai stores this response too, so it takes another key.
            let key = IdempotencyKey::of(&leased.row.press, &format!("{name}/again"));
            done = fetcher.act(&leased.workspace, bot, action, key, now).await;
        }
        let Err(error) = done else { return Ok(StepResult::Done) };
        tracing::warn!(bot.id = leased.bot, action = name, %error, "Action in a meeting not done.");
        Ok(match error {
            ActionError::NotInCall(_) | ActionError::NoSuchBot { .. } => StepResult::NotInCall,
            ActionError::NoSuchStep => {
                self.store.remember_fact(&no_step(&leased.workspace), &now.to_string()).await?;
                StepResult::NoSuchStep
            }
            ActionError::MayOnlyRead { .. } | ActionError::WrongKey { .. } => StepResult::MayOnlyRead,
            ActionError::Refused { .. } | ActionError::NoCredit { .. } => StepResult::Refused,
            ActionError::InDoubt | ActionError::InFlight => StepResult::Unknown,
            ActionError::NoWorkspace { .. }
            | ActionError::Blocked { .. }
            | ActionError::RateLimited { .. }
            | ActionError::OutOfCapacity
            | ActionError::Failed { .. } => StepResult::Failed,
        })
    }

    async fn note(
        &self,
        leased: &mut LeasedRescue,
        step: RescueStep,
        result: StepResult,
    ) -> Result<bool, StoreError> {
        let noted = self.store.note_rescue_step(leased, step, result.as_str()).await?;
        let word = Some(result.as_str().to_owned());
        match step {
            RescueStep::Message => leased.row.message = word,
            RescueStep::Request => leased.row.request = word,
        }
        if !noted {
            tracing::warn!(bot.id = leased.bot, "Attempt outlived its lease.");
        }
        Ok(noted)
    }

    /// Ends an attempt, and has its card say what came of it.
    async fn finish(
        &self,
        leased: &LeasedRescue,
        interaction: Option<&Interaction>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut over = attempt(&leased.row);
        over.is_over = true;
        let (messages, shown) = match interaction {
            Some(interaction) => self.card(leased, interaction, now).await?,
            None => (Vec::new(), None),
        };
        let end = RescueEnd {
            not_begun: leased.row.not_begun.clone(),
            counts: over.counts(),
            shown,
            audit: audit(leased, interaction),
        };
        if self.store.finish_rescue(leased, &end, &messages, now).await? {
            let (message, request) = (leased.row.message.as_deref(), leased.row.request.as_deref());
            let not_begun = leased.row.not_begun.as_deref();
            tracing::info!(bot.id = leased.bot, message, request, not_begun, "Attempt in a meeting over.");
            let result = leased.row.not_begun.as_deref().or(request).unwrap_or("failed").to_owned();
            metrics::counter!("wnr_rescues_total", "plan" => leased.row.plan.clone(), "result" => result)
                .increment(1);
            self.outbox_ready.notify_one();
        }
        Ok(())
    }

    /// Returns the pressed card as it is now, and what it says.
    async fn card(
        &self,
        leased: &LeasedRescue,
        pressed: &Interaction,
        now: Timestamp,
    ) -> Result<(Vec<NewOutboxRow>, Option<String>), StoreError> {
        let nothing = || Ok((Vec::new(), None));
        let Ok(bot) = leased.bot.parse() else { return nothing() };
        let Some(messenger) = self.messengers.get(&pressed.chat) else { return nothing() };
        let on = match CardPlace::read(leased.row.card.as_deref()) {
            Some(CardPlace::Alert) => return nothing(),
            Some(CardPlace::Message(_, _, message)) => ButtonOn::Posted(message),
            None => ButtonOn::Ephemeral,
        };
        let is_alone = on == ButtonOn::Ephemeral;
        let kind = InteractionKind::Press { action: Action::Recheck(bot), on };
        let interaction = Interaction { kind, ..pressed.clone() };
        let row = RescueRow { is_over: true, ..leased.row.clone() };
        let mut rescues = self.store.rescues_of(&leased.bot).await?;
        rescues.iter_mut().filter(|other| other.press == row.press).for_each(|own| *own = row.clone());
        let can_ask = self.store.fact(&no_step(&leased.workspace)).await?.is_none();
        let memory = WithThisOver(Remembered { attempts: attempts(&rescues), can_ask });
        let answer = self.store.answer_about(&leased.bot).await?;
        let prior = PriorContext { answer, verdict: None };
        let sources = Sources {
            messenger: messenger.as_ref(),
            recurrences: self.recurrences.as_ref(),
            memory: &memory,
        };
        let drafts = self.answerer.answer(&interaction, &prior, sources, now).await;
        let said = drafts.iter().find_map(|draft| draft.outgoing.message.report()).map(shown);
        let rows = drafts.into_iter().enumerate().map(|(index, mut draft)| {
            draft.outgoing.replaces_placeholder = false;
            if is_alone {
                // What only the person sees can't be edited any more.
                draft.outgoing.delivery = Delivery::Ephemeral(pressed.requester.clone());
            }
            let id = format!("rescue/{}/{index}", row.press);
            let key = draft.outgoing.ordering_key(&id);
            stored(&draft.outgoing, id, None, key)
        });
        Ok((rows.collect(), said))
    }
}

/// What is remembered once the attempt is over, before that is stored.
struct WithThisOver(Remembered);

#[async_trait::async_trait]
impl Memory for WithThisOver {
    async fn of(&self, _: BotId, _: &str) -> Remembered {
        self.0.clone()
    }
}

fn audit(leased: &LeasedRescue, interaction: Option<&Interaction>) -> AuditEntry {
    let row = &leased.row;
    let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "none".to_owned());
    let came_of_it = match &row.not_begun {
        Some(why) => format!("not begun: {why}"),
        None => format!("message: {}, request: {}", word(&row.message), word(&row.request)),
    };
    let requester = interaction.map(|interaction| &interaction.requester);
    AuditEntry {
        delivery_id: format!("{}/rescue", row.press),
        chat: interaction.map_or("service", |interaction| interaction.chat.as_str()),
        user_id: row.user_id.clone().unwrap_or_default(),
        channel: requester.map(|requester| requester.destination.channel.clone()).unwrap_or_default(),
        action: format!("{} in meeting of {}, text {}, {came_of_it}", row.plan, leased.bot, leased.digest),
        allowed: row.not_begun.as_deref() != Some(NotBegun::NoRight.as_str()),
    }
}
