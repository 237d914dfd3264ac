//! The page about the log has every line that the sources write, and no other.

use std::collections::BTreeSet;

use crate::tidy::{calls, sources};
use crate::world::shipped::read;

/// One line of the log: its level, its words and its fields in their order.
type Line = (String, String, Vec<String>);

const LEVELS: &[&str] = &["error", "warn", "info", "debug", "trace"];

/// Every call of the macros of `tracing` in a source.
fn written(text: &str) -> Vec<Line> {
    calls(text, "tracing::", LEVELS).map(|(level, arguments)| line(level, arguments)).collect()
}

fn line(level: &str, arguments: &str) -> Line {
    let (fields, words) = arguments.split_once('"').expect("it has words");
    let words = words.trim_end().trim_end_matches(',').trim_end_matches('"');
    assert!(!words.contains(['{', '"']), "what differs from line to line is a field: {words}");
    let fields = fields.split(',').map(|field| field.split('=').next().unwrap_or_default());
    let fields = fields.map(|field| field.trim().trim_start_matches(['%', '?']).to_owned());
    (level.to_owned(), words.to_owned(), fields.filter(|field| !field.is_empty()).collect())
}

/// Every line of the page's table.
fn documented() -> Vec<Line> {
    let page = read("docs/logging.md");
    let rows = page.lines().filter_map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [level, words, fields, means] = cells[..] else { return None };
        if !LEVELS.contains(&level) {
            return None;
        }
        assert!(means.ends_with('.'), "{words}");
        let fields = fields.split(", ").map(|field| field.trim_matches('`').to_owned());
        Some((level.to_owned(), words.to_owned(), fields.filter(|field| !field.is_empty()).collect()))
    });
    rows.collect()
}

#[test]
fn every_line_of_the_log_is_on_its_page_and_the_reverse() {
    let sources = sources();
    let written: BTreeSet<Line> =
        sources.iter().flat_map(|path| written(&std::fs::read_to_string(path).unwrap())).collect();
    assert!(written.len() > 30, "{written:?}");
    let documented = documented();
    let page: BTreeSet<Line> = documented.iter().cloned().collect();
    assert_eq!(page.len(), documented.len(), "a line is there twice");
    let missing: Vec<_> = written.difference(&page).collect();
    let extra: Vec<_> = page.difference(&written).collect();
    assert!(missing.is_empty() && extra.is_empty(), "not on the page: {missing:#?}\nonly there: {extra:#?}");
}
