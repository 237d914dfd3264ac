//! What every known story is diagnosed as, one line each: a change of a rule shows all that it changes.
//!
//! A line: where the story is from, its name, outcome, cause, confidence, who acts; then what else is
//! so (`+`), what else it may be (`~`), codes that are not in our list (`!`), whether a person is asked
//! (`?`), and whether the bot is still there (`live`, or `fixable` while it could still record).

use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::{Diagnosis, diagnose};

use crate::generated;
use crate::world::corpus::recorded_bots;

#[test]
fn the_diagnosis_of_every_example_and_every_recorded_bot() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut rows = Vec::new();
    for cause in catalogue.causes() {
        for (index, example) in cause.examples.iter().enumerate() {
            let name = format!("{}#{}", cause.id, index + 1);
            rows.push(row("example", name, &example.case_file, &catalogue));
        }
    }
    for bot in recorded_bots() {
        rows.push(row("corpus", bot.name.clone(), &bot.case_file(), &catalogue));
    }
    generated::check("tests/snapshots/diagnoses.txt", &aligned(&rows));
}

/// The columns of one line; the last holds whatever not every story has.
fn row(from: &str, name: String, case: &CaseFile, catalogue: &Catalogue) -> [String; 7] {
    let diagnosis = diagnose(case, catalogue);
    [
        from.to_owned(),
        name,
        diagnosis.outcome.to_string(),
        diagnosis.cause.id.to_string(),
        diagnosis.confidence.to_string(),
        diagnosis.actor.to_string(),
        marks(&diagnosis),
    ]
}

fn marks(diagnosis: &Diagnosis<'_>) -> String {
    let mut marks: Vec<String> =
        diagnosis.contributing.iter().map(|cause| format!("+{}", cause.id)).collect();
    marks.extend(diagnosis.alternatives.iter().map(|(_, cause)| format!("~{}", cause.id)));
    marks.extend(diagnosis.unknown_codes.iter().map(|code| format!("!{code}")));
    marks.extend(diagnosis.question.map(|_| "?host_was_present".to_owned()));
    match (diagnosis.fixable_now, diagnosis.live) {
        (true, _) => marks.push("fixable".to_owned()),
        (false, true) => marks.push("live".to_owned()),
        (false, false) => {}
    }
    marks.join(" ")
}

fn aligned<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let widths: Vec<usize> =
        (0..COLUMNS).map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let line: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    text
}
