//! Renders messages for Slack. Pure.

mod alerts;
pub mod blocks;
mod digest;
pub mod home;
mod mutes;

use serde::Serialize;
use slack_morphism::prelude::SlackBlock;

use super::mrkdwn::{clip, date, day, escape, link, time, time_secs};
use crate::chat::{CardNote, Message, SendRequest, Shown};
use crate::diagnosis::bot_id::BotId;
use crate::mention;
use crate::report::card::{Above, ButtonPlace, Card, Layout, Link, Section, Timeline, TimelineLine};
use crate::report::{Report, notices, plural};
use blocks::{BLOCKS_MAX, SECTION_MAX, TEXT_MAX, actions, context, filled, header, preformatted, section};

/// Most lines of a timeline: the first ones and the last ones.
const LINES_MAX: usize = 24;

/// The content of a message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Payload {
    /// The text for notifications and screen readers, without mark-up.
    pub text: String,
    /// The blocks that are shown.
    pub blocks: Vec<SlackBlock>,
    /// The same without charts, if there are any: Slack doesn't draw them everywhere yet.
    #[serde(skip)]
    pub without_charts: Option<Vec<SlackBlock>>,
}

/// Renders a posted message, within Slack's limits whatever the message contains.
#[must_use]
pub fn render(message: &Message) -> Payload {
    render_request(&SendRequest::plain(message, ""), Shown::Posted)
}

/// Renders the message of a request, with the details of this request.
#[must_use]
pub fn render_request(request: &SendRequest<'_>, shown: Shown) -> Payload {
    let below = |above| Layout { buttons: ButtonPlace::AnySection, above };
    let layout = below(shown.above());
    // It comes from the settings, and is the only text that may notify people.
    let mention = request.mention.and_then(mention::for_slack);
    let (mut text, mut blocks) = match request.message {
        Message::Verdict(report) => (headline(report), vec![verdict(report)]),
        Message::Details { report, note } => {
            (headline(report), draw(&Card::of(report, layout), note.as_ref()))
        }
        Message::Explanation(entry) => {
            (format!("{}: {}", entry.cause, entry.title), draw(&Card::explaining(entry), None))
        }
        Message::HostMessage(message) => {
            let languages = actions(&message.buttons(), message.bot);
            let text = preformatted(&message.text);
            (message.text.clone(), std::iter::once(text).chain(languages).collect())
        }
        Message::Notice(text) => (text.clone(), vec![section(&escape(text))]),
        Message::Alert(alert) => (alert.notification_text(), alerts::alert(alert, mention.as_deref())),
        Message::AlertGroup(group) => {
            (group.notification_text(), alerts::group(group, request.threadless, mention.as_deref()))
        }
        Message::Preview { preview, card } => {
            let card = card.as_ref().map(|card| card.0.as_str());
            (preview.heading().to_owned(), draw(&Card::previewing(preview, card), None))
        }
        Message::Mute(notice) => (notice.text.clone(), mutes::notice(notice)),
        Message::MuteForm(form) => {
            let words = form.by_command();
            (words.clone(), vec![section(&escape(&words))])
        }
        Message::Listing(listing) => (listing.heading.clone(), mutes::listing(listing)),
        Message::Digest(digest) => (digest.title(), digest::digest(digest, true)),
        Message::Bots(bots) => (plural(bots.len(), "bot"), alerts::bots(bots)),
    };
    if let (true, Message::Alert(alert)) = (request.threadless, request.message) {
        blocks.extend(draw(&Card::of(&alert.report, below(Above::Alert)), None));
    }
    text = escape(&text);
    // They are below the headline, which is a block of its own, and above the buttons.
    let mut below_headline = Vec::new();
    below_headline.extend(request.redirect_note.map(|note| context(&escape(note))));
    if let Some(mention) = mention {
        if !request.message.is_alert() {
            below_headline.push(section(&mention));
        }
        text = format!("{mention} {text}");
    }
    let whole = |mut blocks: Vec<SlackBlock>| {
        let place = blocks.len().min(1);
        blocks.splice(place..place, below_headline.iter().cloned());
        within(blocks)
    };
    let without_charts = match request.message {
        Message::Digest(digest) => Some(whole(digest::digest(digest, false))),
        _ => None,
    };
    Payload { text: filled(&text, TEXT_MAX), blocks: whole(blocks), without_charts }
}

