//! What is told of one bot without anybody having asked: one message that is kept up to date.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Report;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::vocabulary::{AlertLevel, Outcome, Platform};

/// How things stand with a bot that was told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nothing is recorded yet, and it still can be.
    Warning,
    /// It failed.
    Failed,
    /// What was warned of is no longer so; whether it records is not known yet.
    Monitoring,
    /// It recorded after all.
    Resolved,
    /// It ended, and there is nothing to do about it.
    Closed,
}

impl AlertState {
    /// Its one spelling in names.
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

/// What is told of one bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// How things stand.
    pub state: AlertState,
    /// How loudly the cause is told.
    pub level: AlertLevel,
    /// All that is known.
    pub report: Report,
    /// What was told first, where that has changed since.
    pub before: Option<String>,
    /// Until when the bot waits, where it can still be saved.
    pub until: Option<Timestamp>,
    /// It can still be saved as far as is known, and should have given up by now.
    #[serde(default)]
    pub is_overdue: bool,
    /// When it happened and when we heard of it, where these are far apart.
    pub late: Option<(Timestamp, Timestamp)>,
}

/// A line of an alert: words, and a time that each reader sees in their own zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyLine {
    /// What is said.
    pub words: String,
    /// The time that the words lead to.
    pub at: Option<Timestamp>,
}

impl BodyLine {
    fn of(words: impl Into<String>) -> Self {
        Self { words: words.into(), at: None }
    }

    fn at(words: impl Into<String>, at: Timestamp) -> Self {
        Self { words: words.into(), at: Some(at) }
    }
}

impl Alert {
    /// A sign that shows from afar how things stand. The words beside it say the same.
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

    /// How things stand, in a word or two.
    #[must_use]
    pub fn status_label(&self) -> &'static str {
        match self.state {
            AlertState::Warning => "Can still be saved",
            AlertState::Failed => self.report.outcome_words(),
            AlertState::Monitoring => "Still open",
            AlertState::Resolved => "Resolved",
            AlertState::Closed => "Over",
        }
    }

    /// What is so, in one line.
    #[must_use]
    pub fn title(&self) -> String {
        match self.state {
            AlertState::Resolved => match self.report.outcome {
                Outcome::Recording => "It is recording now".to_owned(),
                _ => "It recorded after all".to_owned(),
            },
            _ => self.report.title.clone(),
        }
    }

    /// What a change of state says in the thread. It stands alone: whoever reads it may see nothing else.
    #[must_use]
    pub fn thread_line(&self) -> String {
        match self.state {
            AlertState::Resolved => match self.report.outcome {
                Outcome::Recording => "Resolved: it is recording now.".to_owned(),
                _ => "Resolved: it recorded after all.".to_owned(),
            },
            AlertState::Failed => format!("Failed: {}.", self.title()),
            AlertState::Warning | AlertState::Monitoring | AlertState::Closed => {
                format!("{}: {}.", self.status_label(), self.title())
            }
        }
    }

    /// Which bot it is: its name, the platform as far as it is known, its id.
    #[must_use]
    pub fn bot_line(&self) -> (&str, Option<&'static str>, Option<BotId>) {
        let platform = Some(self.report.platform).filter(|platform| *platform != Platform::Unknown);
        (self.report.name(), platform.map(Platform::label), self.report.bot_id)
    }

    /// What a notification shows: it stands alone, and names the bot.
    #[must_use]
    pub fn notification_text(&self) -> String {
        let id = self.report.bot_id.map(|id| format!(" (bot {id})")).unwrap_or_default();
        let late = if self.late.is_some() { "Late: " } else { "" };
        format!("{late}{}: {}{id}", self.status_label(), self.title())
    }

    /// What stands below the headline.
    #[must_use]
    pub fn body_lines(&self) -> Vec<BodyLine> {
        let mut lines = Vec::new();
        if let Some((happened, heard)) = self.late {
            lines.push(BodyLine::at("This is not new: it happened", happened));
            lines.push(BodyLine::at("We heard of it only", heard));
        }
        if let Some(before) = &self.before {
            lines.push(BodyLine::of(format!("Before: {before}.")));
        }
        match self.state {
            AlertState::Warning => {
                lines.extend(self.report.steps.first().map(|step| BodyLine::of(format!("Do now: {step}"))));
                lines.extend(self.until.map(|until| BodyLine::at("The bot gives up", until)));
                if self.is_overdue {
                    lines.push(BodyLine::of("Its time is up, and we have not heard yet whether it left."));
                }
            }
            AlertState::Failed => {
                lines.push(BodyLine::of(self.report.who()));
                if self.level == AlertLevel::Page {
                    lines.push(BodyLine::of("Until it is fixed, other meetings will end the same way."));
                }
            }
            AlertState::Monitoring | AlertState::Resolved | AlertState::Closed => {}
        }
        lines
    }
}
