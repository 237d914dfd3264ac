//! What a person asks for: what is muted, until when, and why. Read from a command, a form or a button.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::{NotOfAMute, Scope};
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::untrusted::printable;
use crate::report::mute::{self as words, MuteForm};

/// The longest mute.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);
/// A longer mute needs a reason.
pub const WITHOUT_REASON: SignedDuration = SignedDuration::from_hours(24);
/// When the working day begins: the end of a mute until tomorrow.
const MORNING: Time = Time::constant(9, 0, 0, 0);
/// Most characters of a reason.
pub const REASON_MAX: usize = 200;
/// Most characters of a cause's ID. No cause in the catalogue has as many.
const CAUSE_MAX: usize = 64;

/// Why alerts are muted, in a person's own words. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reason(String);

impl Reason {
    /// Returns the words as a reason, on one line and short; `None` if there are none.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = printable(text.trim(), REASON_MAX);
        (!text.trim().is_empty()).then_some(Self(text))
    }

    /// Returns the words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reason(…)")
    }
}

/// When a mute is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum End {
    /// After this time.
    After(SignedDuration),
    /// Tomorrow at nine, in the person's time zone.
    Tomorrow,
    /// At this time.
    At(Timestamp),
}

impl End {
    /// The ends that forms offer.
    pub const OFFERED: [Self; 3] = [
        Self::After(SignedDuration::from_hours(1)),
        Self::Tomorrow,
        Self::After(SignedDuration::from_hours(7 * 24)),
    ];

    /// Returns `true` if a mute until then always needs a reason.
    #[must_use]
    pub fn needs_a_reason(self) -> bool {
        matches!(self, Self::After(length) if length > WITHOUT_REASON)
    }

    /// Returns the time; `None` if no calendar has it.
    fn time(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::After(length) => now.checked_add(length).ok(),
            Self::At(at) => Some(at),
            Self::Tomorrow => {
                let tomorrow = now.to_zoned(zone.clone()).date().checked_add(1.day()).ok()?;
                let morning = tomorrow.to_datetime(MORNING).to_zoned(zone.clone()).ok()?;
                Some(morning.timestamp())
            }
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(length) => {
                let minutes = length.as_mins();
                match (minutes % (24 * 60), minutes % 60) {
                    (0, _) => write!(f, "{}d", minutes / (24 * 60)),
                    (_, 0) => write!(f, "{}h", minutes / 60),
                    _ => write!(f, "{minutes}m"),
                }
            }
            Self::Tomorrow => f.write_str("tomorrow"),
            Self::At(at) => write!(f, "{at}"),
        }
    }
}

impl FromStr for End {
    type Err = NotOfAMute;

    /// Reads `1h`, `7d`, `30m`, `tomorrow`, a time of RFC 3339, or a date and a time of UTC.
    fn from_str(text: &str) -> Result<Self, NotOfAMute> {
        let text = text.trim().to_lowercase();
        if text == "tomorrow" {
            return Ok(Self::Tomorrow);
        }
        if let Ok(at) = text.to_uppercase().parse() {
            return Ok(Self::At(at));
        }
        if let Ok(at) = text.to_uppercase().parse::<DateTime>() {
            let at = at.to_zoned(TimeZone::UTC).map_err(|_| NotOfAMute)?;
            return Ok(Self::At(at.timestamp()));
        }
        let unit = text.chars().next_back().ok_or(NotOfAMute)?;
        let minutes = match unit {
            'm' => 1,
            'h' => 60,
            'd' => 24 * 60,
            _ => return Err(NotOfAMute),
        };
        let number: u32 = text.strip_suffix(unit).unwrap_or_default().parse().map_err(|_| NotOfAMute)?;
        Ok(Self::After(SignedDuration::from_mins(i64::from(number) * minutes)))
    }
}

impl From<End> for String {
    fn from(end: End) -> Self {
        end.to_string()
    }
}

impl TryFrom<String> for End {
    type Error = NotOfAMute;

    fn try_from(text: String) -> Result<Self, NotOfAMute> {
        text.parse()
    }
}

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What is muted.
    pub scope: Scope,
    /// Until when.
    pub end: End,
    /// Why.
    #[serde(default)]
    pub reason: Option<Reason>,
}

/// Returns the scopes that a form offers, with their labels.
#[must_use]
pub fn offered_by(form: &MuteForm) -> Vec<(String, Scope)> {
    let cause = form.cause.as_ref().map(|cause| (form.cause_label(), Scope::Cause(cause.clone())));
    let same = form.common_label().map(|label| (label, Scope::SameAs(form.bot)));
    let bot = (form.bot_label().to_owned(), Scope::Bot(form.bot));
    let channel = (form.channel_label().to_owned(), Scope::Channel);
    [Some(bot), cause, same, Some(channel)].into_iter().flatten().collect()
}

/// Why nothing is muted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// It isn't said what or until when.
    Unclear,
    /// The end can't be read.
    UnclearEnd,
    /// The end has passed.
    Past,
    /// It would last too long.
    TooLong,
    /// It is long, and has no reason.
    NoReason,
    /// It isn't said which mute is to end.
    NoMute,
}

impl Problem {
    /// Returns what to do instead.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unclear => words::HOW_TO_MUTE,
            Self::UnclearEnd => words::UNCLEAR_END,
            Self::Past => words::END_HAS_PASSED,
            Self::TooLong => words::TOO_LONG,
            Self::NoReason => words::REASON_NEEDED,
            Self::NoMute => words::HOW_TO_UNMUTE,
        }
    }
}

impl Request {
    /// Reads the words after `mute`: what, until when, and perhaps why.
    ///
    /// # Errors
    /// Returns [`Problem`] if what or until when can't be read.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (what, rest) = text.trim().split_once(char::is_whitespace).ok_or(Problem::Unclear)?;
        let rest = rest.trim();
        let (end, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let scope = match (what.to_lowercase().as_str(), BotId::find_all(what).first()) {
            (word, Some(bot)) if word.starts_with("same=") => Scope::SameAs(*bot),
            (_, Some(bot)) => Scope::Bot(*bot),
            ("channel" | "here", None) => Scope::Channel,
            (cause, None) => match printable(cause, CAUSE_MAX) {
                // Only characters that are invisible.
                nothing if nothing.trim().is_empty() => return Err(Problem::Unclear),
                word => Scope::Cause(word),
            },
        };
        let end = end.parse().map_err(|_| Problem::UnclearEnd)?;
        Ok(Self { scope, end, reason: Reason::of(reason) })
    }

    /// Returns when the mute ends, if a person in this time zone may ask for it now.
    ///
    /// # Errors
    /// Returns [`Problem`] if it has passed by then, lasts too long, or lacks a reason.
    pub fn ends_at(&self, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, Problem> {
        let ends_at = self.end.time(now, zone).ok_or(Problem::TooLong)?;
        let length = ends_at.duration_since(now);
        if length <= SignedDuration::ZERO {
            return Err(Problem::Past);
        }
        if length > LONGEST {
            return Err(Problem::TooLong);
        }
        // Tomorrow at nine may be more than a day away, and is what people choose in the evening.
        if length > WITHOUT_REASON && self.end != End::Tomorrow && self.reason.is_none() {
            return Err(Problem::NoReason);
        }
        Ok(ends_at)
    }
}
