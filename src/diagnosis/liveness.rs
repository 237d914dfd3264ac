//! Decides if a bot without an end status is still there, and until when it will stay.

use jiff::{SignedDuration, Timestamp};

use super::case_file::LeaveTimers;
use super::status::EventCode;
use super::timeline::Timeline;
use super::vocabulary::Platform;

/// Defaults of Recall.ai: <https://docs.recall.ai/docs/automatic-leaving-behavior>.
const WAITING_ROOM_DEFAULT: SignedDuration = SignedDuration::from_mins(20);
const NOONE_JOINED_DEFAULT: SignedDuration = SignedDuration::from_mins(20);
const IN_CALL_NOT_RECORDING_DEFAULT: SignedDuration = SignedDuration::from_mins(60);
const PERMISSION_DENIED_DEFAULT: SignedDuration = SignedDuration::from_secs(30);

/// Minutes after which Google Meet closes its lobby, whatever the bot's own timer says.
const MEET_LOBBY_MAX: SignedDuration = SignedDuration::from_mins(10);
/// Longest waiting-room timer, in minutes, that Recall.ai accepts on Teams.
const TEAMS_LOBBY_MAX: SignedDuration = SignedDuration::from_mins(30);

/// Minutes after which a connecting bot counts as gone. Connecting takes seconds, gives up by itself and has
/// no timer in the settings.
const JOINING_MAX: SignedDuration = SignedDuration::from_mins(20);
/// Minutes that a bot may take to report that it left, on top of its timer.
const MARGIN: SignedDuration = SignedDuration::from_mins(15);
/// Hours without a sign of life after which a bot, even a recording one, is no longer considered live.
const SILENCE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Returns `true` if the bot is still there. It has left for the meeting and has no end status. Its last sign
/// of life is younger than the longest timer of its state, plus a margin.
pub(super) fn is_live(timeline: &Timeline<'_>, timers: &LeaveTimers, now: Timestamp) -> bool {
    if timeline.iter().any(|change| change.code.is_end() || change.code == EventCode::MediaExpired) {
        return false;
    }
    if timeline.is_unborn() {
        return false;
    }
    let (Some(state), Some(last_at)) = (timeline.last_lifecycle(), timeline.last_at()) else { return false };
    let idle = || {
        let idle = timers.in_call_not_recording.unwrap_or(IN_CALL_NOT_RECORDING_DEFAULT);
        idle.max(timers.noone_joined.unwrap_or(NOONE_JOINED_DEFAULT))
    };
    let limit = match state.code {
        EventCode::InCallRecording => timers.in_call_recording.map_or(SILENCE_MAX, |timer| timer + MARGIN),
        EventCode::InWaitingRoom => timers.waiting_room.unwrap_or(WAITING_ROOM_DEFAULT) + MARGIN,
        EventCode::JoiningCall | EventCode::Ready => JOINING_MAX + MARGIN,
        EventCode::PermissionDenied => {
            idle().max(timers.permission_denied.unwrap_or(PERMISSION_DENIED_DEFAULT)) + MARGIN
        }
        _ => idle() + MARGIN,
    };
    now.duration_since(last_at) < limit.min(SILENCE_MAX)
}

/// Returns when a live bot leaves by itself, if its state has such a timer.
pub(super) fn leaves_at(
    timeline: &Timeline<'_>,
    timers: &LeaveTimers,
    platform: Platform,
) -> Option<Timestamp> {
    let state = timeline.last_lifecycle()?;
    let timer = match state.code {
        EventCode::InWaitingRoom => {
            let own = timers.waiting_room.unwrap_or(WAITING_ROOM_DEFAULT);
            match platform {
                Platform::GoogleMeet => own.min(MEET_LOBBY_MAX),
                Platform::MicrosoftTeams => own.min(TEAMS_LOBBY_MAX),
                _ => own,
            }
        }
        EventCode::PermissionDenied => timers.permission_denied.unwrap_or(PERMISSION_DENIED_DEFAULT),
        EventCode::InCallNotRecording | EventCode::PermissionAllowed => {
            timers.in_call_not_recording.unwrap_or(IN_CALL_NOT_RECORDING_DEFAULT)
        }
        _ => return None,
    };
    state.at?.checked_add(timer).ok()
}
