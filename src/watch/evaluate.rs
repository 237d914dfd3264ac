//! Thinking about the bots that are due: what happened, how things stand, what is to be said.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use jiff::{SignedDuration, Timestamp};

use super::Watch;
use super::lookup_rule::{LookupsSoFar, planned_lookup};
use super::messages::{ChannelMessage, details_of, head_of};
use crate::alerts::ChannelRef;
use crate::alerts::assess::{Assessment, BotState};
use crate::alerts::grouping::{Lately, Placement};
use crate::alerts::lifecycle::{AlertUpdate, LastAlert};
use crate::alerts::route::Traits;
use crate::chat::{CardNote, Message};
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::case_file::CaseFile;
use crate::diagnosis::{Diagnosis, diagnose};
use crate::observe::verdict::{Trigger, verdict};
use crate::recall::event::BotEvent;
use crate::recall::{ApiSnapshot, case_file_from_events};
use crate::report::alert::AlertState;
use crate::report::{compose, notices};
use crate::store::{AlertTransaction, DueBot, Evaluation, PlannedLookup, PostedAlert, StoreError};

/// Bots in one transaction. More would make webhooks wait for the writer.
const BATCH_MAX: i64 = 16;
/// What does not follow from webhooks alone with certainty is told after this time, whatever Recall.ai says.
const GRACE: SignedDuration = SignedDuration::from_secs(3);
/// A bot that was evaluation about is left alone for this time, unless there is news.
const MIN_RECHECK: SignedDuration = SignedDuration::from_secs(1);
/// A bot that cannot be evaluation about is left alone for this time.
const AFTER_PANIC: SignedDuration = SignedDuration::from_mins(10);

