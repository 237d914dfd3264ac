//! When a bot that is still there is said to leave: by its own timer, or by what the platform allows.

use serde_json::{Value, json};
use why_no_recording::diagnosis::diagnose;

use super::{CATALOGUE, MINUTE, at, bot, case_file, check, with};

/// How many seconds after its last status a bot is said to leave.
fn leaves_after(platform: &str, status: &str, timers: Value) -> String {
    let bot = with(bot(platform, &format!("0 {status}")), "automatic_leave", timers);
    let case = case_file(&bot, 1);
    let leaves_at = diagnose(&case, &CATALOGUE).facts.leaves_at;
    leaves_at.map_or("never".to_owned(), |leaves_at| leaves_at.duration_since(at(0)).as_secs().to_string())
}

#[test]
fn no_lobby_is_open_for_longer_than_its_platform_keeps_it() {
    let own = |platform: &'static str| {
        move |secs| leaves_after(platform, "in_waiting_room", json!({ "waiting_room_timeout": secs }))
    };
    check(10 * MINUTE, ["599", "600", "600"], own("google_meet"));
    check(30 * MINUTE, ["1799", "1800", "1800"], own("microsoft_teams"));
    check(30 * MINUTE, ["1799", "1800", "1801"], own("zoom"));
}

#[test]
fn without_timers_of_its_own_a_bot_leaves_by_the_defaults() {
    let check = |platform, status, expect| {
        assert_eq!(leaves_after(platform, status, json!({})), expect, "{platform} {status}");
    };
    check("zoom", "in_waiting_room", "1200");
    check("google_meet", "in_waiting_room", "600");
    check("microsoft_teams", "in_waiting_room", "1200");
    check("zoom", "in_call_not_recording", "3600");
    check("zoom", "recording_permission_denied", "30");
    check("zoom", "recording_permission_allowed", "3600");
    check("zoom", "in_call_recording", "never");
    check("zoom", "joining_call", "never");
}

#[test]
fn its_own_timers_come_first() {
    let check = |status, timer: &str, secs: i64| {
        assert_eq!(leaves_after("zoom", status, json!({ timer: secs })), secs.to_string(), "{timer}");
    };
    check("in_call_not_recording", "in_call_not_recording_timeout", 42);
    check("recording_permission_denied", "recording_permission_denied_timeout", 42);
}
