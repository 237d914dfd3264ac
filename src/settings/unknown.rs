//! Unknown keys and variables, and the names that were probably meant.

use super::environment::{CONFIG_VARIABLE, OUR_PREFIX};
use super::problem::Problem;
use super::reference::{self, Entry};
use super::source::Source;

/// Similarity from which an unknown word counts as a typo: two letters in five may be wrong.
const CLOSE: f64 = 0.6;

pub(super) fn unknown_section(name: &str, source: Source) -> Problem {
    Problem::UnknownKey {
        place: Box::new(source),
        key: name.to_owned(),
        suggestion: elsewhere(name).or_else(|| closest(name, reference::sections())),
        known: reference::sections().into_iter().map(|section| format!("[{section}]")).collect(),
    }
}

pub(super) fn unknown_key(section: &str, key: &str, full: String, source: Source) -> Problem {
    let known: Vec<&str> = reference::entries()
        .iter()
        .filter(|entry| entry.section == section)
        .map(|entry| entry.key)
        .chain(reference::repeated_within(section))
        .collect();
    Problem::UnknownKey {
        place: Box::new(source),
        key: full,
        suggestion: closest(key, known.iter().copied()).or_else(|| elsewhere(key)),
        known: known.into_iter().map(str::to_owned).collect(),
    }
}

pub(super) fn unknown_variable(name: &str) -> Problem {
    let settings: Vec<String> = reference::entries().iter().filter_map(Entry::variable).collect();
    // The prefix is removed, because it would make every name look like every other.
    let bare = |name: &str| name.trim_start_matches(OUR_PREFIX).to_owned();
    let ours = bare(CONFIG_VARIABLE);
    let known = settings.iter().chain([&ours]).map(String::as_str);
    let suggestion = closest(&bare(name), known);
    Problem::UnknownVariable {
        name: name.to_owned(),
        suggestion: suggestion.map(|known| if known == ours { CONFIG_VARIABLE.to_owned() } else { known }),
        known: Vec::new(),
    }
}

/// Returns the setting with this name in another section, if only one section has it.
fn elsewhere(key: &str) -> Option<String> {
    let mut found = reference::entries().iter().filter(|entry| entry.key == key && !entry.repeated);
    match (found.next(), found.next()) {
        (Some(entry), None) => Some(format!("{}.{}", entry.section, entry.key)),
        _ => None,
    }
}

/// Returns the known word closest to an unknown one, if any is close.
pub(super) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    known
        .into_iter()
        .filter_map(|candidate| Some((likeness(word, candidate)?, candidate)))
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate.to_owned())
}

/// Returns the similarity of two words, if one can be a typo for the other.
pub(super) fn likeness(word: &str, known: &str) -> Option<f64> {
    Some(strsim::normalized_damerau_levenshtein(word, known)).filter(|likeness| *likeness >= CLOSE)
}
