//! What is said about mutes, and about who takes care of a bot.

mod form;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::alert::{BodyLine, Span};
use super::plural;

pub use form::{
    ANOTHER_TIME, HOW_LONG, MuteForm, OR_UNTIL, REASON, REASON_HINT, SUBMIT, TITLE, TYPED_TIME, WHAT,
};

/// The person who takes care of a bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The person, by the ID that their platform gave them.
    pub person: String,
    /// Since when.
    pub at: Timestamp,
}

impl Taken {
    pub(super) fn line(&self) -> BodyLine {
        BodyLine(vec![
            Span::Words("Taken care of by ".to_owned()),
            Span::Person(self.person.clone()),
            Span::Words(" since ".to_owned()),
            Span::Time(self.at),
            Span::Words(".".to_owned()),
        ])
    }
}

/// What a mute covers, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Muted<'a> {
    /// One bot, by its ID.
    Bot(&'a str),
    /// One cause, by its title.
    Cause(&'a str),
    /// The bots that have something in common with one of them.
    Same {
        /// What they have in common, such as `customer`.
        common: &'a str,
        /// The ID of that bot.
        bot: &'a str,
    },
    /// The whole channel.
    Channel,
}

impl Muted<'_> {
    /// Returns what is muted, as the end of "muted …".
    #[must_use]
    pub fn words(self) -> String {
        format!("{} in this channel", self.in_some_channel())
    }

    /// Returns what is muted, where the channel is named beside it.
    #[must_use]
    pub fn in_some_channel(self) -> String {
        match self {
            Self::Bot(bot) => format!("alerts about bot {bot}"),
            Self::Cause(title) => format!("alerts about \"{title}\""),
            Self::Same { common, bot } => format!("alerts about bots with the same {common} as {bot}"),
            Self::Channel => "all alerts".to_owned(),
        }
    }
}

/// A mute as a message, or as an entry of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MuteNotice {
    /// The text of a notification, which is understandable alone.
    pub text: String,
    /// What is shown.
    pub lines: Vec<BodyLine>,
    /// The mute that a button below it ends, by its ID.
    #[serde(default)]
    pub unmute: Option<String>,
}

/// A list for one person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The line above it.
    pub heading: String,
    /// Its entries.
    pub entries: Vec<MuteNotice>,
}

/// What a mute is, for its words.
#[derive(Debug, Clone, Copy)]
pub struct MuteFacts<'a> {
    /// Its ID.
    pub id: &'a str,
    /// What it covers.
    pub muted: Muted<'a>,
    /// The person who set it.
    pub author: &'a str,
    /// Why.
    pub reason: Option<&'a str>,
    /// When it ends, or when it ended.
    pub ends_at: Timestamp,
}

/// How a mute ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended<'a> {
    /// Its time has passed.
    InTime,
    /// A person ended it.
    By(&'a str),
    /// A command in a terminal ended it.
    InTerminal,
}

