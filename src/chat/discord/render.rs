//! A message as Discord shows it. Pure.

use serde_json::{Value, json};

use super::alerts;
use super::markdown::{clip, code_block, day, escape, quiet, time, time_to_the_minute};
use crate::chat::action::Action;
use crate::chat::{CardNote, Message, SendRequest, Shown};
use crate::diagnosis::bot_id::BotId;
use crate::mention;
use crate::report::card::{Above, Button, ButtonPlace, Card, Layout, Section, Timeline, TimelineLine};
use crate::report::{Report, notices};

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
const WHY_SHARE: usize = 1500;
const STEPS_SHARE: usize = 1200;
const HOST_SHARE: usize = 1200;
const THEN_SHARE: usize = 300;
const ALTERNATIVES_SHARE: usize = 300;
const TIMELINE_SHARE: usize = 1200;
const QUESTION_SHARE: usize = 300;
/// Links that are shown: the page for the host and two to read on.
const LINKS_MAX: usize = 3;
const _: () = assert!(mention::MENTION_MAX < CONTENT_MAX);
/// Titles are ours and short, except for the one of an explanation, which has nothing else of its length beside it.
const TITLES_SHARE: usize = 200;
const _: () = assert!(
    WHY_SHARE + STEPS_SHARE + HOST_SHARE + THEN_SHARE + ALTERNATIVES_SHARE + TIMELINE_SHARE + TITLES_SHARE
        <= EMBEDS_MAX
);
// While a question is open there are neither alternatives nor a message for the host.
const _: () = assert!(QUESTION_SHARE <= ALTERNATIVES_SHARE + HOST_SHARE);

/// What is shown, without whom it is for.
#[must_use]
pub fn render(message: &Message) -> Value {
    render_request(&SendRequest::plain(message, ""), Shown::Posted)
}

/// The message of a request, with what only this request has.
#[must_use]
pub fn render_request(request: &SendRequest<'_>, shown: Shown) -> Value {
    // It comes from the settings, and is the one text that may ping.
    let mention = request.mention.and_then(mention::for_discord);
    let (mut content, mut title, mut card) = (String::new(), "", None);
    let mut note = None;
    let mut embeds = Vec::new();
    match request.message {
        Message::Verdict(report) => content = verdict(report),
        Message::Details { report, note: of_card } => {
            if request.threadless {
                content = verdict(report);
            }
            card = Some(Card::of(report, layout(shown.above())));
            title = report.outcome_words();
            note = of_card.as_ref();
        }
        Message::Explanation(entry) => card = Some(Card::explaining(entry)),
        Message::HostMessage(text) => content = code_block(text, CONTENT_MAX),
        Message::Notice(text) => content = filled(&escape(text)),
        Message::Alert(alert) => {
            content = alerts::alert(alert, mention.as_deref());
            // There can be no thread for them.
            card = request.threadless.then(|| Card::of(&alert.report, layout(Above::Alert)));
        }
        Message::AlertGroup(group) => {
            content = alerts::group(group, request.threadless, mention.as_deref());
        }
        Message::Bots(bots) => embeds = alerts::bots(bots),
    }
    let mut rows = json!([]);
    if let Some(card) = &card {
        embeds = draw(title, card, note);
        rows = draw_buttons(card);
    }
    if let Some(redirect_note) = request.redirect_note {
        content = format!("{content}\n-# {}", escape(&clip(redirect_note, 400)));
    }
    let is_alert = matches!(request.message, Message::Alert(_) | Message::AlertGroup(_));
    if let Some(mention) = mention.as_deref().filter(|_| !is_alert) {
        let room = CONTENT_MAX.saturating_sub(mention.chars().count() + 1);
        content = format!("{}\n{mention}", clip(&content, room));
    }
    let allowed = mention.as_deref().map_or_else(|| json!({ "parse": [] }), alerts::may_mention);
    json!({
        "content": clip(&content, CONTENT_MAX),
        "embeds": embeds,
        "components": rows,
        "allowed_mentions": allowed,
    })
}

