//! A report as Markdown, for a ticket or a page.

use crate::report::{Explanation, Report, format_utc};

/// The report.
pub(super) fn report(report: &Report) -> String {
    let mut out =
        format!("## {}: {}\n\n{}\n\n", report.outcome_words(), escape(&report.title), escape(&report.why));
    report.notes.iter().for_each(|note| out.push_str(&format!("{}\n\n", escape(note))));
    out.push_str(&format!("{} {}\n\n### What to do\n\n", report.certainty(), report.who()));
    numbered(&mut out, &report.steps);
    if let Some(question) = &report.question {
        out.push_str(&format!("\n**{}**\n", question.text));
    }
    for other in &report.alternatives {
        out.push_str(&format!("\n- If {}: {}", escape(&other.condition), escape(&other.title)));
    }
    if let Some(message) = &report.host_message {
        out.push_str("\n### To forward to the host\n\n");
        message.lines().for_each(|line| out.push_str(&format!("> {}\n", escape(line))));
    }
    out.push_str("\n### What happened\n\n| time (UTC) | status | what it means |\n|---|---|---|\n");
    for line in &report.evidence {
        let at = line.at.map_or_else(|| "unknown".to_owned(), format_utc);
        let sub_code =
            line.sub_code.as_deref().map(|sub_code| format!(" {}", escape(sub_code))).unwrap_or_default();
        out.push_str(&format!("| {at} | {}{sub_code} | {} |\n", escape(&line.code), escape(&line.note)));
    }
    let also = report.contributing.iter().map(|(_, title)| title).chain(&report.gaps);
    also.for_each(|line| out.push_str(&format!("\n- {}", escape(line))));
    if !report.unknown_codes.is_empty() {
        out.push_str(&format!("\n- Not in our list: {}", escape(&report.unknown_codes.join(", "))));
    }
    report.dashboard_url.iter().chain(&report.docs).for_each(|link| out.push_str(&format!("\n- <{link}>")));
    out.push('\n');
    out
}

fn numbered(out: &mut String, steps: &[String]) {
    for (index, step) in steps.iter().enumerate() {
        out.push_str(&format!("{}. {}\n", index + 1, escape(step)));
    }
}

/// Takes from a text what Markdown would read as mark-up.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '|' | '#' | '~') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// An entry of the catalogue, below a heading of its id.
pub(super) fn explanation(entry: &Explanation) -> String {
    let mut out =
        format!("## `{}`\n\n**{}**\n\n{}\n\n", entry.cause, escape(&entry.title), escape(&entry.why));
    numbered(&mut out, &entry.steps);
    if let Some(message) = &entry.host_message {
        out.push_str("\nTo forward to the host:\n\n");
        message.lines().for_each(|line| out.push_str(&format!("> {}\n>\n", escape(line))));
    }
    entry.docs.iter().for_each(|link| out.push_str(&format!("\n<{link}>\n")));
    out
}
