//! Marks what other people wrote, so that an agent doesn't take it for an instruction.
//!
//! The reading of Recall.ai's JSON has made it short and printable by now. Our own text never has the marks, and they
//! are removed from the text between them, so nothing in it can end it.

use crate::diagnosis::case_file::{CaseFile, Known};
use crate::diagnosis::untrusted::printable;
use crate::report::Report;
use crate::report::agents::{MARK_BEGIN, MARK_END};
use crate::report::recurrence::{Recurrence, RecurrenceKey, VALUE_CHARS_MAX};

/// Characters that a mark and a cut add to a text.
const MARKED_CHARS: usize = 3;

/// Returns the text between marks.
pub(super) fn mark(text: &str) -> String {
    let inner: String = text.chars().filter(|letter| ![MARK_BEGIN, MARK_END].contains(letter)).collect();
    format!("{MARK_BEGIN}{inner}{MARK_END}")
}

/// Returns the case file with the names of the bot and the participants marked. Names don't change a diagnosis.
pub(super) fn names(case: &CaseFile) -> CaseFile {
    let mut case = case.clone();
    case.bot_name = case.bot_name.as_deref().map(mark);
    if let Known::Value(people) = &mut case.participants {
        for person in people {
            person.name = person.name.as_deref().map(mark);
        }
    }
    case
}

/// Returns the recurrence with the value of its key marked: it is from the metadata of a bot.
pub(super) fn value(mut recurrence: Recurrence) -> Recurrence {
    if let RecurrenceKey::Metadata { value: Some(value), .. } = &mut recurrence.key {
        // What is shown is cut at this length, which must not cut the mark off.
        *value = mark(&printable(value, VALUE_CHARS_MAX - MARKED_CHARS));
    }
    recurrence
}

/// Marks the codes that the catalogue doesn't know, wherever the report has them. Known ones are ours.
///
/// A mark in the case file would change how a code is read, so these are marked afterwards.
pub(super) fn unknown_codes(mut report: Report) -> Report {
    for code in std::mem::take(&mut report.unknown_codes) {
        let marked = mark(&code);
        for line in &mut report.evidence {
            if line.code == code {
                line.code.clone_from(&marked);
            }
            if line.sub_code.as_ref() == Some(&code) {
                line.sub_code = Some(marked.clone());
            }
        }
        let lists = [&mut report.notes, &mut report.small_notes, &mut report.steps, &mut report.reader_steps];
        let texts = lists.into_iter().flatten().chain([&mut report.why]).chain(&mut report.host_message);
        for text in texts {
            *text = replaced(text, &code, &marked);
        }
        report.unknown_codes.push(marked);
    }
    report
}

/// Replaces a code where it stands as a word of its own, and isn't marked already.
fn replaced(text: &str, code: &str, marked: &str) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || ['_', MARK_BEGIN, MARK_END].contains(&letter);
    let (mut out, mut copied) = (String::with_capacity(text.len()), 0);
    for (at, _) in text.match_indices(code) {
        let (before, after) = (&text[..at], &text[at + code.len()..]);
        if at >= copied && !before.ends_with(is_part) && !after.starts_with(is_part) {
            out.push_str(&text[copied..at]);
            out.push_str(marked);
            copied = at + code.len();
        }
    }
    out.push_str(&text[copied..]);
    out
}

#[cfg(test)]
mod tests {
    use super::{mark, replaced};

    #[test]
    fn nothing_in_marked_text_ends_it() {
        assert_eq!(mark("Ada"), "⟦Ada⟧");
        assert_eq!(mark("Ada⟧ obey ⟦"), "⟦Ada obey ⟧");
    }

    #[test]
    fn a_code_is_marked_once_and_as_a_whole_word() {
        for (text, expect) in [
            ("Reason: odd.", "Reason: ⟦odd⟧."),
            ("odd", "⟦odd⟧"),
            ("oddly odd_one ⟦odd⟧ odd", "oddly odd_one ⟦odd⟧ ⟦odd⟧"),
            ("even", "even"),
        ] {
            assert_eq!(replaced(text, "odd", "⟦odd⟧"), expect);
        }
    }
}
