//! For how long a bot without an end status is believed to be there: its longest timer, and 15 minutes.

use serde_json::{Value, json};

use super::{HOUR, MINUTE, bot, check, told, with};

/// When the last status of each story happened.
const LAST: i64 = 100;

/// A bot is live and told as `live` until it has been silent for `limit`; then its history is incomplete.
#[track_caller]
fn check_silence(limit: i64, live: &str, story: &str, timers: &Value) {
    let stuck = "unknown stuck_no_end_status";
    for platform in ["zoom", "microsoft_teams"] {
        let bot = with(bot(platform, story), "automatic_leave", timers.clone());
        let live = match platform {
            "zoom" => live,
            _ => &live.replace("in_call_waiting_for_permission", "in_call_not_recording_now"),
        };
        check(limit, [live, stuck, stuck], |silence| told(&bot, LAST + silence));
    }
}

#[test]
fn while_it_joins() {
    check_silence(35 * MINUTE, "pending joining_now", "0 ready, 100 joining_call", &json!({}));
}

#[test]
fn in_the_lobby() {
    let check = |limit, own: Value| {
        check_silence(limit, "pending waiting_room_now", "0 joining_call, 100 in_waiting_room", &own);
    };
    check(35 * MINUTE, json!({}));
    check(20 * MINUTE, json!({ "waiting_room_timeout": 300 }));
    check(75 * MINUTE, json!({ "waiting_room_timeout": 3_600 }));
    check(24 * HOUR, json!({ "waiting_room_timeout": 200_000 }));
}

#[test]
fn in_the_call() {
    let check = |limit, own: Value| {
        let story = "0 joining_call, 100 in_call_not_recording";
        check_silence(limit, "pending in_call_waiting_for_permission", story, &own);
    };
    check(75 * MINUTE, json!({}));
    check(75 * MINUTE, json!({ "noone_joined_timeout": 300 }));
    check(35 * MINUTE, json!({ "in_call_not_recording_timeout": 300 }));
    check(25 * MINUTE, json!({ "in_call_not_recording_timeout": 300, "noone_joined_timeout": 600 }));
    check(135 * MINUTE, json!({ "noone_joined_timeout": 7_200 }));
    check(135 * MINUTE, json!({ "in_call_not_recording_timeout": { "timeout": 7_200 } }));
}

#[test]
fn after_a_refusal() {
    let check = |limit, own: Value| {
        let story = "0 in_call_not_recording, 100 recording_permission_denied zoom_local_recording_disabled";
        check_silence(limit, "pending zoom_local_recording_disabled", story, &own);
    };
    check(75 * MINUTE, json!({}));
    check(135 * MINUTE, json!({ "recording_permission_denied_timeout": 7_200 }));
}

#[test]
fn while_it_records() {
    let check = |limit, own: Value| {
        let story = "0 in_call_not_recording, 100 in_call_recording";
        check_silence(limit, "recording recording_now", story, &own);
    };
    check(24 * HOUR, json!({}));
    check(75 * MINUTE, json!({ "in_call_recording_timeout": 3_600 }));
    check(24 * HOUR, json!({ "in_call_recording_timeout": 200_000 }));
}

#[test]
fn any_sign_of_life_counts() {
    check(
        75 * MINUTE,
        [
            "pending in_call_waiting_for_permission",
            "unknown stuck_no_end_status",
            "unknown stuck_no_end_status",
        ],
        |silence| {
            told(&bot("zoom", "0 in_call_not_recording, 3000 participant_in_waiting_room"), 3_000 + silence)
        },
    );
}
