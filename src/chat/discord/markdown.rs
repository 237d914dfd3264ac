//! Discord's Markdown: what is foreign cannot mention, link or close a mark, and what is long is cut visibly.

use jiff::Timestamp;
use serenity::utils::FormattedTimestampStyle as Style;

/// A space without width: what it stands in is shown alike, and read as neither a mention nor an address.
const BREAK: char = '\u{200b}';
/// What stands before the dot in the addresses that Discord shows as an invitation, an event or a gift. It looks for
/// these in the bare text, without `https://` and also inside of code.
const OF_DISCORD: [&str; 2] = ["discord", "discordapp"];

/// Takes from a text what Discord would read as mark-up, a mention or an address.
pub(super) fn escape(text: &str) -> String {
    let text = quiet(text);
    let mut escaped = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if matches!(character, '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '#' | '[' | ']' | '<') {
            escaped.push('\\');
        }
        escaped.push(character);
        let is_address = || text[at + 1..].trim_start_matches('\\').starts_with('/');
        if character == ':' && is_address() {
            escaped.push(BREAK);
        }
    }
    escaped
}

/// Text inside of code, where mark-up means nothing: it pings nobody and invites to nothing, also where it is copied.
pub(super) fn quiet(text: &str) -> String {
    let mut quiet = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if character == '.' && is_of_discord(&text[..at]) {
            quiet.push(BREAK);
        }
        quiet.push(character);
        if character == '@' {
            quiet.push(BREAK);
        }
    }
    quiet
}

/// Whether the text ends with a name of Discord's, in whichever letters, and whatever is escaped in between.
fn is_of_discord(text: &str) -> bool {
    let letters = || text.chars().rev().filter(|letter| *letter != '\\');
    OF_DISCORD.iter().any(|name| {
        let mut letters = letters();
        name.chars().rev().all(|own| letters.next().is_some_and(|letter| letter.eq_ignore_ascii_case(&own)))
    })
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
    format!("```\n{}\n```", clip(&quiet(text).replace("```", "'''"), max.saturating_sub(8)))
}

/// A time that each reader sees in their own time zone, to the second.
pub(super) fn time(at: Timestamp) -> String {
    styled(at, Style::LongTime)
}

/// The same to the minute.
pub(super) fn time_to_the_minute(at: Timestamp) -> String {
    styled(at, Style::ShortTime)
}

/// How soon or how long ago it is, which Discord keeps up to date, with the time.
pub(super) fn relative(at: Timestamp) -> String {
    format!("{} ({})", styled(at, Style::RelativeTime), time_to_the_minute(at))
}

/// The day of a time, in the same way.
pub(super) fn day(at: Timestamp) -> String {
    styled(at, Style::LongDate)
}

fn styled(at: Timestamp, style: Style) -> String {
    format!("<t:{}:{style}>", at.as_second())
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
