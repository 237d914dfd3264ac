//! What is told without anybody having asked, as Discord shows it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::markdown::{clip, escape, relative};
use super::render::CONTENT_MAX;
use crate::mention::is_discord_id;
use crate::report::alert::{Alert, BodyLine};
use crate::report::alert_group::{AlertGroup, GroupedBot};

/// Characters of a title. Titles of the catalogue are far shorter.
const TITLE_MAX: usize = 300;

pub(super) fn alert(alert: &Alert) -> String {
    let (name, platform, id) = alert.bot_line();
    let about = [Some(escape(&clip(name, 100))), platform.map(str::to_owned), id.map(|id| format!("`{id}`"))];
    let about = about.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let title = escape(&clip(&alert.title(), TITLE_MAX));
    let head = format!("{} **{}:** {title}", alert.icon(), alert.status_label());
    let about = format!("-# {about}");
    message([head, about].into_iter().chain(alert.body_lines().iter().map(line)))
}

pub(super) fn group(group: &AlertGroup, threadless: bool) -> String {
    let title = escape(&clip(&group.title(), TITLE_MAX));
    let head = format!("{} **{}:** {title}", group.icon(), group.status_label());
    message(std::iter::once(head).chain(group.body_lines(threadless).iter().map(line)))
}

pub(super) fn bots(bots: &[GroupedBot]) -> Vec<Value> {
    let ids: Vec<String> = bots.iter().map(|listed| format!("`{}`", listed.bot)).collect();
    let title = format!("{} bots", bots.len());
    vec![json!({ "title": title, "description": ids.join("\n") })]
}

/// Lets a mention from the settings ping what it names, and nothing else.
pub(super) fn may_mention(mention: &str) -> Value {
    // Discord refuses a list that names somebody twice.
    let ids = |prefixes: &[&str]| -> BTreeSet<&str> {
        let inner = mention.split_whitespace().filter_map(|word| word.strip_prefix('<')?.strip_suffix('>'));
        inner
            .filter_map(|inner| prefixes.iter().find_map(|prefix| inner.strip_prefix(prefix)))
            .filter(|id| is_discord_id(id))
            .collect()
    };
    let everyone = mention.split_whitespace().any(|word| matches!(word, "@here" | "@everyone"));
    let parse: &[&str] = if everyone { &["everyone"] } else { &[] };
    json!({ "parse": parse, "roles": ids(&["@&"]), "users": ids(&["@!", "@"]) })
}

fn message(lines: impl Iterator<Item = String>) -> String {
    clip(&lines.collect::<Vec<_>>().join("\n"), CONTENT_MAX)
}

fn line(line: &BodyLine) -> String {
    let at = line.at.map(|at| format!(" {}", relative(at))).unwrap_or_default();
    format!("{}{at}", escape(&clip(&line.words, 600)))
}
