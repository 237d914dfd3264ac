//! The scenarios: what happens to a bot, and what the channel should show.

/// A scenario: a bot's history that can be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// The scenario's ID.
    pub id: &'static str,
    /// What happens.
    pub about: &'static str,
    /// What to expect in the channel.
    pub expect: &'static str,
    /// The number of bots with this history.
    pub bots: usize,
    /// The form and order of the webhooks.
    pub shape: Shape,
    /// What happens, in order.
    pub timeline: &'static [TimelineEntry],
}

/// The form and order of webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// In the current envelope, in order.
    Plain,
    /// In the older envelope, with the older header names.
    Legacy,
    /// Each one ten times.
    TenTimes,
    /// The last one first.
    Disorder,
}

/// One event of a scenario.
#[derive(Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// Seconds since the event.
    pub secs_ago: i64,
    /// The event.
    pub event: &'static str,
    /// The sub code, or an empty string.
    pub sub_code: &'static str,
    /// `true` to pause before this event is sent, so that the effect of the previous ones can be seen.
    pub pause_before: bool,
}

const fn ago(secs_ago: i64, event: &'static str, sub_code: &'static str) -> TimelineEntry {
    TimelineEntry { secs_ago, event, sub_code, pause_before: false }
}

const fn then(event: &'static str, sub_code: &'static str) -> TimelineEntry {
    TimelineEntry { secs_ago: 0, event, sub_code, pause_before: true }
}

const fn plain(
    id: &'static str,
    about: &'static str,
    expect: &'static str,
    timeline: &'static [TimelineEntry],
) -> Scenario {
    Scenario { id, about, expect, bots: 1, shape: Shape::Plain, timeline }
}

/// Every scenario.
pub const SCENARIOS: &[Scenario] = &[
    plain(
        "denied",
        "Zoom refuses the bot's request to record, and the bot is still in the call",
        "One alert: act within half a minute.",
        &[
            ago(9, "bot.joining_call", ""),
            ago(3, "bot.in_call_not_recording", ""),
            ago(1, "bot.recording_permission_denied", "zoom_local_recording_disabled"),
        ],
    ),
    plain(
        "waiting-room",
        "the bot has been in the waiting room for ten minutes",
        "One alert: admit the bot, and by when.",
        &[ago(612, "bot.joining_call", ""), ago(600, "bot.in_waiting_room", "")],
    ),
    plain(
        "not-recording",
        "the bot has been in the call for ten minutes without recording",
        "One alert: act now.",
        &[ago(612, "bot.joining_call", ""), ago(600, "bot.in_call_not_recording", "")],
    ),
    plain(
        "saved",
        "the bot waits, is admitted, and records",
        "One alert that ends with \"Resolved\".",
        &[
            ago(612, "bot.joining_call", ""),
            ago(600, "bot.in_waiting_room", ""),
            then("bot.in_call_not_recording", ""),
            then("bot.in_call_recording", ""),
        ],
    ),
    plain(
        "asked-again",
        "the host declines, is asked again, and the bot records",
        "One alert with the button to ask again if rescue.mode is on; it ends with \"Resolved\".",
        &[
            ago(20, "bot.joining_call", ""),
            ago(12, "bot.in_call_not_recording", ""),
            ago(1, "bot.recording_permission_denied", "zoom_local_recording_request_denied_by_host"),
            then("bot.recording_permission_allowed", ""),
            then("bot.in_call_recording", ""),
        ],
    ),
    plain(
        "host-absent",
        "the bot was in the call to its end, and Zoom never asked a host for permission",
        "One alert within three seconds, or as soon as Recall.ai responds.",
        &[
            ago(3_700, "bot.joining_call", ""),
            ago(3_690, "bot.in_call_not_recording", ""),
            ago(8, "bot.call_ended", "call_ended_by_host"),
            ago(2, "bot.done", ""),
        ],
    ),
    plain(
        "fatal",
        "the meeting doesn't exist",
        "One alert at once.",
        &[ago(20, "bot.joining_call", ""), ago(1, "bot.fatal", "meeting_not_found")],
    ),
    plain(
        "nobody-came",
        "nobody else joined the meeting",
        "Nothing: there was no one to record.",
        &[
            ago(1_230, "bot.joining_call", ""),
            ago(1_210, "bot.in_call_not_recording", ""),
            ago(8, "bot.call_ended", "timeout_exceeded_noone_joined"),
            ago(2, "bot.done", ""),
        ],
    ),
    plain(
        "recorded",
        "the bot records the meeting",
        "Nothing.",
        &[
            ago(1_900, "bot.joining_call", ""),
            ago(1_890, "bot.in_call_recording", ""),
            ago(10, "bot.call_ended", "call_ended_by_host"),
            ago(2, "bot.done", ""),
        ],
    ),
    plain(
        "media-failed",
        "the bot recorded, and processing the recording failed",
        "One alert: recording lost.",
        &[
            ago(1_900, "bot.joining_call", ""),
            ago(1_890, "bot.in_call_recording", ""),
            ago(60, "bot.call_ended", "call_ended_by_host"),
            ago(50, "bot.done", ""),
            ago(1, "recording.failed", "internal_error"),
        ],
    ),
    plain(
        "late",
        "the webhooks arrive three hours after the meeting",
        "One alert that is marked as late and mentions no one.",
        &[ago(10_830, "bot.joining_call", ""), ago(10_800, "bot.fatal", "meeting_not_found")],
    ),
    Scenario {
        id: "storm",
        about: "forty meetings fail for the same reason",
        expect: "Five alerts, and one message that counts the rest and lists them in its thread.",
        bots: 40,
        shape: Shape::Plain,
        timeline: &[ago(1, "bot.fatal", "zoom_internal_error")],
    },
    Scenario {
        id: "legacy",
        about: "a failure in the older envelope, with the older header names",
        expect: "One alert at once.",
        bots: 1,
        shape: Shape::Legacy,
        timeline: &[ago(20, "bot.joining_call", ""), ago(1, "bot.fatal", "meeting_not_found")],
    },
    plain(
        "unknown",
        "an unknown event, and a failure with an unknown code",
        "One alert that names the code. The event is stored and counted, and causes no alert.",
        &[
            ago(20, "bot.joining_call", ""),
            ago(5, "hologram.failed", ""),
            ago(1, "bot.fatal", "quantum_state_collapsed"),
        ],
    ),
    Scenario {
        id: "duplicate",
        about: "every webhook arrives ten times",
        expect: "One alert, once.",
        bots: 1,
        shape: Shape::TenTimes,
        timeline: &[ago(20, "bot.joining_call", ""), ago(1, "bot.fatal", "meeting_not_found")],
    },
    Scenario {
        id: "disorder",
        about: "the last webhook arrives first",
        expect: "One alert that ends as a refusal to record.",
        bots: 1,
        shape: Shape::Disorder,
        timeline: &[
            ago(100, "bot.joining_call", ""),
            ago(90, "bot.in_call_not_recording", ""),
            ago(85, "bot.recording_permission_denied", "zoom_local_recording_disabled"),
            ago(50, "bot.call_ended", "timeout_exceeded_recording_permission_denied"),
            ago(45, "bot.done", ""),
        ],
    },
];
