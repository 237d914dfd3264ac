//! A message as Discord shows it. Pure.

use serde_json::{Value, json};

use super::alerts;
use super::markdown::{clip, code_block, day, escape, quiet, time};
use crate::chat::action::Action;
use crate::chat::{CardNote, Message, SendRequest};
use crate::mention;
use crate::report::{EvidenceLine, Explanation, Report, notices};

// Limits: <https://docs.discord.com/developers/resources/message#embed-object-embed-limits>
/// Characters in a message beside its embeds.
pub const CONTENT_MAX: usize = 2000;
/// Characters in the title of an embed.
pub const TITLE_MAX: usize = 256;
/// Characters in all embeds of a message together.
pub const EMBEDS_MAX: usize = 6000;
/// Characters on a button.
pub const LABEL_MAX: usize = 80;
/// Characters in the address of a button.
pub const URL_MAX: usize = 512;

/// How the characters of a message are shared out, so that all parts together keep the limit.
const WHY_SHARE: usize = 2900;
const HOST_SHARE: usize = 1300;
const EVIDENCE_SHARE: usize = 1300;
/// For the titles of the parts below the first one.
const TITLES_SHARE: usize = 100;
const _: () = assert!(mention::MENTION_MAX < CONTENT_MAX);
const _: () = assert!(TITLE_MAX + WHY_SHARE + HOST_SHARE + EVIDENCE_SHARE + TITLES_SHARE <= EMBEDS_MAX);

/// What is shown, without whom it is for.
#[must_use]
pub fn render(message: &Message) -> Value {
    let mut body = match message {
        Message::Verdict(report) => json!({ "content": verdict(report), "embeds": [] }),
        Message::Details { report, note } => {
            json!({ "content": "", "embeds": details(report, note.as_ref()) })
        }
        Message::Explanation(entry) => json!({ "content": "", "embeds": explanation(entry) }),
        Message::HostMessage(text) => json!({ "content": code_block(text, CONTENT_MAX), "embeds": [] }),
        Message::Notice(text) => {
            json!({ "content": clip(&filled(&escape(text)), CONTENT_MAX), "embeds": [] })
        }
        Message::Alert(alert) => json!({ "content": alerts::alert(alert), "embeds": [] }),
        Message::AlertGroup(group) => json!({ "content": alerts::group(group, false), "embeds": [] }),
        Message::Bots(bots) => json!({ "content": "", "embeds": alerts::bots(bots) }),
    };
    body["components"] = rows(message);
    body["allowed_mentions"] = json!({ "parse": [] });
    body
}

/// The message of a request, with what only this request has.
#[must_use]
pub fn render_request(request: &SendRequest<'_>) -> Value {
    let mut body = render(request.message);
    if request.threadless {
        show_the_rest(&mut body, request.message);
    }
    let mut content = body["content"].as_str().unwrap_or_default().to_owned();
    if let Some(redirect_note) = request.redirect_note {
        content = format!("{content}\n-# {}", escape(&clip(redirect_note, 400)));
    }
    // It comes from the settings, and is the one text that may ping.
    if let Some(mention) = request.mention.and_then(mention::for_discord) {
        content =
            format!("{}\n{mention}", clip(&content, CONTENT_MAX.saturating_sub(mention.chars().count() + 1)));
        body["allowed_mentions"] = alerts::may_mention(&mention);
    }
    body["content"] = clip(&content, CONTENT_MAX).into();
    body
}

/// Shows a headline and its details in one message, where there can be no thread.
fn show_the_rest(body: &mut Value, message: &Message) {
    match message {
        Message::Alert(alert) => {
            let details = render(&alert.details());
            body["embeds"] = details["embeds"].clone();
            body["components"] = details["components"].clone();
        }
        Message::Details { report, .. } => body["content"] = verdict(report).into(),
        Message::AlertGroup(group) => body["content"] = alerts::group(group, true).into(),
        _ => {}
    }
}

fn verdict(report: &Report) -> String {
    let name = report.name();
    let title = escape(&clip(&report.title, 300));
    clip(&format!("**{}:** {title} ({})", report.outcome_words(), escape(&clip(name, 100))), CONTENT_MAX)
}

fn details(report: &Report, note: Option<&CardNote>) -> Vec<Value> {
    let mut parts = vec![escape(&report.why)];
    parts.extend(report.notes.iter().map(|note| escape(note)));
    parts.push(format!("-# {} {}", report.certainty(), report.who()));
    parts.extend(note.map(in_words));
    parts.push(list(
        report.what_to_do(),
        report.steps.iter().enumerate().map(|(n, step)| format!("{}. {}", n + 1, escape(step))),
    ));
    if let Some(question) = &report.question {
        parts.push(format!("**One question decides**\n{}", escape(&question.text)));
    }
    let others = report.alternatives.iter();
    parts.push(list(
        "What else it may be",
        others.map(|other| format!("- If {}: {}.", escape(&other.condition), escape(&other.title))),
    ));
    parts.retain(|part| !part.is_empty());
    let title = clip(&escape(&format!("{}: {}", report.outcome_words(), report.title)), TITLE_MAX);
    let mut embeds =
        vec![json!({ "title": title, "description": filled(&clip(&parts.join("\n\n"), WHY_SHARE)) })];
    if let Some(text) = &report.host_message {
        embeds
            .push(json!({ "title": "To forward to the host", "description": code_block(text, HOST_SHARE) }));
    }
    embeds.push(json!({ "title": "What happened", "description": filled(&evidence(report)) }));
    embeds
}

