//! What happened to a bot, as a card lists it.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::diagnosis::status::EventCode;
use crate::report::{EvidenceLine, Report};

/// What happened to a bot. The day stands in the heading, so that lines have only a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline<'a> {
    /// When the first line with a time happened.
    pub day: Option<Timestamp>,
    /// Two lines share a minute, so all are told to the second.
    pub to_the_second: bool,
    /// The lines, oldest first.
    pub lines: Vec<TimelineLine<'a>>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineLine<'a> {
    /// When, where it is known.
    pub at: Option<Timestamp>,
    /// It is the first line of another day (in UTC), so its day is said as well.
    pub is_new_day: bool,
    /// What it was.
    pub text: Cow<'a, str>,
    /// The sub code, verbatim.
    pub sub_code: Option<&'a str>,
}

impl Timeline<'_> {
    /// What stands above it.
    pub const HEADING: &'static str = "Timeline";
    /// What stands there where nothing happened.
    pub const EMPTY: &'static str = "Recall.ai lists no events for this bot.";

    /// What stands for lines that are left out.
    #[must_use]
    pub fn left_out(lines: usize) -> String {
        format!("… {lines} more in Recall.ai …")
    }
}

/// What happened. That a bot shut down after its end says nothing, and a reason that has a title is told by it.
pub(super) fn timeline(report: &Report) -> Timeline<'_> {
    let mut ended = false;
    let shown: Vec<&EvidenceLine> = report
        .evidence
        .iter()
        .filter(|line| {
            let repeats_the_end = ended && line.code == EventCode::Done.as_str() && line.sub_code.is_none();
            ended |= [EventCode::CallEnded, EventCode::Fatal].iter().any(|end| line.code == end.as_str());
            !repeats_the_end
        })
        .collect();
    let times: Vec<Timestamp> = shown.iter().filter_map(|line| line.at).collect();
    let minutes: Vec<i64> = times.iter().map(|at| at.as_second().div_euclid(60)).collect();
    let mut day = times.first().copied();
    let lines = shown.into_iter().map(|line| {
        let is_new_day = line.at.zip(day).is_some_and(|(at, day)| date(at) != date(day));
        if is_new_day {
            day = line.at;
        }
        TimelineLine { at: line.at, is_new_day, text: text(line, report), sub_code: line.sub_code.as_deref() }
    });
    Timeline {
        lines: lines.collect(),
        day: times.first().copied(),
        to_the_second: minutes.windows(2).any(|pair| pair[0] == pair[1]),
    }
}

fn date(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(TimeZone::UTC).date()
}

fn text<'a>(line: &'a EvidenceLine, report: &'a Report) -> Cow<'a, str> {
    let cause =
        line.sub_code.as_deref().and_then(|code| report.contributing.iter().find(|(id, _)| id == code));
    match cause {
        Some((_, title)) => Cow::Borrowed(title.strip_prefix("The bot ").unwrap_or(title)),
        None => Cow::Borrowed(&line.note),
    }
}
