//! Each threshold of the engine: just before it, at it, and just after.

use std::sync::LazyLock;

use serde_json::{Value, json};
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::recall::case_file_from_json;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

/// Seconds after ten o'clock, as a time.
fn at(seconds: i64) -> String {
    let begin: jiff::Timestamp = "2026-11-18T10:00:00Z".parse().unwrap();
    (begin + jiff::SignedDuration::from_secs(seconds)).to_string()
}

/// A bot whose history is told as pairs of seconds and code; a sub code stands behind a space.
fn bot(platform: &str, changes: &[(i64, &str)]) -> Value {
    let changes: Vec<Value> = changes
        .iter()
        .map(|(seconds, code)| {
            let (code, sub_code) = code.split_once(' ').unwrap_or((code, ""));
            let sub_code = (!sub_code.is_empty()).then_some(sub_code);
            json!({ "code": code, "sub_code": sub_code, "created_at": at(*seconds) })
        })
        .collect();
    json!({ "id": "5215cf1e-bc6e-54c0-983d-7d8b2052615d", "meeting_url": { "platform": platform }, "status_changes": changes })
}

/// What is diagnosed of this bot, so many seconds after ten.
#[track_caller]
fn check(bot: &Value, now: i64, cause: &str) {
    let case =
        case_file_from_json(&serde_json::to_vec(bot).unwrap(), None, at(now).parse().unwrap()).unwrap();
    assert_eq!(diagnose(&case, &CATALOGUE).cause.id.as_str(), cause, "at {now}");
}

#[test]
fn ten_minutes_late_a_bot_is_not_coming_any_more() {
    let mut scheduled = bot("zoom", &[]);
    scheduled["join_at"] = at(0).into();
    check(&scheduled, 599, "not_joined_yet");
    check(&scheduled, 600, "not_joined_yet");
    check(&scheduled, 601, "never_joined");
}

#[test]
fn connecting_is_over_after_thirty_five_minutes() {
    let joining = bot("zoom", &[(0, "joining_call")]);
    check(&joining, 35 * 60 - 1, "joining_now");
    check(&joining, 35 * 60, "stuck_no_end_status");
}

#[test]
fn the_lobby_is_over_a_margin_after_its_timer() {
    let waiting = bot("zoom", &[(0, "joining_call"), (0, "in_waiting_room")]);
    check(&waiting, 35 * 60 - 1, "waiting_room_now");
    check(&waiting, 35 * 60, "stuck_no_end_status");
    let mut patient = waiting;
    patient["automatic_leave"] = json!({ "waiting_room_timeout": 3600 });
    check(&patient, 75 * 60 - 1, "waiting_room_now");
    check(&patient, 75 * 60, "stuck_no_end_status");
}

#[test]
fn the_call_is_over_a_margin_after_its_longest_timer() {
    let idle = bot("zoom", &[(0, "in_call_not_recording")]);
    check(&idle, 75 * 60 - 1, "in_call_waiting_for_permission");
    check(&idle, 75 * 60, "stuck_no_end_status");
    let mut brief = idle;
    brief["automatic_leave"] = json!({ "in_call_not_recording_timeout": 60, "noone_joined_timeout": 300 });
    check(&brief, 20 * 60 - 1, "in_call_waiting_for_permission");
    check(&brief, 20 * 60, "stuck_no_end_status");
}

#[test]
fn a_recording_is_believed_for_a_day() {
    let recording = bot("zoom", &[(0, "in_call_recording")]);
    check(&recording, 24 * 3600 - 1, "recording_now");
    let case =
        case_file_from_json(&serde_json::to_vec(&recording).unwrap(), None, at(24 * 3600).parse().unwrap());
    assert_ne!(diagnose(&case.unwrap(), &CATALOGUE).cause.id.as_str(), "recording_now");
}

#[test]
fn less_than_a_minute_in_the_call_is_too_short_for_consent() {
    let left_after =
        |seconds| bot("zoom", &[(0, "in_call_not_recording"), (seconds, "call_ended call_ended_by_host")]);
    check(&left_after(59), 3600, "meeting_ended_before_recording");
    check(&left_after(60), 3600, "never_asked_host_unknown");
}

#[test]
fn a_host_who_goes_within_a_minute_was_not_asked() {
    let host_left_after = |seconds: i64| {
        let mut bot = bot("zoom", &[(0, "in_call_not_recording"), (1800, "call_ended call_ended_by_host")]);
        bot["meeting_participants"] = json!([{ "id": 1, "is_host": true, "events": [
            { "code": "join", "created_at": at(-600) }, { "code": "leave", "created_at": at(seconds) },
        ] }]);
        bot
    };
    check(&host_left_after(60), 7200, "host_left_before_consent");
    check(&host_left_after(61), 7200, "host_present_never_asked");
}

#[test]
fn a_stop_of_under_ten_seconds_before_the_end_is_the_end() {
    let ended_after = |seconds: i64| {
        let changes = [
            (0, "in_call_recording"),
            (1800, "in_call_not_recording"),
            (1800 + seconds, "call_ended call_ended_by_host"),
            (1900, "done"),
        ];
        let mut bot = bot("zoom", &changes);
        bot["recordings"] = json!([{ "id": "r", "started_at": at(0), "completed_at": at(1800), "status": { "code": "done" } }]);
        bot
    };
    check(&ended_after(9), 7200, "recorded");
    check(&ended_after(10), 7200, "recording_paused_or_stopped");
}

#[test]
fn a_recording_of_under_ten_seconds_is_told_as_short() {
    let lasting = |seconds: i64| {
        let mut bot = bot(
            "zoom",
            &[(0, "in_call_recording"), (seconds, "call_ended call_ended_by_host"), (seconds, "done")],
        );
        bot["recordings"] = json!([{ "id": "r", "started_at": at(0), "completed_at": at(seconds), "status": { "code": "done" } }]);
        bot
    };
    check(&lasting(9), 7200, "recorded_very_short");
    check(&lasting(10), 7200, "recorded");
}

#[test]
fn media_that_is_not_ready_after_an_hour_has_failed() {
    let mut processing = bot("zoom", &[(0, "in_call_recording"), (1800, "call_ended call_ended_by_host")]);
    processing["recordings"] = json!([{ "id": "r", "started_at": at(0), "completed_at": at(1800), "status": { "code": "processing" } }]);
    check(&processing, 1800 + 3599, "recording_processing");
    check(&processing, 1800 + 3600, "recording_media_failed");
}
