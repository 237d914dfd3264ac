//! What is told without anybody having asked, as Slack shows it.

use serde_json::Value;

use super::super::mrkdwn::{clip, date, escape};
use super::blocks::{context, section};
use crate::report::alert::{Alert, BodyLine};
use crate::report::alert_group::{AlertGroup, GroupedBot};

/// Characters of a title. Titles of the catalogue are far shorter.
const TITLE_MAX: usize = 300;

pub(super) fn alert(alert: &Alert) -> Vec<Value> {
    let (name, platform, id) = alert.bot_line();
    let about = [Some(escape(&clip(name, 100))), platform.map(str::to_owned), id.map(|id| format!("`{id}`"))];
    let about = about.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let title = escape(&clip(&alert.title(), TITLE_MAX));
    vec![section(&format!("{} *{}:* {title}", alert.icon(), alert.status_label())), context(&about)]
        .into_iter()
        .chain(lines(&alert.body_lines()))
        .collect()
}

pub(super) fn group(group: &AlertGroup, threadless: bool) -> Vec<Value> {
    let title = escape(&clip(&group.title(), TITLE_MAX));
    let mut blocks = vec![section(&format!("{} *{}:* {title}", group.icon(), group.status_label()))];
    blocks.extend(lines(&group.body_lines(threadless)));
    blocks
}

pub(super) fn bots(bots: &[GroupedBot]) -> Vec<Value> {
    let lines: Vec<String> = bots.iter().map(|listed| format!("`{}`", listed.bot)).collect();
    // Fifty ids and their line ends stay below what one section holds.
    lines.chunks(50).map(|chunk| section(&chunk.join("\n"))).collect()
}

fn lines(lines: &[BodyLine]) -> Option<Value> {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| {
            let at = line.at.map(|at| format!(" {}", date(at))).unwrap_or_default();
            format!("{}{at}", escape(&clip(&line.words, 600)))
        })
        .collect();
    (!lines.is_empty()).then(|| section(&lines.join("\n")))
}
