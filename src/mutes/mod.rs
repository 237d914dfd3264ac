//! Mutes: alerts that aren't sent for a while, because a person said so.
//!
//! Pure: no clock, no database, no chat. A mute belongs to one channel and always has an end. What it covers is
//! decided together with the alert ([`ActiveMutes::covering`]), and what a person may ask for in [`request`].
//!
//! | a mute | goes to |
//! |---|---|
//! | active: it covers alerts until `ends_at` | extended, by a further mute of the same scope; over |
//! | over: its time has passed, or a person ended it | – ; it is deleted when records of its age are |

pub mod request;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::diagnosis::bot_id::BotId;

/// The ID of a mute, short enough to be typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MuteId(String);

impl MuteId {
    /// Characters of an ID.
    pub const LENGTH: usize = 10;

    /// Returns the ID as it is stored and typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MuteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The error for a text that isn't the ID of a mute, or isn't what a mute covers.
#[derive(Debug, thiserror::Error)]
#[error("not of a mute")]
pub struct NotOfAMute;

impl FromStr for MuteId {
    type Err = NotOfAMute;

    fn from_str(text: &str) -> Result<Self, NotOfAMute> {
        let is_id = text.len() == Self::LENGTH && text.bytes().all(|letter| letter.is_ascii_hexdigit());
        is_id.then(|| Self(text.to_ascii_lowercase())).ok_or(NotOfAMute)
    }
}

/// What a mute covers in its channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Scope {
    /// One bot.
    Bot(BotId),
    /// One cause, by its ID in the catalogue.
    Cause(String),
    /// The bots of one customer or host, by the hash of their recurrence key.
    Key(String),
    /// The same, named by one of these bots. It becomes [`Scope::Key`] when the mute is set, and covers nothing by
    /// itself.
    SameAs(BotId),
    /// All alerts.
    Channel,
}

/// The traits of an alert that mutes match.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The bot.
    pub bot: &'a str,
    /// The cause.
    pub cause: &'a str,
    /// The hash of the bot's recurrence key, if it is known.
    pub key: Option<&'a str>,
}

impl Scope {
    /// Returns its kind in one word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Bot(_) => "bot",
            Self::Cause(_) => "cause",
            Self::Key(_) => "key",
            Self::SameAs(_) => "same",
            Self::Channel => "channel",
        }
    }

    /// Returns what it names: a bot, a cause or a hash; empty for the whole channel.
    #[must_use]
    pub fn value(&self) -> String {
        match self {
            Self::Bot(bot) | Self::SameAs(bot) => bot.to_string(),
            Self::Cause(value) | Self::Key(value) => value.clone(),
            Self::Channel => String::new(),
        }
    }

    /// Returns the scope with this kind and value; `None` if this version doesn't know it.
    #[must_use]
    pub fn of(kind: &str, value: &str) -> Option<Self> {
        match kind {
            "bot" => value.parse().ok().map(Self::Bot),
            "cause" if !value.is_empty() => Some(Self::Cause(value.to_owned())),
            "key" if !value.is_empty() => Some(Self::Key(value.to_owned())),
            "same" => value.parse().ok().map(Self::SameAs),
            "channel" => Some(Self::Channel),
            _ => None,
        }
    }

    fn covers(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Bot(bot) => subject.bot.parse().is_ok_and(|of: BotId| of == *bot),
            Self::Cause(cause) => cause == subject.cause,
            Self::Key(key) => subject.key == Some(key.as_str()),
            Self::SameAs(_) => false,
            Self::Channel => true,
        }
    }
}

/// As it stands in the IDs of buttons, without a colon.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel => f.write_str(self.kind()),
            _ => write!(f, "{}={}", self.kind(), self.value()),
        }
    }
}

impl FromStr for Scope {
    type Err = NotOfAMute;

    fn from_str(text: &str) -> Result<Self, NotOfAMute> {
        let (kind, value) = text.split_once('=').unwrap_or((text, ""));
        Self::of(kind, value).ok_or(NotOfAMute)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl TryFrom<String> for Scope {
    type Error = NotOfAMute;

    fn try_from(text: String) -> Result<Self, NotOfAMute> {
        text.parse()
    }
}

/// A mute that is active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mute {
    /// Its ID.
    pub id: MuteId,
    /// The channel, as the outbox names it.
    pub channel: String,
    /// What it covers there.
    pub scope: Scope,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// The mutes that are active in some channels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActiveMutes(pub Vec<Mute>);

impl ActiveMutes {
    /// Returns the mute that covers an alert in a channel at this time: of several, the one that lasts longest.
    ///
    /// A mute of one cause never covers another, so a storm of another cause is always heard.
    #[must_use]
    pub fn covering(&self, channel: &str, subject: &Subject<'_>, now: Timestamp) -> Option<&Mute> {
        let covers =
            |mute: &&Mute| mute.channel == channel && now < mute.ends_at && mute.scope.covers(subject);
        self.0.iter().filter(covers).max_by_key(|mute| mute.ends_at)
    }
}

/// Who may mute alerts and take care of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MuteRight {
    /// Who may ask.
    #[default]
    Ask,
    /// Who may act in a running meeting.
    Act,
}

impl MuteRight {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Ask, Self::Act];

    /// Returns its one spelling in the settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Act => "act",
        }
    }
}
