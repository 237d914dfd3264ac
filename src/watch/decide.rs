//! The second step of an evaluation: what is to be done about each bot. Pure, and synchronous.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::{SignedDuration, Timestamp};

use super::Watch;
use super::alerting::NewAlert;
use super::decision::Decision;
use super::load::{Batch, Channels};
use super::lookup_rule::{LookupsSoFar, planned_lookup};
use super::recurrences::PastOfBatch;
use crate::acting::no_step;
use crate::alerts::ChannelRef;
use crate::alerts::assess::{Assessment, BotState};
use crate::alerts::lifecycle::LastAlert;
use crate::alerts::route::Traits;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::case_file::CaseFile;
use crate::diagnosis::{Diagnosis, diagnose};
use crate::digest::period::{day_of, number_of};
use crate::digest::tally::{SavedBy, Tally};
use crate::mutes::Subject;
use crate::observe::verdict::Verdict;
use crate::recall::event::BotEvent;
use crate::recall::{ApiSnapshot, case_file_from_events};
use crate::report::alert::AlertState;
use crate::report::compose;
use crate::report::mute::Taken;
use crate::rescue::attempt::StepResult;
use crate::store::{Body, Counted, DueBot, Evaluation, FailureChange, FailureRow, PlannedLookup, RescueRow};

/// A cause that webhooks alone don't prove waits this long for a lookup.
const GRACE: SignedDuration = SignedDuration::from_secs(3);
/// A bot that was evaluated is left alone for this time, unless there is an event: a mistake in a timer must not
/// become a loop.
const MIN_RECHECK: SignedDuration = SignedDuration::from_secs(1);
/// A bot isn't deleted before this time, however short the retention is.
const DELETED_AFTER_MIN: SignedDuration = SignedDuration::from_hours(24);
/// Maximum difference between the instances' clocks. A time further ahead was written by a clock that has since been
/// set back.
const CLOCKS_DIFFER_MAX: SignedDuration = SignedDuration::from_secs(10);

/// A bot that is decided about.
pub(super) struct BotContext<'a> {
    pub(super) due: &'a DueBot,
    pub(super) diagnosis: &'a Diagnosis<'a>,
    pub(super) assessed: Assessment,
    last: Option<LastAlert>,
    fresh: Freshness,
    events: &'a [BotEvent],
}

impl Watch {
    /// Decides about each bot of a batch in turn; each decision counts for the next.
    ///
    /// Everything specific to a bot runs under one `catch_unwind`, whose result is its whole decision or none. So a
    /// bot that breaks the engine is put aside without affecting others.
    pub(super) fn decide(&self, batch: &mut Batch, now: Timestamp) -> Vec<Decision> {
        let Batch { due, events, sent, channels, no_steps, past } = batch;
        let mut decisions = Vec::with_capacity(due.len());
        for (due, events) in due.iter().zip(events.iter()) {
            let decided = catch_unwind(AssertUnwindSafe(|| {
                tracing::info_span!("evaluate bot", bot.id = due.bot)
                    .in_scope(|| self.decide_about((due, events), sent, channels, (no_steps, past), now))
            }));
            let decision = decided.unwrap_or_else(|_| Decision::put_aside(due, now));
            decision.add_to(channels, now);
            past.learn(due, &decision);
            decisions.push(decision);
        }
        decisions
    }

