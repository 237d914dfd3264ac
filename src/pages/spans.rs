//! A text in parts: words, and labels that stand on a screen.

use super::labels::{Labels, Shown};
use super::{Fault, Language};

/// Stand around the name of a label in a text whose slots are read as a template. Private use: no text has them.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    /// The words, or the label.
    pub text: String,
    /// It stands on a screen like this.
    pub is_label: bool,
    /// It is English in a text that is not.
    pub is_foreign: bool,
    /// What it means, where it is foreign.
    pub translation: String,
}

impl Span {
    fn words(text: &str) -> Self {
        Self { text: text.to_owned(), is_label: false, is_foreign: false, translation: String::new() }
    }

    fn label(shown: Shown<'_>) -> Self {
        Self {
            text: shown.text.to_owned(),
            is_label: true,
            is_foreign: shown.translation.is_some(),
            translation: shown.translation.unwrap_or_default().to_owned(),
        }
    }
}

/// The text of a message: labels in quotes, with what they mean in brackets where they are foreign.
pub(super) fn plain(spans: &[Span]) -> String {
    let text = |span: &Span| match (span.is_label, span.is_foreign) {
        (false, _) => span.text.clone(),
        (true, false) => format!("\"{}\"", span.text),
        (true, true) => format!("\"{}\" ({})", span.text, span.translation),
    };
    spans.iter().map(text).collect()
}

/// Marks `{label:…}` in a text, so that what is left in braces are slots.
///
/// # Errors
/// A label that is not in the table.
pub(super) fn mark(text: &str, labels: &Labels) -> Result<String, Fault> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{label:") {
        let (name, after) = after.split_once('}').ok_or_else(|| Fault::UnknownLabel(after.to_owned()))?;
        labels.shown(name, Language::En).ok_or_else(|| Fault::UnknownLabel(name.to_owned()))?;
        out.push_str(before);
        out.extend([OPEN]);
        out.push_str(name);
        out.extend([CLOSE]);
        rest = after;
    }
    Ok(out + rest)
}

/// The parts of a marked text. `{0}` in a label is who asks, `notetaker`.
pub(super) fn of_marked(text: &str, labels: &Labels, language: Language, notetaker: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let (name, after) = after.split_once(CLOSE).unwrap_or((after, ""));
        spans.push(Span::words(before));
        spans.extend(labels.shown(name, language).map(|shown| {
            let mut span = Span::label(shown);
            span.text = span.text.replace("{0}", notetaker);
            span
        }));
        rest = after;
    }
    spans.push(Span::words(rest));
    spans.retain(|span| !span.text.is_empty());
    spans
}

/// The parts of an English text of the catalogue, which quotes labels, and writes menus as `Settings > Recording`.
pub(super) fn of_english(text: &str, labels: &Labels) -> Vec<Span> {
    let mut spans = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        if index % 2 == 1 {
            spans.push(Span::label(Shown { text: part, translation: None }));
        } else {
            menus(part, labels, &mut spans);
        }
    }
    spans.retain(|span| !span.text.is_empty());
    spans
}

/// Takes the labels on both sides of each ` > ` out of a text.
fn menus(text: &str, labels: &Labels, spans: &mut Vec<Span>) {
    let parts: Vec<&str> = text.split(" > ").collect();
    for (index, part) in parts.iter().copied().enumerate() {
        let mut words = part;
        if index > 0 {
            let after =
                labels.english().filter(|label| starts_with(words, label)).max_by_key(|label| label.len());
            let (label, rest) = words.split_at(after.map_or(0, str::len));
            spans.extend([Span::words(" > "), Span::label(Shown { text: label, translation: None })]);
            words = rest;
        }
        let is_last = index + 1 == parts.len();
        let before = labels.english().filter(|label| !is_last && ends_with(words, label));
        let (rest, label) = words.split_at(words.len() - before.map(str::len).max().unwrap_or_default());
        spans.extend([Span::words(rest), Span::label(Shown { text: label, translation: None })]);
    }
}

fn ends_with(text: &str, label: &str) -> bool {
    text.len()
        .checked_sub(label.len())
        .and_then(|at| text.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(label))
}

fn starts_with(text: &str, label: &str) -> bool {
    text.get(..label.len()).is_some_and(|start| start.eq_ignore_ascii_case(label))
}

/// The first sentence of a message behind its greeting, and what follows.
pub(super) fn first_sentence(message: &str) -> (&str, &str) {
    let greeting = message.find("! ").map(|at| at + 2);
    let greeting = greeting.or_else(|| message.starts_with("こんにちは。").then_some("こんにちは。".len()));
    let text = &message[greeting.unwrap_or_default()..];
    let ends = [(". ", 1), ("。", "。".len()), ("\n", 0)];
    let end = ends.iter().filter_map(|(end, kept)| text.find(end).map(|at| at + kept)).min();
    let (first, rest) = text.split_at(end.unwrap_or(text.len()));
    (first, rest.trim())
}