impl MuteFacts<'_> {
    /// Returns the message that says in the channel what is muted.
    #[must_use]
    pub fn announcement(&self) -> MuteNotice {
        let what = self.muted.words();
        let mut lines = vec![BodyLine(vec![
            Span::Words("Muted by ".to_owned()),
            Span::Person(self.author.to_owned()),
            Span::Words(" until ".to_owned()),
            Span::Date(self.ends_at),
            Span::Words(format!(": {what}.")),
        ])];
        lines.extend(self.reason.map(reason));
        lines.push(BodyLine::words("Muted alerts are still recorded and counted."));
        MuteNotice { text: format!("Muted: {what}"), lines, unmute: Some(self.id.to_owned()) }
    }

    /// Returns the same message once the mute is over.
    #[must_use]
    pub fn after_its_end(&self, ended: Ended<'_>) -> MuteNotice {
        let what = self.muted.words();
        let mut lines = vec![
            BodyLine::words(format!("Not muted any more: {what}.")),
            BodyLine(
                [
                    vec![
                        Span::Words("Muted by ".to_owned()),
                        Span::Person(self.author.to_owned()),
                        Span::Words(". ".to_owned()),
                    ],
                    how(ended, self.ends_at),
                ]
                .concat(),
            ),
        ];
        lines.extend(self.reason.map(reason));
        MuteNotice { text: format!("Not muted any more: {what}"), lines, unmute: None }
    }

    /// Returns the line in the thread that says that the mute is over, and how many alerts it kept back.
    #[must_use]
    pub fn end(&self, ended: Ended<'_>, kept_back: i64) -> MuteNotice {
        let kept = match usize::try_from(kept_back).unwrap_or_default() {
            0 => "No alert was muted.".to_owned(),
            1 => "1 alert was muted. To see it, type /why-no-recording recent.".to_owned(),
            many => format!(
                "{} were muted. To see the latest, type /why-no-recording recent.",
                plural(many, "alert")
            ),
        };
        let mut spans = how(ended, self.ends_at);
        spans.push(Span::Words(format!(" {kept}")));
        MuteNotice { text: "Not muted any more".to_owned(), lines: vec![BodyLine(spans)], unmute: None }
    }

    /// Returns the line in the thread that says that the mute lasts longer.
    #[must_use]
    pub fn extension(&self) -> MuteNotice {
        let line = BodyLine(vec![
            Span::Words("Extended by ".to_owned()),
            Span::Person(self.author.to_owned()),
            Span::Words(" until ".to_owned()),
            Span::Date(self.ends_at),
            Span::Words(".".to_owned()),
        ]);
        let lines = std::iter::once(line).chain(self.reason.map(reason)).collect();
        MuteNotice { text: "Muted for longer".to_owned(), lines, unmute: None }
    }

    /// Returns the mute as an entry of a list.
    #[must_use]
    pub fn entry(&self) -> MuteNotice {
        let what = self.muted.words();
        let line = BodyLine(vec![
            Span::Words(format!("{} until ", capitalised(&what))),
            Span::Date(self.ends_at),
            Span::Words(", by ".to_owned()),
            Span::Person(self.author.to_owned()),
            Span::Words(format!(" (ID {})", self.id)),
        ]);
        let lines = std::iter::once(line).chain(self.reason.map(reason)).collect();
        MuteNotice { text: what, lines, unmute: Some(self.id.to_owned()) }
    }

    /// Returns what the person is told who muted.
    #[must_use]
    pub fn done(&self) -> MuteNotice {
        let what = self.muted.words();
        let line = BodyLine(vec![
            Span::Words(format!("Done. I muted {what} until ")),
            Span::Date(self.ends_at),
            Span::Words(". Everyone in the channel can see it.".to_owned()),
        ]);
        MuteNotice { text: format!("Muted: {what}"), lines: vec![line], unmute: None }
    }

    /// Returns what a person is told if a mute of the same scope lasts at least as long.
    #[must_use]
    pub fn already(&self) -> MuteNotice {
        let what = capitalised(&self.muted.words());
        let line = BodyLine(vec![
            Span::Words(format!("{what} are muted already, until ")),
            Span::Date(self.ends_at),
            Span::Words(". Nothing changed. To end that, select Unmute.".to_owned()),
        ]);
        MuteNotice {
            text: format!("Muted already: {what}"),
            lines: vec![line],
            unmute: Some(self.id.to_owned()),
        }
    }
}

fn reason(reason: &str) -> BodyLine {
    BodyLine::words(format!("Reason: {reason}"))
}

fn how(ended: Ended<'_>, at: Timestamp) -> Vec<Span> {
    let words = |words: &str| Span::Words(words.to_owned());
    match ended {
        Ended::InTime => vec![words("Its time ended at "), Span::Time(at), words(".")],
        Ended::By(person) => {
            vec![
                words("Ended by "),
                Span::Person(person.to_owned()),
                words(" at "),
                Span::Time(at),
                words("."),
            ]
        }
        Ended::InTerminal => vec![words("Ended in the terminal at "), Span::Time(at), words(".")],
    }
}

/// Returns words as the start of a sentence.
#[must_use]
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A failure in the list of recent ones.
#[derive(Debug, Clone, Copy)]
pub struct RecentFailure<'a> {
    /// The bot.
    pub bot: &'a str,
    /// The title of its cause.
    pub title: &'a str,
    /// When the alert was decided.
    pub at: Timestamp,
    /// `true` if the bot recorded after all.
    pub resolved: bool,
    /// `true` if the alert was muted.
    pub muted: bool,
}

