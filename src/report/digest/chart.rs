//! The charts of a digest: as a platform draws them, and as bars of text.

use super::super::alert::{BodyLine, Span};

/// Characters of a bar of text.
const BAR: u64 = 10;
/// Most segments of a pie.
const SEGMENTS_MAX: usize = 6;

/// Columns of a chart, each with a value for each series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The title, at most 50 characters.
    pub title: String,
    /// A short label for each column, all different.
    pub labels: Vec<String>,
    /// The name of each series, with a value for each column.
    pub series: Vec<(&'static str, Vec<u64>)>,
}

/// A list with numbers below a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestList {
    /// The heading.
    pub heading: String,
    /// The lines, the largest number first.
    pub rows: Vec<DigestRow>,
    /// `true` if it may be drawn as a pie: its labels are short.
    pub is_pie: bool,
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestRow {
    /// The number; `None` if it has none.
    pub bots: Option<u64>,
    /// What is counted.
    pub label: BodyLine,
}

impl Columns {
    /// Returns the columns as bars of text, one line each, all of the same width, below a line that explains them.
    #[must_use]
    pub fn bars(&self) -> Vec<String> {
        let values = |column: usize| {
            self.series.iter().map(move |(_, values)| values.get(column).copied().unwrap_or(0))
        };
        let total = |column: usize| values(column).fold(0, u64::saturating_add);
        let most = (0..self.labels.len()).map(total).max().unwrap_or(0).max(1);
        let width = self.labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
        let mut lines = vec!["█ recorded  ░ lost or partly".to_owned()];
        for (column, label) in self.labels.iter().enumerate() {
            let (all, first) = (total(column), values(column).next().unwrap_or(0));
            let cells = cells(all, most);
            // What is there is seen, however little it is.
            let lost = if first < all { cells.saturating_sub(self::cells(first, most)).max(1) } else { 0 };
            let full = "█".repeat(usize::try_from(cells.saturating_sub(lost)).unwrap_or(0));
            let light = "░".repeat(usize::try_from(lost.min(cells)).unwrap_or(0));
            let rest = " ".repeat(usize::try_from(BAR.saturating_sub(cells)).unwrap_or(0));
            let numbers = if all == 0 { "–".to_owned() } else { format!("{first} of {all}") };
            lines.push(format!("{label:<width$} {full}{light}{rest} {numbers}"));
        }
        lines
    }
}

impl DigestList {
    /// Returns the list's numbers as bars of text, as long as the largest is `BAR` characters.
    #[must_use]
    pub fn bar(&self, row: &DigestRow) -> Option<String> {
        let most = self.rows.iter().filter_map(|row| row.bots).max()?.max(1);
        let cells = usize::try_from(cells(row.bots?, most)).unwrap_or(0);
        let all = usize::try_from(BAR).unwrap_or(0);
        Some(format!("{}{}", "█".repeat(cells), "░".repeat(all.saturating_sub(cells))))
    }

    /// Returns the segments of the list as a pie: labels and values, the smallest together. `None` if it isn't one.
    #[must_use]
    pub fn segments(&self) -> Option<Vec<(String, u64)>> {
        let words = |span: &Span| match span {
            Span::Words(words) => words.clone(),
            _ => String::new(),
        };
        let of = |row: &DigestRow| Some((row.label.0.iter().map(words).collect(), row.bots?));
        let mut segments: Vec<(String, u64)> = self.rows.iter().filter_map(of).collect();
        if !self.is_pie || segments.len() < 2 {
            return None;
        }
        if segments.len() > SEGMENTS_MAX {
            let others = segments.split_off(SEGMENTS_MAX - 1);
            segments.push(("Others".to_owned(), others.iter().map(|(_, bots)| bots).sum()));
        }
        Some(segments)
    }
}

/// Returns the length of a bar. What is there has at least one character.
fn cells(of: u64, most: u64) -> u64 {
    let cells = (of.saturating_mul(BAR).saturating_add(most / 2)) / most;
    if of > 0 { cells.clamp(1, BAR) } else { 0 }
}