impl Watch {
    /// Evaluates some of the bots that are due, and updates the alert groups. Says whether there was anything.
    ///
    /// # Errors
    /// Where the database does not do it; then nothing has happened, and the bots are still due.
    pub async fn evaluate_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.store.begin_alerts().await?;
        let due = tx.due_bots(now, BATCH_MAX).await?;
        for bot in &due {
            self.evaluate_bot(&mut tx, bot, now).await?;
        }
        let groups = self.update_groups(&mut tx, now).await?;
        tx.commit().await?;
        let any = !due.is_empty() || groups;
        if any {
            self.outbox_ready.notify_one();
            self.lookups_due.notify_one();
        }
        Ok(any)
    }

    #[tracing::instrument(name = "evaluate bot", skip_all, fields(bot.id = due.bot))]
    async fn evaluate_bot(
        &self,
        tx: &mut AlertTransaction,
        due: &DueBot,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Ok(id) = due.bot.parse::<BotId>() else {
            return tx.save_evaluation(&due.bot, &Evaluation::default()).await;
        };
        let events: Vec<BotEvent> =
            tx.events(&due.bot).await?.iter().filter_map(|body| serde_json::from_str(body).ok()).collect();
        let answer = tx.answer_about(&due.bot).await?;
        let case = self.case_file(id, due, &events, answer.as_ref().map(|(present, _)| *present), now);
        // One bot that breaks the engine must not stop the others.
        let evaluation = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let diagnosis = diagnose(&case, &self.answerer.catalogue);
            let assessed = self.alerts.policy.assess(&diagnosis);
            let is_healthy = matches!(assessed.state, BotState::Recording | BotState::Ended);
            // What Recall.ai said of a bot that nobody is told of is not kept, unless only that keeps it from being
            // told of.
            let forget = is_healthy
                && due.api_response.is_some()
                && !self.is_worth_telling(&case_file_from_events(id, &events, None, now));
            (diagnosis, assessed, forget)
        }));
        let Ok((diagnosis, assessed, forget)) = evaluation else {
            tracing::error!(bot.id = due.bot, "The evaluation of a bot panicked.");
            metrics::counter!("wnr_evaluations_failed_total").increment(1);
            let later = Evaluation {
                due_at: Some(now + AFTER_PANIC),
                last_alert: due.last_alert.clone(),
                ..Evaluation::default()
            };
            return tx.save_evaluation(&due.bot, &later).await;
        };
        let told: Option<LastAlert> =
            due.last_alert.as_deref().and_then(|told| serde_json::from_str(told).ok());
        let news = Freshness::of(due, now);
        let about = BotContext { due, diagnosis: &diagnosis, assessed, told, news, events: &events };
        let person = answer.map(|(_, person)| person);
        let mut evaluation = self.decide(tx, about, person, now).await?;
        evaluation.forget_api_response = forget && evaluation.last_alert.is_none();
        // Never due again at once: a mistake in a timer must not become a loop.
        evaluation.due_at = evaluation.due_at.map(|due_at| due_at.max(now + MIN_RECHECK));
        tx.save_evaluation(&due.bot, &evaluation).await
    }

    fn is_worth_telling(&self, case: &CaseFile) -> bool {
        let assessed = self.alerts.policy.assess(&diagnose(case, &self.answerer.catalogue));
        matches!(assessed.state, BotState::AtRisk | BotState::Failed)
    }

    fn case_file(
        &self,
        id: BotId,
        due: &DueBot,
        events: &[BotEvent],
        host_was_present: Option<bool>,
        now: Timestamp,
    ) -> CaseFile {
        let learned: Option<CaseFile> =
            due.api_response.as_deref().and_then(|learned| serde_json::from_str(learned).ok());
        let at = due.fetched_at.and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or(now);
        let learned = learned.as_ref().map(|case| ApiSnapshot { case, at });
        let mut case = case_file_from_events(id, events, learned, now);
        case.host_was_present = host_was_present;
        if case.dashboard_url.is_none() {
            let workspace = self.watched(&due.workspace);
            case.dashboard_url = workspace.map(|own| crate::recall::dashboard_url(&own.base_url, id));
        }
        case
    }

    async fn decide(
        &self,
        tx: &mut AlertTransaction,
        about: BotContext<'_>,
        person: Option<String>,
        now: Timestamp,
    ) -> Result<Evaluation, StoreError> {
        let BotContext { due, diagnosis, assessed, told, news, .. } = &about;
        let policy = &self.alerts.policy;
        let mut evaluation = Evaluation {
            due_at: assessed.recheck_at,
            last_alert: due.last_alert.clone(),
            lookup: about.lookup(now),
            forget_api_response: false,
        };
        let Some(update) = policy.next_update(diagnosis, assessed, compose(diagnosis), told.as_ref()) else {
            // A bot that is only counted in a group, or told to nobody, is not looked up: there are too many of them.
            if told.is_some() && evaluation.lookup.is_some() {
                let own = tx.alerts_of(&due.bot).await?.iter().any(|alert| alert.group_id.is_none());
                evaluation.lookup = evaluation.lookup.filter(|_| own);
            }
            return Ok(evaluation);
        };
        let metadata = about.metadata();
        let routed = policy.route(&Traits {
            workspace: &due.workspace,
            platform: diagnosis.platform,
            cause: diagnosis.cause.id.as_str(),
            actor: diagnosis.actor,
            metadata: &metadata,
        });
        let uncertain = !assessed.stated || routed.depends_on_platform;
        if told.is_none() && uncertain && !news.was_learned && now < news.last_event_at + GRACE {
            // Recall.ai gets its chance to say more, and so do webhooks that come right behind this one.
            evaluation.due_at = Some(news.last_event_at + GRACE);
            return Ok(evaluation);
        }
        if told.as_ref().is_none_or(|told| told.cause != update.last_alert.cause) {
            verdict(&due.bot, diagnosis, Trigger::Alert);
            if routed.channels.is_empty() {
                metrics::counter!("wnr_alerts_total", "kind" => "dropped").increment(1);
            }
        }
        let posted = tx.alerts_of(&due.bot).await?;
        for alert in &posted {
            self.update(tx, due, alert, &update, person.as_deref(), now).await?;
        }
        let mut own = posted.iter().any(|alert| alert.group_id.is_none());
        // What is old wakes nobody.
        let mention = routed.mention.filter(|_| update.alert.late.is_none());
        // Other warnings come when their time has come, long after the webhook.
        let by_webhook = assessed.stated || update.alert.state == AlertState::Failed;
        let last_event_at = by_webhook.then_some(news.last_event_at);
        let telling = NewAlert { update: &update, diagnosis, mention, last_event_at };
        if matches!(update.alert.state, AlertState::Warning | AlertState::Failed) {
            for channel in &routed.channels {
                if posted.iter().all(|alert| alert.channel != channel.0) {
                    own |= self.tell(tx, &due.bot, channel, &telling, now).await?;
                }
            }
        }
        evaluation.lookup = evaluation.lookup.filter(|_| own);
        evaluation.last_alert = serde_json::to_string(&update.last_alert).ok();
        Ok(evaluation)
    }

    /// Brings a message that stands up to date.
    async fn update(
        &self,
        tx: &mut AlertTransaction,
        due: &DueBot,
        posted: &PostedAlert,
        update: &AlertUpdate,
        person: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let resolved = update.alert.state == AlertState::Resolved;
        if resolved != posted.resolved {
            tx.set_resolved(&due.bot, posted, resolved).await?;
            if let Some(group) = &posted.group_id {
                self.count(tx, group, 0, if resolved { 1 } else { -1 }, now).await?;
            }
        }
        if posted.group_id.is_some() {
            return Ok(());
        }
        let channel = ChannelRef(posted.channel.clone());
        let head = head_of(&due.bot, &posted.channel);
        let answered = person.map(|person| CardNote::AnsweredBy(person.to_owned()));
        for (id, message, mention) in [
            (head.clone(), Message::Alert(Box::new(update.alert.clone())), posted.mention.clone()),
            (details_of(&head), details(update, answered), None),
        ] {
            let changed = ChannelMessage {
                id: id.clone(),
                channel: &channel,
                bot: &due.bot,
                message,
                mention,
                last_event_at: None,
            };
            if let (Some(new), Some(change)) = (self.new_message(&changed), self.change(&changed)) {
                tx.enqueue_edit(&id, &new.body, &change, now).await?;
            }
        }
        let Some(news) = &update.change else { return Ok(()) };
        let id = format!("{head}/update/{}", now.as_millisecond());
        let message = Message::Notice(notices::news(news));
        let news = ChannelMessage {
            id,
            channel: &channel,
            bot: &due.bot,
            message,
            mention: None,
            last_event_at: None,
        };
        if let Some(outgoing) = self.new_message(&news) {
            tx.enqueue_reply(&head, outgoing, now).await?;
        }
        Ok(())
    }

    /// Tells a place of a bot for the first time: in a message of its own, or counted with others. Says
    /// whether it has its own.
    async fn tell(
        &self,
        tx: &mut AlertTransaction,
        bot: &str,
        channel: &ChannelRef,
        telling: &NewAlert<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let NewAlert { update, mention, last_event_at, .. } = telling;
        let grouping = self.alerts.policy.grouping;
        let cause = update.last_alert.cause.as_str();
        let said = tx.recent_alerts(&channel.0, cause, now - grouping.window).await?;
        let placement = grouping.place_next(Lately {
            of_this_cause: said.of_this_cause,
            messages: said.messages,
            counting_this_cause: said.group_of_this_cause.is_some(),
            counting_all: said.group_of_all.is_some(),
        });
        if placement != Placement::Own {
            let group = self.group(tx, channel, placement, &said, telling, now).await?;
            if tx.insert_alert(bot, &channel.0, cause, Some(&group), mention.as_deref(), now).await? {
                self.count(tx, &group, 1, 0, now).await?;
            }
            metrics::counter!("wnr_alerts_total", "kind" => "grouped").increment(1);
            return Ok(false);
        }
        if !tx.insert_alert(bot, &channel.0, cause, None, mention.as_deref(), now).await? {
            return Ok(true);
        }
        metrics::counter!("wnr_alerts_total", "kind" => "single").increment(1);
        let head = head_of(bot, &channel.0);
        let message = Message::Alert(Box::new(update.alert.clone()));
        let mention = mention.clone();
        let alert = ChannelMessage {
            id: head.clone(),
            channel,
            bot,
            message,
            mention,
            last_event_at: *last_event_at,
        };
        self.post(tx, &alert, now).await?;
        let id = details_of(&head);
        let message = details(update, None);
        let details = ChannelMessage { id, channel, bot, message, mention: None, last_event_at: None };
        if let Some(outgoing) = self.new_message(&details) {
            tx.enqueue_reply(&head, outgoing, now).await?;
        }
        Ok(true)
    }

    /// Posts a new message. Whether its channel takes it shows when it is sent.
    pub(super) async fn post(
        &self,
        tx: &mut AlertTransaction,
        message: &ChannelMessage<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match self.new_message(message) {
            Some(row) => tx.enqueue(&row, now).await,
            None => Ok(()),
        }
    }
}

