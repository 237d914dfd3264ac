//! Whatever happened, no sentence contradicts it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use why_no_recording::diagnosis::Diagnosis;
use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::status::EventCode;
use why_no_recording::diagnosis::vocabulary::Platform;
use why_no_recording::report::{Report, compose};

use crate::stories::{CATALOGUE, story};

/// How each platform is named in texts.
const NAMES: &[(Platform, &[&str])] = &[
    (Platform::Zoom, &["Zoom", "zoom.us"]),
    (Platform::GoogleMeet, &["Google Meet", "Meet "]),
    (Platform::MicrosoftTeams, &["Teams"]),
    (Platform::Webex, &["Webex"]),
    (Platform::GotoMeeting, &["GoTo"]),
    (Platform::SlackHuddle, &["huddle"]),
];

/// Everything that a person reads of a report, each with where it stands.
pub(crate) fn texts(report: &Report) -> Vec<(String, String)> {
    let mut texts = vec![("title".to_owned(), report.title.clone()), ("why".to_owned(), report.why.clone())];
    let mut add = |place: &str, more: &[String]| {
        texts.extend(more.iter().map(|text| (place.to_owned(), text.clone())));
    };
    add("note", &report.notes);
    add("step", &report.steps);
    add("gap", &report.gaps);
    add("host", report.host_message.as_slice());
    let contributing: Vec<String> = report.contributing.iter().map(|(_, title)| title.clone()).collect();
    add("also", &contributing);
    let evidence: Vec<String> = report.evidence.iter().map(|line| line.note.clone()).collect();
    add("happened", &evidence);
    texts
}

/// What is wrong with a text, given what happened.
pub(crate) fn faults(case: &CaseFile, diagnosis: &Diagnosis<'_>, text: &str, place: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |holds: bool, what: &str| {
        if holds {
            faults.push(what.to_owned());
        }
    };
    fault(text.contains('{') || text.contains('}'), "an unfilled slot");
    fault(text.split_whitespace().any(|word| word == "0"), "no time at all");
    for unit in ["seconds", "minutes", "hours", "days", "bots"] {
        fault(text.contains(&format!(" 1 {unit}")), "one of several");
    }
    fault(text.contains("an unknown time"), "a time that nobody knows");
    let length = [" for some time", "lasts only some time", "after some time", "waited some time"];
    fault(length.iter().any(|words| text.contains(words)), "a length that nobody knows");
    let recorded = case.status_changes.iter().any(|change| change.code == EventCode::InCallRecording);
    for words in [
        "before it recorded",
        "before anything was recorded",
        "nothing was recorded",
        "never recorded",
        "never began to record",
    ] {
        fault(recorded && text.contains(words), "a recording denied");
    }
    if diagnosis.platform != Platform::Unknown && place != "gap" {
        for (platform, names) in NAMES {
            let named = names.iter().any(|name| text.contains(name));
            fault(*platform != diagnosis.platform && named, "another platform");
        }
    }
    if let Some(leaves_at) = diagnosis.facts.leaves_at {
        let stands = text.contains(&leaves_at.strftime("%H:%M:%S").to_string()) && text.contains("leaves at");
        fault(stands && leaves_at < case.now, "a past time as a deadline");
    }
    // Whoever reads it while the bot is there can do something about this very meeting.
    let is_late = text.contains("ext time") && !text.contains(" now");
    fault(place == "host" && diagnosis.fixable_now && is_late, "next time, while it can be saved");
    faults
}

/// The faults of one story.
fn wrong(case: &CaseFile) -> Vec<(String, String)> {
    let diagnosis = diagnose(case, &CATALOGUE);
    let report = compose(&diagnosis);
    let mut wrong = Vec::new();
    for (place, text) in texts(&report) {
        for fault in faults(case, &diagnosis, &text, &place) {
            wrong.push((
                format!("{fault}, {place} of {} on {}", report.cause, diagnosis.platform),
                text.clone(),
            ));
        }
    }
    wrong
}

proptest! {
    #[test]
    fn no_sentence_contradicts_the_story(case in story()) {
        prop_assert_eq!(wrong(&case), Vec::new());
    }
}

/// Every worked example of every cause, too.
#[test]
fn no_sentence_contradicts_an_example() {
    for cause in CATALOGUE.causes() {
        for example in &cause.examples {
            assert_eq!(wrong(&example.case_file), Vec::new(), "{}", cause.id);
        }
    }
}

#[test]
#[ignore = "a list to read, of all that is said wrongly"]
fn read_what_is_wrong() {
    let mut runner = TestRunner::deterministic();
    let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for _ in 0..20_000 {
        let case = story().new_tree(&mut runner).unwrap().current();
        for (what, text) in wrong(&case) {
            found.entry(what).or_insert((0, text)).0 += 1;
        }
    }
    for (what, (many, text)) in &found {
        println!("{many:5} {what}\n      {}", text.replace('\n', " / "));
    }
}
