//! An alert: the one message about a bot in a channel, which is edited as things change.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Report;
use super::card::Button;
use super::mute::Taken;
use super::rescue::RescueCard;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::vocabulary::{Actor, AlertLevel, Outcome};

/// Minutes before a deadline from which it is given to the second.
const SOON: SignedDuration = SignedDuration::from_mins(5);

/// The state of a bot that has an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nothing is recorded yet, and it still can be.
    Warning,
    /// Recording failed.
    Failed,
    /// The reason for the warning no longer holds; it is unknown so far if the bot records.
    Monitoring,
    /// The bot recorded after all.
    Resolved,
    /// The bot has ended, and there is nothing left to do.
    Closed,
}

impl AlertState {
    /// Returns the one spelling of this state in names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }
}

/// An alert about one bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The state of the bot.
    pub state: AlertState,
    /// How urgent the cause is.
    pub level: AlertLevel,
    /// The report about the bot.
    pub report: Report,
    /// The cause with which the alert started, if the cause has changed since.
    pub before: Option<String>,
    /// Until when the bot waits, if its recording can still be saved.
    pub until: Option<Timestamp>,
    /// `true` if the recording may still be saved although the bot should have left by now.
    #[serde(default)]
    pub is_overdue: bool,
    /// The time of the event, and the time at which the service learned of it, if these are far apart.
    pub late: Option<(Timestamp, Timestamp)>,
}

/// The first line of an alert, understandable alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// An icon for the state, recognisable at a glance. The words beside it say the same.
    pub icon: &'static str,
    /// The state in a word or two.
    pub label: String,
    /// The time at which the bot leaves, if its recording can still be saved.
    pub leaves_at: Option<Timestamp>,
    /// `true` if it leaves within minutes of the last event, so that seconds count.
    pub is_soon: bool,
    /// What to do, or what happened.
    pub text: String,
}

/// A line of an alert or a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyLine(pub Vec<Span>);

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Literal text.
    Words(String),
    /// A time, which each person sees in their own time zone.
    Time(Timestamp),
    /// A time with its day.
    Date(Timestamp),
    /// A user, by the ID that their platform gave them, or by a name.
    Person(String),
    /// A value that someone else wrote, shown as it is.
    Code(String),
    /// A day that leads to a message of that day.
    LinkedDay {
        /// The time of what happened then.
        at: Timestamp,
        /// The address of the message.
        url: String,
    },
}

impl BodyLine {
    pub(super) fn words(words: impl Into<String>) -> Self {
        Self(vec![Span::Words(words.into())])
    }

    /// Builds a line of alternating words and times, starting with words.
    pub(super) fn with_times(parts: &[(&str, Timestamp)]) -> Self {
        let spans = parts.iter().flat_map(|(words, at)| [Span::Words((*words).to_owned()), Span::Time(*at)]);
        Self(spans.collect())
    }
}

