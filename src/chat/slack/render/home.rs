//! Renders a person's home, and what is shown below a message with a link to a bot.
//! <https://docs.slack.dev/surfaces/app-home>

use slack_morphism::prelude::{
    SlackActionsBlock, SlackBlock, SlackBlockButtonElement, SlackHomeView, SlackView,
};

use super::super::mrkdwn::{clip, date, date_to_the_minute, escape};
use super::blocks::{actions, context, header, plain, section};
use super::list;
use crate::chat::action::ACTION_PREFIX;
use crate::report::card::Button;
use crate::report::home::{
    self, ASKED, AskedAbout, FAILURES, Failed, Home, HomeContent, MUTED, MutedLine, RecentFailure,
};
use crate::report::{Report, plural};

/// Most mutes that are shown, two blocks each. Slack accepts 100 blocks in a home.
const MUTED_MAX: usize = 20;

/// Renders a home.
#[must_use]
pub fn view(home: &Home) -> SlackView {
    let blocks = match home {
        Home::Closed => vec![section(home::MAY_NOT_ASK)],
        Home::Open(content) => open(content),
    };
    SlackView::Home(SlackHomeView::new(blocks))
}

/// Renders the outcome of a bot, and the button that asks about it.
#[must_use]
pub fn unfurl(report: &Report) -> Vec<SlackBlock> {
    let (title, name) = (escape(&clip(&report.title, 500)), escape(&clip(report.name(), 100)));
    let lines = section(&format!("*{}* · {name}\n{title}", report.outcome_words()));
    std::iter::once(lines).chain(actions(&[Button::Why], report.bot_id)).collect()
}

fn open(content: &HomeContent) -> Vec<SlackBlock> {
    let mut blocks = vec![header(home::TITLE), section(&escape(&content.help))];
    blocks.extend(titled(ASKED, content.asked.iter().map(asked), home::NOTHING_ASKED));
    blocks.extend(match &content.failures {
        Some(failures) => titled(FAILURES, failures.iter().map(failure), home::NO_FAILURES),
        None => titled(FAILURES, std::iter::empty(), home::MEMBERS_UNKNOWN),
    });
    if !content.muted.is_empty() {
        blocks.push(section(&format!("*{MUTED}*")));
        blocks.extend(content.muted.iter().take(MUTED_MAX).flat_map(muted));
    }
    blocks.push(context(home::ONLY_YOU));
    blocks
}

fn titled(title: &str, lines: impl Iterator<Item = String>, none: &str) -> Vec<SlackBlock> {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return vec![section(&format!("*{title}*\n{none}"))];
    }
    list(title, lines)
}

fn asked(asked: &AskedAbout) -> String {
    format!("• {} · `{}`{}", date(asked.at), asked.bot, within(&asked.channel))
}

fn failure(failure: &RecentFailure) -> String {
    let bots = match failure.bots {
        Failed::One(bot) => format!("`{bot}`"),
        Failed::Many(bots) => plural(bots, "bot"),
    };
    let title = escape(&clip(failure.title.as_deref().unwrap_or(home::VARIOUS), 300));
    let resolved = if failure.resolved { " (resolved)" } else { "" };
    format!("• {} · {title}{resolved} · {bots}{}", date(failure.at), within(&failure.channel))
}

/// Returns the name of a channel, which Slack fills in for people who may see it. A direct message has none.
fn within(channel: &str) -> String {
    let is_id = channel.starts_with(['C', 'G'])
        && channel.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
    if is_id { format!(" · <#{channel}>") } else { String::new() }
}

fn muted(muted: &MutedLine) -> [SlackBlock; 2] {
    let button = SlackBlockButtonElement::new(plain(home::UNMUTE).into())
        .with_action_id(format!("{ACTION_PREFIX}unmute:{}", muted.id).into());
    let what = escape(&clip(&muted.what, 500));
    let line = format!("{what}{} · until {}", within(&muted.channel), date_to_the_minute(muted.until));
    [section(&line), SlackActionsBlock::new(vec![button.into()]).into()]
}