    fn decide_about(
        &self,
        (due, events): (&DueBot, &[BotEvent]),
        sent: &HashMap<String, String>,
        channels: &Channels,
        (no_steps, past): (&HashSet<String>, &PastOfBatch),
        now: Timestamp,
    ) -> Decision {
        let Ok(id) = due.bot.parse::<BotId>() else {
            let evaluation = Evaluation { bot: due.bot.clone(), ..Evaluation::default() };
            return Decision { evaluation, ..Decision::default() };
        };
        let case = self.case_file(id, due, events, now);
        let diagnosis = diagnose(&case, &self.answerer.catalogue);
        let assessed = self.alerts.policy.assess(&diagnosis);
        let last = due.last_alert.as_deref().and_then(|last| serde_json::from_str(last).ok());
        let fresh = Freshness::of(due, now);
        let bot = BotContext { due, diagnosis: &diagnosis, assessed, last, fresh, events };
        let can_ask = !no_steps.contains(&no_step(&due.workspace));
        let mut decision = self.decide_alerts(&bot, sent, channels, (can_ask, past), now);
        let evaluation = &mut decision.evaluation;
        evaluation.due_at = evaluation.due_at.map(|due_at| due_at.max(now + MIN_RECHECK));
        // The API response of a bot without an alert isn't kept, unless only that response keeps it from one.
        let is_well = matches!(assessed.state, BotState::Recording | BotState::Ended);
        let has_no_alert = due.alerts.is_empty() && decision.alerts.is_empty();
        evaluation.forget_response = is_well
            && has_no_alert
            && due.api_response.is_some()
            && !self.deserves_an_alert(&case_file_from_events(id, events, None, now));
        decision.evaluation.counted = if decision.evaluation.forget_response {
            // As what remains of it says, so that a recount comes to the same number.
            let case = self.case_file_with(None, id, due, events, now);
            self.count_bot(&diagnose(&case, &self.answerer.catalogue), due, &decision)
        } else {
            self.count_bot(&diagnosis, due, &decision)
        };
        decision
    }

    /// Returns `true` if the bot failed. Earlier failures are read for such bots alone, which are few.
    pub(super) fn has_failed(&self, due: &DueBot, events: &[BotEvent], now: Timestamp) -> bool {
        let Ok(id) = due.bot.parse::<BotId>() else { return false };
        // A bot that breaks its diagnosis is put aside when it is decided about.
        let assessed = catch_unwind(AssertUnwindSafe(|| {
            let case = self.case_file(id, due, events, now);
            self.alerts.policy.assess(&diagnose(&case, &self.answerer.catalogue)).state
        }));
        assessed.is_ok_and(|state| state == BotState::Failed)
    }

    /// Returns how a bot counts in the digest.
    fn count_bot(&self, diagnosis: &Diagnosis<'_>, due: &DueBot, decision: &Decision) -> Option<Counted> {
        let has_asked = |rescue: &RescueRow| rescue.request.as_deref() == Some(StepResult::Done.as_str());
        let was_told = !due.alerts.is_empty() || !decision.alerts.is_empty();
        let last_alert = decision.evaluation.last_alert.as_deref();
        let last = || serde_json::from_str::<LastAlert>(last_alert.filter(|_| was_told)?).ok();
        let saved_by = if due.rescues.iter().any(has_asked) {
            Some(SavedBy::Rescue)
        } else {
            last().filter(|last| last.state == AlertState::Resolved).map(|_| SavedBy::Alert)
        };
        let (at, tally) = Tally::of(diagnosis, saved_by)?;
        // A bot of which something is heard after it was deleted was counted before.
        let was_deleted =
            diagnosis.case.now.duration_since(at) > self.alerts.digest.kept.max(DELETED_AFTER_MIN);
        if due.counted.is_none() && was_deleted {
            return None;
        }
        Some(Counted { day: number_of(day_of(at)), counted_as: tally.to_string() })
    }

    fn deserves_an_alert(&self, case: &CaseFile) -> bool {
        let assessed = self.alerts.policy.assess(&diagnose(case, &self.answerer.catalogue));
        matches!(assessed.state, BotState::AtRisk | BotState::Failed)
    }

    fn case_file(&self, id: BotId, due: &DueBot, events: &[BotEvent], now: Timestamp) -> CaseFile {
        self.case_file_with(due.api_response.as_deref(), id, due, events, now)
    }

    /// Builds the case file as if this were all that Recall.ai responded.
    fn case_file_with(
        &self,
        response: Option<&str>,
        id: BotId,
        due: &DueBot,
        events: &[BotEvent],
        now: Timestamp,
    ) -> CaseFile {
        let response: Option<CaseFile> = response.and_then(|response| serde_json::from_str(response).ok());
        let at = due.fetched_at.and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or(now);
        let response = response.as_ref().map(|case| ApiSnapshot { case, at });
        let mut case = case_file_from_events(id, events, response, now);
        case.host_was_present = due.host_answer.as_ref().map(|(present, _)| *present);
        if case.dashboard_url.is_none() {
            let workspace = self.watched(&due.workspace);
            case.dashboard_url = workspace.map(|own| crate::recall::dashboard_url(&own.base_url, id));
        }
        case
    }

