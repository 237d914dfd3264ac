//! A card as embeds: what happened and why, what to do, the timeline, and the question. The question comes
//! last, because buttons are below all embeds.

use serenity::builder::CreateEmbed;
use serenity::constants::{EMBED_MAX_COUNT, EMBED_MAX_LENGTH};

use super::super::markdown::{clip, code_block, escape};
use super::{Body, alerts, bot_line, buttons, filled, timeline};
use crate::chat::CardNote;
use crate::mention;
use crate::report::card::{Card, QuestionSection, Section, Timeline};
use crate::report::notices;

/// Most characters in the title of an embed:
/// <https://docs.discord.com/developers/resources/message#embed-object-embed-limits>
const TITLE_MAX: usize = 256;

/// Characters for each part of a message, so that all embeds together stay within Discord's limit.
const WHY_SHARE: usize = 1500;
const STEPS_SHARE: usize = 1200;
const HOST_SHARE: usize = 1200;
const THEN_SHARE: usize = 300;
const ALTERNATIVES_SHARE: usize = 300;
pub(super) const TIMELINE_SHARE: usize = 1200;
const QUESTION_SHARE: usize = 300;
/// Number of links that are shown: the page for the host, and two to read on.
const LINKS_MAX: usize = 3;
/// Characters for all titles. The longest is that of a cause; the others are ours and short.
const TITLES_SHARE: usize = 300;
const _: () = assert!(
    WHY_SHARE + STEPS_SHARE + HOST_SHARE + THEN_SHARE + ALTERNATIVES_SHARE + TIMELINE_SHARE + TITLES_SHARE
        <= EMBED_MAX_LENGTH
);
// While a question is open, there are no alternatives and no message for the host.
const _: () = assert!(QUESTION_SHARE <= ALTERNATIVES_SHARE + HOST_SHARE);
// The summary, three for the advice, the timeline, and the question.
const _: () = assert!(6 <= EMBED_MAX_COUNT);

/// Draws a card. The title of the first embed is that of the card, or else `title`.
pub(super) fn draw(card: &Card<'_>, title: &str, note: Option<&CardNote>) -> Body {
    let mut embeds = Embeds { title: title.to_owned(), ..Embeds::default() };
    for section in &card.sections {
        embeds.add(section, note);
    }
    Body { embeds: embeds.finish(), components: buttons::draw(card), ..Body::default() }
}

/// The embeds of a card while its sections are added.
#[derive(Default)]
struct Embeds<'a> {
    title: String,
    summary: Vec<String>,
    /// Characters of the lines about earlier failures.
    recurrence: usize,
    advice: Vec<CreateEmbed>,
    timeline: Option<&'a Timeline<'a>>,
    small_print: Vec<String>,
    question: Option<CreateEmbed>,
}

impl<'a> Embeds<'a> {
    fn add(&mut self, section: &'a Section<'_>, note: Option<&CardNote>) {
        match section {
            Section::Headline { outcome: Some(outcome), title } => {
                self.title = format!("{outcome}: {}", escape(title));
            }
            Section::Headline { outcome: None, title } => self.title = escape(title),
            Section::Bot { name, platform, id } => self.summary.push(bot_line(name, *platform, *id)),
            Section::Entry(id) => self.summary.push(format!("`{id}`")),
            Section::Recurrence(lines) => {
                let lines: Vec<String> = lines.iter().map(alerts::line).collect();
                self.recurrence = lines.join("\n").chars().count();
                self.summary.push(lines.join("\n"));
            }
            Section::Why(paragraphs) => self.summary.push(why(paragraphs, self.recurrence)),
            Section::Basis(basis) => {
                self.summary.push(format!("-# {}", escape(basis)));
                self.summary.extend(note.map(|note| format!("-# {}", note_text(note))));
            }
            Section::Rescue { lines, .. } => {
                let lines: Vec<String> = lines.iter().map(alerts::line).collect();
                self.summary.extend((!lines.is_empty()).then(|| lines.join("\n")));
            }
            Section::HostMessage { heading, text, then } => {
                self.advice.push(host_message(heading, text, then));
            }
            Section::VendorReport { heading, text } => self.advice.push(host_message(heading, text, &[])),
            Section::Steps { heading, steps } => self.advice.push(numbered(heading, steps)),
            Section::Alternatives { heading, lines } => self.advice.push(alternatives(heading, lines)),
            Section::Timeline(timeline) => self.timeline = Some(timeline),
            Section::SmallPrint(lines) => {
                self.small_print.extend(lines.iter().map(|line| format!("-# {}", escape(&clip(line, 200)))));
            }
            Section::Links(links) => {
                self.small_print.extend(links.iter().take(LINKS_MAX).map(|link| match link.label {
                    Some(label) => format!("-# [{label}](<{}>)", link.url),
                    None => format!("-# <{}>", link.url),
                }));
            }
            Section::Question(asked) => self.question = Some(question(asked)),
            Section::Buttons(_) => {}
        }
    }

