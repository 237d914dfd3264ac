//! Recorded bots, each with what it must be diagnosed as: through the reader, the engine and the report.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::recall::case_file_from_json;
use why_no_recording::report::{Report, compose};

/// Read once: a debug build takes a while for it.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

fn corpus() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".expected.json"))
        .collect();
    files.sort();
    files
}

fn sibling(expected: &Path, ending: &str) -> PathBuf {
    PathBuf::from(expected.to_string_lossy().replace(".expected.json", ending))
}

fn report(bot: &[u8], participants: Option<&[u8]>, expected: &Value) -> Report {
    let now = expected["now"].as_str().unwrap().parse().unwrap();
    let mut case = case_file_from_json(bot, participants, now).unwrap();
    case.host_was_present = expected["host_was_present"].as_str().map(|answer| answer == "yes");
    let catalogue = &*CATALOGUE;
    compose(&diagnose(&case, catalogue))
}

/// Every recorded bot by the name of its case, and what is told about it.
pub fn recorded() -> Vec<(String, Report)> {
    let told = corpus().into_iter().map(|path| {
        let expected: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let bot = std::fs::read(sibling(&path, ".json")).unwrap();
        let participants = std::fs::read(sibling(&path, ".participants.json")).ok();
        let name = path.file_name().unwrap().to_string_lossy().replace(".expected.json", "");
        (name, report(&bot, participants.as_deref(), &expected))
    });
    told.collect()
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

#[test]
fn every_recorded_bot_is_diagnosed_as_it_must_be() {
    let mut failures = Vec::new();
    for path in corpus() {
        let expected: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let bot = std::fs::read(sibling(&path, ".json")).unwrap();
        let participants = std::fs::read(sibling(&path, ".participants.json")).ok();
        let report = report(&bot, participants.as_deref(), &expected);
        for wrong in wrong(&report, &expected) {
            failures.push(format!("{}: {wrong}", path.file_name().unwrap().to_string_lossy()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn order_duplicates_and_unknown_members_change_nothing() {
    for path in corpus() {
        let expected: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let bot = std::fs::read(sibling(&path, ".json")).unwrap();
        let participants = std::fs::read(sibling(&path, ".participants.json")).ok();
        let plain = report(&bot, participants.as_deref(), &expected);

        let mut varied: Value = serde_json::from_slice(&bot).unwrap();
        varied["zz_future"] = serde_json::json!({ "nested": [1, null] });
        if let Some(changes) = varied["status_changes"].as_array_mut() {
            changes.reverse();
            changes.extend(changes.clone());
        }
        let varied = report(&serde_json::to_vec(&varied).unwrap(), participants.as_deref(), &expected);
        assert_eq!(plain, varied, "{}", path.display());
    }
}
