//! The sample bots: a dozen histories with times relative to the present, so that live ones are live.

/// A Zoom host whose settings do not allow recording.
pub(super) const DENIED: &str = "d3a00001-0000-4000-8000-000000000001";
/// A Zoom host who was there and was not recognised.
pub(super) const HOST_NOT_SEEN: &str = "d3a00002-0000-4000-8000-000000000002";
/// A bot that recorded after a refusal.
pub(super) const RECORDED: &str = "d3a00003-0000-4000-8000-000000000003";

/// A bot in a few lines.
pub(super) struct Sample {
    pub(super) id: &'static str,
    pub(super) about: &'static str,
    pub(super) platform: &'static str,
    /// Seconds since the start of its history.
    pub(super) began_secs_ago: i64,
    /// Its history: seconds since the start, status code, sub code.
    pub(super) story: &'static [(i64, &'static str, &'static str)],
    /// `true` if one of the participants was the host; `None` if the participants are unknown.
    pub(super) host: Option<bool>,
}

const HOUR: i64 = 3_600;

/// Returns the sample with this number, its position in the list from 1.
pub(super) fn numbered(number: usize) -> Option<&'static Sample> {
    SAMPLES.get(number.checked_sub(1)?)
}

/// Returns the list as it is shown.
pub(super) fn listed() -> String {
    let line =
        |(number, sample): (usize, &Sample)| format!("  {number:>2}  {}  {}\n", sample.id, sample.about);
    (1..).zip(SAMPLES).map(line).collect()
}

pub(super) const SAMPLES: &[Sample] = &[
    Sample {
        id: DENIED,
        about: "Zoom, refused at once",
        platform: "zoom",
        began_secs_ago: 3 * HOUR,
        story: &[
            (0, "joining_call", ""),
            (12, "in_call_not_recording", ""),
            (15, "recording_permission_denied", "zoom_local_recording_disabled"),
            (45, "call_ended", "timeout_exceeded_recording_permission_denied"),
            (52, "done", ""),
        ],
        host: Some(true),
    },
    Sample {
        id: HOST_NOT_SEEN,
        about: "Zoom, an hour in, never asked",
        platform: "zoom",
        began_secs_ago: 5 * HOUR,
        story: &[
            (0, "joining_call", ""),
            (12, "in_call_not_recording", ""),
            (HOUR + 12, "call_ended", "timeout_exceeded_in_call_not_recording"),
            (HOUR + 20, "done", ""),
        ],
        host: Some(false),
    },
    Sample {
        id: RECORDED,
        about: "Zoom, refused first, then recorded",
        platform: "zoom",
        began_secs_ago: 26 * HOUR,
        story: &[
            (0, "joining_call", ""),
            (9, "in_call_not_recording", ""),
            (30, "recording_permission_denied", "zoom_local_recording_request_denied_by_host"),
            (55, "recording_permission_allowed", ""),
            (57, "in_call_recording", ""),
            (1_800, "call_ended", "call_ended_by_host"),
            (1_815, "done", ""),
        ],
        host: Some(true),
    },
    Sample {
        id: "d3a00004-0000-4000-8000-000000000004",
        about: "Zoom, waiting for permission",
        platform: "zoom",
        began_secs_ago: 240,
        story: &[(0, "joining_call", ""), (10, "in_call_not_recording", "")],
        host: None,
    },
    Sample {
        id: "d3a00005-0000-4000-8000-000000000005",
        about: "Zoom, still in the waiting room",
        platform: "zoom",
        began_secs_ago: 180,
        story: &[(0, "joining_call", ""), (10, "in_waiting_room", "")],
        host: None,
    },
    Sample {
        id: "d3a00006-0000-4000-8000-000000000006",
        about: "Google Meet, never admitted",
        platform: "google_meet",
        began_secs_ago: 2 * HOUR,
        story: &[
            (0, "joining_call", ""),
            (6, "in_waiting_room", ""),
            (607, "call_ended", "call_ended_by_platform_waiting_room_timeout"),
            (614, "done", ""),
        ],
        host: None,
    },
    Sample {
        id: "d3a00007-0000-4000-8000-000000000007",
        about: "Microsoft Teams, refused entry",
        platform: "microsoft_teams",
        began_secs_ago: 2 * HOUR,
        story: &[
            (0, "joining_call", ""),
            (6, "in_waiting_room", ""),
            (90, "call_ended", "bot_kicked_from_waiting_room"),
            (97, "done", ""),
        ],
        host: None,
    },
    Sample {
        id: "d3a00008-0000-4000-8000-000000000008",
        about: "Zoom, meeting requires sign-in",
        platform: "zoom",
        began_secs_ago: 4 * HOUR,
        story: &[(0, "joining_call", ""), (25, "fatal", "meeting_requires_sign_in")],
        host: None,
    },
    Sample {
        id: "d3a00009-0000-4000-8000-000000000009",
        about: "Zoom, removed halfway through",
        platform: "zoom",
        began_secs_ago: 30 * HOUR,
        story: &[
            (0, "joining_call", ""),
            (10, "in_call_not_recording", ""),
            (20, "recording_permission_allowed", ""),
            (21, "in_call_recording", ""),
            (1_221, "call_ended", "bot_kicked_from_call"),
            (1_235, "done", ""),
        ],
        host: Some(true),
    },
    Sample {
        id: "d3a00010-0000-4000-8000-000000000010",
        about: "Google Meet, nobody came",
        platform: "google_meet",
        began_secs_ago: 6 * HOUR,
        story: &[
            (0, "joining_call", ""),
            (10, "in_call_not_recording", ""),
            (1_211, "call_ended", "timeout_exceeded_noone_joined"),
            (1_218, "done", ""),
        ],
        host: None,
    },
    Sample {
        id: "d3a00011-0000-4000-8000-000000000011",
        about: "Zoom, failed with an unknown code",
        platform: "zoom",
        began_secs_ago: 7 * HOUR,
        story: &[(0, "joining_call", ""), (33, "fatal", "quantum_state_collapsed")],
        host: None,
    },
    Sample {
        id: "d3a00012-0000-4000-8000-000000000012",
        about: "Google Meet, recording right now",
        platform: "google_meet",
        began_secs_ago: 900,
        story: &[(0, "joining_call", ""), (30, "in_call_not_recording", ""), (31, "in_call_recording", "")],
        host: None,
    },
];
