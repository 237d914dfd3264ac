//! Counts the failures of a key.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::report::recurrence::{
    EarlierAlert, Recurrence, RecurrenceKey, RecurringCause, ReportedFailure, vendor_report,
};

/// Earlier alerts that are linked.
const LINKED_MAX: usize = 3;
/// A cause that is reported to Recall.ai if it repeats, because nobody else can find out more.
const REPORTED: &str = "zoom_internal_error";
/// How often it repeats until it is reported, and within which time.
const REPORTED_FROM: usize = 3;
/// The time within which it repeats.
const REPORTED_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Failures of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseCount {
    /// The ID of the cause.
    pub cause: String,
    /// How many there are.
    pub count: i64,
    /// When the first of them happened.
    pub first: Timestamp,
}

/// One failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The bot.
    pub bot: String,
    /// The ID of the cause.
    pub cause: String,
    /// Its sub code.
    pub sub_code: Option<String>,
    /// When it happened.
    pub at: Timestamp,
    /// The messages that told of it: their channel and their ID there.
    pub posted: Vec<(String, String)>,
}

/// The earlier failures of a key within the window, without the one in question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// All of them, by cause.
    pub causes: Vec<CauseCount>,
    /// The latest, newest first.
    pub recent: Vec<Failure>,
}

/// What counting the failures before a bot's own came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// The service heard of no failure of this bot.
    NoFailure,
    /// It isn't known whose failure it is, so there is nothing to count it by.
    NoKey,
    /// It is the first one.
    First,
    /// There were others before it.
    Again(Box<Recurrence>),
}

impl Past {
    /// Adds a failure that became known since the others were counted.
    pub fn add(&mut self, failure: &Failure) {
        match self.causes.iter_mut().find(|known| known.cause == failure.cause) {
            Some(known) => {
                known.count += 1;
                known.first = known.first.min(failure.at);
            }
            None => {
                self.causes.push(CauseCount { cause: failure.cause.clone(), count: 1, first: failure.at });
            }
        }
        let place = self.recent.partition_point(|known| known.at > failure.at);
        self.recent.insert(place, failure.clone());
    }

    /// Takes away a failure that turned out to be none, or one of another cause.
    pub fn remove(&mut self, bot: &str, cause: &str) {
        if let Some(known) = self.causes.iter_mut().find(|known| known.cause == cause) {
            known.count -= 1;
        }
        self.causes.retain(|known| known.count > 0);
        self.recent.retain(|known| known.bot != bot);
    }
}

/// Returns how often it failed, with this failure; `None` if it is the first. `title` names a cause.
#[must_use]
pub fn recurrence(
    key: RecurrenceKey,
    own: &Failure,
    past: &Past,
    title: impl Fn(&str) -> String,
) -> Option<Recurrence> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::from([(own.cause.as_str(), 1)]);
    let mut since = own.at;
    for CauseCount { cause, count, first } in &past.causes {
        let more = u32::try_from(*count).unwrap_or(u32::MAX);
        let sum = counts.entry(cause).or_default();
        *sum = sum.saturating_add(more);
        since = since.min(*first);
    }
    let count = counts.values().fold(0_u32, |sum, count| sum.saturating_add(*count));
    if count < 2 {
        return None;
    }
    let mut causes: Vec<RecurringCause> = counts
        .into_iter()
        .map(|(cause, count)| RecurringCause { cause: cause.to_owned(), title: title(cause), count })
        .collect();
    causes.sort_by_key(|cause| (std::cmp::Reverse(cause.count), cause.cause != own.cause));
    let told = past.recent.iter().filter(|failure| !failure.posted.is_empty());
    let earlier =
        told.map(|failure| EarlierAlert { at: failure.at, posted: failure.posted.clone(), url: None });
    Some(Recurrence {
        key,
        count,
        since,
        causes,
        earlier: earlier.take(LINKED_MAX).collect(),
        vendor_report: reported(own, past),
    })
}

/// Returns what to send to Recall.ai, oldest first, if it has repeated often enough.
fn reported(own: &Failure, past: &Past) -> Option<String> {
    if own.cause != REPORTED {
        return None;
    }
    let within = |failure: &&Failure| {
        failure.cause == own.cause && own.at.duration_since(failure.at) < REPORTED_WITHIN
    };
    let mut same: Vec<&Failure> = past.recent.iter().filter(within).collect();
    same.push(own);
    if same.len() < REPORTED_FROM {
        return None;
    }
    same.sort_by_key(|failure| failure.at);
    let same: Vec<ReportedFailure> = same
        .into_iter()
        .map(|failure| ReportedFailure {
            bot: failure.bot.clone(),
            at: failure.at,
            sub_code: failure.sub_code.clone().unwrap_or_else(|| failure.cause.clone()),
        })
        .collect();
    Some(vendor_report(&same))
}
