//! The bot's own timers: which one ended its stay, and its value.
//!
//! Names and defaults: <https://docs.recall.ai/docs/automatic-leaving-behavior>.

use jiff::SignedDuration;

use super::case_file::LeaveTimers;
use super::status::SubCode;

/// A timer of the bot that has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    /// The setting that changes the timer.
    pub setting: &'static str,
    /// The value for this bot, if known.
    pub own: Option<SignedDuration>,
    /// The default value; `None` for a timer without one.
    pub default: Option<SignedDuration>,
}

/// Returns the timer that ends a call with this sub code, if there is one.
pub(super) fn timer_of(sub_code: &SubCode, timers: &LeaveTimers) -> Option<Timer> {
    let (setting, own, default) = match sub_code.as_str() {
        "timeout_exceeded_waiting_room" => {
            ("automatic_leave.waiting_room_timeout", timers.waiting_room, Some(1_200))
        }
        "timeout_exceeded_noone_joined" => {
            ("automatic_leave.noone_joined_timeout", timers.noone_joined, Some(1_200))
        }
        "timeout_exceeded_everyone_left" => {
            ("automatic_leave.everyone_left_timeout", timers.everyone_left, Some(2))
        }
        "timeout_exceeded_in_call_not_recording" => {
            ("automatic_leave.in_call_not_recording_timeout", timers.in_call_not_recording, Some(3_600))
        }
        "timeout_exceeded_in_call_recording" => {
            ("automatic_leave.in_call_recording_timeout", timers.in_call_recording, None)
        }
        "timeout_exceeded_recording_permission_denied" => {
            ("automatic_leave.recording_permission_denied_timeout", timers.permission_denied, Some(30))
        }
        "timeout_exceeded_silence_detected" => {
            ("automatic_leave.silence_detection.timeout", timers.silence, Some(3_600))
        }
        "timeout_exceeded_only_bots_detected_using_participant_events" => (
            "automatic_leave.bot_detection.using_participant_events.timeout",
            timers.only_bots_by_events,
            Some(600),
        ),
        "timeout_exceeded_only_bots_detected_using_participant_names" => (
            "automatic_leave.bot_detection.using_participant_names.timeout",
            timers.only_bots_by_names,
            Some(3_600),
        ),
        // An older code, which leaves open which of the two it was.
        "timeout_exceeded_only_bots_in_call" => ("automatic_leave.bot_detection", None, None),
        _ => return None,
    };
    let own = own.filter(SignedDuration::is_positive);
    Some(Timer { setting, own, default: default.map(SignedDuration::from_secs) })
}
