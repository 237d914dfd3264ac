//! What is said, the same on every platform.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::report::alert::Alert;
use crate::report::alert_group::{AlertGroup, GroupedBot};
use crate::report::card::{Card, Layout};
use crate::report::{Explanation, Report};

/// What is said. Each platform renders it in its own way.
///
/// It is kept in the outbox in this form, so that what could not be delivered in one place can be
/// delivered in another. Fields may be added with a default and never change their meaning.
///
/// Its `Debug` says what it is and not what it says, which may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// The verdict in one line.
    Verdict(Box<Report>),
    /// The whole report, with what can be done about it.
    Details {
        /// The report.
        report: Box<Report>,
        /// What else is to be known about this message.
        note: Option<CardNote>,
    },
    /// An entry of the catalogue.
    Explanation(Explanation),
    /// The text for the host, alone.
    HostMessage(String),
    /// A few plain words.
    Notice(String),
    /// What is told of one bot without anybody having asked.
    Alert(Box<Alert>),
    /// Many bots that failed at once, counted in one message.
    AlertGroup(Box<AlertGroup>),
    /// Bots that a message about many stands for.
    Bots(Vec<GroupedBot>),
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.kind())
    }
}

/// What is said of a message itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardNote {
    /// This person answered the question in it.
    AnsweredBy(String),
    /// Only the asker sees it, since the app cannot post where they asked.
    NotInChannel,
}

impl Alert {
    /// Its details, as a message of their own.
    #[must_use]
    pub fn details(&self) -> Message {
        Message::Details { report: Box::new(self.report.clone()), note: None }
    }
}

impl Message {
    /// What it shows in sections, if it is more than a line or two.
    #[must_use]
    pub fn card(&self, layout: Layout) -> Option<Card<'_>> {
        match self {
            Self::Details { report, .. } => Some(Card::of(report, layout)),
            Self::Explanation(entry) => Some(Card::explaining(entry)),
            _ => None,
        }
    }

    /// What it is, in one word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Verdict(_) => "verdict",
            Self::Details { .. } => "details",
            Self::Explanation(_) => "explanation",
            Self::HostMessage(_) => "host_message",
            Self::Notice(_) => "notice",
            Self::Alert(_) => "alert",
            Self::AlertGroup(_) => "alert_group",
            Self::Bots(_) => "bots",
        }
    }

    /// The report in it, if there is one.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Verdict(report) | Self::Details { report, .. } => Some(report),
            Self::Alert(alert) => Some(&alert.report),
            _ => None,
        }
    }

    /// What it says in one line, where it stands for a thread.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        match self {
            Self::AlertGroup(group) => Some(group.title()),
            _ => self.report().map(|report| report.title.clone()),
        }
    }
}
