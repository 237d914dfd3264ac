//! A report for a terminal: the headline first, then why, what to do, and the evidence.

use anstyle::Style;

use crate::report::Report;

/// Wider lines are hard to read, however wide the terminal is.
const COLUMNS_MAX: usize = 100;
/// What is assumed where there is no terminal.
const COLUMNS_DEFAULT: usize = 80;

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// The report as text. Colour is taken out again where it is not wanted.
pub(super) fn report(report: &Report) -> String {
    let columns = terminal_size::terminal_size()
        .map_or(COLUMNS_DEFAULT, |(width, _)| usize::from(width.0))
        .clamp(40, COLUMNS_MAX);
    let mut out = String::new();
    let name = report.bot_name.as_deref().unwrap_or("The bot");
    out.push_str(&format!("{BOLD}{}: {}{BOLD:#}\n", report.outcome_words(), report.title));
    let id = report.bot_id.map(|id| format!(" · {id}")).unwrap_or_default();
    out.push_str(&format!("{FAINT}{name} · {}{id}{FAINT:#}\n\n", report.platform.label()));
    paragraph(&mut out, columns, "", &report.why);
    for note in &report.notes {
        paragraph(&mut out, columns, "", note);
    }
    paragraph(&mut out, columns, "", &format!("{} {}", report.certainty(), report.who()));

    heading(&mut out, if report.fixable_now { "What to do now" } else { "What to do" });
    for (index, step) in report.steps.iter().enumerate() {
        paragraph(&mut out, columns, &format!("{:>3}. ", index + 1), step);
    }
    if let Some(question) = &report.question {
        heading(&mut out, "One question decides");
        paragraph(&mut out, columns, "  ", question.text);
        paragraph(&mut out, columns, "  ", "Answer with --host-was-present yes or --host-was-present no.");
    }
    if !report.alternatives.is_empty() {
        heading(&mut out, "What else it may be");
        for other in &report.alternatives {
            paragraph(&mut out, columns, "  - ", &format!("If {}: {}.", other.condition, other.title));
        }
    }
    if let Some(message) = &report.host_message {
        heading(&mut out, "To forward to the host");
        message.lines().for_each(|line| paragraph(&mut out, columns, "  | ", line));
    }
    heading(&mut out, "What happened (UTC)");
    for line in &report.evidence {
        let at = line.at.map_or_else(
            || "time unknown       ".to_owned(),
            |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        );
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

fn heading(out: &mut String, text: &str) {
    out.push_str(&format!("\n{BOLD}{text}{BOLD:#}\n"));
}

fn paragraph(out: &mut String, columns: usize, first: &str, text: &str) {
    let rest = " ".repeat(textwrap::core::display_width(first));
    let rest = if first.contains('|') { first } else { &rest };
    let options =
        textwrap::Options::new(columns).initial_indent(first).subsequent_indent(rest).break_words(false);
    out.push_str(&textwrap::fill(text, options));
    out.push('\n');
}

/// One entry of the catalogue.
pub(super) fn cause(cause: &crate::diagnosis::catalogue::Cause) -> String {
    let mut out = format!("{BOLD}{}{BOLD:#}\n{FAINT}{}{FAINT:#}\n\n", cause.title, cause.id);
    paragraph(&mut out, COLUMNS_DEFAULT, "", &cause.why.to_string());
    heading(&mut out, "What to do");
    for (index, step) in cause.steps.iter().enumerate() {
        paragraph(&mut out, COLUMNS_DEFAULT, &format!("{:>3}. ", index + 1), &step.to_string());
    }
    if let Some(message) = &cause.host_message {
        heading(&mut out, "To forward to the host");
        message.to_string().lines().for_each(|line| paragraph(&mut out, COLUMNS_DEFAULT, "  | ", line));
    }
    cause.docs.iter().for_each(|link| out.push_str(&format!("\n{FAINT}{link}{FAINT:#}")));
    out.push('\n');
    out
}
