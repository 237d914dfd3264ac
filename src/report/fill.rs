//! Fills the slots of the catalogue's texts, with a neutral wording for unknown facts.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::duration::{format_duration, format_duration_in};
use super::language::Language;
use crate::diagnosis::template::{Piece, Slot, Template};
use crate::diagnosis::{Diagnosis, Interruptions, Timer};

/// Returns the text for one bot. `language` is that of the template.
///
/// A part in brackets with a fact that we can name in English alone is left out of a text in another language, as if
/// the fact were unknown.
#[must_use]
pub fn fill(template: &Template, diagnosis: &Diagnosis<'_>, language: Language) -> String {
    template.pieces().map(|piece| said(piece, diagnosis, language)).collect()
}

fn said(piece: &Piece, diagnosis: &Diagnosis<'_>, language: Language) -> String {
    match piece {
        Piece::Words(words) => words.clone(),
        Piece::Slot(slot) => value(*slot, diagnosis, language).unwrap_or_else(|| neutral(*slot).to_owned()),
        Piece::On(platforms, pieces) => {
            if diagnosis.is_on(platforms) {
                pieces.iter().map(|piece| said(piece, diagnosis, language)).collect()
            } else {
                String::new()
            }
        }
        Piece::Optional(pieces) => {
            let all: Option<String> = pieces.iter().map(|piece| known(piece, diagnosis, language)).collect();
            all.unwrap_or_default()
        }
    }
}

fn known(piece: &Piece, diagnosis: &Diagnosis<'_>, language: Language) -> Option<String> {
    match piece {
        Piece::Words(words) => Some(words.clone()),
        Piece::Slot(slot) => value(*slot, diagnosis, language),
        Piece::Optional(_) | Piece::On(..) => None,
    }
}

/// Returns the text without a bot. Parts that only a bot can fill are left out.
#[must_use]
pub fn in_general(template: &Template) -> String {
    template.pieces().map(generally).collect()
}

fn generally(piece: &Piece) -> String {
    match piece {
        Piece::Words(words) => words.clone(),
        Piece::Slot(slot) => neutral(*slot).to_owned(),
        Piece::Optional(_) => String::new(),
        Piece::On(_, pieces) => pieces.iter().map(generally).collect(),
    }
}

/// Returns the wording for an unknown fact.
const fn neutral(slot: Slot) -> &'static str {
    match slot {
        Slot::BotName => "the notetaker",
        Slot::Platform => "the meeting platform",
        Slot::SubCode => "no reason given",
        Slot::Interruptions => "for some time",
        Slot::Timer => "one of its settings in automatic_leave",
        Slot::MailFilter => "a mail filter",
        Slot::Waited
        | Slot::InCallFor
        | Slot::HostLateBy
        | Slot::PeopleLateBy
        | Slot::StoppedFor
        | Slot::RecordedFor
        | Slot::LateBy
        | Slot::Overdue
        | Slot::Retention
        | Slot::LastSeen => "some time",
        Slot::RecordedFrom
        | Slot::RecordedTo
        | Slot::JoinAt
        | Slot::EndedAt
        | Slot::LeavesAt
        | Slot::ExpiresAt => "an unknown time",
    }
}

