//! What a card says of asking again, and the preview before it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::alert::{BodyLine, Span};
use super::format_duration;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::vocabulary::Platform;

/// The part of a card about asking again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescueCard {
    /// What was done and what came of it, or why nothing can be done.
    pub lines: Vec<BodyLine>,
    /// How many of the lines, from the first, are about what was done.
    #[serde(default)]
    pub attempts: usize,
    /// What can be done now.
    pub button: Option<RescueButton>,
}

impl RescueCard {
    /// Returns what was done and what came of it, one line for each attempt.
    #[must_use]
    pub fn attempts(&self) -> &[BodyLine] {
        self.lines.get(..self.attempts).unwrap_or(&self.lines)
    }
}

/// A button that opens a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RescueButton {
    /// The host is asked again.
    Ask,
    /// The host is asked again, once a setting was changed.
    AskAfterChange,
    /// The bot starts to record.
    Start,
}

impl RescueButton {
    /// Returns the label of the button.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ask => "Ask the host again…",
            Self::AskAfterChange => "I have changed it, ask again…",
            Self::Start => "Start recording…",
        }
    }
}

/// What will be sent into the meeting, for the person who decides about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The bot.
    pub bot: BotId,
    /// The name that it shows in the meeting.
    pub bot_name: String,
    /// The platform of the meeting.
    pub platform: Platform,
    /// The message to the host, exactly as it is sent; `None` if the bot starts to record.
    pub text: Option<String>,
    /// When the bot joined, so that nobody acts in the wrong meeting, and when it leaves.
    pub times: Vec<BodyLine>,
    /// A digest of all of it. What is sent has the same one, or nothing is sent.
    pub digest: String,
}

/// What came of asking again, as far as the bot's history shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequel {
    /// Nothing yet.
    Waiting,
    /// The host has allowed it.
    Allowed(Timestamp),
    /// It records.
    Recording(Timestamp),
    /// It was refused again.
    Declined(Timestamp),
    /// The bot has left.
    Left,
}

/// What became of an attempt to ask the host again, or to start the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It is under way.
    Underway,
    /// Everything was sent.
    Sent(Sequel),
    /// The request was sent, and the message before it was not, as where the chat is off.
    WithoutMessage(Sequel),
    /// It may have been sent.
    Unknown(Sequel),
    /// Nothing was sent, for this reason.
    NotSent(NotSent),
    /// The message was sent and the request was not, for this reason.
    OnlyMessage(NotSent),
}

/// A reason why something was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSent {
    /// The bot wasn't in the call.
    NotInCall,
    /// This kind of bot can't do it.
    NoSuchStep,
    /// The API key may only read.
    MayOnlyRead,
    /// Recall.ai refused it.
    Refused,
    /// Recall.ai couldn't be reached, or had no capacity.
    Failed,
    /// Recall.ai couldn't be asked how the bot is.
    Unreadable,
    /// The bot had left, or recorded, or its cause had changed.
    Outdated,
    /// The person didn't have the right any more.
    NoRight,
    /// It couldn't be done in time.
    TooLate,
}

impl NotSent {
    const fn because(self) -> &'static str {
        match self {
            Self::NotInCall => "because the bot was no longer in the call.",
            Self::NoSuchStep => "because Recall.ai says that this workspace's bots can't ask again.",
            Self::MayOnlyRead => {
                "because the API key may only read. Use a key that may write, from Recall.ai's dashboard under \
                 Developers > API Keys."
            }
            Self::Refused => "because Recall.ai refused it. The reason is in the app's log.",
            Self::Failed => "because Recall.ai couldn't be reached.",
            Self::Unreadable => "because I couldn't check the bot with Recall.ai first.",
            Self::Outdated => "because the bot's situation had changed.",
            Self::NoRight => "because the person may no longer act in meetings.",
            Self::TooLate => "because it couldn't be done in time.",
        }
    }
}

