//! A report for a terminal: the headline first, then why, what to do, and the evidence.

use anstyle::Style;

use crate::diagnosis::bot_id::BotId;
use crate::report::alert::{self, Alert, BodyLine, Span};
use crate::report::alert_group::AlertGroup;
use crate::report::card::{Above, Button, ButtonPlace, Card, Layout, Section, Timeline};
use crate::report::digest::{Digest, DigestPart};
use crate::report::{Explanation, Report, format_utc};

/// Most columns of a line. Longer lines are hard to read, however wide the terminal is.
const COLUMNS_MAX: usize = 100;
/// Fewest columns to which text is wrapped. Narrower lines would be harder to read.
const COLUMNS_MIN: usize = 40;
/// The columns assumed without a terminal.
const COLUMNS_DEFAULT: usize = 80;

/// What stands before the lines of an alert.
const ALERT_INDENT: &str = "   ";

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
/// The line above and below text to be copied.
const RULE: &str = "────────────────────────────────────────────────────────────";

/// Returns the width of texts in columns: that of the terminal, within limits.
#[must_use]
pub fn columns() -> usize {
    terminal_size::terminal_size()
        .map_or(COLUMNS_DEFAULT, |(width, _)| usize::from(width.0))
        .clamp(COLUMNS_MIN, COLUMNS_MAX)
}

/// Returns the verdict in one line.
#[must_use]
pub fn verdict(report: &Report) -> String {
    let name = report.name();
    format!("{BOLD}{}: {}{BOLD:#} {FAINT}({name}){FAINT:#}\n", report.outcome_words(), report.title)
}

/// Returns the first line of a report.
pub(super) fn headline(report: &Report) -> String {
    format!("{BOLD}{}: {}{BOLD:#}\n", report.outcome_words(), report.title)
}

/// Returns what a report says of asking again.
pub(super) fn rescue(report: &Report, columns: usize) -> String {
    let mut out = String::new();
    let lines = report.rescue.iter().flat_map(|rescue| &rescue.lines);
    lines.for_each(|line| body_line(&mut out, columns, "", line));
    out
}

/// Returns the first line of an alert or an alert group.
pub(super) fn alert_headline(headline: &alert::Headline) -> String {
    let alert::Headline { icon, label, leaves_at, is_soon, text } = headline;
    let clock = if *is_soon { "%H:%M:%S" } else { "%H:%M" };
    let deadline = leaves_at.map(|at| format!(", leaves at {} UTC", at.strftime(clock))).unwrap_or_default();
    format!("{icon} {BOLD}{label}{deadline}: {text}{BOLD:#}\n")
}

/// Returns an alert about one bot as text.
#[must_use]
pub fn alert(alert: &Alert, columns: usize) -> String {
    let mut out = alert_headline(&alert.headline());
    let (name, platform, id) = alert.bot_line();
    out.push_str(&format!("   {}", bot_line(name, platform, id)));
    alert.body_lines().iter().for_each(|line| body_line(&mut out, columns, ALERT_INDENT, line));
    out
}

/// Returns an alert group as text.
#[must_use]
pub fn group(group: &AlertGroup, columns: usize) -> String {
    let mut out = alert_headline(&group.headline());
    group.body_lines(false).iter().for_each(|line| body_line(&mut out, columns, ALERT_INDENT, line));
    out
}

/// Returns lines as text.
pub(super) fn lines(lines: &[BodyLine], columns: usize) -> String {
    let mut out = String::new();
    lines.iter().for_each(|line| body_line(&mut out, columns, "", line));
    out
}

fn body_line(out: &mut String, columns: usize, indent: &str, line: &BodyLine) {
    paragraph(out, columns, indent, &plain(line));
}

fn plain(line: &BodyLine) -> String {
    let span = |span: &Span| match span {
        Span::Words(words) | Span::Code(words) => words.clone(),
        Span::Time(at) | Span::Date(at) => format!("{} UTC", format_utc(*at)),
        Span::Person(name) => name.clone(),
        Span::LinkedDay { at, url } => format!("{} ({url})", at.strftime("%-d %b")),
    };
    line.0.iter().map(span).collect()
}

/// Returns the report as text, with the way to answer its question. If colour is off, the printer removes it.
#[must_use]
pub fn report(report: &Report, columns: usize, how_to_answer: &str) -> String {
    let layout = Layout { buttons: ButtonPlace::Nowhere, above: Above::Nothing };
    card(&Card::of(report, layout), columns, how_to_answer)
}

/// Returns a catalogue entry as text.
#[must_use]
pub fn explanation(entry: &Explanation, columns: usize) -> String {
    card(&Card::explaining(entry), columns, "")
}

/// Returns a card as text, without its buttons.
pub(super) fn card(card: &Card<'_>, columns: usize, how_to_answer: &str) -> String {
    let mut out = String::new();
    card.sections.iter().for_each(|section| draw(&mut out, columns, section, how_to_answer));
    out
}

