//! Renders alerts for Discord.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use serenity::builder::{CreateAllowedMentions, CreateEmbed};
use serenity::constants::MESSAGE_CODE_LIMIT;

use super::super::markdown::{clip, date_to_the_minute, day, escape, quiet, relative, time_to_the_minute};
use super::bot_line;
use crate::mention::MENTION_MAX;
use crate::report::alert::{Alert, BodyLine, Headline, Span};
use crate::report::alert_group::{AlertGroup, GroupedBot};
use crate::report::plural;

/// Most characters of an escaped headline. Those of the catalogue are far shorter. A mention fits beside it.
const HEADLINE_MAX: usize = 900;
const _: () = assert!(HEADLINE_MAX + MENTION_MAX + 200 <= MESSAGE_CODE_LIMIT);

/// Renders an alert, with its mention at the end of the first line.
pub(super) fn alert(alert: &Alert, mention: Option<&str>) -> String {
    let (name, platform, id) = alert.bot_line();
    let head = headline(&alert.headline(), mention);
    message([head, bot_line(name, platform, id)].into_iter().chain(alert.body_lines().iter().map(line)))
}

pub(super) fn group(group: &AlertGroup, threadless: bool, mention: Option<&str>) -> String {
    let head = headline(&group.headline(), mention);
    message(std::iter::once(head).chain(group.body_lines(threadless).iter().map(line)))
}

pub(super) fn bots(bots: &[GroupedBot]) -> CreateEmbed {
    let ids: Vec<String> = bots.iter().map(|listed| format!("`{}`", listed.bot)).collect();
    CreateEmbed::new().title(plural(bots.len(), "bot")).description(ids.join("\n"))
}

fn headline(headline: &Headline, mention: Option<&str>) -> String {
    let deadline = headline.leaves_at.map(|at| format!(", leaves {}", relative(at))).unwrap_or_default();
    let text = clip(&escape(&headline.text), HEADLINE_MAX);
    let mention = mention.map(|mention| format!(" {mention}")).unwrap_or_default();
    format!("{} **{}{deadline}:** {text}{mention}", headline.icon, headline.label)
}

/// Returns the permission to notify what the mention from the settings names, and nothing else.
pub(super) fn may_mention(mention: &str) -> CreateAllowedMentions {
    let inner = || mention.split_whitespace().filter_map(|word| word.strip_prefix("<@")?.strip_suffix('>'));
    // Discord rejects a list with duplicates.
    let roles: BTreeSet<NonZeroU64> =
        inner().filter_map(|inner| inner.strip_prefix('&')?.parse().ok()).collect();
    let users: BTreeSet<NonZeroU64> =
        inner().filter_map(|inner| inner.strip_prefix('!').unwrap_or(inner).parse().ok()).collect();
    let everyone = mention.split_whitespace().any(|word| matches!(word, "@here" | "@everyone"));
    CreateAllowedMentions::new().everyone(everyone).roles(roles).users(users)
}

fn message(lines: impl Iterator<Item = String>) -> String {
    clip(&lines.collect::<Vec<_>>().join("\n"), MESSAGE_CODE_LIMIT)
}

/// Renders a line of words, times and links.
pub(super) fn line(line: &BodyLine) -> String {
    let span = |span: &Span| match span {
        Span::Words(words) => escape(&clip(words, 600)),
        Span::Time(at) => time_to_the_minute(*at),
        Span::Date(at) => date_to_the_minute(*at),
        Span::Person(person) => super::person(person),
        Span::Code(code) => format!("`{}`", quiet(&clip(code, 200)).replace('`', "'")),
        // A time can't be the words of a link.
        Span::LinkedDay { at, url } => format!("{} ([open](<{url}>))", day(*at)),
    };
    line.0.iter().map(span).collect()
}
