//! What a person can do about a bot: what the buttons of its card do.

use serde::{Deserialize, Serialize};

use crate::diagnosis::bot_id::BotId;
use crate::report::card::Button;

/// How the ids of our buttons begin.
pub const ACTION_PREFIX: &str = "wnr:";

/// What a button does, and the bot that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Action {
    /// "The host was there."
    HostWasThere(BotId),
    /// "The host was not there."
    HostWasNotThere(BotId),
    /// "Look again."
    Recheck(BotId),
    /// "Give me the text for the host."
    HostMessage(BotId),
}

/// Every action, by what makes it.
const ALL: [fn(BotId) -> Action; 4] =
    [Action::HostWasThere, Action::HostWasNotThere, Action::Recheck, Action::HostMessage];

/// The id of a button that we never made.
#[derive(Debug, thiserror::Error)]
#[error("not the id of a button of ours")]
pub struct NotAnAction;

impl TryFrom<String> for Action {
    type Error = NotAnAction;

    fn try_from(id: String) -> Result<Self, NotAnAction> {
        Self::parse(&id).ok_or(NotAnAction)
    }
}

impl From<Action> for String {
    fn from(action: Action) -> Self {
        action.id()
    }
}

impl Action {
    /// The bot that it is about.
    #[must_use]
    pub const fn bot(self) -> BotId {
        match self {
            Self::HostWasThere(bot)
            | Self::HostWasNotThere(bot)
            | Self::Recheck(bot)
            | Self::HostMessage(bot) => bot,
        }
    }

    /// What it says about the host, if it does.
    #[must_use]
    pub const fn host_was_present(self) -> Option<bool> {
        match self {
            Self::HostWasThere(_) => Some(true),
            Self::HostWasNotThere(_) => Some(false),
            Self::Recheck(_) | Self::HostMessage(_) => None,
        }
    }

    /// What a button of a bot's card does; `None` for one that only leads elsewhere.
    #[must_use]
    pub const fn of(button: Button<'_>, bot: BotId) -> Option<Self> {
        match button {
            Button::HostWasThere => Some(Self::HostWasThere(bot)),
            Button::HostWasNotThere => Some(Self::HostWasNotThere(bot)),
            Button::Recheck => Some(Self::Recheck(bot)),
            Button::HostMessage => Some(Self::HostMessage(bot)),
            Button::Dashboard(_) => None,
        }
    }

    /// The id that the platform hands back when the button is pressed.
    #[must_use]
    pub fn id(self) -> String {
        format!("{ACTION_PREFIX}{}:{}", self.word(), self.bot())
    }

    const fn word(self) -> &'static str {
        match self {
            Self::HostWasThere(_) => "host_was_there",
            Self::HostWasNotThere(_) => "host_was_not_there",
            Self::Recheck(_) => "recheck",
            Self::HostMessage(_) => "host_message",
        }
    }

    /// The button that has this id.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let (word, bot) = id.strip_prefix(ACTION_PREFIX)?.split_once(':')?;
        let bot = bot.parse().ok()?;
        ALL.iter().map(|action| action(bot)).find(|action| action.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Action};

    #[test]
    fn every_action_is_found_again_by_its_id() {
        let bot = "3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417".parse().unwrap();
        for action in ALL.map(|action| action(bot)) {
            assert_eq!(Action::parse(&action.id()), Some(action));
        }
        assert_eq!(Action::parse("wnr:recheck:nonsense"), None);
        assert_eq!(Action::parse("other:recheck:3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417"), None);
    }
}