fn value(slot: Slot, diagnosis: &Diagnosis<'_>, language: Language) -> Option<String> {
    if language != Language::En && is_said_in_english(slot) {
        return None;
    }
    let facts = &diagnosis.facts;
    let lasting = |length: Option<SignedDuration>| {
        length.filter(|length| !length.is_negative()).map(|length| format_duration_in(length, language))
    };
    let time = |at: Option<Timestamp>| at.map(|at| in_a_sentence(at, diagnosis.case.now));
    match slot {
        Slot::BotName => diagnosis.case.bot_name.clone(),
        Slot::Platform => Some(diagnosis.platform.label().to_owned()),
        Slot::SubCode => diagnosis.sub_code.map(ToString::to_string),
        Slot::Waited => lasting(facts.waited),
        Slot::InCallFor => lasting(facts.in_call_for),
        Slot::RecordedFor => {
            lasting(facts.recorded_from.zip(facts.recorded_to).map(|(from, to)| to.duration_since(from)))
        }
        Slot::LateBy => lasting(facts.late_by),
        Slot::HostLateBy => lasting(facts.host_late_by),
        Slot::PeopleLateBy => lasting(facts.people_late_by),
        Slot::Interruptions => facts.interruptions.map(how_often),
        Slot::StoppedFor => lasting(facts.stopped_for),
        Slot::Timer => facts.timer.map(which_timer),
        Slot::MailFilter => diagnosis.case.link_rewritten_by.map(|filter| filter.label().to_owned()),
        Slot::RecordedFrom => time(facts.recorded_from),
        Slot::RecordedTo => time(facts.recorded_to),
        // It may be weeks away, so it is written as a date for a calendar.
        Slot::JoinAt => facts.join_at.map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string()),
        Slot::Overdue => lasting(facts.overdue),
        Slot::EndedAt => time(facts.ended_at),
        // A deadline that has passed is of no use.
        Slot::LeavesAt => time(facts.leaves_at.filter(|leaves_at| *leaves_at > diagnosis.case.now)),
        Slot::ExpiresAt => time(facts.kept_until),
        Slot::Retention => lasting(facts.retention),
        Slot::LastSeen => lasting(facts.silent_for),
    }
}

/// Returns `true` if the value of the slot is an English phrase or date, rather than a name or a duration.
const fn is_said_in_english(slot: Slot) -> bool {
    match slot {
        Slot::BotName
        | Slot::Platform
        | Slot::SubCode
        | Slot::MailFilter
        | Slot::Waited
        | Slot::InCallFor
        | Slot::RecordedFor
        | Slot::LateBy
        | Slot::HostLateBy
        | Slot::PeopleLateBy
        | Slot::StoppedFor
        | Slot::Overdue
        | Slot::Retention
        | Slot::LastSeen => false,
        Slot::Interruptions
        | Slot::Timer
        | Slot::RecordedFrom
        | Slot::RecordedTo
        | Slot::JoinAt
        | Slot::EndedAt
        | Slot::LeavesAt
        | Slot::ExpiresAt => true,
    }
}

/// Returns `once, for 4 minutes` or `twice, for 9 minutes altogether`.
fn how_often(interruptions: Interruptions) -> String {
    let often = match interruptions.count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        many => format!("{many} times"),
    };
    let altogether = if interruptions.count == 1 { "" } else { " altogether" };
    interruptions
        .lasted
        .map_or(often.clone(), |lasted| format!("{often}, for {}{altogether}", format_duration(lasted)))
}

/// Returns `automatic_leave.waiting_room_timeout, 20 minutes by default`.
fn which_timer(timer: Timer) -> String {
    match (timer.own, timer.default) {
        (Some(own), _) => format!("{}, {} for this bot", timer.setting, format_duration(own)),
        (None, Some(default)) => format!("{}, {} by default", timer.setting, format_duration(default)),
        (None, None) => timer.setting.to_owned(),
    }
}

/// Returns a number with its noun: `1 bot`, `2 bots`.
#[must_use]
pub fn plural<N: std::fmt::Display + PartialEq + From<u8> + Copy>(count: N, noun: &str) -> String {
    let ending = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// Returns a time as a sentence names it: `18 Nov, 15:00 UTC`, with the year if it is not the current one.
fn in_a_sentence(at: Timestamp, now: Timestamp) -> String {
    let is_this_year = at.to_zoned(TimeZone::UTC).year() == now.to_zoned(TimeZone::UTC).year();
    at.strftime(if is_this_year { "%-d %b, %H:%M UTC" } else { "%-d %b %Y, %H:%M UTC" }).to_string()
}

/// Returns a time in UTC, to the second. The text around it has to say that it is UTC.
#[must_use]
pub fn format_utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}
