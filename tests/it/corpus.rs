//! Recorded bots, each with what it must be diagnosed as: through the reader, the engine and the report.

use std::sync::LazyLock;

use serde_json::Value;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::report::{Report, compose};

use crate::world::corpus::{RecordedBot, recorded_bots};

/// Read once: a debug build takes a while for it.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

fn report(bot: &RecordedBot) -> Report {
    compose(&diagnose(&bot.case_file(), &CATALOGUE))
}

/// Every field that a case names and that came out differently.
fn wrong(report: &Report, expected: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |name: &str, got: Value| {
        if !expected[name].is_null() && expected[name] != got {
            wrong.push(format!("{name}: {got}, expected {}", expected[name]));
        }
    };
    check("cause", report.cause.clone().into());
    check("outcome", report.outcome.as_str().into());
    check("actor", report.actor.as_str().into());
    check("platform", report.platform.as_str().into());
    check("fixable_now", report.fixable_now.into());
    if let Some(question) = &report.question {
        let answers = serde_json::json!({ "yes": question.yes, "no": question.no });
        check("question", serde_json::json!({ "id": question.id, "answers": answers }));
    } else {
        check("question", Value::String("none".to_owned()));
    }
    let contributing: Vec<&str> = report.contributing.iter().map(|(cause, _)| cause.as_str()).collect();
    for cause in expected["contributing"].as_array().into_iter().flatten() {
        if !contributing.contains(&cause.as_str().unwrap()) {
            wrong.push(format!("contributing lacks {cause}"));
        }
    }
    wrong
}

/// What a case wants said, and what it wants left out, in the words that it names.
fn said_wrongly(report: &Report, expected: &Value) -> Vec<String> {
    let said = serde_json::to_string(report).unwrap().to_lowercase();
    let words = |of: &str| -> Vec<String> {
        let listed = expected[of].as_array().into_iter().flatten();
        listed.map(|words| words.as_str().unwrap().to_lowercase()).collect()
    };
    let missing = words("mentions").into_iter().filter(|words| !said.contains(words.as_str()));
    let unwanted = words("never_says").into_iter().filter(|words| said.contains(words.as_str()));
    let missing = missing.map(|words| format!("does not mention \"{words}\""));
    missing.chain(unwanted.map(|words| format!("says \"{words}\""))).collect()
}

/// Of the cases that are named for it; of the others, `mentions` are ideas and not words.
const WORD_FOR_WORD: [&str; 2] = ["93-host-came-late", "94-link-rewritten-by-a-mail-filter"];

#[test]
fn what_a_case_wants_said_is_said() {
    for bot in recorded_bots().iter().filter(|bot| WORD_FOR_WORD.contains(&bot.name.as_str())) {
        assert_eq!(said_wrongly(&report(bot), &bot.expected), Vec::<String>::new(), "{}", bot.name);
    }
}

#[test]
fn every_recorded_bot_is_diagnosed_as_it_must_be() {
    let mut failures = Vec::new();
    for bot in recorded_bots() {
        for wrong in wrong(&report(&bot), &bot.expected) {
            failures.push(format!("{}: {wrong}", bot.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn order_duplicates_and_unknown_members_change_nothing() {
    for mut bot in recorded_bots() {
        let plain = report(&bot);

        let mut varied: Value = serde_json::from_slice(&bot.json).unwrap();
        varied["zz_future"] = serde_json::json!({ "nested": [1, null] });
        if let Some(changes) = varied["status_changes"].as_array_mut() {
            changes.reverse();
            changes.extend(changes.clone());
        }
        bot.json = serde_json::to_vec(&varied).unwrap();
        assert_eq!(plain, report(&bot), "{}", bot.name);
    }
}
