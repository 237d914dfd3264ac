//! Many alerts at once become one message that counts.

use jiff::SignedDuration;

/// When many become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grouping {
    /// Alerts of one cause in one place that get a message of their own.
    pub after: u32,
    /// Within which time they count as one group.
    pub window: SignedDuration,
}

/// New messages in one place within the window, beyond those of one cause, before everything else is grouped
/// too: so many causes at once are one event for whoever reads.
const OF_OTHER_CAUSES: u32 = 5;

/// What was said in one place within the window.
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

/// Where an alert goes in its place.
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
    /// Where one more alert goes.
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

    /// New messages in one place within the window, at most.
    #[must_use]
    pub const fn messages_max(self) -> u32 {
        self.after.saturating_add(OF_OTHER_CAUSES).saturating_add(1)
    }
}
