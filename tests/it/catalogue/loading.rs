//! What the catalogue refuses to load, and what becomes of a retired entry.

use std::path::Path;

use jiff::SignedDuration;
use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::diagnosis::catalogue::{Catalogue, CatalogueError, Stated};
use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::status::{EventCode, StatusChange};
use why_no_recording::diagnosis::vocabulary::Actor;
use why_no_recording::report::{Explanation, Report, compose};

use crate::slack::rendering::CATALOGUE;

/// An entry that has all that is required; every fault is one change to it.
const SOUND: &str = r#"
[[cause]]
id = "quantum_flux"
when = [{ event = "fatal", sub_code = "quantum_flux" }]
outcome = "not_recorded"
actor = "recall"
resend = "no"
title = "The flux was too quantum"
why = "It was."
steps = ["Wait."]
docs = []
alert = "quiet"
added = "0.1.0"

[[cause.example]]
timeline = "10:00:00 fatal quantum_flux"
"#;

/// The embedded catalogue with one family more.
fn load(extra: &str) -> Result<Catalogue, CatalogueError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/catalogue");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let texts: Vec<String> = files.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let mut families: Vec<(&'static str, &str)> = texts.iter().map(|text| ("own", text.as_str())).collect();
    families.push(("extra", extra));
    Catalogue::load(&families)
}

/// Why this family is refused.
fn refusal(extra: &str) -> String {
    load(extra).map_or_else(|error| error.to_string(), |_| "loaded".to_owned())
}

/// The sound entry with one part of it changed is refused, and the error says this.
#[track_caller]
fn check(part: &str, changed: &str, expect: &str) {
    assert!(SOUND.contains(part), "{part}");
    let error = refusal(&SOUND.replace(part, changed));
    assert!(error.starts_with("config/catalogue/extra.toml"), "{error}");
    assert!(error.contains(expect), "{error}");
}

#[test]
fn a_sound_entry_loads() {
    let catalogue = load(SOUND).unwrap();
    assert!(catalogue.knows_sub_code("quantum_flux"));
}

#[test]
fn an_id_or_a_claim_that_is_taken_is_refused() {
    check("id = \"quantum_flux\"", "id = \"meeting_locked\"", "this id is used twice");
    check(
        "sub_code = \"quantum_flux\"",
        "sub_code = \"meeting_locked\"",
        "`meeting_locked` also claims this",
    );
    let claim = "event = \"fatal\", sub_code = \"quantum_flux\"";
    check(claim, "signal = \"recorded\"", "`recorded` also claims this");
    // The same code on another kind of status is another claim.
    assert!(
        load(&SOUND.replace(
            "\"fatal\", sub_code = \"quantum_flux\"",
            "\"transcript\", sub_code = \"meeting_locked\""
        ))
        .is_ok()
    );
}

#[test]
fn a_claim_takes_one_of_its_forms() {
    let claim = "{ event = \"fatal\", sub_code = \"quantum_flux\" }";
    for wrong in [
        "{}",
        "{ event = \"fatal\" }",
        "{ sub_code = \"quantum_flux\" }",
        "{ signal = \"recorded\", bot_log = \"quantum\" }",
        "{ event = \"fatal\", sub_code = \"quantum_flux\", api_error = \"quantum\" }",
    ] {
        check(claim, wrong, "`when` takes either");
    }
    check(claim, "{ signal = \"quantum\" }", "unknown variant `quantum`");
    check(claim, "{ event = \"quantum\", sub_code = \"quantum_flux\" }", "unknown variant `quantum`");
}

#[test]
fn what_is_named_has_to_exist() {
    let docs = "docs = []";
    let nobody = "there is no cause `nobody`";
    check(docs, "docs = []\nalternatives = [{ if = \"so\", cause = \"nobody\" }]", nobody);
    check(
        docs,
        "docs = []\nquestion = { id = \"host_was_present\", yes = \"recorded\", no = \"nobody\" }",
        nobody,
    );
    check(docs, "docs = []\nnotes = [{ when = \"quantum\", text = \"So.\" }]", "unknown variant `quantum`");
    check(docs, "docs = []\nflux = 1", "unknown field `flux`");
    check("It was.", "It was {so}.", "`{so}` is not a slot");
    check("Wait.", "Wait}.", "is not a slot");
    check("\"recall\"", "\"santa\"", "unknown variant `santa`");
}

#[test]
fn words_have_their_limits() {
    let title = "The flux was too quantum";
    assert!(load(&SOUND.replace(title, &"é".repeat(72))).is_ok());
    check(title, &"é".repeat(73), "the title has 73 characters");
    check("[\"Wait.\"]", "[]", "at least one step");
    check("id = \"quantum_flux\"", "id = \"QuantumFlux\"", "snake_case");
    check("id = \"quantum_flux\"", "id = \"\"", "snake_case");
}

#[test]
fn a_step_says_whom_it_is_for() {
    let steps = r#"["Wait.", { text = "Send it on.", for = "reader" }]"#;
    let catalogue = load(&SOUND.replace("[\"Wait.\"]", steps)).unwrap();
    let cause = catalogue.by_id("quantum_flux").unwrap();
    let read: Vec<_> = cause.steps.iter().map(|step| (step.text.to_string(), step.is_for_reader)).collect();
    assert_eq!(read, [("Wait.".to_owned(), false), ("Send it on.".to_owned(), true)]);
    let report = compose(&diagnose(&cause.examples[0].case_file, &catalogue));
    assert_eq!(report.steps, ["Wait.", "Send it on."]);
    assert_eq!(report.reader_steps, ["Send it on."]);

    for wrong in ["{ text = \"So.\" }", "{ text = \"So.\", for = \"host\" }", "{ for = \"reader\" }", "1"] {
        check(
            "[\"Wait.\"]",
            &format!("[{wrong}]"),
            "a step is a text, or { text, for = \"reader\" }, or for = \"team\"",
        );
    }
    check("[\"Wait.\"]", "[{ text = \"{so}.\", for = \"reader\" }]", "`{so}` is not a slot");
}

