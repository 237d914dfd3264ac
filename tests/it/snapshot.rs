//! Every example and every recorded bot against the whole catalogue, one line each, in one page to be
//! reviewed. A change of a rule shows here in all that it changes.

use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::report::{Report, compose};

use crate::corpus::recorded;
use crate::generated::check;

#[test]
fn the_page_of_the_diagnoses() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut lines = Vec::new();
    for cause in catalogue.causes() {
        for (index, example) in cause.examples.iter().enumerate() {
            let report = compose(&diagnose(&example.case_file, &catalogue));
            lines.push((format!("{}#{}", cause.id, index + 1), told(&report)));
        }
    }
    lines.extend(recorded().into_iter().map(|(name, report)| (name, told(&report))));
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap();
    let page: String = lines.iter().map(|(name, told)| format!("{name:width$}  {told}\n")).collect();
    check("tests/snapshots/diagnoses.txt", &page);
}

fn told(report: &Report) -> String {
    let mut told = format!("{} {} {} {}", report.outcome, report.cause, report.confidence, report.actor);
    for (mark, holds) in
        [("now", report.fixable_now), ("again", report.retry_helps), ("changes", report.can_change)]
    {
        if holds {
            told.push_str(&format!(" {mark}"));
        }
    }
    for (cause, _) in &report.contributing {
        told.push_str(&format!(" +{cause}"));
    }
    for other in &report.alternatives {
        told.push_str(&format!(" |{}", other.cause));
    }
    if let Some(question) = &report.question {
        told.push_str(&format!(" ?{}:{}", question.yes, question.no));
    }
    for code in &report.unknown_codes {
        told.push_str(&format!(" unknown:{code}"));
    }
    told
}
