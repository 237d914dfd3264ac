//! Lifecycle of the one message about a bot as more becomes known.
//!
//! Every update edits the message and its details. People who follow a thread are notified of a new message and not
//! of an edit, so a change of state that they must see is a line in the thread too. What they were last notified of
//! is the state of the first message, or that of the last line:
//!
//! | the bot is now | last notified of `Warning` | `Failed` | `Resolved` | without an alert |
//! |---|---|---|---|---|
//! | `Warning`: it can still be saved | edit | edit and line | edit and line | alert |
//! | `Failed`: nothing was recorded, or not all | edit and line | edit | edit and line | alert |
//! | `Resolved`: it records, or has recorded | edit and line | edit and line | edit | nothing |
//! | `Monitoring`: not known yet | edit | edit | edit | nothing |
//! | `Closed`: it ended, and nothing is to be done | edit | edit | nothing | nothing |
//!
//! Another cause, a name or the words of Recall.ai in the same state are an edit alone. As long as the first
//! message was certainly not sent, that message itself says what is new, and there is no line.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Policy;
use super::assess::{Assessment, BotState};
use crate::diagnosis::Diagnosis;
use crate::report::Report;
use crate::report::alert::{Alert, AlertState};

/// The last alert that was sent about a bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAlert {
    /// How things stood.
    pub state: AlertState,
    /// The cause that was named.
    pub cause: String,
    /// Its title.
    pub title: String,
    /// The title of what was last a reason to worry.
    pub alarm: String,
    /// A digest of the facts behind it. If it is equal, there is nothing new to send.
    pub basis: String,
    /// When the event happened and when it arrived, if the alert was marked as late.
    pub late: Option<(Timestamp, Timestamp)>,
    /// The last state of which people were notified.
    pub notified: AlertState,
    /// How often the alert was updated. With it each update has a name of its own.
    pub revision: u32,
}

/// The next update of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertUpdate {
    /// The message.
    pub alert: Alert,
    /// `true` if people must be notified, not only find it when they look.
    pub notify: bool,
    /// What is stored for the next comparison.
    pub last_alert: LastAlert,
}

impl Policy {
    /// Returns the next update, given the last alert; `None` if nothing is new.
    #[must_use]
    pub fn next_update(
        &self,
        diagnosis: &Diagnosis<'_>,
        assessed: &Assessment,
        report: Report,
        last: Option<&LastAlert>,
    ) -> Option<AlertUpdate> {
        let state = match (assessed.state, last) {
            (BotState::AtRisk, _) => AlertState::Warning,
            (BotState::Failed, _) => AlertState::Failed,
            (_, None) => return None,
            (BotState::Recording, Some(_)) => AlertState::Resolved,
            // A recording may expire later. That needs no update.
            (BotState::Ended, Some(last)) if last.state == AlertState::Resolved => return None,
            (BotState::Ended, Some(_)) => AlertState::Closed,
            (BotState::Undecided, Some(_)) => AlertState::Monitoring,
        };
        let now = diagnosis.case.now;
        let leaves_at = diagnosis.facts.leaves_at.filter(|_| state == AlertState::Warning);
        let (until, is_overdue) = match leaves_at {
            // Nobody can act by a time that has passed.
            Some(leaves_at) if leaves_at <= now => (None, true),
            leaves_at => (leaves_at, false),
        };
        let basis = basis(diagnosis, &report, is_overdue);
        let cause = report.cause.clone();
        if last.is_some_and(|last| last.state == state && last.cause == cause && last.basis == basis) {
            return None;
        }
        let late = match (assessed.since, last) {
            (Some(since), None) if now.duration_since(since) > self.stale => Some((since, now)),
            // What happened after the first message is told in time.
            (Some(since), Some(last)) => {
                last.late.filter(|(_, heard)| since <= *heard).map(|(_, heard)| (since, heard))
            }
            _ => None,
        };
        let title = report.title.clone();
        let alert = Alert {
            state,
            level: diagnosis.cause.alert,
            before: last.map(|last| last.alarm.clone()).filter(|alarm| *alarm != title),
            until,
            is_overdue,
            late,
            report,
        };
        let notify = is_news(state, last);
        let alarm = match (state, last) {
            (AlertState::Warning | AlertState::Failed, _) | (_, None) => title.clone(),
            (_, Some(last)) => last.alarm.clone(),
        };
        let notified = last.filter(|_| !notify).map_or(state, |last| last.notified);
        let revision = last.map_or(0, |last| last.revision.saturating_add(1));
        let last_alert = LastAlert { state, cause, title, alarm, basis, late, notified, revision };
        Some(AlertUpdate { alert, notify, last_alert })
    }
}

/// Returns `true` if people haven't been notified of this state and must be.
fn is_news(state: AlertState, last: Option<&LastAlert>) -> bool {
    match state {
        AlertState::Warning | AlertState::Failed | AlertState::Resolved => {
            last.is_some_and(|last| last.notified != state)
        }
        AlertState::Monitoring | AlertState::Closed => false,
    }
}

/// What a verdict rests on, as far as a reader would notice a change of it.
fn basis(diagnosis: &Diagnosis<'_>, report: &Report, is_overdue: bool) -> String {
    format!(
        "{}/{}/{}/{}/{}/{:?}/{}/{is_overdue}/{:?}{}",
        diagnosis.evidence.len(),
        report.outcome,
        report.confidence,
        report.platform,
        report.gaps.join(";"),
        diagnosis.case.host_was_present,
        report.name(),
        report.rescue,
        report.taken.as_ref().map(|taken| format!("/{}", taken.person)).unwrap_or_default(),
    )
}
