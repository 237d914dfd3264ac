//! Failures that repeat: how often one customer, host or meeting link was affected lately, in one sentence.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Report;
use super::alert::{BodyLine, Span};
use super::fill::format_utc;
use crate::diagnosis::untrusted::printable;

/// Days in which failures are counted.
pub const WINDOW_DAYS: i64 = 30;
/// The same as a duration.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(24 * WINDOW_DAYS);
/// The heading of the text for Recall.ai.
pub const SEND_TO_RECALL: &str = "Send this to Recall.ai";
/// Most characters of a metadata value that are shown.
pub const VALUE_CHARS_MAX: usize = 60;
/// Most causes that are named; the others are counted together.
const CAUSES_MAX: usize = 2;

/// What the failures of several bots have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecurrenceKey {
    /// The same value of a metadata key that the owner names in the settings.
    Metadata {
        /// The key.
        name: String,
        /// Its value; `None` if only its hash is known.
        value: Option<String>,
    },
    /// The same host, as the platform identifies them.
    Host,
    /// The same meeting link.
    Meeting,
}

/// How often it failed lately for one customer, host or meeting link, this time included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// What the failures have in common.
    pub key: RecurrenceKey,
    /// How many there are within [`WINDOW`].
    pub count: u32,
    /// When the first of them happened.
    pub since: Timestamp,
    /// Their causes, the most frequent first. The counts add up to `count`.
    pub causes: Vec<RecurringCause>,
    /// The alerts about the latest of them, newest first, without this one.
    #[serde(default)]
    pub earlier: Vec<EarlierAlert>,
    /// What to send to Recall.ai, if it is time to report it there.
    #[serde(default)]
    pub vendor_report: Option<String>,
}

/// A cause, and how often it was the cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecurringCause {
    /// The ID of the cause.
    pub cause: String,
    /// The title of the cause.
    pub title: String,
    /// How often.
    pub count: u32,
}

/// An alert about an earlier failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierAlert {
    /// When that failure happened.
    pub at: Timestamp,
    /// The messages that told of it: their channel and their ID there.
    pub posted: Vec<(String, String)>,
    /// The address of one of these messages, once the platform that shows it has said so.
    #[serde(default)]
    pub url: Option<String>,
}

/// A failure that Recall.ai is told about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedFailure {
    /// The bot.
    pub bot: String,
    /// When it failed.
    pub at: Timestamp,
    /// Its sub code.
    pub sub_code: String,
}

impl RecurrenceKey {
    /// Returns what the failures have in common, for machines: `customer = acme`, `host` or `meeting`.
    #[must_use]
    pub fn for_machines(&self) -> String {
        match self {
            Self::Metadata { name, value: Some(value) } => format!("{name} = {value}"),
            Self::Metadata { name, value: None } => name.clone(),
            Self::Host => "host".to_owned(),
            Self::Meeting => "meeting".to_owned(),
        }
    }

    /// Returns what the failures have in common, as a line of a list.
    pub(super) fn spans_in_a_list(&self) -> Vec<Span> {
        let words = |words: &str| vec![Span::Words(words.to_owned())];
        match self {
            Self::Metadata { value: Some(_), .. } => self.spans(),
            Self::Metadata { name, value: None } => {
                vec![Span::Words("The same ".to_owned()), Span::Code(name.clone())]
            }
            Self::Host => words("The same host"),
            Self::Meeting => words("The same meeting link"),
        }
    }

    fn spans(&self) -> Vec<Span> {
        let words = |words: &str| Span::Words(words.to_owned());
        match self {
            Self::Metadata { name, value: Some(value) } => {
                vec![Span::Code(format!("{name} = {}", printable(value, VALUE_CHARS_MAX)))]
            }
            Self::Metadata { name, value: None } => vec![words("the same "), Span::Code(name.clone())],
            Self::Host => vec![words("this host")],
            Self::Meeting => vec![words("this meeting link")],
        }
    }
}

impl Recurrence {
    /// Returns the sentence, and the links to the earlier alerts if their addresses are known.
    #[must_use]
    pub fn lines(&self) -> Vec<BodyLine> {
        let mut spans = vec![Span::Words(format!("{} time in {WINDOW_DAYS} days for ", ordinal(self.count)))];
        spans.extend(self.key.spans());
        spans.push(Span::Words(self.reasons()));
        let mut lines = vec![BodyLine(spans)];
        let mut urls: Vec<&str> = Vec::new();
        let mut links = Vec::new();
        for EarlierAlert { at, url, .. } in &self.earlier {
            let Some(url) = url.as_deref().filter(|url| !urls.contains(url)) else { continue };
            links.push(Span::Words(if urls.is_empty() { "Earlier: " } else { ", " }.to_owned()));
            links.push(Span::LinkedDay { at: *at, url: url.to_owned() });
            urls.push(url);
        }
        lines.extend((!links.is_empty()).then_some(BodyLine(links)));
        lines
    }

    /// Returns the rest of the sentence: how often for which reason.
    fn reasons(&self) -> String {
        if self.causes.len() <= 1 {
            return match self.count {
                2 => ", both times for this reason.".to_owned(),
                _ => ", each time for this reason.".to_owned(),
            };
        }
        // A single other cause is shorter by its name.
        let named = if self.causes.len() > CAUSES_MAX + 1 { CAUSES_MAX } else { self.causes.len() };
        let (named, others) = self.causes.split_at(named);
        let mut parts: Vec<String> =
            named.iter().map(|cause| format!("{} \"{}\"", times(cause.count), cause.title)).collect();
        let others: u32 = others.iter().map(|cause| cause.count).sum();
        parts.extend((others > 0).then(|| format!("{} for other reasons", times(others))));
        format!(": {}.", parts.join(", "))
    }
}

impl Report {
    /// The report with what is known of earlier failures. If it is time to report it to Recall.ai, that is the first
    /// step.
    #[must_use]
    pub fn with_recurrence(mut self, recurrence: Option<Recurrence>) -> Self {
        if recurrence.as_ref().is_some_and(|recurrence| recurrence.vendor_report.is_some()) {
            // The catalogue's last step is the same advice for the case that it happens again.
            let first = self.steps.into_iter().next();
            self.steps = std::iter::once(REPORT_IT.to_owned()).chain(first).collect();
        }
        self.recurrence = recurrence;
        self
    }
}

const REPORT_IT: &str =
    "Report this to Recall.ai support with the bot IDs below. It has happened at least 3 times in a week.";

/// Returns a text that can be sent to Recall.ai unchanged. It names no customer.
#[must_use]
pub fn vendor_report(failures: &[ReportedFailure]) -> String {
    let mut text = format!(
        "{} bots failed with the same error within a week, for the same customer, host or meeting. Please look into it.\n",
        failures.len()
    );
    for ReportedFailure { bot, at, sub_code } in failures {
        text.push_str(&format!("\n{bot}  {} UTC  {sub_code}", format_utc(*at)));
    }
    text
}

/// Returns `1st`, `2nd`, `3rd`, `11th`, `21st`.
#[must_use]
pub fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        many => format!("{many} times"),
    }
}
