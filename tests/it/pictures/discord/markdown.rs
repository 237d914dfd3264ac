//! Discord's mark-up, as it looks.

use jiff::{SignedDuration, Timestamp};

use crate::pictures::payload::named;
use crate::pictures::runs::{Look, Run};
use crate::pictures::sheet::{Fill, Sheet};

const TEXT: Look = Look::new(14.5, "#dbdee1");
const SMALL: Look = Look::new(12.0, "#949ba4");
const LINK: &str = "#00a8fc";
const CODE: Fill = Fill { inside: "#1e1f22", line: "none", round: 4.0 };

/// A text with mark-up: lines, lists, small print, and blocks of code.
pub fn marked(sheet: &mut Sheet, left: f32, right: f32, text: &str, now: Timestamp) {
    for (index, part) in text.split("```").enumerate() {
        if index % 2 == 1 {
            code_block(sheet, left, right, part);
        } else if !part.trim().is_empty() {
            part.split('\n').for_each(|line| draw_line(sheet, left, right, line, now));
        }
    }
}

fn code_block(sheet: &mut Sheet, left: f32, right: f32, code: &str) {
    let behind = sheet.behind();
    sheet.space(6.0);
    let look = Look::new(12.0, "#dbdee1").mono();
    sheet.text(left + 10.0, right - 10.0, &[look.run(code.trim_matches('\n'))]);
    sheet.space(8.0);
    sheet.fill_behind(&behind, left, right, CODE);
}

fn draw_line(sheet: &mut Sheet, left: f32, right: f32, line: &str, now: Timestamp) {
    let numbered = line.split_once(". ").filter(|(number, _)| number.parse::<u32>().is_ok());
    if line.is_empty() {
        sheet.space(8.0);
    } else if let Some(small) = line.strip_prefix("-# ") {
        sheet.text(left, right, &runs(small, SMALL, now));
    } else if let Some(item) = line.strip_prefix("- ") {
        sheet.item(left + 6.0, right, &TEXT.run("•  "), &runs(item, TEXT, now));
    } else if let Some((number, item)) = numbered {
        sheet.item(left + 6.0, right, &TEXT.run(format!("{number}.  ")), &runs(item, TEXT, now));
    } else {
        assert!(!line.starts_with(['#', '>']), "nobody has drawn headings and quotes yet: {line}");
        sheet.text(left, right, &runs(line, TEXT, now));
    }
}

/// Mark-up within a line, as runs.
pub fn runs(line: &str, look: Look, now: Timestamp) -> Vec<Run> {
    let mut runs = Vec::new();
    let (mut rest, mut now_look) = (line, look);
    while let Some(at) = rest.find(['*', '_', '`', '<', '\\', '~', '|', '[']) {
        push(&mut runs, now_look, &rest[..at]);
        let marked = &rest[at..];
        rest = if let Some(after) = marked.strip_prefix("**") {
            now_look.bold = !now_look.bold;
            after
        } else if let Some(after) = marked.strip_prefix(['*', '_']) {
            now_look.italic = !now_look.italic;
            after
        } else if let Some(after) = marked.strip_prefix('`') {
            let (code, after) = after.split_once('`').expect("code ends");
            runs.push(now_look.code().framed(CODE.inside, CODE.line).run(code));
            after
        } else if let Some(after) = marked.strip_prefix('\\') {
            let end = after.chars().next().map_or(0, char::len_utf8);
            push(&mut runs, now_look, &after[..end]);
            &after[end..]
        } else if let Some(after) = marked.strip_prefix('<') {
            let (inner, after) = after.split_once('>').expect("what is in angle brackets ends");
            runs.push(special(inner, now_look, now));
            after
        } else if let Some((words, after)) =
            marked.strip_prefix('[').and_then(|after| after.split_once("](<"))
        {
            let (_, after) = after.split_once(">)").expect("the address of a link ends");
            runs.push(now_look.coloured(LINK).run(words));
            after
        } else {
            panic!("nobody has drawn this mark yet: {marked}");
        };
    }
    push(&mut runs, now_look, rest);
    assert!((now_look.bold, now_look.italic) == (look.bold, look.italic), "a mark has no other end: {line}");
    runs
}

fn push(runs: &mut Vec<Run>, look: Look, text: &str) {
    if !text.is_empty() {
        runs.push(look.run(text));
    }
}

/// What stands in angle brackets: a time, a mention or a link.
fn special(inner: &str, look: Look, now: Timestamp) -> Run {
    if let Some(time) = inner.strip_prefix("t:") {
        return look.framed("#3f4147", "none").run(shown(time, now));
    }
    if let Some(id) = inner.strip_prefix("@&").or_else(|| inner.strip_prefix('@')) {
        return look.coloured("#c9cdfb").framed("#3c4270", "none").run(named(id));
    }
    assert!(inner.starts_with("http"), "nobody has drawn <{inner}> yet");
    look.coloured(LINK).run(inner)
}

/// A time as a reader in UTC sees it.
fn shown(time: &str, now: Timestamp) -> String {
    let (seconds, style) = time.split_once(':').expect("a time has a style");
    let at = Timestamp::from_second(seconds.parse().expect("a time")).expect("a time");
    match style {
        "D" => at.strftime("%-d %B %Y").to_string(),
        "T" => at.strftime("%H:%M:%S").to_string(),
        "f" => at.strftime("%-d %B %Y at %H:%M").to_string(),
        "t" => at.strftime("%H:%M").to_string(),
        "R" => relative(at.duration_since(now)),
        other => panic!("nobody has drawn a time of style {other} yet"),
    }
}

/// In one unit, rounded, as Discord does it.
fn relative(distance: SignedDuration) -> String {
    let seconds = distance.abs().as_secs();
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (unit, name) = units.into_iter().find(|(unit, _)| seconds >= *unit).unwrap_or((1, "second"));
    let words = match ((seconds + unit / 2) / unit, name) {
        (1, "hour") => "an hour".to_owned(),
        (1, name) if name != "second" => format!("a {name}"),
        (1, name) => format!("1 {name}"),
        (many, name) => format!("{many} {name}s"),
    };
    if distance.is_negative() { format!("{words} ago") } else { format!("in {words}") }
}
