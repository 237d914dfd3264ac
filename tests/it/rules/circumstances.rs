//! What holds beside the cause, and what tells the platform.

use serde_json::{Value, json};
use why_no_recording::diagnosis::case_file::{GapKind, History};
use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::signals::Signal;

use crate::boundaries::{at, bot, case_file, with};
use crate::stories::CATALOGUE;

/// What is looked for in each story.
const LOOKED_FOR: [Signal; 16] = [
    Signal::JoinTokenConfigured,
    Signal::OnBehalfTokenConfigured,
    Signal::PlatformUnknown,
    Signal::StillThere,
    Signal::RecordedBefore,
    Signal::OnlyUnknownStatuses,
    Signal::WaitedInLobby,
    Signal::BeganLate,
    Signal::ManualStart,
    Signal::MovedBackToLobby,
    Signal::SomeoneNotSignedIn,
    Signal::StartedLate,
    Signal::SeveralRecordings,
    Signal::TranscriptOverdue,
    Signal::DoneCameAlone,
    Signal::BreakoutRoomsUsed,
];

/// The circumstances of a bot, by their names.
#[track_caller]
fn check_bot(bot: &Value, now: i64, expect: &str) {
    let case = case_file(bot, now);
    let signals = diagnose(&case, &CATALOGUE).signals;
    let held = LOOKED_FOR.iter().filter(|signal| signals.has(**signal));
    let held: Vec<&str> = held.map(|signal| signal.as_str()).collect();
    assert_eq!(held.join(" "), expect, "{bot}");
}

#[track_caller]
fn check(story: &str, expect: &str) {
    check_bot(&bot("zoom", story), 100_000, expect);
}

#[test]
fn what_happened_beside_the_cause() {
    check("", "");
    check("0 quantum_state", "only_unknown_statuses");
    check("0 ready, 1 quantum_state", "only_unknown_statuses");
    check("0 ready", "");
    check("0 joining_call, 1 quantum_state, 9 call_ended", "");
    check("0 done", "done_came_alone");
    check("0 ready, 1 done, 2 media_expired, 3 quantum_state", "done_came_alone");
    check("0 media_expired", "");
    check("0 done call_ended_by_host", "");
    check("0 joining_call, 1 done", "");
    check("0 in_waiting_room, 9 call_ended", "waited_in_lobby");
    check("0 in_call_not_recording, 9 in_waiting_room, 20 call_ended", "waited_in_lobby moved_back_to_lobby");
    check("0 in_waiting_room, 9 in_call_not_recording, 20 call_ended", "waited_in_lobby");
    for opened in ["opened", "closed", "entered", "left"] {
        check(
            &format!("0 in_call_not_recording, 5 breakout_room_{opened}, 9 call_ended"),
            "breakout_rooms_used",
        );
    }
    check_bot(&bot("zoom", "0 joining_call"), 5, "still_there");
    check_bot(&bot("", "0 joining_call"), 5, "platform_unknown still_there");
}

