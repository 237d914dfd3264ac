//! The lengths and times that texts tell, each from a story.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use why_no_recording::diagnosis::{Facts, diagnose};

use crate::boundaries::{at, bot, case_file, with};
use crate::stories::CATALOGUE;

/// What is known, in seconds: of the story, or as a length.
fn words(facts: &Facts) -> String {
    let time = |time: Option<Timestamp>| time.map(|time| time.duration_since(at(0)));
    let all: [(&str, Option<SignedDuration>); 12] = [
        ("waited", facts.waited),
        ("in_call", facts.in_call_for),
        ("late", facts.late_by),
        ("from", time(facts.recorded_from)),
        ("to", time(facts.recorded_to)),
        ("join", time(facts.join_at)),
        ("overdue", facts.overdue),
        ("ended", time(facts.ended_at)),
        ("leaves", time(facts.leaves_at)),
        ("kept_until", time(facts.kept_until)),
        ("kept", facts.retention),
        ("silent", facts.silent_for),
    ];
    let known = all.iter().filter_map(|(name, value)| Some(format!("{name} {}", (*value)?.as_secs())));
    known.collect::<Vec<_>>().join(", ")
}

#[track_caller]
fn check_bot(bot: &Value, now: i64, expect: &str) {
    let case = case_file(bot, now);
    assert_eq!(words(&diagnose(&case, &CATALOGUE).facts), expect, "{bot} at {now}");
}

#[track_caller]
fn check(story: &str, now: i64, expect: &str) {
    check_bot(&bot("zoom", story), now, expect);
}

#[test]
fn the_lobby_and_the_call_are_measured() {
    let day = 86_400;
    check(
        "0 joining_call, 10 in_waiting_room, 40 in_call_not_recording, 100 call_ended, 110 done",
        110 + day,
        "waited 30, in_call 60, ended 100, silent 86400",
    );
    // All stays together, but for those that nobody knows the length of.
    let twice = "10 in_waiting_room, 40 in_call_not_recording, 50 in_waiting_room, 75 call_ended";
    check(twice, 75 + day, "waited 55, in_call 35, ended 75, silent 86400");
    check("? in_waiting_room, 40 in_waiting_room, 75 call_ended", 75 + day, "ended 75, silent 86400");
    check("10 in_waiting_room, ? call_ended, 90 done", 90 + day, "ended 90, silent 86400");
    // An aside is no end of a stay.
    check(
        "10 in_waiting_room, 20 participant_in_waiting_room, 40 call_ended",
        40 + day,
        "waited 30, ended 40, silent 86400",
    );
    // Who is still there waits until now, who has vanished for nobody knows how long.
    check("0 joining_call, 10 in_waiting_room", 100, "waited 90, leaves 1210, silent 90");
    check("10 in_waiting_room", 10 + day, "silent 86400");
    check("10 in_call_not_recording", 100, "in_call 90, leaves 3610, silent 90");
    check("10 in_call_not_recording", 10 + day, "silent 86400");
    check("? in_call_not_recording, 75 call_ended", 75 + day, "ended 75, silent 86400");
    // Who is asked is in the call, unless it asked from the lobby.
    check("10 recording_permission_denied, 75 call_ended", 75 + day, "in_call 65, ended 75, silent 86400");
    check(
        "10 recording_permission_denied zoom_bot_in_waiting_room, 75 call_ended",
        75 + day,
        "ended 75, silent 86400",
    );
    // It cannot have left before it came.
    check("40 call_ended, 50 in_call_not_recording", 50 + day, "ended 40, silent 86400");
}

#[test]
fn a_recording_is_measured() {
    check("10 in_call_not_recording, 25 in_call_recording", 100, "in_call 90, late 15, from 25, silent 75");
    check(
        "10 in_call_recording, 50 in_call_not_recording, 90 in_call_recording, 120 call_ended",
        130,
        "in_call 110, from 10, to 120, ended 120, silent 10",
    );
    let story = "10 in_call_not_recording, 25 in_call_recording, 100 call_ended";
    let recordings = json!([
        { "started_at": at(60), "completed_at": at(95), "expires_at": at(700) },
        { "started_at": at(30), "completed_at": at(50), "expires_at": at(800) },
        { "expires_at": at(900) },
    ]);
    check_bot(
        &with(bot("zoom", story), "recordings", recordings),
        130,
        "in_call 90, late 15, from 25, to 95, ended 100, kept_until 800, silent 30",
    );
    let kept = json!({ "retention": { "type": "timed", "hours": 1 } });
    let recordings = json!([{ "started_at": at(30), "completed_at": at(95) }]);
    let by_retention = with(with(bot("zoom", story), "recordings", recordings), "recording_config", kept);
    check_bot(
        &by_retention,
        130,
        "in_call 90, late 15, from 25, to 95, ended 100, kept_until 3695, kept 3600, silent 30",
    );
    check_bot(
        &with(by_retention, "media_retention_end", json!(at(500))),
        130,
        "in_call 90, late 15, from 25, to 95, ended 100, kept_until 500, kept 3600, silent 30",
    );
}

#[test]
fn when_it_is_due_is_told_until_it_is_there() {
    let due = |story| with(bot("zoom", story), "join_at", json!(at(500)));
    check_bot(&due(""), 100, "join 500");
    check_bot(&due(""), 500, "join 500");
    check_bot(&due("0 ready"), 700, "join 500, overdue 200, silent 700");
    check_bot(&due("510 joining_call"), 700, "silent 190");
    check("5 ready", 100, "join 5, overdue 95, silent 95");
}