/// Returns what was done, and what came of it. `by` is a user, or nobody if the service did it by itself.
#[must_use]
pub fn told(is_start: bool, by: Option<&str>, at: Timestamp, told: Told) -> BodyLine {
    let what = match (is_start, told) {
        (false, Told::Underway) => "Asking the host again",
        (true, Told::Underway) => "Starting the recording",
        (false, Told::NotSent(_)) => "Tried to ask again",
        (true, Told::NotSent(_)) => "Tried to start the recording",
        (false, Told::OnlyMessage(_)) => "Message sent to the host",
        (false, _) => "Asked again",
        (true, _) => "Told to record",
    };
    let mut spans = match by {
        Some(person) => vec![Span::Words(format!("{what} by ")), Span::Person(person.to_owned())],
        None => vec![Span::Words(format!("{what} automatically"))],
    };
    spans.extend([Span::Words(", ".to_owned()), Span::Time(at)]);
    match told {
        Told::Underway => spans.push(Span::Words(".".to_owned())),
        Told::Sent(sequel) => {
            spans.push(Span::Words(". ".to_owned()));
            spans.extend(came_of_it(is_start, sequel));
        }
        Told::WithoutMessage(sequel) => {
            spans.push(Span::Words(", without the message, which didn't get through. ".to_owned()));
            spans.extend(came_of_it(is_start, sequel));
        }
        Told::Unknown(Sequel::Waiting) => {
            let words = ". I don't know if it reached the meeting, because Recall.ai's response got lost.";
            spans.push(Span::Words(words.to_owned()));
        }
        Told::Unknown(sequel) => {
            spans.push(Span::Words(". ".to_owned()));
            spans.extend(came_of_it(is_start, sequel));
        }
        Told::NotSent(why) => spans.push(Span::Words(format!(". Nothing was sent, {}", why.because()))),
        Told::OnlyMessage(why) => {
            spans.push(Span::Words(format!(". The request to record didn't follow, {}", why.because())));
        }
    }
    BodyLine(spans)
}

fn came_of_it(is_start: bool, sequel: Sequel) -> Vec<Span> {
    let at =
        |words: &str, at| vec![Span::Words(words.to_owned()), Span::Time(at), Span::Words(".".to_owned())];
    match sequel {
        Sequel::Waiting if is_start => vec![Span::Words("Waiting for the bot.".to_owned())],
        Sequel::Waiting => vec![Span::Words("Waiting for the host.".to_owned())],
        Sequel::Allowed(since) => at("Allowed, ", since),
        Sequel::Recording(since) => at("Recording since ", since),
        Sequel::Declined(since) => at("Declined again or not answered in time, ", since),
        Sequel::Left if is_start => vec![Span::Words("The bot left before it recorded.".to_owned())],
        Sequel::Left => vec![Span::Words("The bot left before the host answered.".to_owned())],
    }
}

/// Says why nothing can be sent from the waiting room.
pub const IN_WAITING_ROOM: &str =
    "I can't ask the host from here: in the waiting room, a bot has no chat and can't request to record.";
/// Says why asking again is of no use for a device that can't answer.
pub const CANNOT_GRANT: &str = "Asking again doesn't help, because the host's device can't grant permission.";
/// Says why asking again is of no use while the app is blocked.
pub const BLOCKED: &str = "Asking again doesn't help as long as an administrator blocks the app.";
/// Says why nobody can be asked on another platform.
pub const OTHER_PLATFORM: &str = "I can't ask the host again, because only Zoom has a request to record, and a message would go to everybody.";
/// Says why nobody can be asked by bots without the step.
pub const NO_SUCH_STEP: &str =
    "I can't ask the host again, because Recall.ai says that this workspace's bots can't do that.";
/// Says that no attempt is left.
pub const USED: &str = "Both attempts for this bot are used.";

