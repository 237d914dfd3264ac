//! What becomes of the one message about a bot as more becomes known.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Policy;
use super::standing::{Standing, Weighed};
use crate::diagnosis::Diagnosis;
use crate::report::Report;
use crate::report::alert::{Alert, AlertState};

/// What was told of a bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
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
pub struct Saying {
    /// The message.
    pub alert: Alert,
    /// What to add to its thread: what has changed, in a sentence.
    pub news: Option<String>,
    /// What is remembered for the next time.
    pub told: Told,
}

impl Policy {
    /// What is to be said of a bot now, given what was told before; nothing where nothing is new.
    #[must_use]
    pub fn say(
        &self,
        diagnosis: &Diagnosis<'_>,
        weighed: &Weighed,
        report: Report,
        told: Option<&Told>,
    ) -> Option<Saying> {
        let state = match (weighed.standing, told) {
            (Standing::AtRisk, _) => AlertState::Warning,
            (Standing::Failed, _) => AlertState::Failed,
            (_, None) => return None,
            (Standing::Good, Some(_)) => AlertState::Resolved,
            // What recorded in the end may expire later; nobody has to read about that again.
            (Standing::Ended, Some(told)) if told.state == AlertState::Resolved => return None,
            (Standing::Ended, Some(_)) => AlertState::Over,
            (Standing::Open, Some(_)) => AlertState::Eased,
        };
        let basis = basis(diagnosis, &report);
        let cause = report.cause.clone();
        if told.is_some_and(|told| told.state == state && told.cause == cause && told.basis == basis) {
            return None;
        }
        let now = diagnosis.case.now;
        let late = match told {
            Some(told) => told.late,
            None => weighed
                .since
                .filter(|since| now.duration_since(*since) > self.stale)
                .map(|since| (since, now)),
        };
        let title = report.title.clone();
        let alert = Alert {
            state,
            level: diagnosis.cause.alert,
            before: told.map(|told| told.alarm.clone()).filter(|alarm| *alarm != title),
            until: diagnosis.facts.leaves_at.filter(|_| state == AlertState::Warning),
            late,
            report,
        };
        let changed = told.is_some_and(|told| told.state != state || told.cause != cause);
        let news = changed.then(|| format!("{}: {}.", alert.lead(), alert.title()));
        let alarm = match (state, told) {
            (AlertState::Warning | AlertState::Failed, _) | (_, None) => title.clone(),
            (_, Some(told)) => told.alarm.clone(),
        };
        Some(Saying { alert, news, told: Told { state, cause, title, alarm, basis, late } })
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
