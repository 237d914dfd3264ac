//! Discord's Markdown. Untrusted text cannot mention, link or close a mark, and long text is cut visibly.

use jiff::Timestamp;
use serenity::utils::FormattedTimestampStyle as Style;

/// A zero-width space. Text with it looks the same, but Discord recognises no mention or URL in it.
const BREAK: char = '\u{200b}';
/// The names before the dot in the URLs that Discord shows as an invitation, an event or a gift. It finds
/// them in plain text, without `https://` and even inside code.
const OF_DISCORD: [&str; 2] = ["discord", "discordapp"];

/// Escapes what Discord would read as mark-up, a mention or a URL.
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

/// Returns text for use inside code, where mark-up has no effect. It mentions no one and shows no invitation,
/// even after it is copied.
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

/// Returns `true` if the text ends with one of Discord's names, in any case and with any escapes in between.
fn is_of_discord(text: &str) -> bool {
    let letters = || text.chars().rev().filter(|letter| *letter != '\\');
    OF_DISCORD.iter().any(|name| {
        let mut letters = letters();
        name.chars().rev().all(|own| letters.next().is_some_and(|letter| letter.eq_ignore_ascii_case(&own)))
    })
}

/// Cuts the text to `max` characters, the last of which shows that it was cut. Half an address would lead elsewhere, so
/// one at the cut is left out.
pub(super) fn clip(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut clipped: String = text.chars().take(max.saturating_sub(1)).collect();
    let last_word = clipped.rsplit(char::is_whitespace).next().unwrap_or_default();
    let address = ["https://", "http://"].iter().find_map(|scheme| last_word.find(scheme));
    if let Some(address) = address {
        clipped.truncate(clipped.len() - last_word.len() + address);
    }
    // Half an escape would escape the mark of the cut.
    let slashes = clipped.chars().rev().take_while(|character| *character == '\\').count();
    if slashes % 2 == 1 {
        clipped.pop();
    }
    clipped.push('…');
    clipped
}

/// Returns a code block, whose text is copied exactly as shown.
pub(super) fn code_block(text: &str, max: usize) -> String {
    format!("```\n{}\n```", clip(&quiet(text).replace("```", "'''"), max.saturating_sub(8)))
}

/// Returns a time that each person sees in their own time zone, to the second.
pub(super) fn time(at: Timestamp) -> String {
    styled(at, Style::LongTime)
}

/// Returns a time that each person sees in their own time zone, to the minute.
pub(super) fn time_to_the_minute(at: Timestamp) -> String {
    styled(at, Style::ShortTime)
}

/// Returns a time with its day that each person sees in their own time zone, to the minute.
pub(super) fn date_to_the_minute(at: Timestamp) -> String {
    styled(at, Style::ShortDateTime)
}

/// Returns a relative time that Discord keeps up to date, with the absolute time.
pub(super) fn relative(at: Timestamp) -> String {
    format!("{} ({})", styled(at, Style::RelativeTime), time_to_the_minute(at))
}

/// Returns the day of a time that each person sees in their own time zone.
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
        assert_eq!(clip("see https://a.example/page", 25), "see …");
        assert_eq!(clip("[a](<https://a.example/page>) b", 20), "[a](<…");
        assert_eq!(clip("https://a.example/page and more", 25), "https://a.example/page a…");
        assert_eq!(code_block("a```b", 100), "```\na'''b\n```");
    }
}
