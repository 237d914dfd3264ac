//! An alert group: many alerts, counted in one message.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::alert::{BodyLine, Headline};
use super::plural;
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
    /// All bots that failed in this way.
    #[must_use]
    pub const fn bots(&self) -> u64 {
        self.with_own_message + self.grouped
    }

    /// The first line.
    #[must_use]
    pub fn headline(&self) -> Headline {
        let more = if self.title.is_none() { "more bot" } else { "bot" };
        let ended = if self.over { "Ended: " } else { "" };
        Headline {
            icon: if self.over { "⚪" } else { "🔴" },
            label: format!("{ended}{}", plural(self.bots(), more)),
            leaves_at: None,
            is_soon: false,
            text: self.title(),
        }
    }

    /// What they share.
    #[must_use]
    pub fn title(&self) -> String {
        self.title.clone().unwrap_or_else(|| "Not recorded, for different reasons".to_owned())
    }

    /// What a notification shows.
    #[must_use]
    pub fn notification_text(&self) -> String {
        let headline = self.headline();
        format!("{}: {}", headline.label, headline.text)
    }

    /// What is below the headline. Where there can be no thread, the bots are not listed.
    #[must_use]
    pub fn body_lines(&self, threadless: bool) -> Vec<BodyLine> {
        let mut lines = vec![BodyLine::with_times(&[("Since ", self.since), (", latest at ", self.last)])];
        lines.extend(self.whose_side().map(BodyLine::words));
        lines.push(BodyLine::words(self.where_they_are(threadless)));
        if self.resolved > 0 {
            lines.push(BodyLine::words(self.how_many_recorded(threadless)));
        }
        lines
    }

    fn where_they_are(&self, threadless: bool) -> String {
        let own = match self.with_own_message {
            0 => String::new(),
            1 => "The first one has its own alert above. ".to_owned(),
            own => format!("The first {own} have their own alerts above. "),
        };
        let which = match (self.with_own_message, self.grouped) {
            (0, 1) => "The bot is".to_owned(),
            (0, many) => format!("All {many} bots are"),
            (_, 1) => "The other one is".to_owned(),
            (_, many) => format!("The other {many} are"),
        };
        let listed = if threadless {
            "not listed, because I don't have permission to start threads here."
        } else {
            "listed in the thread."
        };
        format!("{own}{which} {listed}")
    }

    fn how_many_recorded(&self, threadless: bool) -> String {
        match (self.with_own_message, self.grouped, threadless) {
            (0, 1, _) => "It recorded after all.".to_owned(),
            (_, 1, _) => "The other one recorded after all.".to_owned(),
            (0, _, true) => format!("{} of them recorded after all.", self.resolved),
            (_, _, true) => format!("{} of the others recorded after all.", self.resolved),
            (_, _, false) => format!("{} of those in the thread recorded after all.", self.resolved),
        }
    }

    /// Many meetings of many hosts that fail at once are rarely due to the hosts.
    const fn whose_side(&self) -> Option<&'static str> {
        match (self.actor, self.platform) {
            (Actor::Platform, Platform::Zoom) => {
                Some("This is probably on Zoom's side. Hosts don't need to do anything.")
            }
            (Actor::Platform, _) => {
                Some("This is probably on the meeting platform's side. Hosts don't need to do anything.")
            }
            (Actor::Recall, _) => {
                Some("This is probably on Recall.ai's side. Hosts don't need to do anything.")
            }
            (Actor::Developer, _) => {
                Some("This is probably caused by how your bots are set up. Hosts don't need to do anything.")
            }
            _ => None,
        }
    }
}
