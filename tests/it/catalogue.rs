//! The catalogue against the engine.

use why_no_recording::diagnosis::catalogue::{Catalogue, Role};
use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::signals::Signal;
use why_no_recording::report::compose;

#[test]
fn every_example_is_diagnosed_as_its_own_cause() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut wrong = Vec::new();
    for cause in catalogue.causes() {
        for (index, example) in cause.examples.iter().enumerate() {
            let diagnosis = diagnose(&example.case_file, &catalogue);
            let right = match cause.role {
                Role::Cause => diagnosis.cause.id == cause.id,
                Role::Consequence => diagnosis.contributing.iter().any(|other| other.id == cause.id),
            };
            if !right {
                let also: Vec<&str> = diagnosis.contributing.iter().map(|other| other.id.as_str()).collect();
                wrong.push(format!(
                    "{} example {}: {} with {also:?}",
                    cause.id,
                    index + 1,
                    diagnosis.cause.id
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_cause_has_an_example_unless_no_history_can_show_it() {
    let catalogue = Catalogue::embedded().unwrap();
    for cause in catalogue.causes() {
        assert_eq!(cause.examples.is_empty(), cause.is_outside_history(), "{}", cause.id);
    }
}

#[test]
fn every_report_is_filled_in_to_the_last_slot() {
    let catalogue = Catalogue::embedded().unwrap();
    for example in catalogue.causes().flat_map(|cause| &cause.examples) {
        let report = compose(&diagnose(&example.case_file, &catalogue));
        let texts = report.steps.iter().chain(&report.notes).chain(&report.host_message).chain([&report.why]);
        for text in texts {
            assert!(!text.contains(['{', '}']), "{}: {text}", report.cause);
        }
        assert!(!report.steps.is_empty(), "{}", report.cause);
    }
}

#[test]
fn every_code_of_the_reference_list_is_explained() {
    let catalogue = Catalogue::embedded().unwrap();
    let codes = include_str!("../reference/sub_codes.txt");
    let missing: Vec<&str> = codes.lines().filter(|code| catalogue.by_id(code).is_none()).collect();
    assert!(missing.is_empty(), "not in the catalogue: {missing:?}");
}

#[test]
fn every_signal_is_used() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut unused: Vec<Signal> =
        Signal::ALL.iter().copied().filter(|signal| signal.is_circumstance()).collect();
    for cause in catalogue.causes() {
        let notes = cause.notes.iter().map(|note| note.when);
        let variants = cause.variants.iter().map(|variant| variant.when);
        let alternatives = cause.alternatives.iter().filter_map(|alternative| alternative.when);
        for used in notes.chain(variants).chain(alternatives) {
            unused.retain(|signal| *signal != used);
        }
    }
    assert!(unused.is_empty(), "no entry names {unused:?}");
    // What is no circumstance is claimed by one entry each, or the catalogue would not load; and each such
    // entry is the headline of its own example, or the first test of this file would fail.
}
