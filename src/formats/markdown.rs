//! A card as Markdown, for a ticket or a page.

use crate::report::alert::{BodyLine, Span};
use crate::report::card::{Above, ButtonPlace, Card, Layout, Link, Section, Timeline};
use crate::report::digest::{Digest, DigestPart, DigestRow};
use crate::report::recurrence::{Recurrence, SEND_TO_RECALL};
use crate::report::{Explanation, Report, format_utc};

/// Returns the report. `how_to_answer` stands below its question, as Markdown.
#[must_use]
pub fn report(report: &Report, how_to_answer: &str) -> String {
    let layout = Layout { buttons: ButtonPlace::Nowhere, above: Above::Nothing };
    card(&Card::of(report, layout), how_to_answer)
}

/// Returns a catalogue entry, below a heading with its ID.
#[must_use]
pub fn explanation(entry: &Explanation) -> String {
    format!("## `{}`\n\n{}", entry.cause, card(&Card::explaining(entry), ""))
}

/// Returns how often it failed, and what to send to Recall.ai if it is time.
#[must_use]
pub fn recurrence(recurrence: &Recurrence) -> String {
    let lines = recurrence.lines();
    let report = recurrence.vendor_report.as_deref();
    let report = report.map(|text| draw(&Section::VendorReport { heading: SEND_TO_RECALL, text }, ""));
    std::iter::once(draw(&Section::Recurrence(lines), "")).chain(report).collect::<Vec<_>>().join("\n\n")
}

/// Returns a digest, with its bars as code.
#[must_use]
pub fn digest(digest: &Digest) -> String {
    let mut parts = vec![format!("## {}", escape(&digest.title()))];
    parts.extend(digest.parts().into_iter().map(|part| match part {
        DigestPart::Lines(lines) => lines.iter().map(line).collect::<Vec<_>>().join("\n\n"),
        DigestPart::Columns(chart) => {
            format!("### {}\n\n```text\n{}\n```", chart.title, chart.bars().join("\n"))
        }
        DigestPart::List(list) => {
            let row = |row: &DigestRow| {
                let number = row.bots.map(|bots| format!("**{bots}** ")).unwrap_or_default();
                format!("- {number}{}", line(&row.label))
            };
            format!(
                "### {}\n\n{}",
                escape(&list.heading),
                list.rows.iter().map(row).collect::<Vec<_>>().join("\n")
            )
        }
        DigestPart::SmallPrint(text) => format!("*{}*", escape(&text)),
    }));
    parts.join("\n\n") + "\n"
}

fn card(card: &Card<'_>, how_to_answer: &str) -> String {
    let parts: Vec<String> = card.sections.iter().map(|section| draw(section, how_to_answer)).collect();
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n") + "\n"
}

fn draw(section: &Section<'_>, how_to_answer: &str) -> String {
    match section {
        Section::Headline { outcome: Some(outcome), title } => format!("## {outcome}: {}", escape(title)),
        Section::Headline { outcome: None, title } => format!("**{}**", escape(title)),
        Section::Bot { name, platform, id } => {
            let about = [Some(escape(name)), platform.map(str::to_owned), id.map(|id| format!("`{id}`"))];
            about.into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
        Section::Why(paragraphs) => {
            paragraphs.iter().map(|text| escape(text)).collect::<Vec<_>>().join("\n\n")
        }
        Section::Recurrence(lines) => lines.iter().map(line).collect::<Vec<_>>().join("\n\n"),
        Section::VendorReport { heading, text } => format!("### {heading}\n\n```text\n{text}\n```"),
        Section::Basis(basis) => format!("*{basis}*"),
        // Nobody can press a button here.
        Section::Rescue { .. } => String::new(),
        Section::Question(question) => {
            format!("**{}**\n\n{}\n\n{how_to_answer}", escape(question.text), escape(question.readings))
        }
        Section::HostMessage { heading, text, then } => {
            let quoted: Vec<String> = text.lines().map(|line| format!("> {}", escape(line))).collect();
            let then: String = then.iter().map(|step| format!("\n\n{}", escape(step))).collect();
            format!("### {heading}\n\n{}{then}", quoted.join("\n>\n"))
        }
        Section::Steps { heading, steps } => {
            let numbered = steps.iter().enumerate();
            let lines = numbered.map(|(index, step)| format!("{}. {}", index + 1, escape(step)));
            format!("### {heading}\n\n{}", lines.collect::<Vec<_>>().join("\n"))
        }
        Section::Alternatives { heading, lines } => format!("### {heading}\n\n{}", bullets(lines)),
        Section::Timeline(timeline) => draw_timeline(timeline),
        Section::SmallPrint(lines) => bullets(lines),
        Section::Links(links) => {
            let line = |link: &Link<'_>| match link.label {
                Some(label) => format!("- {label}: <{}>", link.url),
                None => format!("- <{}>", link.url),
            };
            links.iter().map(line).collect::<Vec<_>>().join("\n")
        }
        // The heading already has the ID.
        Section::Entry(_) | Section::Buttons(_) => String::new(),
    }
}

fn line(line: &BodyLine) -> String {
    let span = |span: &Span| match span {
        Span::Words(words) | Span::Person(words) => escape(words),
        Span::Time(at) | Span::Date(at) => format!("{} UTC", format_utc(*at)),
        Span::Code(code) => format!("`{}`", code.replace('`', "'")),
        Span::LinkedDay { at, url } => format!("[{}](<{url}>)", at.strftime("%-d %b")),
    };
    line.0.iter().map(span).collect()
}

fn draw_timeline(timeline: &Timeline<'_>) -> String {
    let day = timeline.day.map(|day| format!(" · {}, UTC", day.strftime("%-d %b %Y"))).unwrap_or_default();
    let heading = format!("### {}{day}\n\n", Timeline::HEADING);
    if timeline.lines.is_empty() {
        return heading + Timeline::EMPTY;
    }
    let rows = timeline.lines.iter().map(|line| {
        let format = if line.is_new_day { "%-d %b, %H:%M:%S" } else { "%H:%M:%S" };
        let at = line.at.map_or_else(|| "unknown".to_owned(), |at| at.strftime(format).to_string());
        let code = line.sub_code.map(escape).unwrap_or_default();
        format!("| {at} | {} | {code} |\n", escape(&line.text))
    });
    heading + "| time | what happened | code |\n|---|---|---|\n" + rows.collect::<String>().trim_end()
}

fn bullets(lines: &[String]) -> String {
    lines.iter().map(|line| format!("- {}", escape(line))).collect::<Vec<_>>().join("\n")
}

/// Escapes what Markdown would read as mark-up.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '|' | '#' | '~') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
