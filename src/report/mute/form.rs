//! The form in which alerts are muted: its labels, and what is said where there is none.

use serde::{Deserialize, Serialize};

use super::super::recurrence::VALUE_CHARS_MAX;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::untrusted::printable;

/// The title of the form.
pub const TITLE: &str = "Mute alerts";
/// The label of the button that mutes.
pub const SUBMIT: &str = "Mute";
/// The question about the scope.
pub const WHAT: &str = "What to mute";
/// The question about the end.
pub const HOW_LONG: &str = "Until when";
/// The label of another time.
pub const OR_UNTIL: &str = "Another time (replaces the choice above)";
/// The label of another time, where it opens a further form.
pub const ANOTHER_TIME: &str = "Another time…";
/// The label of the reason.
pub const REASON: &str = "Reason";
/// The hint below it.
pub const REASON_HINT: &str = "Needed if it lasts longer than a day. Everyone in the channel can see it.";
/// The label of a time that is typed.
pub const TYPED_TIME: &str = "Until (UTC), such as 2026-12-01 09:00";

/// The form in which a person chooses what is muted and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MuteForm {
    /// The bot of the alert.
    pub bot: BotId,
    /// The ID of the cause, if one is known.
    pub cause: Option<String>,
    /// Its title.
    pub title: String,
    /// What the bot has in common with others of its customer or host, such as `customer`, if that is known.
    #[serde(default)]
    pub common: Option<String>,
    /// The time zone of "tomorrow, 09:00", as it is shown.
    pub zone: String,
}

impl MuteForm {
    /// Returns the label of the scope of one bot.
    #[must_use]
    pub const fn bot_label(&self) -> &'static str {
        "Only this bot"
    }

    /// Returns the label of the scope of one cause.
    #[must_use]
    pub fn cause_label(&self) -> String {
        format!("This cause: {}", self.title)
    }

    /// Returns the label of the scope of one customer or host, if the bot has one.
    #[must_use]
    pub fn common_label(&self) -> Option<String> {
        let common = self.common.as_ref()?;
        Some(format!("Bots with the same {}", printable(common, VALUE_CHARS_MAX)))
    }

    /// Returns the label of the scope of the channel.
    #[must_use]
    pub const fn channel_label(&self) -> &'static str {
        "All alerts in this channel"
    }

    /// Returns the labels of the ends that are offered: an hour, tomorrow, a week.
    #[must_use]
    pub fn end_labels(&self) -> [String; 3] {
        ["1 hour".to_owned(), format!("Tomorrow, 09:00 {}", self.zone), "7 days (needs a reason)".to_owned()]
    }

    /// Returns what stands above the menus, where the form is a message.
    #[must_use]
    pub fn above_menus(&self) -> String {
        format!("{TITLE}. Select what and until when, then select {SUBMIT}. Times are in {}.", self.zone)
    }

    /// Returns what stands above numbered choices.
    #[must_use]
    pub fn by_number(&self) -> String {
        format!("{TITLE}. Select a number, or type \"mute\", what, until when and a reason.")
    }

    /// Returns what is said where there is no form.
    #[must_use]
    pub fn by_command(&self) -> String {
        format!(
            "I couldn't open the form. You can also type /why-no-recording mute {} 1h, or \"channel\" in place of \
             the bot ID.",
            self.bot
        )
    }
}
