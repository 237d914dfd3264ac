//! Slack's mark-up. Untrusted text cannot mention, link or close a mark, and long text is cut visibly.

use jiff::Timestamp;

/// The last character of a text that was cut.
pub(super) const CUT: char = '…';

/// Escapes what Slack would read as a mention, a channel or a link.
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Cuts the text to `max` characters, the last of which shows that it was cut.
pub(super) fn clip(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut clipped: String = text.chars().take(max.saturating_sub(1)).collect();
    // A cut inside an escaped character would show its remains.
    if let Some(begun) = clipped.rfind('&').filter(|&at| !clipped[at..].contains(';')) {
        clipped.truncate(begun);
    }
    clipped.push(CUT);
    clipped
}

/// Returns a day and time that each person sees in their own time zone, and in UTC if Slack cannot show it.
/// <https://docs.slack.dev/messaging/formatting-message-text#date-formatting>
pub(super) fn date(at: Timestamp) -> String {
    local(at, "{date_short_pretty} {time_secs}", "%Y-%m-%d %H:%M:%S")
}

/// Returns the day alone: "today", "yesterday" or a date.
pub(super) fn day(at: Timestamp) -> String {
    local(at, "{date_short_pretty}", "%Y-%m-%d")
}

/// Returns the day alone, as a link. The URL is the platform's own; characters that could end it early are removed.
pub(super) fn linked_day(at: Timestamp, url: &str) -> String {
    let url: String =
        url.chars().filter(|c| !matches!(c, '<' | '>' | '|' | '^') && !c.is_whitespace()).collect();
    format!("<!date^{}^{{date_short_pretty}}^{url}|{}>", at.as_second(), at.strftime("%Y-%m-%d"))
}

/// Returns the time alone, to the minute.
pub(super) fn time(at: Timestamp) -> String {
    local(at, "{time}", "%H:%M")
}

/// Returns the time alone, to the second.
pub(super) fn time_secs(at: Timestamp) -> String {
    local(at, "{time_secs}", "%H:%M:%S")
}

/// Returns the time with its day, to the minute.
pub(super) fn date_to_the_minute(at: Timestamp) -> String {
    local(at, "{date_short_pretty} {time}", "%Y-%m-%d %H:%M")
}

fn local(at: Timestamp, tokens: &str, utc: &str) -> String {
    format!("<!date^{}^{tokens}|{} UTC>", at.as_second(), at.strftime(utc))
}

/// Returns a link with words. The URL is ours or the vendor's; characters that could end it early are
/// removed.
pub(super) fn link(url: &str, words: &str) -> String {
    let url: String = url.chars().filter(|c| !matches!(c, '<' | '>' | '|') && !c.is_whitespace()).collect();
    format!("<{url}|{}>", escape(words))
}

#[cfg(test)]
mod tests {
    use super::{clip, date, escape, link};

    #[test]
    fn foreign_text_can_neither_ping_nor_link() {
        assert_eq!(
            escape("<!channel> <@U1> <http://x|y> & co"),
            "&lt;!channel&gt; &lt;@U1&gt; &lt;http://x|y&gt; &amp; co"
        );
        assert_eq!(link("https://x.example/a>b|c", "a > b"), "<https://x.example/abc|a &gt; b>");
    }

    #[test]
    fn long_text_is_cut_where_it_shows() {
        assert_eq!(clip("short", 5), "short");
        assert_eq!(clip("longer", 5), "long…");
        assert_eq!(clip("ab&amp;cd", 6), "ab…");
        assert_eq!(clip("ßßßß", 3), "ßß…");
    }

    #[test]
    fn times_are_in_the_readers_time_zone() {
        let at = "2026-11-18T15:00:00Z".parse().unwrap();
        assert_eq!(date(at), "<!date^1795014000^{date_short_pretty} {time_secs}|2026-11-18 15:00:00 UTC>");
    }
}
