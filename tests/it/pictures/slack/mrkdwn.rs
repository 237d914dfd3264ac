//! Slack's mark-up, as it looks.

use jiff::Timestamp;

use crate::pictures::payload::named;
use crate::pictures::runs::{Look, Run};

pub const LINK: &str = "#1264a3";
const CODE: &str = "#c01343";

/// A text with mark-up as runs, with the ends of its lines.
pub fn runs(text: &str, look: Look) -> Vec<Run> {
    let mut runs = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        let undrawn = line.starts_with("&gt;") || line.contains("```");
        assert!(!undrawn, "nobody has drawn quotes and blocks of code in mark-up yet: {line}");
        if index > 0 {
            runs.push(look.run("\n"));
        }
        read(line, look, &mut runs);
    }
    runs
}

/// What a text says without its mark-up, as a notification shows it.
pub fn plain_text(text: &str) -> String {
    runs(text, Look::new(1.0, "")).into_iter().map(|run| run.text).collect()
}

fn read(line: &str, look: Look, runs: &mut Vec<Run>) {
    let mut plain_from = 0;
    let mut from = 0;
    while let Some(at) = line[from..].find(['*', '_', '~', '`', '<']).map(|at| from + at) {
        let mark = line.as_bytes()[at];
        let end = match mark {
            b'`' => line[at + 1..].find('`').map(|end| at + 1 + end),
            b'<' => line[at + 1..].find('>').map(|end| at + 1 + end),
            _ => end_of_span(line, at),
        };
        let Some(end) = end else {
            from = at + 1;
            continue;
        };
        plain(&line[plain_from..at], look, runs);
        let inner = &line[at + 1..end];
        match mark {
            b'`' => runs.push(look.code().coloured(CODE).framed("#f8f8f8", "#dddddd").run(unescaped(inner))),
            b'<' => runs.push(special(inner, look)),
            b'*' => read(inner, look.bold(), runs),
            b'_' => read(inner, look.italic(), runs),
            _ => panic!("nobody has drawn what is struck through yet: {line}"),
        }
        (plain_from, from) = (end + 1, end + 1);
    }
    plain(&line[plain_from..], look, runs);
}

/// The other end of what is bold or italic: marks count only at the ends of words.
fn end_of_span(line: &str, at: usize) -> Option<usize> {
    let mark = line[at..].chars().next()?;
    let within_word = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let beside_space = |letter: Option<char>| letter.is_none_or(char::is_whitespace);
    if within_word(line[..at].chars().next_back()) || beside_space(line[at + 1..].chars().next()) {
        return None;
    }
    let ends = line[at + 2..].match_indices(mark).map(|(end, _)| at + 2 + end);
    let mut ends = ends.filter(|&end| !beside_space(line[..end].chars().next_back()));
    ends.find(|&end| !within_word(line[end + 1..].chars().next()))
}

/// What stands in angle brackets: a time, a mention or a link.
fn special(inner: &str, look: Look) -> Run {
    let mention = look.coloured(LINK).framed("#e8f5fa", "none");
    let words = inner.split_once('|').map(|(_, words)| words);
    if let Some(date) = inner.strip_prefix("!date^") {
        let date = date.split('|').next().unwrap_or(date);
        match date.splitn(3, '^').collect::<Vec<_>>()[..] {
            [seconds, format, _] => look.coloured(LINK).run(time(&format!("{seconds}^{format}"))),
            _ => look.run(time(date)),
        }
    } else if let Some(group) = inner.strip_prefix("!subteam^") {
        mention.run(words.map_or_else(|| named(group).to_owned(), |words| format!("@{words}")))
    } else if let Some(channel) = inner.strip_prefix('#') {
        mention.run(named(channel))
    } else if let Some(all) = inner.strip_prefix('!') {
        assert!(["here", "channel", "everyone"].contains(&all), "nobody has drawn <{inner}> yet");
        mention.run(format!("@{all}"))
    } else if let Some(person) = inner.strip_prefix('@') {
        mention.run(named(person))
    } else {
        assert!(inner.starts_with("http"), "nobody has drawn <{inner}> yet");
        look.coloured(LINK).run(unescaped(words.unwrap_or(inner)))
    }
}

/// A time as a reader in UTC sees it.
fn time(date: &str) -> String {
    let (seconds, format) = date.split_once('^').expect("a time has a format");
    let at = Timestamp::from_second(seconds.parse().expect("a time")).expect("a time");
    let shown = format
        .replace("{date_short_pretty}", &at.strftime("%b %-d, %Y").to_string())
        .replace("{time}", &at.strftime("%-I:%M %p").to_string())
        .replace("{time_secs}", &at.strftime("%-I:%M:%S %p").to_string());
    assert!(!shown.contains(['{', '^']), "nobody has drawn a time with {format} yet");
    shown
}

fn plain(text: &str, look: Look, runs: &mut Vec<Run>) {
    if !text.is_empty() {
        runs.push(look.run(unescaped(text)));
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