/// Returns the verdict with the bot's ID, understandable alone in a notification.
fn headline(report: &Report) -> String {
    let id = report.bot_id.map(|id| format!(" (bot {id})")).unwrap_or_default();
    format!("{}: {}{id}", report.outcome_words(), report.title)
}

fn verdict(report: &Report) -> SlackBlock {
    let (title, name) = (escape(&report.title), escape(&clip(report.name(), 100)));
    section(&format!("*{}:* {title} ({name})", report.outcome_words()))
}

fn draw(card: &Card<'_>, note: Option<&CardNote>) -> Vec<SlackBlock> {
    let mut blocks = Vec::new();
    for section in &card.sections {
        blocks.extend(draw_section(section, card));
        if let (Section::Basis(_), Some(note)) = (section, note) {
            blocks.push(context(&note_text(note)));
        }
    }
    blocks
}

/// Draws the sections of a card for a form, whose heading and buttons are Slack's own.
pub(super) fn draw_sections(card: &Card<'_>) -> Vec<SlackBlock> {
    within(draw(card, None))
}

fn draw_section(part: &Section<'_>, card: &Card<'_>) -> Vec<SlackBlock> {
    match part {
        Section::Headline { outcome: Some(outcome), title } => vec![header(&format!("{outcome}: {title}"))],
        Section::Headline { outcome: None, title } => vec![header(title)],
        Section::Bot { name, platform, id } => {
            vec![bot_line(name, *platform, *id)]
        }
        Section::Entry(id) => vec![context(&format!("`{}`", escape(id)))],
        Section::Why(paragraphs) => {
            let paragraphs: Vec<String> = paragraphs.iter().map(|text| escape(text)).collect();
            vec![section(&paragraphs.join("\n"))]
        }
        Section::Recurrence(lines) => alerts::lines(lines).into_iter().collect(),
        Section::VendorReport { heading, text } => {
            vec![section(&format!("*{heading}*")), preformatted(text)]
        }
        Section::Basis(basis) => vec![context(&escape(basis))],
        Section::Rescue { lines, buttons } => {
            alerts::lines(lines).into_iter().chain(actions(buttons, card.bot)).collect()
        }
        Section::Question(question) => {
            let mut blocks = vec![section(&format!("*{}*", escape(question.text)))];
            blocks.extend(actions(&question.answers, card.bot));
            blocks.push(context(&escape(question.readings)));
            blocks
        }
        Section::HostMessage { heading, text, then } => {
            let mut blocks = vec![section(&format!("*{heading}*")), preformatted(text)];
            let then: Vec<String> = then.iter().map(|step| escape(step)).collect();
            blocks.extend((!then.is_empty()).then(|| section(&then.join("\n"))));
            blocks
        }
        Section::Steps { heading, steps } => {
            let numbered = steps.iter().enumerate();
            list(heading, numbered.map(|(index, step)| format!("{}. {}", index + 1, escape(step))))
        }
        Section::Alternatives { heading, lines } => {
            list(heading, lines.iter().map(|line| format!("• {}", escape(line))))
        }
        Section::Timeline(timeline) => draw_timeline(timeline),
        Section::SmallPrint(lines) => {
            let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
            vec![context(&lines.join("\n"))]
        }
        Section::Links(links) => {
            let (named, others): (Vec<&Link<'_>>, Vec<_>) =
                links.iter().partition(|link| link.label.is_some());
            let named = named.iter().map(|to| link(to.url, to.label.unwrap_or_default()));
            let others: Vec<String> = others.iter().map(|to| link(to.url, &where_to(to.url))).collect();
            let others = (!others.is_empty()).then(|| format!("Read more: {}", others.join(" · ")));
            vec![context(&named.chain(others).collect::<Vec<_>>().join(" · "))]
        }
        Section::Buttons(buttons) => actions(buttons, card.bot).into_iter().collect(),
    }
}

/// Draws what identifies the bot, as small print.
fn bot_line(name: &str, platform: Option<&str>, id: Option<BotId>) -> SlackBlock {
    let name = escape(&clip(name, 100));
    let parts = [Some(name), platform.map(str::to_owned), id.map(|id| format!("`{id}`"))];
    context(&parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// Returns a user. Slack can show an ID that it issued. An ID of Discord means nothing here.
fn person(person: &str) -> String {
    if mention::is_slack_user(person) {
        format!("<@{person}>")
    } else if mention::is_discord_id(person) {
        "someone in Discord".to_owned()
    } else {
        escape(&clip(person, 100))
    }
}

fn note_text(note: &CardNote) -> String {
    match note {
        // Slack can show a user ID that it issued. A user ID of Discord means nothing here.
        CardNote::AnsweredBy(person) if mention::is_slack_user(person) => {
            notices::answered_by(&format!("<@{person}>"))
        }
        CardNote::AnsweredBy(person) if mention::is_discord_id(person) => notices::answered_in("Discord"),
        CardNote::AnsweredBy(person) => notices::answered_by(&escape(&clip(person, 100))),
        CardNote::NotInChannel => notices::NOT_IN_CHANNEL.to_owned(),
    }
}

/// Draws one section, which Slack collapses by itself if it is long.
fn draw_timeline(timeline: &Timeline<'_>) -> Vec<SlackBlock> {
    let heading = timeline
        .day
        .map_or_else(|| Timeline::HEADING.to_owned(), |at| format!("{} · {}", Timeline::HEADING, day(at)));
    if timeline.lines.is_empty() {
        return vec![section(&format!("*{heading}*\n{}", Timeline::EMPTY))];
    }
    let mut lines: Vec<String> =
        timeline.lines.iter().map(|line| draw_line(line, timeline.to_the_second)).collect();
    if lines.len() > LINES_MAX {
        let left_out = lines.len() - LINES_MAX;
        lines.splice(LINES_MAX / 2..LINES_MAX / 2 + left_out, [Timeline::left_out(left_out)]);
    }
    list(&heading, lines.into_iter())
}

fn draw_line(line: &TimelineLine<'_>, to_the_second: bool) -> String {
    let at = match line.at {
        None => "at an unknown time".to_owned(),
        Some(at) if line.is_new_day => date(at),
        Some(at) if to_the_second => time_secs(at),
        Some(at) => time(at),
    };
    let code = |code: &str| format!("  `{}`", escape(&clip(code, 100)).replace('`', "'"));
    format!("{at}  {}{}", escape(&clip(&line.text, 300)), line.sub_code.map(code).unwrap_or_default())
}

/// Returns the target of a link as far as its URL shows it: the host and the last part.
fn where_to(url: &str) -> String {
    let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or("documentation");
    let page = url.trim_end_matches('/').rsplit(['/', '#']).next().filter(|page| *page != host);
    page.map_or_else(|| host.to_owned(), |page| format!("{host}: {}", page.replace('-', " ")))
}

/// Returns lines below a title, in as many sections as needed.
fn list(title: &str, lines: impl Iterator<Item = String>) -> Vec<SlackBlock> {
    let mut sections = Vec::new();
    let mut text = format!("*{title}*");
    for line in lines {
        let line = clip(&line, SECTION_MAX / 2);
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

/// Cuts a message to Slack's limit of blocks. The buttons, which come last, stay.
fn within(mut blocks: Vec<SlackBlock>) -> Vec<SlackBlock> {
    if blocks.len() > BLOCKS_MAX {
        let last = blocks.pop();
        blocks.truncate(BLOCKS_MAX - 2);
        blocks.push(context(notices::TOO_LONG));
        blocks.extend(last);
    }
    blocks
}