#[test]
fn how_a_recording_began() {
    check("0 in_call_not_recording, 119 in_call_recording, 900 call_ended", "recorded_before");
    check("0 in_call_not_recording, 120 in_call_recording, 900 call_ended", "recorded_before began_late");
    let denied = "1 recording_permission_denied zoom_local_recording_disabled";
    check(
        &format!("0 in_call_not_recording, {denied}, 500 in_call_recording, 900 call_ended"),
        "recorded_before started_late",
    );
    check(&format!("0 in_call_not_recording, {denied}, 900 call_ended"), "");
    check(&format!("0 in_call_recording, {denied}, 900 call_ended"), "recorded_before");
    check(
        &format!("0 in_call_recording, {denied}, 500 in_call_recording, 900 call_ended"),
        "recorded_before",
    );
    // Who asked from the lobby was refused by nobody.
    check(
        "0 in_waiting_room, 1 recording_permission_denied zoom_bot_in_waiting_room, 2 in_call_not_recording, \
         500 in_call_recording, 900 call_ended",
        "recorded_before waited_in_lobby began_late",
    );
    let story = |entries: Value| {
        with(
            bot("zoom", "0 in_call_not_recording, 10 in_call_recording, 900 call_ended"),
            "recordings",
            entries,
        )
    };
    let begun = json!({ "started_at": at(10) });
    check_bot(&story(json!([begun, {}])), 100_000, "recorded_before");
    check_bot(&story(json!([begun, begun])), 100_000, "recorded_before several_recordings");
    let transcript = |state: &str| {
        let media = json!({ "transcript": { "status": { "code": state } } });
        story(json!([{ "started_at": at(10), "media_shortcuts": media }]))
    };
    check_bot(&transcript("done"), 100_000, "recorded_before");
    check_bot(&transcript("failed"), 100_000, "recorded_before");
    check_bot(&transcript("processing"), 10_000, "recorded_before");
    check_bot(&transcript("processing"), 100_000, "recorded_before transcript_overdue");
    // What began with the refusal began after it.
    let refused = bot("zoom", "0 in_call_not_recording, 5 recording_permission_denied, 900 call_ended");
    let began_with_it = json!([{ "started_at": at(5) }]);
    check_bot(&with(refused, "recordings", began_with_it), 100_000, "recorded_before started_late");
    // The earliest time that proves a start counts.
    check_bot(&story(json!([{ "started_at": at(300) }])), 100_000, "recorded_before");
}

#[test]
fn how_the_bot_was_set_up() {
    let ended = || bot("zoom", "0 in_call_not_recording, 900 call_ended");
    check_bot(
        &with(ended(), "zoom", json!({ "join_token_url": "https://a.example/" })),
        100_000,
        "join_token_configured",
    );
    check_bot(
        &with(ended(), "zoom", json!({ "obf_token_url": "https://a.example/" })),
        100_000,
        "on_behalf_token_configured",
    );
    check_bot(&with(ended(), "recording_config", Value::Null), 100_000, "manual_start");
    let person = |guest| json!([{ "is_host": false, "extra_data": { "zoom": { "guest": guest } } }]);
    check_bot(&with(ended(), "meeting_participants", person(true)), 100_000, "someone_not_signed_in");
    check_bot(&with(ended(), "meeting_participants", person(false)), 100_000, "");
}

#[test]
fn the_platform_is_told_by_whatever_proves_it() {
    let check_bot = |bot: Value, expect: &str| {
        let case = case_file(&bot, 100_000);
        assert_eq!(diagnose(&case, &CATALOGUE).platform.as_str(), expect, "{bot}");
    };
    let check = |story: &str, expect: &str| check_bot(bot("", story), expect);
    check("0 in_call_not_recording, 900 call_ended call_ended_by_host", "unknown");
    check("0 fatal zoom_sdk_credentials_missing", "zoom");
    check("0 fatal quantum_zoom_flux", "unknown");
    check("0 fatal google_meet_sign_in_failed", "google_meet");
    check("0 fatal meet_media_quantum", "google_meet");
    check("0 fatal microsoft_teams_quantum", "microsoft_teams");
    check("0 fatal webex_quantum", "webex");
    check("0 recording_permission_allowed", "zoom");
    check("0 recording_permission_denied", "zoom");
    check("0 breakout_room_opened", "zoom");
    check("0 participant_in_waiting_room", "unknown");
    // What a code says counts before what a person or an event does.
    check("0 breakout_room_opened, 1 fatal webex_quantum", "webex");
    check_bot(bot("google_meet", "0 fatal zoom_sdk_credentials_missing"), "google_meet");
    let failed = |member: &str| {
        let reason = json!({ "code": "failed", "sub_code": "zoom_quantum" });
        let media = json!({ "media_shortcuts": { member: { "status": reason } } });
        with(bot("", "0 in_call_recording"), "recordings", json!([media]))
    };
    for member in ["video_mixed", "audio_mixed", "transcript"] {
        check_bot(failed(member), "zoom");
    }
    let recording = json!([{ "status": { "code": "failed", "sub_code": "webex_quantum" } }]);
    check_bot(with(bot("", "0 in_call_recording"), "recordings", recording), "webex");
    let people = json!([{ "extra_data": {} }, { "extra_data": { "zoom": { "guest": true } } }]);
    check_bot(with(bot("", "0 in_call_recording"), "meeting_participants", people.clone()), "zoom");
    check_bot(with(bot("", "0 fatal webex_quantum"), "meeting_participants", people), "webex");
}