/// What is told of a bot for the first time.
pub(super) struct NewAlert<'a> {
    /// What is said.
    pub(super) update: &'a AlertUpdate,
    /// What that rests on.
    pub(super) diagnosis: &'a Diagnosis<'a>,
    /// Whom to mention.
    pub(super) mention: Option<String>,
    /// When the news came.
    pub(super) last_event_at: Option<Timestamp>,
}

fn details(update: &AlertUpdate, note: Option<CardNote>) -> Message {
    Message::Details { report: Box::new(update.alert.report.clone()), note }
}

/// How fresh what is known of a bot is.
#[derive(Debug, Clone, Copy)]
struct Freshness {
    last_event_at: Timestamp,
    /// When Recall.ai was last asked, whatever came of it.
    asked_at: Option<Timestamp>,
    /// It was asked since the last news.
    was_asked: bool,
    /// It was asked since the last news, and answered.
    was_learned: bool,
}

impl Freshness {
    fn of(due: &DueBot, now: Timestamp) -> Self {
        let asked_at = due.fetched_at.max(due.lookup_failed_at);
        Self {
            last_event_at: Timestamp::from_millisecond(due.last_event_at).unwrap_or(now),
            asked_at: asked_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
            was_asked: asked_at.is_some_and(|at| at >= due.last_event_at),
            was_learned: due.fetched_at.is_some_and(|at| at >= due.last_event_at),
        }
    }
}

/// A bot that is evaluation about.
struct BotContext<'a> {
    due: &'a DueBot,
    diagnosis: &'a Diagnosis<'a>,
    assessed: Assessment,
    told: Option<LastAlert>,
    news: Freshness,
    events: &'a [BotEvent],
}

impl BotContext<'_> {
    /// When to ask Recall.ai about it, if that could tell more than is known.
    fn lookup(&self, now: Timestamp) -> Option<PlannedLookup> {
        let so_far = LookupsSoFar {
            asked_at: self.news.asked_at,
            was_asked: self.news.was_asked,
            planned_at: self.due.lookup_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
            was_alerted: self.told.is_some(),
        };
        planned_lookup(self.diagnosis, &self.assessed, so_far, now)
    }

    /// What the developer attached to the bot, as the events tell it.
    fn metadata(&self) -> BTreeMap<String, String> {
        self.events.iter().flat_map(|event| event.metadata.clone()).collect()
    }
}
