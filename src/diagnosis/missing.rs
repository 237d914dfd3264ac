//! How much of a meeting is missing from a recording, and why, as far as the history shows it.
//!
//! A partial history proves nothing by what it lacks, so only a stop that lasts is derived from one.

use jiff::{SignedDuration, Timestamp};

use super::case_file::{Participant, RecordingStart};
use super::signals::{Signal, SignalSet};
use super::status::EventCode;
use super::status_history::StatusHistory;

/// Minutes below which a missing part is not mentioned, because bots and people need a moment.
const LATE: SignedDuration = SignedDuration::from_mins(2);
/// Seconds below which a stop is not reported as one.
const BRIEF: SignedDuration = SignedDuration::from_secs(10);

/// A stretch of the call after recording began, in which nothing was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stop {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    /// `true` if recording continued after it.
    resumed: bool,
    /// `true` if a request to record was refused during it.
    refused: bool,
    /// `true` if the bot was in the waiting room during it.
    in_lobby: bool,
}

impl Stop {
    fn length(&self) -> Option<SignedDuration> {
        Some(self.to?.duration_since(self.from?)).filter(|length| !length.is_negative())
    }

    fn is_brief(&self) -> bool {
        self.length().is_some_and(|length| length < BRIEF)
    }
}

/// The stops after which recording continued, and their total duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruptions {
    /// How many there were.
    pub count: usize,
    /// Their total duration, if each of them has its times.
    pub lasted: Option<SignedDuration>,
}

/// What is missing at the start, in between, and at the end.
pub(super) struct Missing {
    pub(super) interruptions: Option<Interruptions>,
    pub(super) stopped_for: Option<SignedDuration>,
    /// The delay between the bot's arrival and the host's, if it was minutes.
    pub(super) host_late_by: Option<SignedDuration>,
    /// The delay between the bot's arrival and the first person's, if it was minutes.
    pub(super) people_late_by: Option<SignedDuration>,
    pub(super) signals: SignalSet,
}

/// Returns what is missing, and why, as far as the history shows it.
pub(super) fn find(history: &StatusHistory<'_>) -> Missing {
    let host_late_by = after_the_bot(history, |person| person.is_host == Some(true));
    let people_late_by = after_the_bot(history, |_| true);
    let mut signals = SignalSet::default();
    let stops = if history.recorded { stops(history) } else { Vec::new() };
    let resumed: Vec<&Stop> =
        stops.iter().filter(|stop| stop.resumed && !stop.is_brief() && history.whole).collect();
    let any = |is: fn(&Stop) -> bool| resumed.iter().any(|stop| is(stop));
    signals.insert_if(any(|_| true), Signal::Interrupted);
    signals.insert_if(any(|stop| stop.refused), Signal::InterruptedByRefusal);
    signals.insert_if(any(|stop| stop.in_lobby), Signal::InterruptedByLobby);
    signals.insert_if(any(|stop| !stop.refused && !stop.in_lobby), Signal::PausedAndResumed);

    let last = stops.last().filter(|stop| !stop.resumed && !stop.is_brief());
    let stopped_for = last.and_then(Stop::length);
    signals.insert_if(stopped_for.is_some() && !history.live, Signal::MissingAtTheEnd);
    signals.insert_if(stopped_for.is_some() && history.live, Signal::InterruptedNow);

    if let Some(why) = why_late(history, host_late_by, people_late_by) {
        signals.insert(why);
    }
    signals.insert_if(history.recorded && people_stayed(history), Signal::PeopleStayed);
    let host_came = host_late_by.is_some() && history.asks_for_consent();
    signals.insert_if(host_came && !history.recorded, Signal::HostCameLater);
    let admitted_late = history.waited_before_entry().is_some_and(|waited| waited >= LATE);
    signals.insert_if(history.recorded && history.whole && admitted_late, Signal::AdmittedLate);
    let interruptions = (!resumed.is_empty()).then(|| Interruptions {
        count: resumed.len(),
        lasted: resumed
            .iter()
            .map(|stop| stop.length())
            .reduce(|sum, length| sum?.checked_add(length?))
            .flatten(),
    });
    Missing { interruptions, stopped_for, host_late_by, people_late_by, signals }
}

