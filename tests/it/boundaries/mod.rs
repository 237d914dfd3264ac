//! Every limit of the engine, from both sides: a second below it, exactly at it, a second above.

mod leaving;
mod liveness;
mod media;
mod meeting;
mod words;

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::recall::case_file_from_json;

/// Read once: a debug build takes a while for it.
pub(crate) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// Long after every story here, so that nothing is live.
pub(crate) const NEXT_DAY: i64 = 24 * HOUR + HOUR;

/// Holds what is told around a limit against what is expected below, at and above it.
#[track_caller]
pub(crate) fn check(limit: i64, expect: [&str; 3], tell: impl Fn(i64) -> String) {
    let told: Vec<String> = (limit - 1..=limit + 1).map(tell).collect();
    assert_eq!(told, expect, "around {limit}");
}

/// The moment this many seconds into the story.
pub(crate) fn at(secs: i64) -> Timestamp {
    let began: Timestamp = "2026-11-18T10:00:00Z".parse().unwrap();
    began + SignedDuration::from_secs(secs)
}

/// A bot by its platform and its story: entries of seconds (`?` where there is no time), status code and perhaps sub
/// code, with a comma between them.
pub(crate) fn bot(platform: &str, story: &str) -> Value {
    let entries = story.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let changes = entries.map(|entry| {
        let words: Vec<&str> = entry.split_whitespace().collect();
        let created_at = words[0].parse().ok().map(at);
        json!({ "created_at": created_at, "code": words[1], "sub_code": words.get(2) })
    });
    let changes: Vec<Value> = changes.collect();
    json!({ "meeting_url": { "platform": platform }, "status_changes": changes })
}

/// The same bot with one member more.
pub(crate) fn with(mut bot: Value, member: &str, value: Value) -> Value {
    bot[member] = value;
    bot
}

pub(crate) fn case_file(bot: &Value, now: i64) -> CaseFile {
    case_file_from_json(&serde_json::to_vec(bot).unwrap(), None, at(now)).unwrap()
}

/// Outcome and cause of a bot that is asked about this many seconds into its story.
fn told(bot: &Value, now: i64) -> String {
    let case = case_file(bot, now);
    let diagnosis = diagnose(&case, &CATALOGUE);
    format!("{} {}", diagnosis.outcome, diagnosis.cause.id)
}