impl Alert {
    /// Returns an icon for the state, recognisable at a glance. The words beside it say the same.
    #[must_use]
    pub const fn icon(&self) -> &'static str {
        match self.state {
            AlertState::Warning => "🟡",
            AlertState::Failed if matches!(self.report.outcome, Outcome::NotRecorded | Outcome::Lost) => "🔴",
            AlertState::Failed => "🟠",
            AlertState::Monitoring | AlertState::Closed => "⚪",
            AlertState::Resolved => "🟢",
        }
    }

    /// Returns the state in a word or two.
    #[must_use]
    pub fn status_label(&self) -> &'static str {
        match self.state {
            AlertState::Warning => "Act now",
            AlertState::Failed => self.report.outcome_words(),
            AlertState::Monitoring => "Waiting",
            AlertState::Resolved => "Resolved",
            AlertState::Closed => "Closed",
        }
    }

    /// Returns the first line. While the recording can still be saved, it says what to do and by when.
    #[must_use]
    pub fn headline(&self) -> Headline {
        let leaves_at = self.until.filter(|_| self.state == AlertState::Warning);
        let last = self.report.evidence.iter().filter_map(|line| line.at).max();
        Headline {
            icon: self.icon(),
            label: self.status_label().to_owned(),
            leaves_at,
            is_soon: leaves_at
                .zip(last)
                .is_some_and(|(leaves_at, last)| leaves_at.duration_since(last) < SOON),
            text: self.first_step().map_or_else(|| self.title(), str::to_owned),
        }
    }

    /// Returns the first thing to do, in one sentence, while the recording can still be saved.
    fn first_step(&self) -> Option<&str> {
        let step = self.report.steps.first().filter(|_| self.state == AlertState::Warning)?;
        Some(step.find(". ").map_or(step, |end| &step[..=end]))
    }

    /// Returns the situation in one line.
    #[must_use]
    pub fn title(&self) -> String {
        match (self.state, self.report.outcome) {
            (AlertState::Resolved, Outcome::Recording) => "the bot is recording now".to_owned(),
            (AlertState::Resolved, _) => "the bot recorded the meeting".to_owned(),
            _ => self.report.title.clone(),
        }
    }

    /// Returns the message in the thread for a change of state. It is understandable alone, because its
    /// readers may see nothing else.
    #[must_use]
    pub fn thread_line(&self) -> String {
        format!("{}: {}.", self.status_label(), self.title())
    }

    /// Returns what identifies the bot: its name, its platform if known, and its ID.
    #[must_use]
    pub fn bot_line(&self) -> (&str, Option<&'static str>, Option<BotId>) {
        (self.report.name(), self.report.platform_name(), self.report.bot_id)
    }

    /// Returns the text of a notification, which is understandable alone and names the bot.
    #[must_use]
    pub fn notification_text(&self) -> String {
        let id = self.report.bot_id.map(|id| format!(" (bot {id})")).unwrap_or_default();
        let late = if self.late.is_some() { "Late: " } else { "" };
        let step = self.first_step().map(|step| format!("{step} ")).unwrap_or_default();
        format!("{late}{}: {step}{}{id}", self.status_label(), self.title())
    }

    /// Returns the lines below the headline.
    #[must_use]
    pub fn body_lines(&self) -> Vec<BodyLine> {
        let mut lines = Vec::new();
        if let Some((happened, heard)) = self.late {
            let parts = [("Late: this happened at ", happened), (", but I only learned of it at ", heard)];
            lines.push(BodyLine::with_times(&parts));
        }
        if let (AlertState::Failed, Some(recurrence)) = (self.state, &self.report.recurrence) {
            lines.extend(recurrence.lines());
        }
        if self.first_step().is_some() {
            lines.push(BodyLine::words(format!("{}.", self.title())));
        }
        if let Some(before) = &self.before {
            lines.push(BodyLine::words(format!("Before: {before}.")));
        }
        if self.state == AlertState::Warning && self.is_overdue {
            lines.push(BodyLine::words("Its time is up, and I don't know yet whether it left."));
        }
        if self.state == AlertState::Failed {
            lines.push(BodyLine::words(format!("{}.", self.report.who())));
            lines.extend(self.what_else_fails().map(BodyLine::words));
        }
        lines.extend(self.report.rescue.iter().flat_map(RescueCard::attempts).cloned());
        lines.extend(self.report.taken.as_ref().map(Taken::line));
        lines
    }

    /// Returns the buttons below it. There are none once nothing is left to do.
    #[must_use]
    pub fn buttons(&self) -> Vec<Button<'static>> {
        let take = if self.report.taken.is_some() { Button::TakeOver } else { Button::Take };
        // What may still save the meeting comes first.
        let rescue = self.report.rescue.as_ref().and_then(|rescue| rescue.button).map(Button::Rescue);
        match self.state {
            AlertState::Warning | AlertState::Monitoring => {
                rescue.into_iter().chain([take, Button::Mute]).collect()
            }
            AlertState::Failed => vec![take, Button::Mute],
            AlertState::Resolved | AlertState::Closed => Vec::new(),
        }
    }

    /// Returns the consequence if the cause is not fixed, for causes that affect more than one meeting.
    fn what_else_fails(&self) -> Option<&'static str> {
        let is_about_host = matches!(self.report.actor, Actor::Host | Actor::AccountAdmin);
        (self.level == AlertLevel::Page).then_some(if is_about_host {
            "Until it's fixed, this host's other meetings won't be recorded either."
        } else {
            "Until it's fixed, other meetings will fail too."
        })
    }
}