/// Returns when the next attempt is possible.
#[must_use]
pub fn not_before(at: Timestamp) -> BodyLine {
    BodyLine(vec![
        Span::Words("The next attempt is possible at ".to_owned()),
        Span::Time(at),
        Span::Words(".".to_owned()),
    ])
}

/// Returns a line of plain words.
#[must_use]
pub fn words(words: &str) -> BodyLine {
    BodyLine::words(words)
}

/// Says how long the bot stays after a refusal, and which setting changes it. `is_known` is `false` if only the default
/// is known.
#[must_use]
pub fn short_stay(stay: SignedDuration, is_known: bool) -> BodyLine {
    let stay = format_duration(stay);
    let setting = "automatic_leave.recording_permission_denied_timeout";
    BodyLine::words(if is_known {
        format!("The bot leaves {stay} after a refusal. To have more time to ask again, raise {setting}.")
    } else {
        format!(
            "By default, a bot leaves {stay} after a refusal. To have more time to ask again, raise {setting}."
        )
    })
}

/// Returns when the bot joined and leaves, as far as it is known.
#[must_use]
pub fn times(joined_at: Option<Timestamp>, leaves_at: Option<Timestamp>) -> Vec<BodyLine> {
    let line = |words: &str, at| {
        BodyLine(vec![Span::Words(words.to_owned()), Span::Time(at), Span::Words(".".to_owned())])
    };
    let joined = joined_at.map(|at| line("The bot has been in the call since ", at));
    joined.into_iter().chain(leaves_at.map(|at| line("It leaves by itself at about ", at))).collect()
}

impl Preview {
    /// The heading of the preview.
    #[must_use]
    pub const fn heading(&self) -> &'static str {
        if self.text.is_some() { "Ask the host again?" } else { "Start recording?" }
    }

    /// The label of the button that sends it.
    #[must_use]
    pub const fn send_label(&self) -> &'static str {
        if self.text.is_some() { "Send and ask again" } else { "Start recording" }
    }

    /// What will happen, and who notices it.
    #[must_use]
    pub const fn consequence(&self) -> &'static str {
        if self.text.is_some() {
            "The host gets this message in the meeting's chat. Nobody else does. Then Zoom asks the host again to allow \
             the recording. If the host has a co-host, Zoom decides who of them gets it."
        } else {
            "The bot starts to record. Nobody gets a message, but Zoom shows that it records."
        }
    }
}

/// The label of the button that closes a preview.
pub const CANCEL: &str = "Cancel";
/// The heading above the text that is sent.
pub const MESSAGE_HEADING: &str = "Message to the host";
/// Answers a press of somebody who may not act.
pub const MAY_NOT_ACT: &str = "You can't send anything into a running meeting. The person who manages this app can add \
    you, or a group that you are in, to those who may act.";
/// Answers that nothing is ever sent.
pub const IS_OFF: &str =
    "Asking again is turned off. The person who manages this app can turn it on with rescue.mode.";
/// Answers that the person decided against it.
pub const CANCELLED: &str = "Nothing was sent.";
/// Answers that the attempt has begun.
pub const BEGUN: &str = "Sent. The card shows what comes of it.";
/// Answers that the bot's situation changed between the preview and the decision.
pub const OUTDATED: &str = "Nothing was sent, because the bot's situation has changed since the preview. Check the card, and try again.";
/// Answers that somebody else was faster.
pub const UNDERWAY: &str = "Somebody is asking the host at this moment. The card shows what comes of it.";
/// Answers that the last attempt was a moment ago.
pub const TOO_SOON: &str = "The host was asked a moment ago. There are two minutes between two attempts, and the card says when the next one \
     is possible.";
/// Answers that there is nothing to ask any more.
pub const NOTHING_TO_ASK: &str = "There is nothing to ask any more: the bot has left, or it records.";

/// Answers that the person's groups could not be read.
#[must_use]
pub fn right_unknown(why: &str) -> String {
    format!("I couldn't check if you may act in meetings, so nothing was sent. Reason: {why}")
}