/// Buttons can be below all embeds and nowhere else.
const fn layout(above: Above) -> Layout {
    Layout { buttons: ButtonPlace::End, above }
}

fn verdict(report: &Report) -> String {
    let title = escape(&clip(&report.title, 300));
    let name = escape(&clip(report.name(), 100));
    clip(&format!("**{}:** {title} ({name})", report.outcome_words()), CONTENT_MAX)
}

/// The embeds of a card: what happened and why, what to do about it, the timeline, and the question. The title of the
/// first is that of the card, or else the one that is given.
fn draw(title: &str, card: &Card<'_>, note: Option<&CardNote>) -> Vec<Value> {
    let mut title = title.to_owned();
    let mut first = Vec::new();
    let mut advice = Vec::new();
    let mut history = Vec::new();
    let mut below = Vec::new();
    let mut small = Vec::new();
    for section in &card.sections {
        match section {
            Section::Headline { outcome: Some(outcome), title: of_cause } => {
                title = format!("{outcome}: {}", escape(of_cause));
            }
            Section::Headline { outcome: None, title: of_entry } => title = escape(of_entry),
            Section::Bot { name, platform, id } => {
                let name = escape(&clip(name, 100));
                let about = [Some(name), platform.map(str::to_owned), id.map(|id| format!("`{id}`"))];
                first.push(format!("-# {}", about.into_iter().flatten().collect::<Vec<_>>().join(" · ")));
            }
            Section::Entry(id) => first.push(format!("`{id}`")),
            Section::Why(paragraphs) => {
                let paragraphs: Vec<String> = paragraphs.iter().map(|text| escape(text)).collect();
                first.push(clip(&filled(&paragraphs.join("\n")), WHY_SHARE - 400));
            }
            Section::Basis(basis) => {
                first.push(format!("-# {}", escape(basis)));
                first.extend(note.map(|note| format!("-# {}", note_text(note))));
            }
            Section::HostMessage { heading, text, then } => {
                let then: Vec<String> = then.iter().map(|step| escape(step)).collect();
                let text =
                    format!("{}\n{}", code_block(text, HOST_SHARE), clip(&then.join("\n"), THEN_SHARE));
                advice.push(json!({ "title": heading, "description": text }));
            }
            Section::Steps { heading, steps } => {
                let numbered = steps.iter().enumerate();
                let lines = numbered.map(|(index, step)| format!("{}. {}", index + 1, escape(step)));
                let text = clip(&lines.collect::<Vec<_>>().join("\n"), STEPS_SHARE);
                advice.push(json!({ "title": heading, "description": filled(&text) }));
            }
            Section::Alternatives { heading, lines } => {
                let lines: Vec<String> = lines.iter().map(|line| format!("- {}", escape(line))).collect();
                let text = clip(&lines.join("\n"), ALTERNATIVES_SHARE);
                advice.push(json!({ "title": heading, "description": text }));
            }
            Section::Timeline(timeline) => history.push(timeline),
            Section::SmallPrint(lines) => {
                small.extend(lines.iter().map(|line| format!("-# {}", escape(&clip(line, 200)))));
            }
            Section::Links(links) => {
                small.extend(links.iter().take(LINKS_MAX).map(|link| match link.label {
                    Some(label) => format!("-# [{label}](<{}>)", link.url),
                    None => format!("-# <{}>", link.url),
                }));
            }
            Section::Question(question) => {
                let text = format!("**{}**\n-# {}", escape(question.text), escape(question.readings));
                below.push(json!({ "description": clip(&text, QUESTION_SHARE) }));
            }
            Section::Buttons(_) => {}
        }
    }
    let small = clip(&small.join("\n"), TIMELINE_SHARE / 2);
    let history = match history.first() {
        Some(timeline) => vec![json!({
            "title": Timeline::HEADING,
            "description": draw_timeline(timeline, &small),
        })],
        None => {
            first.push(small);
            Vec::new()
        }
    };
    let mut summary = json!({ "description": clip(&filled(&first.join("\n\n")), WHY_SHARE) });
    if !title.is_empty() {
        summary["title"] = clip(&title, TITLE_MAX).into();
    }
    std::iter::once(summary).chain(advice).chain(history).chain(below).collect()
}