/// Returns `true` if the bot's own timer ended its stay while a person was there whom it did not see leave.
/// If a person's arrival is unknown, so is their departure.
fn people_stayed(history: &StatusHistory<'_>) -> bool {
    let Some(ended_at) = history.timeline.ended_at().filter(|_| history.ended_by_own_timer()) else {
        return false;
    };
    let stayed = |person: &Participant| {
        person.joined_at.is_some_and(|at| at < ended_at) && person.left_at.is_none_or(|at| at > ended_at)
    };
    history.case.participants.learned().is_some_and(|people| people.iter().any(stayed))
}

/// Returns why the start is missing; nothing if it is not.
fn why_late(
    history: &StatusHistory<'_>,
    host_late_by: Option<SignedDuration>,
    people_late_by: Option<SignedDuration>,
) -> Option<Signal> {
    if !history.recorded || !history.whole {
        return None;
    }
    if history.was_refused_before_it_recorded() {
        return Some(Signal::StartedLate);
    }
    let late_by = history.late_by().filter(|late_by| *late_by >= LATE)?;
    // An arrival that came this long after the bot came just before recording started, or later.
    let led_to_it = |after: SignedDuration| late_by.checked_sub(after).is_some_and(|rest| rest < LATE);
    Some(if people_late_by.is_some_and(led_to_it) {
        Signal::EverybodyCameLate
    } else if history.case.settings.start == RecordingStart::Manual {
        Signal::CommandCameLate
    } else if host_late_by.is_some_and(|after| after <= late_by) && history.asks_for_consent() {
        Signal::HostCameLate
    } else if history.allowed_after().is_some_and(led_to_it) {
        Signal::PermissionCameLate
    } else {
        Signal::BeganLate
    })
}

/// Returns how long after the bot the first of these people joined. Returns nothing if one of them may have
/// been there before, because their arrival is unknown.
fn after_the_bot(
    history: &StatusHistory<'_>,
    are_meant: impl Fn(&Participant) -> bool,
) -> Option<SignedDuration> {
    let people = history.case.participants.learned()?.iter().filter(|person| are_meant(person));
    let joined: Option<Vec<Timestamp>> = people.map(|person| person.joined_at).collect();
    let first = joined?.into_iter().min()?;
    Some(first.duration_since(history.entered_at?)).filter(|after| *after >= LATE)
}

/// Returns the stops of a recording in order. The last one may last to the end.
fn stops(history: &StatusHistory<'_>) -> Vec<Stop> {
    let mut stops = Vec::new();
    let mut current: Option<Stop> = None;
    let mut has_begun = false;
    for change in history.timeline.iter() {
        match change.code {
            EventCode::InCallRecording => {
                has_begun = true;
                stops.extend(current.take().map(|stop| Stop { to: change.at, resumed: true, ..stop }));
            }
            EventCode::InCallNotRecording | EventCode::PermissionDenied | EventCode::InWaitingRoom
                if has_begun =>
            {
                let begun =
                    Stop { from: change.at, to: None, resumed: false, refused: false, in_lobby: false };
                let stop = current.get_or_insert(begun);
                stop.refused |= change.code == EventCode::PermissionDenied;
                stop.in_lobby |= change.code == EventCode::InWaitingRoom;
            }
            _ if change.code.is_end() => break,
            _ => {}
        }
    }
    let until = history.timeline.ended_at().or_else(|| history.live.then_some(history.case.now));
    // A listed recording that no status reports may have started during this stop.
    let last = current.filter(|stop| stop.from.is_some_and(|from| !history.began_at_or_after(from)));
    stops.extend(last.map(|stop| Stop { to: until, ..stop }));
    stops
}
