//! The actions that the buttons of a bot's card stand for.

use serde::{Deserialize, Serialize};

use crate::diagnosis::bot_id::BotId;
use crate::report::card::Button;
use crate::report::language::Language;

/// The prefix of our buttons' IDs.
pub const ACTION_PREFIX: &str = "wnr:";

/// What a button does, with its bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Action {
    /// Answers that the host was there.
    HostWasThere(BotId),
    /// Answers that the host was not there.
    HostWasNotThere(BotId),
    /// Requests the bot from Recall.ai again.
    Recheck(BotId),
    /// Requests the message for the host.
    HostMessage(BotId),
    /// Requests the message for the host in this language.
    HostMessageIn(BotId, Language),
}

/// The constructor of every action that needs only its bot.
const ALL: [fn(BotId) -> Action; 4] =
    [Action::HostWasThere, Action::HostWasNotThere, Action::Recheck, Action::HostMessage];

/// The error for the ID of a button that is not ours.
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
    /// Returns the bot of the button.
    #[must_use]
    pub const fn bot(self) -> BotId {
        match self {
            Self::HostWasThere(bot)
            | Self::HostWasNotThere(bot)
            | Self::Recheck(bot)
            | Self::HostMessage(bot)
            | Self::HostMessageIn(bot, _) => bot,
        }
    }

    /// Returns what the button says about the host; `None` for other buttons.
    #[must_use]
    pub const fn host_was_present(self) -> Option<bool> {
        match self {
            Self::HostWasThere(_) => Some(true),
            Self::HostWasNotThere(_) => Some(false),
            Self::Recheck(_) | Self::HostMessage(_) | Self::HostMessageIn(..) => None,
        }
    }

    /// Returns the action of a button on a bot's card; `None` for one that is only a link.
    #[must_use]
    pub const fn of(button: Button<'_>, bot: BotId) -> Option<Self> {
        match button {
            Button::HostWasThere => Some(Self::HostWasThere(bot)),
            Button::HostWasNotThere => Some(Self::HostWasNotThere(bot)),
            Button::Recheck => Some(Self::Recheck(bot)),
            Button::HostMessage | Button::OtherLanguages => Some(Self::HostMessage(bot)),
            Button::Language(language) => Some(Self::HostMessageIn(bot, language)),
            Button::Dashboard(_) => None,
        }
    }

    /// Returns the ID that the platform sends back when the button is selected.
    #[must_use]
    pub fn id(self) -> String {
        let id = format!("{ACTION_PREFIX}{}:{}", self.word(), self.bot());
        match self {
            Self::HostMessageIn(_, language) => format!("{id}:{language}"),
            _ => id,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::HostWasThere(_) => "host_was_there",
            Self::HostWasNotThere(_) => "host_was_not_there",
            Self::Recheck(_) => "recheck",
            Self::HostMessage(_) | Self::HostMessageIn(..) => "host_message",
        }
    }

    /// Parses the ID of a button.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let (word, rest) = id.strip_prefix(ACTION_PREFIX)?.split_once(':')?;
        let Some((bot, language)) = rest.split_once(':') else {
            let bot = rest.parse().ok()?;
            return ALL.iter().map(|action| action(bot)).find(|action| action.word() == word);
        };
        let action = Self::HostMessageIn(bot.parse().ok()?, Language::from_word(language)?);
        (action.word() == word).then_some(action)
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Action, Language};

    #[test]
    fn every_action_is_found_again_by_its_id() {
        let bot = "3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417".parse().unwrap();
        let languages = Language::ALL.iter().map(|language| Action::HostMessageIn(bot, *language));
        for action in ALL.map(|action| action(bot)).into_iter().chain(languages) {
            assert_eq!(Action::parse(&action.id()), Some(action));
            assert!(action.id().len() <= 100);
        }
        assert_eq!(Action::parse(&format!("wnr:host_message:{bot}:tlh")), None);
        assert_eq!(Action::parse(&format!("wnr:recheck:{bot}:de")), None);
        assert_eq!(Action::parse("wnr:recheck:nonsense"), None);
        assert_eq!(Action::parse("other:recheck:3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417"), None);
    }
}
