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

/// Takes the labels on both sides of each ` > ` out of a text: all of them, or none where one is unknown.
fn menus(text: &str, labels: &Labels, spans: &mut Vec<Span>) {
    let parts: Vec<&str> = text.split(" > ").collect();
    let mut found = Vec::new();
    for (index, part) in parts.iter().copied().enumerate() {
        let (mut words, mut label) = (part, "");
        if index > 0 {
            found.push(Span::words(" > "));
            let after =
                labels.english().filter(|label| starts_with(words, label)).max_by_key(|label| label.len());
            (label, words) = words.split_at(after.map_or(0, str::len));
            found.push(Span::label(Shown { text: label, translation: None }));
        }
        if index + 1 < parts.len() && (label.is_empty() || !words.is_empty()) {
            let before =
                labels.english().filter(|label| ends_with(words, label)).max_by_key(|label| label.len());
            let (rest, end) = words.split_at(words.len() - before.map_or(0, str::len));
            found.extend([Span::words(rest), Span::label(Shown { text: end, translation: None })]);
        } else {
            found.push(Span::words(words));
        }
    }
    let all_known = found.iter().all(|span| !(span.is_label && span.text.is_empty()));
    if all_known { spans.extend(found) } else { spans.push(Span::words(text)) }
}

/// Whether a label stands at the end, and begins there.
fn ends_with(text: &str, label: &str) -> bool {
    let at = text.len().checked_sub(label.len()).filter(|at| text.is_char_boundary(*at));
    at.is_some_and(|at| {
        text[at..].eq_ignore_ascii_case(label) && !text[..at].ends_with(char::is_alphanumeric)
    })
}

/// Whether a label stands at the start, and no word of a longer one follows.
fn starts_with(text: &str, label: &str) -> bool {
    let follows = text
        .get(..label.len())
        .filter(|start| start.eq_ignore_ascii_case(label))
        .map(|_| &text[label.len()..]);
    follows.is_some_and(|rest| {
        rest.is_empty() || rest.starts_with([',', '.', ';', ':', ')']) || rest.starts_with(" (")
    })
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
