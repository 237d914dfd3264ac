//! The measured facts of one story that texts refer to: lengths and times.

use jiff::{SignedDuration, Timestamp};

use super::liveness;
use super::media;
use super::missing::{Interruptions, Missing};
use super::status::EventCode;
use super::status_history::StatusHistory;
use super::timers::{Timer, timer_of};

/// Lengths and times of one story; `None` where they cannot be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// How long it waited in the lobby, all stays together.
    pub waited: Option<SignedDuration>,
    /// How long it was in the call, up to now if it is still there.
    pub in_call_for: Option<SignedDuration>,
    /// How long after it was in the call recording began.
    pub late_by: Option<SignedDuration>,
    /// How long after the bot the host came, where it was minutes.
    pub host_late_by: Option<SignedDuration>,
    /// How long after the bot the first of all people came, where it was minutes.
    pub people_late_by: Option<SignedDuration>,
    /// The stops after which recording went on.
    pub interruptions: Option<Interruptions>,
    /// For how long nothing was recorded at the end, up to now if the bot is still there.
    pub stopped_for: Option<SignedDuration>,
    /// The timer of the bot that ended its stay.
    pub timer: Option<Timer>,
    /// When the recording began.
    pub recorded_from: Option<Timestamp>,
    /// When the recording ended.
    pub recorded_to: Option<Timestamp>,
    /// When it is to join, or was.
    pub join_at: Option<Timestamp>,
    /// For how long that time has passed.
    pub overdue: Option<SignedDuration>,
    /// When it left the meeting.
    pub ended_at: Option<Timestamp>,
    /// When it will give up by itself, if it is still there.
    pub leaves_at: Option<Timestamp>,
    /// When its media is deleted, or was.
    pub kept_until: Option<Timestamp>,
    /// How long media is kept.
    pub retention: Option<SignedDuration>,
    /// For how long nothing has been heard of it.
    pub silent_for: Option<SignedDuration>,
}

pub(super) fn measure(history: &StatusHistory<'_>, missing: &Missing) -> Facts {
    let case = history.case;
    let (recorded_from, recorded_to) = media::recorded_span(case, &history.timeline);
    let join_at = history.due_at().filter(|_| history.timeline.is_unborn());
    Facts {
        waited: waited(history),
        in_call_for: history.in_call_for(),
        late_by: history.late_by(),
        host_late_by: missing.host_late_by,
        people_late_by: missing.people_late_by,
        interruptions: missing.interruptions,
        stopped_for: missing.stopped_for,
        timer: history.end_sub_code().and_then(|sub_code| timer_of(sub_code, &case.settings.leave)),
        recorded_from,
        recorded_to,
        join_at,
        overdue: join_at.map(|at| case.now.duration_since(at)).filter(SignedDuration::is_positive),
        ended_at: history.timeline.ended_at(),
        leaves_at: history
            .live
            .then(|| liveness::leaves_at(&history.timeline, &case.settings.leave, history.platform))
            .flatten(),
        kept_until: media::kept_until(case),
        retention: case.settings.retention,
        silent_for: history.timeline.last_at().map(|at| case.now.duration_since(at)),
    }
}

fn waited(history: &StatusHistory<'_>) -> Option<SignedDuration> {
    let now = history.live.then_some(history.case.now);
    history
        .timeline
        .iter()
        .enumerate()
        .filter(|(_, change)| change.code == EventCode::InWaitingRoom)
        .map(|(place, _)| history.timeline.lasted(place, now))
        .reduce(|sum, length| sum?.checked_add(length?))
        .flatten()
}
