//! Many alerts at once become one message that counts.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

/// When many become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grouping {
    /// Alerts of one cause in one place that get a message of their own.
    pub after: u32,
    /// Within which time they count as one group.
    pub window: SignedDuration,
}

/// New messages in one place within the window, beyond those of one cause, before everything else is grouped too:
/// because many causes at once are one event for the people in the channel.
const OF_OTHER_CAUSES: u32 = 5;

/// Recent alerts in one channel within the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lately {
    /// Alerts of this cause with a message of their own.
    pub of_this_cause: u32,
    /// New messages of any kind.
    pub messages: u32,
    /// This cause has a message that counts.
    pub counting_this_cause: bool,
    /// There is a message that counts all causes.
    pub counting_all: bool,
}

/// Where an alert is placed in its channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// It gets a message of its own.
    Own,
    /// It is counted with others of its cause.
    ByCause,
    /// It is counted with everything else.
    Mixed,
}

impl Grouping {
    /// Places the next alert.
    #[must_use]
    pub const fn place_next(self, lately: Lately) -> Placement {
        let room = lately.messages < self.after.saturating_add(OF_OTHER_CAUSES);
        if lately.counting_this_cause {
            Placement::ByCause
        } else if lately.counting_all || !room {
            Placement::Mixed
        } else if lately.of_this_cause >= self.after {
            Placement::ByCause
        } else {
            Placement::Own
        }
    }
}

/// Alerts of one cause with a message of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Singles {
    /// How many there are.
    pub count: u32,
    /// When the first of them was sent.
    pub first: Timestamp,
}

/// A group that still counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenGroup {
    /// Its name.
    pub id: String,
    /// The cause that it counts; `None` for all.
    pub cause: Option<String>,
    /// Its message was new within the window.
    pub is_new: bool,
}

/// What was sent to one channel within the window. Many bots are decided at once, so each decision is added before
/// the next one: the sixth alert for a cause opens its group, whether or not the six arrive together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecentAlerts {
    singles: BTreeMap<String, Singles>,
    groups: Vec<OpenGroup>,
}

impl RecentAlerts {
    /// Adds alerts with a message of their own.
    pub fn add_singles(&mut self, cause: &str, more: Singles) {
        let singles = self.singles.entry(cause.to_owned()).or_insert(Singles { count: 0, ..more });
        singles.count = singles.count.saturating_add(more.count);
        singles.first = singles.first.min(more.first);
    }

    /// Adds a group that counts from now on.
    pub fn add_group(&mut self, group: OpenGroup) {
        self.groups.push(group);
    }

    /// Returns what the channel has when one more alert for this cause is placed.
    #[must_use]
    pub fn lately(&self, cause: &str) -> Lately {
        let singles = self.singles.values().fold(0_u32, |sum, singles| sum.saturating_add(singles.count));
        let groups = self.groups.iter().filter(|group| group.is_new).count();
        Lately {
            of_this_cause: self.singles_of(cause).map_or(0, |singles| singles.count),
            messages: singles.saturating_add(u32::try_from(groups).unwrap_or(u32::MAX)),
            counting_this_cause: self.group_of(Some(cause)).is_some(),
            counting_all: self.group_of(None).is_some(),
        }
    }

    /// The alerts of a cause that have a message of their own.
    #[must_use]
    pub fn singles_of(&self, cause: &str) -> Option<Singles> {
        self.singles.get(cause).copied()
    }

    /// The group that counts a cause, or all of them.
    #[must_use]
    pub fn group_of(&self, cause: Option<&str>) -> Option<&OpenGroup> {
        self.groups.iter().rev().find(|group| group.cause.as_deref() == cause)
    }
}