#[test]
fn a_history_is_whole_or_a_part() {
    for (history, in_part) in [(History::Whole, false), (History::Part, true)] {
        let mut case = case_file(&bot("zoom", "0 in_call_not_recording, 900 call_ended"), 100_000);
        case.history = history;
        assert_eq!(diagnose(&case, &CATALOGUE).signals.has(Signal::HistoryInPart), in_part);
    }
}

/// The sub code that decided, or that stands where a known one would have.
#[test]
fn the_sub_code_that_is_named() {
    let check_bot = |bot: &Value, expect: &str| {
        let case = case_file(bot, 100_000);
        let sub_code = diagnose(&case, &CATALOGUE).sub_code.map_or("none", |sub_code| sub_code.as_str());
        assert_eq!(sub_code, expect, "{bot}");
    };
    let check = |story: &str, expect: &str| check_bot(&bot("zoom", story), expect);
    check("0 in_call_not_recording, 900 call_ended", "none");
    check("0 in_call_not_recording, 900 call_ended quantum, 901 done", "quantum");
    check("0 in_call_not_recording, 900 call_ended, 901 done quantum", "quantum");
    check("0 in_call_not_recording, 900 call_ended quantum, 901 done other", "quantum");
    check("0 in_call_not_recording, 900 call_ended quantum, 901 call_ended other", "other");
    check("0 in_call_not_recording, 900 call_ended quantum, 901 call_ended", "quantum");
    check(
        "0 in_call_not_recording, 1 recording_permission_denied quantum, 2 recording_permission_allowed, 9 done",
        "none",
    );
    check("0 in_call_not_recording, 1 recording_permission_denied quantum, 9 call_ended other", "quantum");
    check("0 in_call_recording, 1 recording_permission_denied quantum, 9 call_ended other", "quantum");
    check("0 in_call_recording, 1 fatal quantum, 9 call_ended other", "quantum");
    check("0 joining_call, 1 fatal quantum, 2 fatal bot_errored, 3 fatal other", "bot_errored");
    check("0 joining_call, 1 fatal quantum, 2 fatal other", "other");
    check("0 joining_call, 1 fatal quantum, 2 fatal", "none");
    let recorded = |recording: Value| {
        with(
            bot("zoom", "0 in_call_recording, 9 call_ended other, 10 done"),
            "recordings",
            json!([recording]),
        )
    };
    let failed = |code: &str| json!({ "code": "failed", "sub_code": code });
    check_bot(&recorded(json!({ "started_at": at(0), "status": failed("quantum") })), "quantum");
    let done = json!({ "code": "done" });
    let transcript = json!({
        "started_at": at(0),
        "status": done,
        "media_shortcuts": { "transcript": { "status": failed("quantum") } },
    });
    check_bot(&recorded(transcript), "quantum");
}

/// Where a time is missing the order is partly a guess, and so is what follows from it.
#[test]
fn a_missing_time_lowers_the_confidence_and_is_a_gap() {
    let check = |story: &str, confidence: &str, gaps: &[GapKind]| {
        let case = case_file(&bot("google_meet", story), 100_000);
        let diagnosis = diagnose(&case, &CATALOGUE);
        let kinds: Vec<GapKind> = diagnosis.gaps.iter().map(|gap| gap.kind).collect();
        assert_eq!((diagnosis.confidence.as_str(), kinds.as_slice()), (confidence, gaps), "{story}");
    };
    check("0 joining_call, 5 fatal meeting_not_found", "stated", &[]);
    check("0 joining_call, ? fatal meeting_not_found", "inferred", &[GapKind::StatusTimes]);
    check("0 in_call_not_recording, 900 call_ended", "inferred", &[]);
    check("0 in_call_not_recording, ? quantum_state, 900 call_ended", "guess", &[GapKind::StatusTimes]);
}