fn note_text(note: &CardNote) -> String {
    match note {
        // Whom Discord named to us can be named to Discord. Nobody is notified: mentions are turned off.
        // What Slack calls a person says nothing here.
        CardNote::AnsweredBy(person) if mention::is_discord_id(person) => {
            notices::answered_by(&format!("<@{person}>"))
        }
        CardNote::AnsweredBy(person) if mention::is_slack_user(person) => notices::answered_in("Slack"),
        CardNote::AnsweredBy(person) => notices::answered_by(&escape(&clip(person, 100))),
        CardNote::NotInChannel => notices::CANNOT_POST.to_owned(),
    }
}

/// What happened and the small print below it; of a long history the beginning and the end.
fn draw_timeline(timeline: &Timeline<'_>, small: &str) -> String {
    let mut lines: Vec<String> =
        timeline.lines.iter().map(|line| draw_line(line, timeline.to_the_second)).collect();
    let room = TIMELINE_SHARE.saturating_sub(small.chars().count() + 100);
    let length = |lines: &[String]| lines.iter().map(|line| line.chars().count() + 1).sum::<usize>();
    let all = lines.len();
    while lines.len() > 2 && length(&lines) > room {
        lines.remove(lines.len() / 2);
    }
    if lines.len() < all {
        lines.insert(lines.len() / 2, Timeline::left_out(all - lines.len()));
    }
    match timeline.day {
        Some(at) => lines.insert(0, day(at)),
        None if lines.is_empty() => lines.push(Timeline::EMPTY.to_owned()),
        None => {}
    }
    clip(&format!("{}\n{small}", lines.join("\n")), TIMELINE_SHARE)
}

fn draw_line(line: &TimelineLine<'_>, to_the_second: bool) -> String {
    let at = match line.at {
        None => "at an unknown time".to_owned(),
        Some(at) if to_the_second => time(at),
        Some(at) => time_to_the_minute(at),
    };
    let new_day = line.at.filter(|_| line.is_new_day).map(|at| format!("{}\n", day(at)));
    let code = |code: &str| format!(" `{}`", quiet(&clip(code, 80)).replace('`', "'"));
    let code = line.sub_code.map(code).unwrap_or_default();
    format!("{}{at} {}{code}", new_day.unwrap_or_default(), escape(&clip(&line.text, 200)))
}

/// Discord refuses a text that is empty, and with it the whole message.
fn filled(text: &str) -> String {
    if text.trim().is_empty() { "–".to_owned() } else { text.to_owned() }
}

/// One row: a card of ours has at most four buttons, and the link to the dashboard.
fn draw_buttons(card: &Card<'_>) -> Value {
    let buttons: Vec<Value> = card.buttons().filter_map(|button| draw_button(button, card.bot)).collect();
    if buttons.is_empty() { json!([]) } else { json!([{ "type": 1, "components": buttons }]) }
}

fn draw_button(button: Button<'_>, bot: Option<BotId>) -> Option<Value> {
    let label = clip(button.label(), LABEL_MAX);
    match button {
        // Discord takes no addresses of this machine, which only a demo or a test has.
        Button::Dashboard(url) => (url.starts_with("https://") && url.chars().count() <= URL_MAX)
            .then(|| json!({ "type": 2, "style": 5, "label": label, "url": url })),
        _ => {
            let id = Action::of(button, bot?)?.id();
            Some(json!({ "type": 2, "style": 2, "label": label, "custom_id": id }))
        }
    }
}
