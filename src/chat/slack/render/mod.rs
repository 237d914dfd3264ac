//! A message as Slack shows it. Pure.

mod alerts;
pub mod blocks;

use serde::Serialize;
use serde_json::Value;

use super::mrkdwn::{clip, date, escape, link};
use crate::chat::{CardNote, Message, SendRequest};
use crate::mention;
use crate::report::{EvidenceLine, Explanation, Report, notices};
use blocks::{BLOCKS_MAX, SECTION_MAX, TEXT_MAX, buttons, context, filled, header, preformatted, section};

/// Lines of evidence that are shown. The first ones and the last ones tell the story.
const EVIDENCE_MAX: usize = 24;

/// What a message consists of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Payload {
    /// For notifications and screen readers: no mark-up.
    pub text: String,
    /// What is shown.
    pub blocks: Vec<Value>,
}

/// A message as Slack shows it, within its limits whatever the message holds.
#[must_use]
pub fn render(message: &Message) -> Payload {
    render_request(&SendRequest::plain(message, ""))
}

/// The message of a request, with what only this request has.
#[must_use]
pub fn render_request(request: &SendRequest<'_>) -> Payload {
    let message = request.message;
    let (mut text, mut blocks) = match message {
        Message::Verdict(report) => (headline(report), verdict(report)),
        Message::Details { report, note } => (headline(report), details(message, report, note.as_ref())),
        Message::Explanation(entry) => (format!("{}: {}", entry.cause, entry.title), explanation(entry)),
        Message::HostMessage(text) => (text.clone(), vec![preformatted(text)]),
        Message::Notice(text) => (text.clone(), vec![section(&escape(text))]),
        Message::Alert(alert) => (alert.notification_text(), alerts::alert(alert)),
        Message::AlertGroup(group) => (group.notification_text(), alerts::group(group, request.threadless)),
        Message::Bots(bots) => (format!("{} bots", bots.len()), alerts::bots(bots)),
    };
    if let (true, Message::Alert(alert)) = (request.threadless, message)
        && let rest @ Message::Details { report, note } = &alert.details()
    {
        // The headline of the details says what the alert says already.
        blocks.extend(details(rest, report, note.as_ref()).into_iter().skip(2));
    }
    text = escape(&text);
    // Below the headline, which stands alone, and above the buttons.
    let mut below_headline = Vec::new();
    if let Some(redirect_note) = request.redirect_note {
        below_headline.push(context(&escape(redirect_note)));
    }
    // It comes from the settings, and is the one text that may ping.
    if let Some(mention) = request.mention.and_then(mention::for_slack) {
        below_headline.push(section(&mention));
        text = format!("{mention} {text}");
    }
    let place = blocks.len().min(1);
    blocks.splice(place..place, below_headline);
    Payload { text: filled(&text, TEXT_MAX), blocks: within(blocks) }
}

/// The verdict with the bot's id, which stands alone in a notification.
fn headline(report: &Report) -> String {
    let id = report.bot_id.map(|id| format!(" (bot {id})")).unwrap_or_default();
    format!("{}: {}{id}", report.outcome_words(), report.title)
}

fn verdict(report: &Report) -> Vec<Value> {
    let name = report.name();
    vec![section(&format!(
        "*{}:* {} ({})",
        report.outcome_words(),
        escape(&report.title),
        escape(&clip(name, 100))
    ))]
}

fn details(message: &Message, report: &Report, note: Option<&CardNote>) -> Vec<Value> {
    let mut blocks =
        vec![header(&format!("{}: {}", report.outcome_words(), report.title)), context(&about(report))];
    let why: Vec<String> =
        std::iter::once(&report.why).chain(&report.notes).map(|text| escape(text)).collect();
    blocks.push(section(&why.join("\n")));
    blocks.push(context(&format!("{} {}", report.certainty(), report.who())));
    if let Some(note) = note {
        blocks.push(context(&in_words(note)));
    }
    blocks.extend(list(report.what_to_do(), &numbered(&report.steps)));
    if let Some(question) = &report.question {
        blocks.push(section(&format!("*One question decides*\n{}", escape(&question.text))));
    }
    let others: Vec<String> = report
        .alternatives
        .iter()
        .map(|other| format!("• If {}: {}.", escape(&other.condition), escape(&other.title)))
        .collect();
    blocks.extend(list("What else it may be", &others));
    if let Some(text) = &report.host_message {
        blocks.extend([section("*To forward to the host*"), preformatted(text)]);
    }
    blocks.extend(list("What happened", &evidence(report)));
    blocks.extend(small_print(report).iter().map(|line| context(line)));
    blocks.extend(buttons(&message.actions(), report.dashboard_url.as_deref()));
    blocks
}

