//! What becomes of the one message about a bot as more becomes known.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Policy;
use super::assess::{Assessment, BotState};
use crate::diagnosis::Diagnosis;
use crate::report::Report;
use crate::report::alert::{Alert, AlertState};

/// What was told of a bot.
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
    /// What it was told from, in short; the same as long as there is nothing new to say.
    pub basis: String,
    /// When it happened and when we heard of it, where that was told as late.
    pub late: Option<(Timestamp, Timestamp)>,
}

/// What is to be said of a bot now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertUpdate {
    /// The message.
    pub alert: Alert,
    /// What to add to its thread: what has changed, in a sentence.
    pub change: Option<String>,
    /// What is remembered for the next time.
    pub last_alert: LastAlert,
}

impl Policy {
    /// What is to be said of a bot now, given what was told before; nothing where nothing is new.
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
            // What recorded in the end may expire later; nobody has to read about that again.
            (BotState::Ended, Some(last)) if last.state == AlertState::Resolved => return None,
            (BotState::Ended, Some(_)) => AlertState::Closed,
            (BotState::Undecided, Some(_)) => AlertState::Monitoring,
        };
        let basis = basis(diagnosis, &report);
        let cause = report.cause.clone();
        if last.is_some_and(|last| last.state == state && last.cause == cause && last.basis == basis) {
            return None;
        }
        let now = diagnosis.case.now;
        let late = match last {
            Some(last) => last.late,
            None => assessed
                .since
                .filter(|since| now.duration_since(*since) > self.stale)
                .map(|since| (since, now)),
        };
        let title = report.title.clone();
        let alert = Alert {
            state,
            level: diagnosis.cause.alert,
            before: last.map(|last| last.alarm.clone()).filter(|alarm| *alarm != title),
            until: diagnosis.facts.leaves_at.filter(|_| state == AlertState::Warning),
            late,
            report,
        };
        let changed = last.is_some_and(|last| last.state != state || last.cause != cause);
        let change = changed.then(|| format!("{}: {}.", alert.status_label(), alert.title()));
        let alarm = match (state, last) {
            (AlertState::Warning | AlertState::Failed, _) | (_, None) => title.clone(),
            (_, Some(last)) => last.alarm.clone(),
        };
        Some(AlertUpdate { alert, change, last_alert: LastAlert { state, cause, title, alarm, basis, late } })
    }
}

/// What a verdict rests on, as far as a reader would notice a change of it.
fn basis(diagnosis: &Diagnosis<'_>, report: &Report) -> String {
    format!(
        "{}/{}/{}/{}/{}/{:?}/{}",
        diagnosis.evidence.len(),
        report.outcome,
        report.confidence,
        report.platform,
        report.gaps.join(";"),
        diagnosis.case.host_was_present,
        report.name()
    )
}
