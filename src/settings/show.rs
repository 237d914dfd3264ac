//! `config show`: each value with its source.

use super::Loaded;
use super::source::Source;

/// A setting that is safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// `section.key`.
    pub key: String,
    /// The value as TOML, or `(set, redacted)`; `None` if it isn't set.
    pub value: Option<String>,
    /// Its source.
    pub source: Source,
}

/// Returns one line per setting, with the sources in one column.
#[must_use]
pub fn show(loaded: &Loaded) -> String {
    let lines: Vec<(String, &Source)> = loaded
        .shown
        .iter()
        .map(|shown| {
            let value = shown.value.as_deref().unwrap_or("(not set)");
            (format!("{} = {value}", shown.key), &shown.source)
        })
        .collect();
    let width = lines
        .iter()
        .map(|(line, _)| line.chars().count())
        .filter(|&width| width <= WIDEST)
        .max()
        .unwrap_or_default();
    lines.into_iter().map(|(line, source)| format!("{line:width$}   ({source})\n")).collect()
}

/// Columns from which a line no longer moves the column of sources to the right.
const WIDEST: usize = 60;
