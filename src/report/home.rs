//! A person's home: how to ask, what they asked about, the last failures in their channels, and what is muted.

use jiff::Timestamp;

use crate::diagnosis::bot_id::BotId;

/// The title of the home.
pub const TITLE: &str = "Why no recording?";
/// The heading above the bots that the person asked about.
pub const ASKED: &str = "Bots you asked about";
/// The heading above the last failures.
pub const FAILURES: &str = "Recent failures in your channels";
/// The heading above what is muted.
pub const MUTED: &str = "Muted";
/// The label of the button that ends a mute.
pub const UNMUTE: &str = "Unmute";
/// Stands below the first heading if the person hasn't asked yet.
pub const NOTHING_ASKED: &str = "None in the last 30 days.";
/// Stands below the second heading if there is no failure.
pub const NO_FAILURES: &str = "None in the channels where you asked in the last 30 days.";
/// Stands there instead if the app can't see who is in a channel.
pub const MEMBERS_UNKNOWN: &str = "I can't see which channels you're in, so I don't show failures here. The person who \
    manages this app can change that.";
/// Says who sees the home.
pub const ONLY_YOU: &str =
    "Only you can see this page. It shows channels that you're in, and where you asked before.";
/// The whole home of a person who may not ask.
pub const MAY_NOT_ASK: &str =
    "You can't use this app. The person who manages it can add you to its allowlist.";

/// A home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// Of a person who may not ask.
    Closed,
    /// Of any other person.
    Open(HomeContent),
}

/// What a home shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HomeContent {
    /// How to ask.
    pub help: String,
    /// The bots that the person asked about, the last one first.
    pub asked: Vec<AskedAbout>,
    /// The last failures in the person's channels, the last one first; `None` if the platform doesn't say who is in a
    /// channel.
    pub failures: Option<Vec<RecentFailure>>,
    /// What is muted in the person's channels.
    pub muted: Vec<MutedLine>,
}

/// A bot that the person asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedAbout {
    /// When.
    pub at: Timestamp,
    /// The bot.
    pub bot: BotId,
    /// The platform's ID of the channel.
    pub channel: String,
}

/// An alert about one bot, or about many that were counted in one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentFailure {
    /// When it was alerted.
    pub at: Timestamp,
    /// Which bots.
    pub bots: Failed,
    /// The title of the cause; `None` for various.
    pub title: Option<String>,
    /// The platform's ID of the channel.
    pub channel: String,
    /// It recorded after all.
    pub resolved: bool,
}

/// The bots of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// This one.
    One(BotId),
    /// So many.
    Many(i64),
}

/// A mute that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutedLine {
    /// Its ID, for the button that ends it.
    pub id: String,
    /// What is muted, in words.
    pub what: String,
    /// The platform's ID of the channel.
    pub channel: String,
    /// When it ends.
    pub until: Timestamp,
}

/// The words for a cause that is not one.
pub const VARIOUS: &str = "Various causes";
