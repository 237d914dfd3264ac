//! The actions that the buttons of a bot's card stand for.

use serde::{Deserialize, Serialize};

use super::MessageId;
use crate::diagnosis::bot_id::BotId;
use crate::mutes::request::End;
use crate::mutes::{MuteId, Scope};
use crate::report::card::Button;
use crate::report::language::Language;
use crate::report::rescue::RescueButton;

/// The prefix of our buttons' IDs.
pub const ACTION_PREFIX: &str = "wnr:";

/// What a button does, with its bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Action {
    /// Answers that the host was there.
    HostWasThere(BotId),
    /// Answers that the host was not there.
    HostWasNotThere(BotId),
    /// Requests the bot from Recall.ai again.
    Recheck(BotId),
    /// Asks about the bot of a link, in the thread of its message.
    Why(BotId),
    /// Requests the message for the host.
    HostMessage(BotId),
    /// Requests the message for the host in this language.
    HostMessageIn(BotId, Language),
    /// Requests a preview of asking the host again.
    Rescue(BotId),
    /// Requests a preview of starting the recording.
    Start(BotId),
    /// Decides that what the preview shows is sent.
    Send(Decision),
    /// Decides that nothing is sent.
    Cancel(BotId),
    /// Opens the form in which alerts are muted, from the alert about this bot.
    Mute(BotId),
    /// Mutes, as a form without a window of its own says.
    MuteAs {
        /// What.
        scope: Scope,
        /// Until when.
        end: End,
    },
    /// Ends a mute.
    Unmute(MuteId),
    /// Takes care of a bot, or gives it back.
    Take(BotId),
}

/// A person's decision about a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The bot.
    pub bot: BotId,
    /// The digest of what the preview showed.
    pub digest: String,
    /// The card from which the preview was opened; `None` if only this person sees it.
    pub card: Option<MessageId>,
}

/// The constructors of the actions that need a bot and nothing else.
const ALL: [fn(BotId) -> Action; 10] = [
    Action::HostWasThere,
    Action::HostWasNotThere,
    Action::Recheck,
    Action::Why,
    Action::HostMessage,
    Action::Rescue,
    Action::Start,
    Action::Cancel,
    Action::Mute,
    Action::Take,
];