    fn decide_alerts(
        &self,
        bot: &BotContext<'_>,
        sent: &HashMap<String, String>,
        channels: &Channels,
        (can_ask, past): (bool, &PastOfBatch),
        now: Timestamp,
    ) -> Decision {
        let BotContext { due, diagnosis, assessed, last, fresh, .. } = bot;
        let policy = &self.alerts.policy;
        let mut decision = Decision {
            evaluation: Evaluation {
                bot: due.bot.clone(),
                due_at: assessed.recheck_at,
                last_alert: due.last_alert.clone(),
                lookup: bot.lookup(now),
                ..Evaluation::default()
            },
            ..Decision::default()
        };
        let failure = bot.failure(past.key_of(&due.bot), now);
        decision.failure = failure_change(due.failure.as_ref(), failure.as_ref());
        let recurrence = failure.as_ref().and_then(|failure| {
            let title = |cause: &str| {
                let is_own = cause == failure.cause;
                if is_own { diagnosis.title.to_owned() } else { self.title(cause) }
            };
            past.recurrence(due, failure, title)
        });
        let mut report = self.answerer.for_the_host(compose(diagnosis), diagnosis, None);
        self.rescue(bot, can_ask, &mut report, &mut decision, now);
        let mut report = report.with_recurrence(recurrence);
        report.taken = due.taken.clone().map(|(person, at)| Taken { person, at });
        let cause = diagnosis.cause.id.as_str();
        let key = past.key_of(&due.bot);
        let subject = Subject { bot: &due.bot, cause, key: key.as_deref() };
        let muted = |channel: &str| channels.muted(channel, &subject, now);
        let released = self.released(bot, &report, cause, muted, &mut decision);
        let update = policy.next_update(diagnosis, assessed, report, last.as_ref());
        if update.is_none() && released.is_none() {
            return decision;
        }
        let metadata = bot.metadata();
        let traits = Traits {
            workspace: &due.workspace,
            platform: diagnosis.platform,
            cause: diagnosis.cause.id.as_str(),
            actor: diagnosis.actor,
            metadata: &metadata,
        };
        let routed = policy.route(&traits, &channels.table);
        if let Some((again, places)) = &released {
            let mention = routed.mention.clone().filter(|_| due.taken.is_none());
            let new = NewAlert { bot, update: again, mention, last_event_at: None, was_muted: true };
            for channel in routed.channels.iter().filter(|channel| places.contains(&channel.0)) {
                self.new_alert(&mut decision, channel, &new, channels, now);
            }
        }
        let Some(update) = update else { return decision };
        let uncertain = !assessed.stated || routed.depends_on_platform;
        let waits_until = fresh.grace_ends.filter(|ends| now < *ends);
        if let Some(until) = waits_until.filter(|_| last.is_none() && uncertain && !fresh.was_learned) {
            // Leaves time for a lookup, and for webhooks that follow this one.
            decision.evaluation.due_at = Some(until);
            decision.failure = None;
            return decision;
        }
        if last.as_ref().is_none_or(|last| last.cause != update.last_alert.cause) {
            decision.verdict = Some(Verdict::of(diagnosis));
            decision.dropped = routed.channels.is_empty();
        }
        for posted in &due.alerts {
            self.update_alert(&mut decision, due, posted, &update, sent, |channel| muted(channel).is_some());
        }
        // A late event mentions no one, and neither does a bot that somebody takes care of.
        let mention = routed.mention.clone().filter(|_| update.alert.late.is_none() && due.taken.is_none());
        // Other warnings are sent when due, long after the webhook.
        let by_webhook = assessed.stated || update.alert.state == AlertState::Failed;
        let last_event_at = by_webhook.then_some(fresh.last_event_at);
        let new = NewAlert { bot, update: &update, mention, last_event_at, was_muted: false };
        if matches!(update.alert.state, AlertState::Warning | AlertState::Failed) {
            let alerted: Vec<_> = due.alerts.iter().map(|alert| ChannelRef(alert.channel.clone())).collect();
            let stays = policy.stays(&routed, &channels.table, &alerted);
            for channel in routed.channels.iter().filter(|_| !stays) {
                if alerted.contains(channel) {
                    continue;
                }
                match muted(&channel.0) {
                    Some(mute) => decision.keep_back(channel, &new, mute),
                    None => self.new_alert(&mut decision, channel, &new, channels, now),
                }
            }
        }
        // Nor is one that is only counted from now on.
        let own = due.alerts.iter().any(|alert| alert.group_id.is_none())
            || decision.alerts.iter().any(|alert| alert.group_id.is_none());
        decision.evaluation.lookup = decision.evaluation.lookup.filter(|_| own);
        decision.evaluation.last_alert = serde_json::to_string(&update.last_alert).ok().map(Body::from);
        decision
    }
}

