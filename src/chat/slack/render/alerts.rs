//! Alerts as Slack shows them.

use slack_morphism::prelude::SlackBlock;

use super::super::mrkdwn::{clip, escape, time, time_secs};
use super::blocks::{SECTION_MAX, context, section};
use crate::mention;
use crate::report::alert::{Alert, BodyLine, Headline, Span};
use crate::report::alert_group::{AlertGroup, GroupedBot};

/// Characters of a headline, escaped. Those of the catalogue are far shorter. A mention fits beside it.
const HEADLINE_MAX: usize = 1500;
const _: () = assert!(HEADLINE_MAX + mention::MENTION_MAX + 200 <= SECTION_MAX);

/// An alert, with whom it mentions at the end of its first line.
pub(super) fn alert(alert: &Alert, mention: Option<&str>) -> Vec<SlackBlock> {
    let (name, platform, id) = alert.bot_line();
    let about = [Some(escape(&clip(name, 100))), platform.map(str::to_owned), id.map(|id| format!("`{id}`"))];
    let about = about.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    vec![section(&headline(&alert.headline(), mention)), context(&about)]
        .into_iter()
        .chain(lines(&alert.body_lines()))
        .collect()
}

pub(super) fn group(group: &AlertGroup, threadless: bool, mention: Option<&str>) -> Vec<SlackBlock> {
    let mut blocks = vec![section(&headline(&group.headline(), mention))];
    blocks.extend(lines(&group.body_lines(threadless)));
    blocks
}

pub(super) fn bots(bots: &[GroupedBot]) -> Vec<SlackBlock> {
    let lines: Vec<String> = bots.iter().map(|listed| format!("`{}`", listed.bot)).collect();
    // Fifty ids and their line ends stay below what one section holds.
    lines.chunks(50).map(|chunk| section(&chunk.join("\n"))).collect()
}

fn headline(headline: &Headline, mention: Option<&str>) -> String {
    let clock = if headline.is_soon { time_secs } else { time };
    let deadline = headline.leaves_at.map(|at| format!(", leaves at {}", clock(at))).unwrap_or_default();
    let text = clip(&escape(&headline.text), HEADLINE_MAX);
    let mention = mention.map(|mention| format!(" {mention}")).unwrap_or_default();
    format!("{} *{}{deadline}:* {text}{mention}", headline.icon, headline.label)
}

fn lines(lines: &[BodyLine]) -> Option<SlackBlock> {
    let span = |span: &Span| match span {
        Span::Words(words) => escape(&clip(words, 600)),
        Span::Time(at) => time(*at),
    };
    let lines: Vec<String> = lines.iter().map(|line| line.0.iter().map(span).collect()).collect();
    (!lines.is_empty()).then(|| section(&lines.join("\n")))
}
