//! Limits around what became of a recording.

use serde_json::{Value, json};
use why_no_recording::diagnosis::diagnose;
use why_no_recording::report::compose;

use super::{CATALOGUE, HOUR, NEXT_DAY, at, bot, case_file, check, told, with};

const STORY: &str = "0 joining_call, 10 in_call_recording, 1000 call_ended, 1010 done";

/// The bot of `STORY` with its recording in this state.
fn recorded(state: &str, expires_at: Option<i64>) -> Value {
    let status = json!({ "code": state });
    let recording = json!({
        "started_at": at(10),
        "completed_at": at(1_000),
        "expires_at": expires_at.map(at),
        "status": status,
        "media_shortcuts": { "video_mixed": { "status": status } },
    });
    with(bot("zoom", STORY), "recordings", json!([recording]))
}

/// The bot of `STORY` with a recording for each of these states of a transcript.
fn recorded_with_transcripts(states: &[&str]) -> Value {
    let mut bot = recorded("done", None);
    let one = bot["recordings"][0].clone();
    let with_transcript = |state: &&str| {
        let mut recording = one.clone();
        recording["media_shortcuts"]["transcript"] = json!({ "status": { "code": state } });
        recording
    };
    bot["recordings"] = states.iter().map(with_transcript).collect();
    bot
}

#[test]
fn media_is_made_ready_within_an_hour_or_has_failed() {
    let expect =
        ["processing recording_processing", "lost recording_media_failed", "lost recording_media_failed"];
    check(HOUR, expect, |after| told(&recorded("processing", None), 1_010 + after));
    // Nothing is listed at all, and the bot has not shut down yet.
    check(HOUR, expect, |after| told(&bot("zoom", "10 in_call_recording, 1000 call_ended"), 1_000 + after));
}

#[test]
fn a_transcript_is_made_within_a_day_or_has_failed() {
    let recorded = "recorded recorded";
    let failed = "recorded transcript_failed";
    check(24 * HOUR, [recorded, failed, failed], |after| {
        told(&recorded_with_transcripts(&["processing"]), 1_000 + after)
    });
    // Without an end the last status counts.
    check(24 * HOUR, [recorded, failed, failed], |after| {
        let story = bot("zoom", "10 in_call_recording, 1000 recording_done");
        let recordings = recorded_with_transcripts(&["processing"])["recordings"].clone();
        told(&with(story, "recordings", recordings), 1_000 + after)
    });
    // One that failed needs no day, and one that is there takes nothing from one that is not.
    for states in [["failed", "processing"], ["processing", "failed"], ["done", "failed"]] {
        check(24 * HOUR, [failed; 3], |after| told(&recorded_with_transcripts(&states), 1_000 + after));
    }
    check(24 * HOUR, [recorded, failed, failed], |after| {
        told(&recorded_with_transcripts(&["done", "processing"]), 1_000 + after)
    });
    check(24 * HOUR, [recorded; 3], |after| told(&recorded_with_transcripts(&["done"]), 1_000 + after));
}

#[test]
fn a_recording_below_ten_seconds_is_very_short() {
    let expect = ["recorded recorded_very_short", "recorded recorded", "recorded recorded"];
    check(10, expect, |length| {
        let mut bot = recorded("done", None);
        bot["recordings"][0]["completed_at"] = json!(at(10 + length));
        told(&bot, NEXT_DAY)
    });
    check(10, expect, |length| {
        let end = 10 + length;
        told(&bot("zoom", &format!("10 in_call_recording, {end} call_ended, {end} done")), NEXT_DAY)
    });
    check(10, ["recorded recorded"; 3], |length| {
        let mut bot = recorded("done", None);
        bot["recordings"][0]["completed_at"] = json!(at(10 + length));
        let first = bot["recordings"][0].clone();
        bot["recordings"].as_array_mut().unwrap().push(first);
        told(&bot, NEXT_DAY)
    });
}

#[test]
fn what_is_gone_before_its_time_was_deleted_and_after_it_has_expired() {
    let expect = ["lost recording_deleted", "lost recording_expired", "lost recording_expired"];
    check(5 * HOUR, expect, |now| told(&recorded("deleted", Some(5 * HOUR)), now));
    check(5 * HOUR, expect, |now| {
        // The older API says it of the bot.
        told(&with(recorded("deleted", None), "media_retention_end", json!(at(5 * HOUR))), now)
    });
    check(1_000 + HOUR, expect, |now| {
        let retention = json!({ "retention": { "type": "timed", "hours": 1 } });
        told(&with(recorded("deleted", None), "recording_config", retention), now)
    });
}

#[test]
fn files_may_be_gone_once_their_time_has_passed() {
    check(5 * HOUR, ["there", "there", "perhaps gone"], |now| {
        let case = case_file(&recorded("done", Some(5 * HOUR)), now);
        let report = compose(&diagnose(&case, &CATALOGUE));
        let gone = report.notes.iter().any(|note| note.contains("may be gone by now"));
        if gone { "perhaps gone" } else { "there" }.to_owned()
    });
}
