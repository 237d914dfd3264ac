//! The measured facts of one history that texts refer to: durations and times.

use jiff::{SignedDuration, Timestamp};

use super::liveness;
use super::media;
use super::missing::{Interruptions, Missing};
use super::status::EventCode;
use super::status_history::StatusHistory;
use super::timers::Timer;

/// Durations and times of one history; `None` if unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The time that the bot waited in the lobby, all stays together.
    pub waited: Option<SignedDuration>,
    /// The time that the bot was in the call, up to now if it is still there.
    pub in_call_for: Option<SignedDuration>,
    /// The delay between the bot's entry into the call and the start of recording.
    pub late_by: Option<SignedDuration>,
    /// The delay between the bot's arrival and the host's, if it was minutes.
    pub host_late_by: Option<SignedDuration>,
    /// The delay between the bot's arrival and the first person's, if it was minutes.
    pub people_late_by: Option<SignedDuration>,
    /// The stops after which recording continued.
    pub interruptions: Option<Interruptions>,
    /// The time without recording at the end, up to now if the bot is still there.
    pub stopped_for: Option<SignedDuration>,
    /// The bot's own timer that ended its stay.
    pub timer: Option<Timer>,
    /// The time at which the recording started.
    pub recorded_from: Option<Timestamp>,
    /// The time at which the recording ended.
    pub recorded_to: Option<Timestamp>,
    /// The time at which the bot is or was due to join.
    pub join_at: Option<Timestamp>,
    /// The time since it was due to join.
    pub overdue: Option<SignedDuration>,
    /// The time at which the bot left the meeting.
    pub ended_at: Option<Timestamp>,
    /// The time at which the bot leaves by itself, if it is still there.
    pub leaves_at: Option<Timestamp>,
    /// The time at which the media is or was deleted.
    pub kept_until: Option<Timestamp>,
    /// The retention period.
    pub retention: Option<SignedDuration>,
    /// The time since the bot's last event.
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
        timer: history.timer(),
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
