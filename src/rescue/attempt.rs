//! An attempt: what was done in a meeting, by whom, and what came of each step.
//!
//! | step result | means | goes to |
//! |---|---|---|
//! | none | not begun | `Begun` |
//! | `Begun` | the call is out, and its end unknown so far | any of those below; after a crash the call is repeated with its key |
//! | `Done` | Recall.ai has accepted it | – |
//! | `NotInCall` | the bot wasn't in the call (any more) | – |
//! | `NoSuchStep` | this kind of bot can't do it | – |
//! | `MayOnlyRead` | the API key may not do it | – |
//! | `Refused` | Recall.ai refused it, such as a message where the chat is off | – |
//! | `Failed` | it didn't happen: Recall.ai was not reached, or had no capacity | – |
//! | `Unknown` | nobody knows if it happened, and the key is no longer remembered | – |
//! | `Skipped` | it was not needed, or no longer possible | – |

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Plan;
use crate::diagnosis::vocabulary::vocabulary;

/// Who made an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// This person, as the platform names them.
    Person(String),
    /// The service itself.
    Service,
}

vocabulary! {
    /// What came of one step.
    StepResult {
        /// The call is out.
        Begun = "begun",
        /// Recall.ai has accepted it.
        Done = "done",
        /// The bot wasn't in the call.
        NotInCall = "not_in_call",
        /// This kind of bot can't do it.
        NoSuchStep = "no_such_step",
        /// The API key may not do it.
        MayOnlyRead = "may_only_read",
        /// Recall.ai refused it.
        Refused = "refused",
        /// It didn't happen.
        Failed = "failed",
        /// Nobody knows if it happened.
        Unknown = "unknown",
        /// It was not needed, or no longer possible.
        Skipped = "skipped",
    }
}

impl StepResult {
    /// Returns `true` if somebody in the meeting may have noticed it.
    #[must_use]
    pub const fn may_have_happened(self) -> bool {
        matches!(self, Self::Begun | Self::Done | Self::Unknown)
    }
}

vocabulary! {
    /// The reason why an attempt ended before its first step.
    NotBegun {
        /// Recall.ai couldn't be asked how the bot is.
        Unreadable = "unreadable",
        /// The bot has left, or records, or its cause has changed.
        Outdated = "outdated",
        /// The person doesn't have the right any more.
        NoRight = "no_right",
        /// It waited too long to be carried out.
        TooLate = "too_late",
    }
}

/// One attempt for a bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Who made it.
    pub by: By,
    /// What was to be done.
    pub plan: Plan,
    /// When it was decided.
    pub at: Timestamp,
    /// The bot's last status then. What is later came of the attempt; both times are Recall.ai's.
    pub heard_until: Timestamp,
    /// `true` once nothing more happens.
    pub is_over: bool,
    /// Why it ended before its first step, if it did.
    pub not_begun: Option<NotBegun>,
    /// What came of the message to the host.
    pub message: Option<StepResult>,
    /// What came of the request, or of the start.
    pub request: Option<StepResult>,
}

impl Attempt {
    /// Returns `true` if it counts as a try: it is under way, or something of it may have happened.
    #[must_use]
    pub fn counts(&self) -> bool {
        !self.is_over || [self.message, self.request].into_iter().flatten().any(StepResult::may_have_happened)
    }
}