impl RecentFailure<'_> {
    fn entry(&self) -> MuteNotice {
        let mut words = format!(" · {} · bot {}", self.title, self.bot);
        if self.resolved {
            words.push_str(" · recorded after all");
        }
        if self.muted {
            words.push_str(" · muted");
        }
        let lines = vec![BodyLine(vec![Span::Date(self.at), Span::Words(words)])];
        MuteNotice { text: self.title.to_owned(), lines, unmute: None }
    }
}

/// Returns the list of the latest failures in a channel.
#[must_use]
pub fn recent(failures: &[RecentFailure<'_>]) -> Listing {
    let heading = match failures.len() {
        0 => "There were no alerts in this channel lately.".to_owned(),
        1 => "The latest alert in this channel:".to_owned(),
        many => format!("The latest {many} alerts in this channel:"),
    };
    Listing { heading, entries: failures.iter().map(RecentFailure::entry).collect() }
}

/// Most mutes in a list.
pub const LISTED_MAX: usize = 10;

/// Returns the list of what is muted in a channel.
#[must_use]
pub fn list(mutes: &[MuteFacts<'_>]) -> Listing {
    let heading = match mutes.len() {
        0 => "Nothing is muted in this channel.".to_owned(),
        many if many > LISTED_MAX => {
            format!("{many} mutes are active in this channel. These end first:")
        }
        many => format!(
            "{} active in this channel:",
            if many == 1 { "1 mute is".to_owned() } else { format!("{many} mutes are") }
        ),
    };
    Listing { heading, entries: mutes.iter().take(LISTED_MAX).map(MuteFacts::entry).collect() }
}

/// The label of the button that opens the form.
pub const MUTE: &str = "Mute…";
/// The label of the button that ends a mute.
pub const UNMUTE: &str = "Unmute";
/// The label of the button of somebody who takes care of a bot.
pub const TAKE: &str = "I take it";
/// The label of that button once somebody does.
pub const TAKE_OVER: &str = "Take over or give back";
/// Says how to mute.
pub const HOW_TO_MUTE: &str =
    "To mute alerts in this channel, type /why-no-recording mute, then what, then until \
    when. What: a bot ID, \"same=\" and a bot ID for its customer or host, a cause, or
    \"channel\". Until when: 1h, 7d, tomorrow (09:00 UTC), or a time such as \
    2026-12-01T09:00:00Z. After that, you can add a reason.";
/// Says how to end a mute.
pub const HOW_TO_UNMUTE: &str =
    "To end a mute, type /why-no-recording unmute and its ID. To see the IDs, type /why-no-recording mutes.";
/// The end can't be read.
pub const UNCLEAR_END: &str = "I can't read when it should end. Use 1h, 7d, tomorrow, or a time such as \
    2026-12-01T09:00:00Z.";
/// The end has passed.
pub const END_HAS_PASSED: &str = "That time has passed. Select a later one.";
/// It would last too long.
pub const TOO_LONG: &str = "A mute can last at most 90 days. Select an earlier end.";
/// It is long, and has no reason.
pub const REASON_NEEDED: &str = "Add a reason: this mute is longer than a day.";
/// No alerts come here.
pub const NO_ALERTS_HERE: &str =
    "Alerts don't come to this channel, so there's nothing to mute. Ask in the channel that receives them.";
/// There is no such mute.
pub const NO_SUCH_MUTE: &str = "That mute isn't active in this channel. It may have ended already.";
/// What the bot has in common with others isn't known.
pub const NOTHING_IN_COMMON: &str = "I don't know which customer or host this bot belongs to, so I muted nothing. \
    Mute the bot or its cause instead.";
/// The bot isn't known any more.
pub const BOT_FORGOTTEN: &str = "I no longer have records of this bot, so I can't note who takes care of it.";
/// The person may not mute.
pub const MAY_NOT_MUTE: &str = "You can't mute alerts or take care of them here. The person who manages this app can \
    allow it with the setting alerts.mute_right.";