/// The word of the button that sends what a preview shows.
const SEND: &str = "rescue_send";
/// The word of the button that ends a mute.
const UNMUTE: &str = "unmute";
/// The word of the button that mutes, and of the form that asks for a reason.
pub(in crate::chat) const MUTE_AS: &str = "mute_go";

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
    /// Returns the bot of the button; `None` if it is about a mute.
    #[must_use]
    pub const fn bot(&self) -> Option<BotId> {
        match self {
            Self::HostWasThere(bot)
            | Self::HostWasNotThere(bot)
            | Self::Recheck(bot)
            | Self::Why(bot)
            | Self::HostMessage(bot)
            | Self::HostMessageIn(bot, _)
            | Self::Rescue(bot)
            | Self::Start(bot)
            | Self::Cancel(bot)
            | Self::Mute(bot)
            | Self::Take(bot)
            | Self::Send(Decision { bot, .. }) => Some(*bot),
            Self::MuteAs { .. } | Self::Unmute(_) => None,
        }
    }

    /// Returns what the button says about the host; `None` for other buttons.
    #[must_use]
    pub const fn host_was_present(&self) -> Option<bool> {
        match self {
            Self::HostWasThere(_) => Some(true),
            Self::HostWasNotThere(_) => Some(false),
            Self::Recheck(_)
            | Self::Why(_)
            | Self::HostMessage(_)
            | Self::HostMessageIn(..)
            | Self::Rescue(_)
            | Self::Start(_)
            | Self::Send(_)
            | Self::Cancel(_)
            | Self::Mute(_)
            | Self::MuteAs { .. }
            | Self::Unmute(_)
            | Self::Take(_) => None,
        }
    }

    /// Returns `true` if the action is part of sending something into a running meeting.
    #[must_use]
    pub const fn is_acting(&self) -> bool {
        matches!(self, Self::Rescue(_) | Self::Start(_) | Self::Send(_))
    }

    /// Returns the action of a button on a bot's card; `None` for one that is only a link.
    #[must_use]
    pub fn of(button: Button<'_>, bot: BotId) -> Option<Self> {
        match button {
            Button::HostWasThere => Some(Self::HostWasThere(bot)),
            Button::HostWasNotThere => Some(Self::HostWasNotThere(bot)),
            Button::Recheck => Some(Self::Recheck(bot)),
            Button::Why => Some(Self::Why(bot)),
            Button::HostMessage | Button::OtherLanguages => Some(Self::HostMessage(bot)),
            Button::Language(language) => Some(Self::HostMessageIn(bot, language)),
            Button::Rescue(RescueButton::Ask | RescueButton::AskAfterChange) => Some(Self::Rescue(bot)),
            Button::Rescue(RescueButton::Start) => Some(Self::Start(bot)),
            Button::Send { digest, card, .. } => {
                let card = card.map(|card| MessageId(card.to_owned()));
                Some(Self::Send(Decision { bot, digest: digest.to_owned(), card }))
            }
            Button::Cancel => Some(Self::Cancel(bot)),
            Button::Mute => Some(Self::Mute(bot)),
            Button::Take | Button::TakeOver => Some(Self::Take(bot)),
            Button::Dashboard(_) => None,
        }
    }

    /// Returns the ID that the platform sends back when the button is selected, at most 100 characters.
    #[must_use]
    pub fn id(&self) -> String {
        let bot = self.bot().map(|bot| bot.to_string()).unwrap_or_default();
        let id = format!("{ACTION_PREFIX}{}:{bot}", self.word());
        match self {
            Self::Unmute(mute) => format!("{id}{mute}"),
            Self::MuteAs { scope, end } => format!("{id}{scope}:{end}"),
            Self::HostMessageIn(_, language) => format!("{id}:{language}"),
            Self::Send(Decision { digest, card, .. }) => {
                let card = card.as_ref().map(|card| format!(":{}", card.0)).unwrap_or_default();
                format!("{id}:{digest}{card}")
            }
            _ => id,
        }
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::HostWasThere(_) => "host_was_there",
            Self::HostWasNotThere(_) => "host_was_not_there",
            Self::Recheck(_) => "recheck",
            Self::Why(_) => "why",
            Self::HostMessage(_) | Self::HostMessageIn(..) => "host_message",
            Self::Rescue(_) => "rescue",
            Self::Start(_) => "start",
            Self::Send(_) => SEND,
            Self::Cancel(_) => "rescue_cancel",
            Self::Mute(_) => "mute",
            Self::MuteAs { .. } => MUTE_AS,
            Self::Unmute(_) => UNMUTE,
            Self::Take(_) => "ack",
        }
    }

    /// Parses the ID of a button.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let (word, rest) = id.strip_prefix(ACTION_PREFIX)?.split_once(':')?;
        match word {
            UNMUTE => return rest.parse().ok().map(Self::Unmute),
            MUTE_AS => {
                let (scope, end) = rest.split_once(':')?;
                return Some(Self::MuteAs { scope: scope.parse().ok()?, end: end.parse().ok()? });
            }
            _ => {}
        }
        let (bot, rest) = match rest.split_once(':') {
            Some((bot, rest)) => (bot.parse().ok()?, Some(rest)),
            None => (rest.parse().ok()?, None),
        };
        let Some(rest) = rest else {
            return ALL.iter().map(|action| action(bot)).find(|action| action.word() == word);
        };
        let action = if word == SEND {
            let (digest, card) =
                rest.split_once(':').map_or((rest, None), |(digest, card)| (digest, Some(card)));
            let card = card.map(|id| MessageId(id.to_owned()));
            Self::Send(Decision { bot, digest: digest.to_owned(), card })
        } else {
            Self::HostMessageIn(bot, Language::from_word(rest)?)
        };
        (action.word() == word).then_some(action)
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Action, Decision, End, Language, Scope};
    use crate::chat::MessageId;
    use crate::diagnosis::bot_id::BotId;

    #[test]
    fn every_action_is_found_again_by_its_id() {
        let bot: BotId = "3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417".parse().unwrap();
        let languages = Language::ALL.iter().map(|language| Action::HostMessageIn(bot, *language));
        let cards = [None, Some("1234567890123456789"), Some("C0123456789/1731939000.000100")];
        let decisions = cards.map(|card| {
            let card = card.map(|card| MessageId(card.to_owned()));
            Action::Send(Decision { bot, digest: "0123abcd".to_owned(), card })
        });
        let scopes = [
            Scope::Bot(bot),
            Scope::Cause("zoom_third_party_recording_token_fetch_using_zoom_oauth_failed".to_owned()),
            Scope::Channel,
        ];
        let mutes = scopes.into_iter().flat_map(|scope| {
            End::OFFERED.into_iter().map(move |end| Action::MuteAs { scope: scope.clone(), end })
        });
        let unmute = Action::Unmute("0123456789".parse().unwrap());
        for action in mutes.chain([unmute]) {
            assert_eq!(Action::parse(&action.id()), Some(action.clone()));
            assert!(action.id().len() <= 100, "{}", action.id());
        }
        for action in ALL.map(|action| action(bot)).into_iter().chain(decisions).chain(languages) {
            assert_eq!(Action::parse(&action.id()), Some(action.clone()));
            assert!(action.id().len() <= 100, "{}", action.id());
        }
        assert_eq!(Action::parse(&format!("wnr:host_message:{bot}:tlh")), None);
        assert_eq!(Action::parse(&format!("wnr:recheck:{bot}:de")), None);
        assert_eq!(Action::parse("wnr:recheck:nonsense"), None);
        assert_eq!(Action::parse("wnr:rescue_send:3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417"), None);
        assert_eq!(Action::parse("other:recheck:3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417"), None);
    }
}