fn draw(out: &mut String, columns: usize, section: &Section<'_>, how_to_answer: &str) {
    match section {
        Section::Headline { outcome, title } => {
            let outcome = outcome.map(|outcome| format!("{outcome}: ")).unwrap_or_default();
            out.push_str(&format!("{BOLD}{outcome}{title}{BOLD:#}\n"));
        }
        Section::Bot { name, platform, id } => {
            out.push_str(&bot_line(name, *platform, *id));
        }
        Section::Entry(id) => out.push_str(&faint(id)),
        Section::Why(paragraphs) => {
            out.push('\n');
            paragraphs.iter().for_each(|text| paragraph(out, columns, "", text));
        }
        Section::Recurrence(lines) => {
            out.push('\n');
            lines.iter().for_each(|line| paragraph(out, columns, "", &plain(line)));
        }
        Section::VendorReport { heading: title, text } => {
            heading(out, title);
            // This text is copied unchanged, so it is not wrapped.
            out.push_str(&format!("{FAINT}{RULE}{FAINT:#}\n{text}\n{FAINT}{RULE}{FAINT:#}\n"));
        }
        Section::Basis(basis) => out.push_str(&faint(basis)),
        Section::Rescue { lines, .. } => {
            out.push('\n');
            lines.iter().for_each(|line| body_line(out, columns, "", line));
        }
        Section::Question(question) => {
            heading(out, question.text);
            paragraph(out, columns, "  ", question.readings);
            how_to_answer.lines().for_each(|line| out.push_str(&format!("  {line}\n")));
        }
        Section::HostMessage { heading: title, text, then } => {
            heading(out, title);
            // This text is copied unchanged, so it is not wrapped.
            out.push_str(&format!("{FAINT}{RULE}{FAINT:#}\n{text}\n{FAINT}{RULE}{FAINT:#}\n"));
            then.iter().for_each(|step| paragraph(out, columns, "", step));
        }
        Section::Steps { heading: title, steps } => {
            heading(out, title);
            let numbered = steps.iter().enumerate();
            numbered.for_each(|(index, step)| paragraph(out, columns, &format!("{:>3}. ", index + 1), step));
        }
        Section::Alternatives { heading: title, lines } => {
            heading(out, title);
            lines.iter().for_each(|line| paragraph(out, columns, "  - ", line));
        }
        Section::Timeline(timeline) => draw_timeline(out, columns, timeline),
        Section::SmallPrint(lines) => {
            out.push('\n');
            lines.iter().for_each(|line| paragraph(out, columns, "", line));
        }
        Section::Links(links) => {
            out.push('\n');
            links.iter().for_each(|link| match link.label {
                Some(label) => out.push_str(&faint(&format!("{label}: {}", link.url))),
                None => out.push_str(&faint(link.url)),
            });
        }
        // The other buttons are numbered below the message.
        Section::Buttons(buttons) => buttons.iter().for_each(|button| {
            if let Button::Dashboard(url) = button {
                out.push_str(&format!("\n{}", faint(&format!("{}: {url}", button.label()))));
            }
        }),
    }
}

/// Times are in UTC, because a terminal does not know the person's time zone. The heading says so once.
fn draw_timeline(out: &mut String, columns: usize, timeline: &Timeline<'_>) {
    let day = timeline.day.map(|day| format!(" · {}, UTC", day.strftime("%-d %b %Y"))).unwrap_or_default();
    heading(out, &format!("{}{day}", Timeline::HEADING));
    if timeline.lines.is_empty() {
        out.push_str(&format!("  {}\n", Timeline::EMPTY));
    }
    let format = if timeline.to_the_second { "%H:%M:%S" } else { "%H:%M" };
    let unknown = if timeline.to_the_second { "--:--:--" } else { "--:--" };
    for line in &timeline.lines {
        if let Some(day) = line.at.filter(|_| line.is_new_day) {
            out.push_str(&format!("  {}\n", day.strftime("%-d %b")));
        }
        let at = line.at.map_or_else(|| unknown.to_owned(), |at| at.strftime(format).to_string());
        let sub_code = line.sub_code.map(|sub_code| format!("  [{sub_code}]")).unwrap_or_default();
        paragraph(out, columns, &format!("  {at}  "), &format!("{}{sub_code}", line.text));
    }
}

/// Returns a digest as text.
#[must_use]
pub fn digest(digest: &Digest, columns: usize) -> String {
    let mut out = format!("{BOLD}{}{BOLD:#}\n", digest.title());
    for part in digest.parts() {
        match part {
            DigestPart::Lines(lines) => lines.iter().for_each(|line| body_line(&mut out, columns, "", line)),
            DigestPart::Columns(chart) => {
                heading(&mut out, &chart.title);
                chart.bars().iter().for_each(|line| out.push_str(&format!("  {line}\n")));
            }
            DigestPart::List(list) => {
                heading(&mut out, &list.heading);
                for row in &list.rows {
                    let number = row.bots.map(|bots| format!("{bots:>4} ")).unwrap_or_default();
                    let bar = list.bar(row).map_or_else(|| "- ".to_owned(), |bar| format!("{bar} {number} "));
                    body_line(&mut out, columns, &format!("  {bar}"), &row.label);
                }
            }
            DigestPart::SmallPrint(text) => {
                out.push('\n');
                out.push_str(&faint(&text));
            }
        }
    }
    out
}

/// Returns plain text, wrapped.
pub(super) fn words(text: &str, columns: usize) -> String {
    let mut out = String::new();
    paragraph(&mut out, columns, "", text);
    out
}

/// Returns what identifies the bot, as small print.
fn bot_line(name: &str, platform: Option<&str>, id: Option<BotId>) -> String {
    let id = id.map(|id| id.to_string());
    let parts = [Some(name), platform, id.as_deref()];
    faint(&parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

fn faint(text: &str) -> String {
    format!("{FAINT}{text}{FAINT:#}\n")
}

fn heading(out: &mut String, text: &str) {
    out.push_str(&format!("\n{BOLD}{text}{BOLD:#}\n"));
}

fn paragraph(out: &mut String, columns: usize, first: &str, text: &str) {
    let rest = " ".repeat(textwrap::core::display_width(first));
    // Dates, codes and links are broken only at spaces.
    let options = textwrap::Options::new(columns)
        .initial_indent(first)
        .subsequent_indent(&rest)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    out.push_str(&textwrap::fill(text, options));
    out.push('\n');
}
