//! Discord's Markdown: what is foreign cannot mention, link or close a mark, and what is long is cut visibly.

use jiff::Timestamp;

/// Takes from a text what Discord would read as mark-up, a mention or an address.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '#' | '[' | ']' | '<' => {
                escaped.push('\\');
                escaped.push(character);
            }
            // A space without width: shown alike, and read as neither a mention nor an address.
            '@' => escaped.push_str("@\u{200b}"),
            _ => escaped.push(character),
        }
    }
    escaped.replace("://", ":\u{200b}//").replace("discord.gg/", "discord.gg\u{200b}/")
}

/// At most `max` characters, the last of which says that there was more.
pub(super) fn clip(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut clipped: String = text.chars().take(max.saturating_sub(1)).collect();
    // Half an escape would take the mark of the cut along.
    let slashes = clipped.chars().rev().take_while(|character| *character == '\\').count();
    if slashes % 2 == 1 {
        clipped.pop();
    }
    clipped.push('…');
    clipped
}

/// Text that is copied exactly as it is shown.
pub(super) fn code_block(text: &str, max: usize) -> String {
    format!("```\n{}\n```", clip(&text.replace("```", "'''"), max.saturating_sub(8)))
}

/// A time that every reader sees in their own time zone.
pub(super) fn time(at: Timestamp) -> String {
    format!("<t:{}:T>", at.as_second())
}

/// A time that every reader sees in their own time zone, with how long ago it was or how soon it is.
pub(super) fn relative(at: Timestamp) -> String {
    format!("<t:{0}:t> (<t:{0}:R>)", at.as_second())
}

/// The day of a time, in the same way.
pub(super) fn day(at: Timestamp) -> String {
    format!("<t:{}:D>", at.as_second())
}

#[cfg(test)]
mod tests {
    use super::{clip, code_block, escape};

    #[test]
    fn foreign_text_can_neither_ping_nor_link() {
        assert_eq!(escape("@everyone **x** <@1>"), "@\u{200b}everyone \\*\\*x\\*\\* \\<@\u{200b}1\\>");
        assert_eq!(escape("[a](https://b.example)"), "\\[a\\](https:\u{200b}//b.example)");
    }

    #[test]
    fn long_text_is_cut_where_it_shows() {
        assert_eq!(clip("short", 5), "short");
        assert_eq!(clip("longer", 5), "long…");
        assert_eq!(clip("abc\\*d", 5), "abc…");
        assert_eq!(code_block("a```b", 100), "```\na'''b\n```");
    }
}
