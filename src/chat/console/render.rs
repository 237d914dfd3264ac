//! A report for a terminal: the headline first, then why, what to do, and the evidence.

use anstyle::Style;

use crate::report::alert::{Alert, BodyLine};
use crate::report::alert_group::AlertGroup;
use crate::report::{Explanation, Report, format_utc};

/// Wider lines are hard to read, however wide the terminal is.
const COLUMNS_MAX: usize = 100;
/// Narrower than this, wrapping helps nobody.
const COLUMNS_MIN: usize = 40;
/// What is assumed where there is no terminal.
const COLUMNS_DEFAULT: usize = 80;

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// How wide texts are to be: as the terminal, within reason.
#[must_use]
pub fn columns() -> usize {
    terminal_size::terminal_size()
        .map_or(COLUMNS_DEFAULT, |(width, _)| usize::from(width.0))
        .clamp(COLUMNS_MIN, COLUMNS_MAX)
}

/// The verdict in one line.
#[must_use]
pub fn verdict(report: &Report) -> String {
    let name = report.name();
    format!("{BOLD}{}: {}{BOLD:#} {FAINT}({name}){FAINT:#}\n", report.outcome_words(), report.title)
}

/// The first line of a report.
pub(super) fn headline(report: &Report) -> String {
    format!("{BOLD}{}: {}{BOLD:#}\n", report.outcome_words(), report.title)
}

/// The first line of an alert.
pub(super) fn alert_headline(alert: &Alert) -> String {
    format!("{} {BOLD}{}: {}{BOLD:#}\n", alert.icon(), alert.status_label(), alert.title())
}

/// The first line of what is told of many bots.
pub(super) fn group_headline(group: &AlertGroup) -> String {
    format!("{} {BOLD}{}: {}{BOLD:#}\n", group.icon(), group.status_label(), group.title())
}

/// What is told of one bot without anybody having asked.
#[must_use]
pub fn alert(alert: &Alert, columns: usize) -> String {
    let mut out = alert_headline(alert);
    let (name, platform, id) = alert.bot_line();
    let about = [Some(name.to_owned()), platform.map(str::to_owned), id.map(|id| id.to_string())];
    let about = about.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    out.push_str(&format!("   {FAINT}{about}{FAINT:#}\n"));
    alert.body_lines().iter().for_each(|line| body_line(&mut out, columns, line));
    out
}

/// What is told of many bots at once.
#[must_use]
pub fn group(group: &AlertGroup, columns: usize) -> String {
    let mut out = group_headline(group);
    group.body_lines(false).iter().for_each(|line| body_line(&mut out, columns, line));
    out
}

fn body_line(out: &mut String, columns: usize, line: &BodyLine) {
    let at = line.at.map(|at| format!(" {} UTC", format_utc(at))).unwrap_or_default();
    paragraph(out, columns, "   ", &format!("{}{at}", line.words));
}

/// The report as text. Colour is taken out again where it is not wanted.
///
/// `how_to_answer` says how the question in it is answered, if that is not obvious where it is shown.
#[must_use]
pub fn report(report: &Report, columns: usize, how_to_answer: Option<&str>) -> String {
    let mut out = headline(report);
    let name = report.name();
    let id = report.bot_id.map(|id| format!(" · {id}")).unwrap_or_default();
    out.push_str(&format!("{FAINT}{name} · {}{id}{FAINT:#}\n\n", report.platform.label()));
    paragraph(&mut out, columns, "", &report.why);
    for note in &report.notes {
        paragraph(&mut out, columns, "", note);
    }
    paragraph(&mut out, columns, "", &format!("{} {}", report.certainty(), report.who()));

    steps(&mut out, columns, report.what_to_do(), &report.steps);
    if let Some(question) = &report.question {
        heading(&mut out, "One question decides");
        paragraph(&mut out, columns, "  ", &question.text);
        how_to_answer.into_iter().for_each(|how| paragraph(&mut out, columns, "  ", how));
    }
    if !report.alternatives.is_empty() {
        heading(&mut out, "What else it may be");
        for other in &report.alternatives {
            paragraph(&mut out, columns, "  - ", &format!("If {}: {}.", other.condition, other.title));
        }
    }
    host_message(&mut out, columns, report.host_message.as_deref());
    heading(&mut out, "What happened (UTC)");
    for line in &report.evidence {
        let at = line.at.map_or_else(|| "time unknown       ".to_owned(), format_utc);
        let sub_code = line.sub_code.as_ref().map(|sub_code| format!(" [{sub_code}]")).unwrap_or_default();
        paragraph(&mut out, columns, &format!("  {at}  "), &format!("{}{sub_code}", line.note));
    }
    if report.evidence.is_empty() {
        out.push_str("  Nothing is listed.\n");
    }
    for (_, title) in &report.contributing {
        paragraph(&mut out, columns, "  Also: ", &format!("{title}."));
    }
    for gap in &report.gaps {
        paragraph(&mut out, columns, "  Not known: ", gap);
    }
    if !report.unknown_codes.is_empty() {
        paragraph(&mut out, columns, "  Not in our list: ", &report.unknown_codes.join(", "));
    }
    for link in report.dashboard_url.iter().chain(&report.docs) {
        out.push_str(&format!("  {FAINT}{link}{FAINT:#}\n"));
    }
    out
}

/// Plain words.
pub(super) fn words(text: &str, columns: usize) -> String {
    let mut out = String::new();
    paragraph(&mut out, columns, "", text);
    out
}

fn steps(out: &mut String, columns: usize, title: &str, steps: &[String]) {
    heading(out, title);
    for (index, step) in steps.iter().enumerate() {
        paragraph(out, columns, &format!("{:>3}. ", index + 1), step);
    }
}

fn host_message(out: &mut String, columns: usize, message: Option<&str>) {
    let Some(message) = message else { return };
    heading(out, "To forward to the host");
    message.lines().for_each(|line| paragraph(out, columns, "  | ", line));
}

fn heading(out: &mut String, text: &str) {
    out.push_str(&format!("\n{BOLD}{text}{BOLD:#}\n"));
}

fn paragraph(out: &mut String, columns: usize, first: &str, text: &str) {
    let rest = " ".repeat(textwrap::core::display_width(first));
    let rest = if first.contains('|') { first } else { &rest };
    // Dates, codes and links are broken nowhere but at spaces.
    let options = textwrap::Options::new(columns)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    out.push_str(&textwrap::fill(text, options));
    out.push('\n');
}

/// An entry of the catalogue as text.
#[must_use]
pub fn explanation(entry: &Explanation, columns: usize) -> String {
    let mut out = format!("{BOLD}{}{BOLD:#}\n{FAINT}{}{FAINT:#}\n\n", entry.title, entry.cause);
    paragraph(&mut out, columns, "", &entry.why);
    steps(&mut out, columns, "What to do", &entry.steps);
    host_message(&mut out, columns, entry.host_message.as_deref());
    entry.docs.iter().for_each(|link| out.push_str(&format!("\n{FAINT}{link}{FAINT:#}")));
    out.push('\n');
    out
}
