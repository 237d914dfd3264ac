//! The catalogue against the engine.

mod claims;
mod loading;

use why_no_recording::diagnosis::catalogue::{Catalogue, Role};
use why_no_recording::diagnosis::diagnose;
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
