//! The decision about one bot, before it is written.

use jiff::{SignedDuration, Timestamp};

use super::load::Channels;
use crate::alerts::grouping::{OpenGroup, Singles};
use crate::observe::verdict::{Trigger, Verdict};
use crate::store::{
    AlertGroupRow, Body, DueBot, Evaluation, FailureChange, NewAlertRow, NewOutboxRow, NewRescue,
    ResolvedAlert,
};

/// A bot whose evaluation panicked is left alone for this time.
const AFTER_PANIC: SignedDuration = SignedDuration::from_mins(10);

/// Everything that is to be written about one bot.
#[derive(Debug, Default)]
pub(super) struct Decision {
    /// The result of the evaluation.
    pub(super) evaluation: Evaluation,
    /// Its new alerts.
    pub(super) alerts: Vec<NewAlertRow>,
    /// Alerts of it that were muted and are sent now.
    pub(super) released: Vec<NewAlertRow>,
    /// Alerts of it that are still muted, for another cause or by another mute.
    pub(super) still_muted: Vec<NewAlertRow>,
    /// Alerts of it that are resolved now, or not any more.
    pub(super) resolved: Vec<ResolvedAlert>,
    /// What becomes of its stored failure, if that changes.
    pub(super) failure: Option<FailureChange>,
    /// Groups that start with it.
    pub(super) groups: Vec<AlertGroupRow>,
    /// In which groups it counts: how many more alerts, and how many more that are resolved.
    pub(super) counts: Vec<(String, i64, i64)>,
    /// The attempt that the service makes by itself.
    pub(super) rescue: Option<NewRescue>,
    /// What cards say of attempts from now on: the press, and the words.
    pub(super) shown: Vec<(String, String)>,
    /// Messages, in order.
    pub(super) messages: Vec<Enqueue>,
    /// The verdict, if it is new.
    pub(super) verdict: Option<Verdict>,
    /// A route drops its alert.
    pub(super) dropped: bool,
    /// The evaluation panicked.
    pub(super) panicked: bool,
}

/// A message for the outbox.
#[derive(Debug)]
pub(super) enum Enqueue {
    /// A new one in a channel.
    Post(NewOutboxRow),
    /// A new one in the thread of this one.
    Reply(String, NewOutboxRow),
    /// A change of this one.
    Edit(String, Edit),
}

/// A change of a message.
#[derive(Debug)]
pub(super) struct Edit {
    /// The body of the message itself from now on, if it was not sent yet.
    pub(super) body: Body,
    /// The same as a change of what was sent.
    pub(super) change: NewOutboxRow,
}

impl Decision {
    /// Nothing can be decided: the bot keeps what was last sent about it, and is tried again later.
    pub(super) fn put_aside(due: &DueBot, now: Timestamp) -> Self {
        let evaluation = Evaluation {
            bot: due.bot.clone(),
            due_at: Some(now + AFTER_PANIC),
            last_alert: due.last_alert.clone(),
            counted: due.counted.clone(),
            ..Evaluation::default()
        };
        Self { evaluation, panicked: true, ..Self::default() }
    }

    /// Makes this decision count for the next bots.
    pub(super) fn add_to(&self, channels: &mut Channels, now: Timestamp) {
        for group in &self.groups {
            let open = OpenGroup { id: group.id.clone(), cause: group.cause.clone(), is_new: true };
            channels.recent.entry(group.channel.clone()).or_default().add_group(open);
        }
        let sent = self.alerts.iter().filter(|alert| alert.muted_by.is_none()).chain(&self.released);
        for alert in sent.filter(|alert| alert.group_id.is_none()) {
            let one = Singles { count: 1, first: now };
            channels.recent.entry(alert.channel.clone()).or_default().add_singles(&alert.cause, one);
        }
    }

    /// Logs and counts what has happened, once it has.
    pub(super) fn count(&self) {
        let bot = self.evaluation.bot.as_str();
        if self.panicked {
            tracing::error!(bot.id = bot, "Evaluating a bot panicked.");
            metrics::counter!("wnr_evaluations_failed_total").increment(1);
        }
        if let Some(verdict) = &self.verdict {
            verdict.count(bot, Trigger::Alert);
        }
        for alert in self.alerts.iter().chain(&self.released) {
            let kind = match (&alert.muted_by, &alert.group_id) {
                (Some(_), _) => "muted",
                (None, None) => "single",
                (None, Some(_)) => "grouped",
            };
            metrics::counter!("wnr_alerts_total", "kind" => kind).increment(1);
        }
        if self.dropped {
            metrics::counter!("wnr_alerts_total", "kind" => "dropped").increment(1);
        }
        if !self.groups.is_empty() {
            metrics::counter!("wnr_alert_groups_total").increment(self.groups.len() as u64);
        }
    }
}