    /// Returns the embeds. The small print is below the timeline, or below the summary if there is none.
    fn finish(mut self) -> Vec<CreateEmbed> {
        let small_print = clip(&self.small_print.join("\n"), TIMELINE_SHARE / 2);
        let timeline = self.timeline.map(|timeline| timeline::draw(timeline, &small_print));
        if timeline.is_none() {
            self.summary.push(small_print);
        }
        let text = clip(&filled(&self.summary.join("\n\n")), WHY_SHARE);
        let mut summary = CreateEmbed::new().description(text);
        if !self.title.is_empty() {
            summary = summary.title(clip(&self.title, TITLE_MAX));
        }
        std::iter::once(summary).chain(self.advice).chain(timeline).chain(self.question).collect()
    }
}

fn why(paragraphs: &[&str], beside: usize) -> String {
    let paragraphs: Vec<String> = paragraphs.iter().map(|text| escape(text)).collect();
    // The lines around it have to stay complete.
    clip(&filled(&paragraphs.join("\n")), WHY_SHARE.saturating_sub(400 + beside))
}

fn host_message(heading: &str, text: &str, then: &[&str]) -> CreateEmbed {
    let then: Vec<String> = then.iter().map(|step| escape(step)).collect();
    let then = clip(&then.join("\n"), THEN_SHARE);
    let text = format!("{}\n{then}", code_block(text, HOST_SHARE));
    CreateEmbed::new().title(heading).description(text.trim_end())
}

fn numbered(heading: &str, steps: &[&str]) -> CreateEmbed {
    let numbered = steps.iter().enumerate();
    let lines = numbered.map(|(index, step)| format!("{}. {}", index + 1, escape(step)));
    let text = clip(&lines.collect::<Vec<_>>().join("\n"), STEPS_SHARE);
    CreateEmbed::new().title(heading).description(filled(&text))
}

fn alternatives(heading: &str, lines: &[String]) -> CreateEmbed {
    let lines: Vec<String> = lines.iter().map(|line| format!("- {}", escape(line))).collect();
    CreateEmbed::new().title(heading).description(clip(&lines.join("\n"), ALTERNATIVES_SHARE))
}

fn question(question: &QuestionSection<'_>) -> CreateEmbed {
    let text = format!("**{}**\n-# {}", escape(question.text), escape(question.readings));
    CreateEmbed::new().description(clip(&text, QUESTION_SHARE))
}

fn note_text(note: &CardNote) -> String {
    match note {
        // Discord can show a user ID that it issued. It notifies no one, because mentions are turned off. A
        // user ID of Slack means nothing here.
        CardNote::AnsweredBy(person) if mention::is_discord_id(person) => {
            notices::answered_by(&format!("<@{person}>"))
        }
        CardNote::AnsweredBy(person) if mention::is_slack_user(person) => notices::answered_in("Slack"),
        CardNote::AnsweredBy(person) => notices::answered_by(&escape(&clip(person, 100))),
        CardNote::NotInChannel => notices::CANNOT_POST.to_owned(),
    }
}
