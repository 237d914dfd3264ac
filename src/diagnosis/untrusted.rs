//! Text written by other people: bot names, codes, meeting titles.
//!
//! This module does not depend on where the text is shown. Each platform escapes its own mark-up. What no
//! platform may receive is removed here: terminal escapes, invisible direction changes and excessive length.

/// Returns the text on one line, without characters that steer a display. It is cut at `chars_max`
/// characters, with a visible mark.
#[must_use]
pub fn printable(raw: &str, chars_max: usize) -> String {
    let mut kept = String::with_capacity(raw.len().min(chars_max * 4));
    let mut count = 0;
    let mut after_space = true;
    for character in raw.chars() {
        let character = if character.is_whitespace() { ' ' } else { character };
        if is_steering(character) || (character == ' ' && after_space) {
            continue;
        }
        if count == chars_max {
            kept.push('…');
            return kept;
        }
        after_space = character == ' ';
        kept.push(character);
        count += 1;
    }
    kept.truncate(kept.trim_end().len());
    kept
}

/// Returns `true` for control characters and for the invisible ones that reorder, hide or join text.
fn is_steering(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::printable;

    fn check(raw: &str, expect: &str) {
        assert_eq!(printable(raw, 12), expect, "{raw:?}");
    }

    #[test]
    fn what_steers_a_display_is_dropped_and_length_is_bounded() {
        check("Acme Notes", "Acme Notes");
        check("\u{1b}[31mred\u{7}", "[31mred");
        check("a\u{202e}b\u{200b}c", "abc");
        check("  two\n\n lines ", "two lines");
        check("more than twelve", "more than tw…");
        check("äöüßéñçøåæþð", "äöüßéñçøåæþð");
        check("\u{9b}31m", "31m");
    }
}
