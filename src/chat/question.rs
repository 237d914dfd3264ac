//! A person's question: `<what>` of the command, on every platform alike.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::untrusted::printable;
use crate::mutes::MuteId;
use crate::mutes::request::{Problem, Request};

/// Most bots in one question.
pub const BOTS_MAX: usize = 5;
/// Days of a digest, unless a person says how many.
const DIGEST_DAYS: u8 = 7;
/// Most days of a digest.
const DIGEST_DAYS_MAX: u8 = 90;
/// Most characters of a typed word. No word in the catalogue has as many.
const TYPED_MAX: usize = 100;

/// A word that a person typed, on one line and short enough to be shown. People paste the wrong thing, so
/// `Debug` does not print it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Typed(String);

impl Typed {
    /// Returns the word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Typed {
    fn from(text: &str) -> Self {
        Self(printable(text.trim(), TYPED_MAX))
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(…)")
    }
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Why these bots did or did not record.
    Bots(Vec<BotId>),
    /// What a cause or sub code means.
    Explain(Typed),
    /// The digest of so many days; `None` if that isn't a number of days that can be counted.
    Digest(Option<u8>),
    /// How to use the app.
    Help,
    /// More bots than one question may have, with their number.
    TooMany(usize),
    /// A text without a bot ID.
    NoId,
    /// A mention in a thread without further text, about the thread's first message.
    ThreadStart,
    /// To mute alerts in this channel.
    Mute(Request),
    /// To mute, in words that can't be read.
    MuteUnclear(Problem),
    /// To end a mute.
    Unmute(MuteId),
    /// What is muted in this channel.
    Mutes,
    /// The latest failures of this channel.
    Recent,
}

impl Question {
    /// Parses the text after the command. `private` in front asks for an answer that only the requester sees.
    #[must_use]
    pub fn parse_command(text: &str) -> (Self, bool) {
        let text = text.trim();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        if matches!(first.to_lowercase().as_str(), "private" | "privately") {
            return (Self::parse(rest), true);
        }
        (Self::parse(text), false)
    }

    /// Parses the typed text: IDs, dashboard links, text that contains them, `help`, `explain <code>`, `mute …`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some(question) = Self::about_mutes(text) {
            return question;
        }
        let ids = BotId::find_all(text);
        match ids.len() {
            0 => {}
            1..=BOTS_MAX => return Self::Bots(ids),
            many => return Self::TooMany(many),
        }
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match first.to_lowercase().as_str() {
            "" | "help" | "?" => Self::Help,
            "explain" if !rest.trim().is_empty() => Self::Explain(Typed::from(rest)),
            "explain" => Self::Help,
            "digest" => Self::Digest(days(rest)),
            _ => Self::NoId,
        }
    }

    /// Finds the bots in a message that somebody wrote, which is no command.
    #[must_use]
    pub fn in_message(text: &str) -> Self {
        let ids = BotId::find_all(text);
        match ids.len() {
            0 => Self::NoId,
            1..=BOTS_MAX => Self::Bots(ids),
            many => Self::TooMany(many),
        }
    }

    /// Parses a command about mutes, if the text starts like one.
    fn about_mutes(text: &str) -> Option<Self> {
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        Some(match first.to_lowercase().as_str() {
            "mute" => Request::parse(rest).map_or_else(Self::MuteUnclear, Self::Mute),
            "unmute" => rest.trim().parse().map_or(Self::MuteUnclear(Problem::NoMute), Self::Unmute),
            "mutes" if rest.trim().is_empty() => Self::Mutes,
            "recent" if rest.trim().is_empty() => Self::Recent,
            _ => return None,
        })
    }
}

/// Reads a number of days, as in `7d`, `7 days` or `7`. Without one it is a week.
fn days(text: &str) -> Option<u8> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Some(DIGEST_DAYS);
    }
    let number = ["days", "day", "d"].iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(&text);
    number.trim_end().parse().ok().filter(|days| (1..=DIGEST_DAYS_MAX).contains(days))
}

#[cfg(test)]
mod tests {
    use super::{Problem, Question, Request};
    use crate::mutes::Scope;
    use crate::mutes::request::Reason;

    const ID: &str = "3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417";

    fn check(text: &str, expect: &Question) {
        assert_eq!(&Question::parse(text), expect, "{text:?}");
    }

    #[test]
    fn what_people_type_is_understood() {
        let bot = Question::Bots(vec![ID.parse().unwrap()]);
        check(ID, &bot);
        check(&format!("why did https://us-west-2.recall.ai/dashboard/explorer/bot/{ID} fail?"), &bot);
        check("", &Question::Help);
        check("  HELP ", &Question::Help);
        check("explain meeting_locked", &Question::Explain("meeting_locked".into()));
        check("explain", &Question::Help);
        check("mutes", &Question::Mutes);
        check("Recent", &Question::Recent);
        check("unmute 0123456789", &Question::Unmute("0123456789".parse().unwrap()));
        check("unmute", &Question::MuteUnclear(Problem::NoMute));
        check("mute", &Question::MuteUnclear(Problem::Unclear));
        check("mute channel", &Question::MuteUnclear(Problem::Unclear));
        check("mute channel soon", &Question::MuteUnclear(Problem::UnclearEnd));
        let mute = |scope, end: &str, reason: &str| {
            Question::Mute(Request { scope, end: end.parse().unwrap(), reason: Reason::of(reason) })
        };
        check("mute here tomorrow", &mute(Scope::Channel, "tomorrow", ""));
        check(
            &format!("mute {ID} 1h  Zoom is  down "),
            &mute(Scope::Bot(ID.parse().unwrap()), "1h", "Zoom is  down"),
        );
        check(
            "Mute meeting_locked 7d known",
            &mute(Scope::Cause("meeting_locked".to_owned()), "7d", "known"),
        );
        assert_eq!(Question::in_message(&format!("mute alert: {ID}")), bot, "a message is no command");
        check("the one from yesterday", &Question::NoId);
        check("digest", &Question::Digest(Some(7)));
        for thirty in ["Digest 30d", "digest  30", "digest 30 days", "DIGEST 30 D"] {
            check(thirty, &Question::Digest(Some(30)));
        }
        check("digest 1 day", &Question::Digest(Some(1)));
        check("digest 90d", &Question::Digest(Some(90)));
        for none in ["digest 0", "digest 91d", "digest -1", "digest week", "digest 7h", "digest d"] {
            check(none, &Question::Digest(None));
        }
    }

    #[test]
    fn private_in_front_is_for_the_asker_alone() {
        let bot = Question::Bots(vec![ID.parse().unwrap()]);
        assert_eq!(Question::parse_command(&format!("private {ID}")), (bot.clone(), true));
        assert_eq!(Question::parse_command(&format!(" Private\t{ID}")), (bot.clone(), true));
        assert_eq!(Question::parse_command(ID), (bot, false));
        assert_eq!(Question::parse_command("private"), (Question::Help, true));
    }

    #[test]
    fn six_bots_are_too_many() {
        let text: String = (0..6).map(|n| format!("3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c41{n} ")).collect();
        check(&text, &Question::TooMany(6));
    }
}