/// How fresh what is known of a bot is.
#[derive(Debug, Clone, Copy)]
struct Freshness {
    /// When the last event came.
    last_event_at: Timestamp,
    /// Until when more may become known by itself.
    grace_ends: Option<Timestamp>,
    /// When Recall.ai was last asked, whatever came of it.
    asked_at: Option<Timestamp>,
    /// It was asked since the last event.
    was_asked: bool,
    /// It was asked since the last event, and responded.
    was_learned: bool,
}

impl Freshness {
    fn of(due: &DueBot, now: Timestamp) -> Self {
        let asked_at = due.fetched_at.max(due.lookup_failed_at);
        let last_event_at = Timestamp::from_millisecond(due.last_event_at).ok();
        let last_event_at = last_event_at.filter(|at| *at <= now + CLOCKS_DIFFER_MAX);
        // An event dated in the future is only known to have happened by now.
        let last_event = due.last_event_at.min(now.as_millisecond());
        Self {
            last_event_at: last_event_at.unwrap_or(now),
            grace_ends: last_event_at.map(|at| at + GRACE),
            asked_at: asked_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
            was_asked: asked_at.is_some_and(|at| at >= last_event),
            was_learned: due.fetched_at.is_some_and(|at| at >= last_event),
        }
    }
}

impl BotContext<'_> {
    /// When to ask Recall.ai about it. One that is only counted in groups is not asked about: there are too many.
    fn lookup(&self, now: Timestamp) -> Option<PlannedLookup> {
        let alerts = &self.due.alerts;
        if self.last.is_some() && alerts.iter().all(|alert| alert.group_id.is_some()) {
            return None;
        }
        let so_far = LookupsSoFar {
            asked_at: self.fresh.asked_at,
            was_asked: self.fresh.was_asked,
            planned_at: self.due.lookup_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
            was_alerted: self.last.is_some(),
        };
        planned_lookup(self.diagnosis, &self.assessed, so_far, now)
    }

    /// Returns the bot's failure as it is to be stored, if it failed.
    fn failure(&self, key: Option<String>, now: Timestamp) -> Option<FailureRow> {
        let diagnosis = self.diagnosis;
        (self.assessed.state == BotState::Failed).then(|| FailureRow {
            bot: self.due.bot.clone(),
            key,
            cause: diagnosis.cause.id.to_string(),
            outcome: diagnosis.outcome.to_string(),
            actor: diagnosis.actor.to_string(),
            sub_code: diagnosis.sub_code.map(ToString::to_string),
            // The store has milliseconds, and a time in the future is a mistake.
            at: millis(self.assessed.since.unwrap_or(self.fresh.last_event_at).min(now)),
        })
    }

    /// Returns the metadata that the developer attached to the bot, from its events.
    fn metadata(&self) -> BTreeMap<String, String> {
        self.events.iter().flat_map(|event| event.metadata.clone()).collect()
    }
}

/// Returns what to store about a failure, given what is stored.
fn failure_change(stored: Option<&FailureRow>, now: Option<&FailureRow>) -> Option<FailureChange> {
    match (stored, now) {
        (stored, Some(now)) if stored != Some(now) => Some(FailureChange::Save(now.clone())),
        (Some(stored), None) => Some(FailureChange::Remove { bot: stored.bot.clone() }),
        _ => None,
    }
}

fn millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}