fn about(report: &Report) -> String {
    let name = report.name();
    let id = report.bot_id.map(|id| format!(" · `{id}`")).unwrap_or_default();
    format!("{} · {}{id}", escape(&clip(name, 100)), report.platform.label())
}

fn in_words(note: &CardNote) -> String {
    match note {
        // Whom Slack named to us can be named to Slack. What Discord calls a person says nothing here.
        CardNote::AnsweredBy(person) if mention::is_slack_user(person) => {
            format!("Answered by <@{person}>.")
        }
        CardNote::AnsweredBy(person) if mention::is_discord_id(person) => "Answered in Discord.".to_owned(),
        CardNote::AnsweredBy(person) => format!("Answered by {}.", escape(&clip(person, 100))),
        CardNote::NotInChannel => notices::NOT_IN_CHANNEL.to_owned(),
    }
}

fn evidence(report: &Report) -> Vec<String> {
    let lines: Vec<String> = report.evidence.iter().map(evidence_line).collect();
    if lines.len() <= EVIDENCE_MAX {
        return lines;
    }
    let (first, last) = (&lines[..EVIDENCE_MAX / 2], &lines[lines.len() - EVIDENCE_MAX / 2..]);
    let between = format!("… {} more in Recall.ai's dashboard …", lines.len() - EVIDENCE_MAX);
    [first, &[between], last].concat()
}

fn evidence_line(line: &EvidenceLine) -> String {
    let at = line.at.map_or_else(|| "at an unknown time".to_owned(), date);
    let sub_code = line
        .sub_code
        .as_ref()
        .map(|code| format!(" `{}`", escape(&clip(code, 100)).replace('`', "'")))
        .unwrap_or_default();
    format!("{at}  {}{sub_code}", escape(&clip(&line.note, 300)))
}

fn small_print(report: &Report) -> Vec<String> {
    let also = report.contributing.iter().map(|(_, title)| format!("Also: {}.", escape(title)));
    let gaps = report.gaps.iter().map(|gap| format!("Not known: {}", escape(gap)));
    let mut lines: Vec<String> = also.chain(gaps).collect();
    if !report.unknown_codes.is_empty() {
        lines.push(format!("Not in our list: {}", escape(&report.unknown_codes.join(", "))));
    }
    if !report.docs.is_empty() {
        let docs: Vec<String> = report.docs.iter().map(|url| link(url, &where_to(url))).collect();
        lines.push(format!("Read more: {}", docs.join(" · ")));
    }
    if lines.is_empty() { lines } else { vec![lines.join("\n")] }
}

/// What a link leads to, as far as its address says: host and last part.
fn where_to(url: &str) -> String {
    let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or("documentation");
    let page = url.trim_end_matches('/').rsplit(['/', '#']).next().filter(|page| *page != host);
    page.map_or_else(|| host.to_owned(), |page| format!("{host}: {}", page.replace('-', " ")))
}

fn explanation(entry: &Explanation) -> Vec<Value> {
    let mut blocks = vec![header(&entry.title), context(&format!("`{}`", escape(&entry.cause)))];
    blocks.push(section(&escape(&entry.why)));
    blocks.extend(list("What to do", &numbered(&entry.steps)));
    if let Some(text) = &entry.host_message {
        blocks.extend([section("*To forward to the host*"), preformatted(text)]);
    }
    blocks.extend(entry.docs.iter().map(|url| context(&link(url, &where_to(url)))));
    blocks
}

fn numbered(steps: &[String]) -> Vec<String> {
    steps.iter().enumerate().map(|(index, step)| format!("{}. {}", index + 1, escape(step))).collect()
}

/// Lines below a title, in as many sections as it takes.
fn list(title: &str, lines: &[String]) -> Vec<Value> {
    if lines.is_empty() {
        return Vec::new();
    }
    let mut sections = Vec::new();
    let mut text = format!("*{title}*");
    for line in lines {
        let line = clip(line, SECTION_MAX / 2);
        if text.chars().count() + 1 + line.chars().count() > SECTION_MAX {
            sections.push(section(&std::mem::take(&mut text)));
        } else if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&line);
    }
    sections.push(section(&text));
    sections
}

/// A message has so many blocks and no more. The buttons, which come last, stay.
fn within(mut blocks: Vec<Value>) -> Vec<Value> {
    if blocks.len() > BLOCKS_MAX {
        let last = blocks.pop();
        blocks.truncate(BLOCKS_MAX - 2);
        blocks.push(context("There is more than one message holds; the rest is in Recall.ai's dashboard."));
        blocks.extend(last);
    }
    blocks
}
