//! Renders alerts for Slack.

use slack_morphism::prelude::SlackBlock;

use super::super::mrkdwn::{clip, date_to_the_minute, escape, linked_day, time, time_secs};
use super::blocks::{SECTION_MAX, actions, section};
use super::bot_line;
use crate::mention;
use crate::report::alert::{Alert, BodyLine, Headline, Span};
use crate::report::alert_group::{AlertGroup, GroupedBot};

/// Most characters of an escaped headline. Those of the catalogue are far shorter. A mention fits beside it.
const HEADLINE_MAX: usize = 1500;
const _: () = assert!(HEADLINE_MAX + mention::MENTION_MAX + 200 <= SECTION_MAX);

/// Renders an alert, with its mention at the end of the first line.
pub(super) fn alert(alert: &Alert, mention: Option<&str>) -> Vec<SlackBlock> {
    let (name, platform, id) = alert.bot_line();
    vec![section(&headline(&alert.headline(), mention)), bot_line(name, platform, id)]
        .into_iter()
        .chain(lines(&alert.body_lines()))
        .chain(actions(&alert.buttons(), id))
        .collect()
}

pub(super) fn group(group: &AlertGroup, threadless: bool, mention: Option<&str>) -> Vec<SlackBlock> {
    let mut blocks = vec![section(&headline(&group.headline(), mention))];
    blocks.extend(lines(&group.body_lines(threadless)));
    blocks
}

pub(super) fn bots(bots: &[GroupedBot]) -> Vec<SlackBlock> {
    let lines: Vec<String> = bots.iter().map(|listed| format!("`{}`", listed.bot)).collect();
    // Fifty IDs and their line ends stay below the limit of one section.
    lines.chunks(50).map(|chunk| section(&chunk.join("\n"))).collect()
}

fn headline(headline: &Headline, mention: Option<&str>) -> String {
    let clock = if headline.is_soon { time_secs } else { time };
    let deadline = headline.leaves_at.map(|at| format!(", leaves at {}", clock(at))).unwrap_or_default();
    let text = clip(&escape(&headline.text), HEADLINE_MAX);
    let mention = mention.map(|mention| format!(" {mention}")).unwrap_or_default();
    format!("{} *{}{deadline}:* {text}{mention}", headline.icon, headline.label)
}

/// Renders lines of words, times and links.
pub(super) fn lines(lines: &[BodyLine]) -> Option<SlackBlock> {
    let lines: Vec<String> = lines.iter().map(line).collect();
    (!lines.is_empty()).then(|| section(&lines.join("\n")))
}

/// Renders one such line.
pub(super) fn line(line: &BodyLine) -> String {
    let span = |span: &Span| match span {
        Span::Words(words) => escape(&clip(words, 600)),
        Span::Time(at) => time(*at),
        Span::Date(at) => date_to_the_minute(*at),
        Span::Person(person) => super::person(person),
        Span::Code(code) => format!("`{}`", escape(&clip(code, 200)).replace('`', "'")),
        Span::LinkedDay { at, url } => linked_day(*at, url),
    };
    line.0.iter().map(span).collect()
}
