//! What is told of many bots at once: one message that counts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::alert::BodyLine;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::vocabulary::{Actor, Platform};

/// Many bots that failed within a short time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertGroup {
    /// Title of the cause that they share; `None` for various causes.
    pub title: Option<String>,
    /// Bots with a message of their own, from before it was clear that there are many.
    pub with_own_message: u64,
    /// Bots that this message stands for.
    pub grouped: u64,
    /// How many of the grouped ones recorded after all.
    pub resolved: u64,
    /// Who can fix the cause.
    pub actor: Actor,
    /// The platform of the meetings, where it is one.
    pub platform: Platform,
    /// When it began.
    pub since: Timestamp,
    /// When the last one came.
    pub last: Timestamp,
    /// No further one came for a while.
    pub over: bool,
}

/// A bot in an alert group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupedBot {
    /// The bot.
    pub bot: BotId,
    /// When it was told of.
    pub at: Timestamp,
}

/// Bots in the list of one message, at most. Their ids fit into one message of every platform.
pub const GROUP_LIST_MAX: usize = 60;

impl AlertGroup {
    /// A sign that shows from afar how things stand.
    #[must_use]
    pub const fn icon(&self) -> &'static str {
        if self.over { "⚪" } else { "🔴" }
    }

    /// All bots that failed in this way.
    #[must_use]
    pub const fn bots(&self) -> u64 {
        self.with_own_message + self.grouped
    }

    /// How many there are, in words.
    #[must_use]
    pub fn status_label(&self) -> String {
        let bots = self.bots();
        let more = if self.title.is_none() { " more" } else { "" };
        let over = if self.over { "Over: " } else { "" };
        format!("{over}{bots}{more} bot{}", if bots == 1 { "" } else { "s" })
    }

    /// What they share.
    #[must_use]
    pub fn title(&self) -> String {
        self.title.clone().unwrap_or_else(|| "Recordings fail for various causes at once".to_owned())
    }

    /// What a notification shows.
    #[must_use]
    pub fn notification_text(&self) -> String {
        format!("{}: {}", self.status_label(), self.title())
    }

    /// What is below the headline. Where there can be no thread, the bots are not listed.
    #[must_use]
    pub fn body_lines(&self, threadless: bool) -> Vec<BodyLine> {
        let says = |words: String| BodyLine { words, at: None };
        let mut lines = vec![
            BodyLine { words: "Since".to_owned(), at: Some(self.since) },
            BodyLine { words: "The last one came".to_owned(), at: Some(self.last) },
        ];
        lines.extend(self.whose_side().map(|side| says(side.to_owned())));
        let own = match self.with_own_message {
            0 => String::new(),
            1 => "The first one has a message of its own. ".to_owned(),
            own => format!("The first {own} have messages of their own. "),
        };
        let (the_others, of_the_others) = match (self.with_own_message, self.grouped) {
            (0, 1) => ("The bot is", "It"),
            (0, _) => ("The bots are", "of them"),
            (_, 1) => ("The other one is", "The other one"),
            _ => ("The others are", "of the others"),
        };
        lines.push(says(match (self.grouped, threadless) {
            (_, true) => format!("{own}{the_others} not listed, because I may not start threads here."),
            (1, false) => format!("{own}One is listed in the thread."),
            (grouped, false) => format!("{own}{grouped} are listed in the thread."),
        }));
        if self.resolved > 0 {
            lines.push(says(match (self.grouped, threadless) {
                (1, _) => format!("{of_the_others} recorded after all."),
                (_, true) => format!("{} {of_the_others} recorded after all.", self.resolved),
                (_, false) => format!("{} of those in the thread recorded after all.", self.resolved),
            }));
        }
        lines
    }

    /// Many meetings of many hosts at once are rarely the hosts' doing.
    const fn whose_side(&self) -> Option<&'static str> {
        match (self.actor, self.platform) {
            (Actor::Platform, Platform::Zoom) => {
                Some("Likely Zoom's side, not your hosts: there is nothing for them to change.")
            }
            (Actor::Platform, _) => Some(
                "Likely the meeting platform's side, not your hosts: there is nothing for them to change.",
            ),
            (Actor::Recall, _) => {
                Some("Likely Recall.ai's side, not your hosts: there is nothing for them to change.")
            }
            (Actor::Developer, _) => {
                Some("Likely the set-up of the bots, not your hosts: one fix may help all of them.")
            }
            _ => None,
        }
    }
}
