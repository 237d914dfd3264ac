//! Limits around coming into a meeting, consent, and stopping.

use serde_json::json;

use super::{MINUTE, NEXT_DAY, at, bot, check, told, with};

#[test]
fn a_bot_is_late_for_ten_minutes_and_then_not_coming() {
    let expect = ["pending not_joined_yet", "pending not_joined_yet", "not_recorded never_joined"];
    check(10 * MINUTE, expect, |late| told(&with(bot("zoom", ""), "join_at", json!(at(0))), late));
    check(10 * MINUTE, expect, |late| told(&with(bot("zoom", "-900 ready"), "join_at", json!(at(0))), late));
    check(10 * MINUTE, expect, |late| told(&bot("zoom", "0 ready"), late));
}

#[test]
fn a_minute_in_the_call_is_enough_for_consent() {
    let short = "not_recorded meeting_ended_before_recording";
    let zoom = "not_recorded never_asked_host_unknown";
    check(60, [short, zoom, zoom], |length| {
        let end = 10 + length;
        told(&bot("zoom", &format!("0 joining_call, 10 in_call_not_recording, {end} call_ended")), NEXT_DAY)
    });
    let meet = "not_recorded never_started_recording";
    check(60, [short, meet, meet], |length| {
        // The lobby does not count.
        let end = 500 + length;
        let story =
            format!("0 in_waiting_room, 500 in_call_not_recording, {end} call_ended, {} done", end + 90);
        told(&bot("google_meet", &story), NEXT_DAY)
    });
}

#[test]
fn a_host_who_leaves_within_a_minute_could_not_consent() {
    let left = "not_recorded host_left_before_consent";
    let stayed = "not_recorded host_present_never_asked";
    let story = "0 joining_call, 10 in_call_not_recording, 2000 call_ended";
    let host_left_at = |secs| {
        let moves = json!([{ "code": "leave", "created_at": at(secs) }]);
        json!([{ "name": "Dana Host", "is_host": true, "events": moves }])
    };
    check(60, [left, left, stayed], |after| {
        told(&with(bot("zoom", story), "meeting_participants", host_left_at(10 + after)), NEXT_DAY)
    });
    check(60, [stayed; 3], |after| {
        let story = format!("{story}, 1000 breakout_room_opened");
        told(&with(bot("zoom", &story), "meeting_participants", host_left_at(10 + after)), NEXT_DAY)
    });
}

#[test]
fn a_stop_of_ten_seconds_before_the_end_is_more_than_the_end() {
    let recorded = "recorded recorded";
    let stopped = "partly_recorded recording_paused_or_stopped";
    check(10, [recorded, stopped, stopped], |length| {
        let end = 900 + length;
        let story = format!("10 in_call_recording, 900 in_call_not_recording, {end} call_ended, {end} done");
        told(&bot("zoom", &story), NEXT_DAY)
    });
}

#[test]
fn a_bot_that_stopped_recording_and_is_still_there_did_record() {
    for platform in ["zoom", "google_meet"] {
        check(10, ["partly_recorded recording_paused_or_stopped"; 3], |length| {
            told(&bot(platform, "10 in_call_recording, 900 in_call_not_recording"), 900 + length)
        });
    }
}

#[test]
fn a_bot_that_recorded_and_is_back_in_the_lobby_did_record() {
    let story = "10 in_call_recording, 900 in_waiting_room";
    assert_eq!(told(&bot("zoom", story), 1_000), "partly_recorded waiting_room_now");
}

/// Where only recordings tell when they began, that counts.
#[test]
fn a_recording_that_began_with_a_refusal_began_after_it() {
    let began = |story: &'static str, before: &'static [i64]| {
        move |started| {
            let recording = |secs: &i64| json!({ "started_at": at(*secs), "completed_at": at(800), "status": { "code": "done" } });
            let recordings = before.iter().chain([&started]).map(recording).collect();
            told(&with(bot("zoom", story), "recordings", recordings), NEXT_DAY)
        }
    };
    let recorded = "recorded recorded";
    let check = |cause: &str, story| {
        check(100, [cause, recorded, recorded], began(story, &[]));
        // The one before it does not say that nothing came after it.
        check(100, [cause, recorded, recorded], began(story, &[50]));
    };
    check(
        "partly_recorded recorded_then_permission_withdrawn",
        "0 in_call_not_recording, 100 recording_permission_denied, 900 call_ended, 910 done",
    );
    check(
        "partly_recorded recorded_then_moved_to_waiting_room",
        "0 joining_call, 100 in_waiting_room, 900 call_ended, 910 done",
    );
    check(
        "partly_recorded recording_paused_or_stopped",
        "0 joining_call, 100 in_call_not_recording, 900 call_ended, 910 done",
    );
}