fn in_words(note: &CardNote) -> String {
    match note {
        // Whom Discord named to us can be named to Discord. Nobody is notified: mentions are switched off.
        // What Slack calls a person says nothing here.
        CardNote::AnsweredBy(person) if mention::is_discord_id(person) => {
            format!("-# Answered by <@{person}>.")
        }
        CardNote::AnsweredBy(person) if mention::is_slack_user(person) => "-# Answered in Slack.".to_owned(),
        CardNote::AnsweredBy(person) => format!("-# Answered by {}.", escape(&clip(person, 100))),
        CardNote::NotInChannel => format!("-# {}", notices::CANNOT_POST),
    }
}

/// What happened, the small print and the links; of a long history the beginning and the end.
fn evidence(report: &Report) -> String {
    let mut lines: Vec<String> = report.evidence.iter().map(evidence_line).collect();
    let small = small_print(report);
    let room = EVIDENCE_SHARE.saturating_sub(small.chars().count() + 100);
    let length = |lines: &[String]| lines.iter().map(|line| line.chars().count() + 1).sum::<usize>();
    let all = lines.len();
    while lines.len() > 2 && length(&lines) > room {
        lines.remove(lines.len() / 2);
    }
    if lines.len() < all {
        lines.insert(lines.len() / 2, format!("… {} more in Recall.ai's dashboard …", all - lines.len()));
    }
    if let Some(first) = report.evidence.iter().find_map(|line| line.at) {
        lines.insert(0, day(first));
    }
    clip(&format!("{}\n{small}", lines.join("\n")), EVIDENCE_SHARE)
}

fn evidence_line(line: &EvidenceLine) -> String {
    let at = line.at.map_or_else(|| "at an unknown time".to_owned(), time);
    let sub_code =
        line.sub_code.as_ref().map(|code| format!(" `{}`", quiet(&clip(code, 80)).replace('`', "'")));
    format!("{at} {}{}", escape(&clip(&line.note, 200)), sub_code.unwrap_or_default())
}

fn small_print(report: &Report) -> String {
    let mut lines: Vec<String> = vec![format!("-# {} · {}", report.platform.label(), id(report))];
    lines.extend(
        report.contributing.iter().map(|(_, title)| format!("-# Also: {}.", escape(&clip(title, 120)))),
    );
    lines.extend(report.gaps.iter().map(|gap| format!("-# Not known: {}", escape(&clip(gap, 200)))));
    if !report.unknown_codes.is_empty() {
        lines.push(format!("-# Not in our list: {}", escape(&clip(&report.unknown_codes.join(", "), 150))));
    }
    lines.extend(report.docs.iter().take(2).map(|url| format!("-# <{url}>")));
    clip(&lines.join("\n"), EVIDENCE_SHARE / 2)
}

fn id(report: &Report) -> String {
    report.bot_id.map_or_else(|| "no id".to_owned(), |id| format!("`{id}`"))
}

fn explanation(entry: &Explanation) -> Vec<Value> {
    let steps = list(
        "What to do",
        entry.steps.iter().enumerate().map(|(n, step)| format!("{}. {}", n + 1, escape(step))),
    );
    let docs: Vec<String> = entry.docs.iter().map(|url| format!("-# <{url}>")).collect();
    let text = format!("`{}`\n\n{}\n\n{steps}\n{}", entry.cause, escape(&entry.why), docs.join("\n"));
    let mut embeds = vec![
        json!({ "title": clip(&escape(&entry.title), TITLE_MAX), "description": clip(&text, WHY_SHARE) }),
    ];
    if let Some(text) = &entry.host_message {
        embeds
            .push(json!({ "title": "To forward to the host", "description": code_block(text, HOST_SHARE) }));
    }
    embeds
}

fn list(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.map(|line| clip(&line, 800)).collect();
    if lines.is_empty() { String::new() } else { format!("**{title}**\n{}", lines.join("\n")) }
}

/// Discord refuses a text that is empty, and with it the whole message.
fn filled(text: &str) -> String {
    if text.trim().is_empty() { "–".to_owned() } else { text.to_owned() }
}

/// One row: a message of ours has at most four buttons, and the link to the dashboard.
fn rows(message: &Message) -> Value {
    let mut buttons: Vec<Value> = message.actions().into_iter().map(button).collect();
    let dashboard = match message {
        Message::Details { report, .. } => report.dashboard_url.as_deref(),
        _ => None,
    };
    // Discord takes no addresses of this machine, which only a demo or a test has.
    if let Some(url) = dashboard.filter(|url| url.starts_with("https://") && url.chars().count() <= URL_MAX) {
        buttons.push(json!({ "type": 2, "style": 5, "label": "Open in Recall.ai", "url": url }));
    }
    if buttons.is_empty() { json!([]) } else { json!([{ "type": 1, "components": buttons }]) }
}

fn button(action: Action) -> Value {
    json!({ "type": 2, "style": 2, "label": clip(action.label(), LABEL_MAX), "custom_id": action.id() })
}