#[test]
fn a_report_without_steps_for_the_reader_is_read() {
    let catalogue = load(SOUND).unwrap();
    let case = &catalogue.by_id("quantum_flux").unwrap().examples[0].case_file;
    let mut stored = serde_json::to_value(compose(&diagnose(case, &catalogue))).unwrap();
    stored.as_object_mut().unwrap().remove("reader_steps").unwrap();
    let report: Report = serde_json::from_value(stored).unwrap();
    assert_eq!((report.steps.len(), report.reader_steps.len()), (1, 0));
}

#[test]
fn an_example_has_to_be_readable() {
    let line = "10:00:00 fatal quantum_flux";
    for (changed, expect) in [
        ("10:00:00", "example 1: `10:00:00` is not of the form"),
        ("10:00:00 fatal quantum_flux too", "is not of the form"),
        ("25:00:00 fatal", "`25:00:00` is not a time"),
        ("soon fatal", "`soon` is not a time"),
    ] {
        check(line, changed, expect);
    }
    check(&format!("\"{line}\""), "\"\"\ntranscript = \"quantum\"", "`quantum` is not a transcript");
}

#[test]
fn a_signal_that_nobody_claims_is_refused() {
    let error = Catalogue::load(&[("extra", SOUND)]).unwrap_err().to_string();
    assert_eq!(error, "no cause of the catalogue claims the signal `insufficient_data`");
}

#[test]
fn a_retired_entry_is_explained_and_never_told() {
    let sound = load(SOUND).unwrap();
    let case = sound.by_id("quantum_flux").unwrap().examples[0].case_file.clone();
    assert_eq!(diagnose(&case, &sound).cause.id.as_str(), "quantum_flux");

    let retired = SOUND.replace("added = \"0.1.0\"", "added = \"0.1.0\"\nretired = \"0.2.0\"");
    let catalogue = load(&retired).unwrap();
    let cause = catalogue.by_id("quantum_flux").unwrap();
    assert_eq!(Explanation::of(cause).title, "The flux was too quantum");
    assert!(why_no_recording::cli::catalogue::page(&catalogue).contains("<a id=\"quantum_flux\">"));
    assert!(catalogue.by_stated(Stated::Fatal, "quantum_flux").is_none());
    assert_eq!(diagnose(&case, &catalogue).cause.id.as_str(), "fatal_unknown");

    // Its name stays taken, and its claim is free.
    let successor = SOUND.replacen("id = \"quantum_flux\"", "id = \"quantum_foam\"", 1);
    assert!(load(&format!("{retired}{successor}")).is_ok());
    assert!(load(&format!("{retired}{SOUND}")).is_err());
    // And nobody may lead to it any more.
    let leads = "added = \"0.1.0\"\nalternatives = [{ if = \"so\", cause = \"quantum_flux\" }]";
    let leading = successor.replace("added = \"0.1.0\"", leads);
    assert!(
        load(&format!("{SOUND}{}", leading.replace("sub_code = \"quantum_flux\"", "sub_code = \"foam\"")))
            .is_ok()
    );
    let error = refusal(&format!("{retired}{leading}"));
    assert!(error.contains("there is no cause `quantum_flux`"), "{error}");
}

/// Whatever the event that carries it: a consequence is told beside a cause and decides nothing.
#[test]
fn a_consequence_is_never_the_headline() {
    let consequence =
        SOUND.replace("actor = \"recall\"", "actor = \"host\"\nrole = \"consequence\"\nin_call = true");
    let catalogue = load(&consequence).unwrap();
    let beside = |case: &CaseFile| {
        let diagnosis = diagnose(case, &catalogue);
        assert!(diagnosis.contributing.iter().any(|cause| cause.id.as_str() == "quantum_flux"));
        (diagnosis.cause.id.to_string(), diagnosis.actor)
    };
    let mut case = catalogue.by_id("quantum_flux").unwrap().examples[0].case_file.clone();
    assert_eq!(beside(&case), ("fatal_unknown".to_owned(), Actor::Unknown));
    // Nor does it say who mends what ended a recording.
    let fatal = case.status_changes[0].clone();
    let began_at = fatal.at.map(|at| at - SignedDuration::from_mins(5));
    case.status_changes.push(StatusChange { at: began_at, code: EventCode::InCallRecording, sub_code: None });
    assert_eq!(beside(&case), ("recorded_then_fatal".to_owned(), Actor::Recall));
}

#[test]
fn a_step_for_the_team_is_neither_on_the_hosts_page_nor_beside_the_message_for_them() {
    let cause = CATALOGUE.by_id("zoom_local_recording_disabled").unwrap();
    let (team, others): (Vec<_>, Vec<_>) =
        cause.steps.iter().partition(|step| !step.is_for_actor && !step.is_for_reader);
    assert_eq!(team.len(), 1, "{team:?}");
    assert!(team[0].text.to_string().contains("Recall.ai"));
    assert!(others.iter().all(|step| step.is_for_actor != step.is_for_reader));
}
