//! Text of the catalogue with slots for the facts of one bot.

use std::fmt;

use super::vocabulary::{Platform, vocabulary};

vocabulary! {
    /// A placeholder in a text that is filled with a fact of the bot.
    Slot {
        /// The name that the bot shows in the meeting.
        BotName = "bot_name",
        /// The meeting platform.
        Platform = "platform",
        /// The deciding sub code, verbatim.
        SubCode = "sub_code",
        /// The time that the bot waited in the lobby.
        Waited = "waited",
        /// The time that the bot was in the call.
        InCallFor = "in_call_for",
        /// The duration of the recording.
        RecordedFor = "recorded_for",
        /// The delay between the bot's entry into the call and the start of recording.
        LateBy = "late_by",
        /// The delay between the bot's arrival and the host's.
        HostLateBy = "host_late_by",
        /// The delay between the bot's arrival and the first person's.
        PeopleLateBy = "people_late_by",
        /// How often recording was interrupted, and for how long.
        Interruptions = "interruptions",
        /// The time without recording at the end.
        StoppedFor = "stopped_for",
        /// The setting by which the bot left, and its value.
        Timer = "timer",
        /// The mail filter that rewrote the meeting link.
        MailFilter = "mail_filter",
        /// The time at which the recording started.
        RecordedFrom = "recorded_from",
        /// The time at which the recording ended.
        RecordedTo = "recorded_to",
        /// The time at which the bot is or was due to join.
        JoinAt = "join_at",
        /// The time since it was due to join.
        Overdue = "overdue",
        /// The time at which the bot left the meeting.
        EndedAt = "ended_at",
        /// The time at which the bot leaves by itself.
        LeavesAt = "leaves_at",
        /// The time at which the recording is or was deleted.
        ExpiresAt = "expires_at",
        /// The retention period.
        Retention = "retention",
        /// The time since the bot's last event.
        LastSeen = "last_seen",
    }
}

/// A text with slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Literal text.
    Words(String),
    /// A slot.
    Slot(Slot),
    /// Text and slots that are left out if one of the slots is unknown.
    Optional(Vec<Piece>),
    /// Text and slots for meetings on these platforms, and for meetings on an unknown platform.
    On(Vec<Platform>, Vec<Piece>),
}

/// The error for a `{…}` that is not a slot, or an unmatched bracket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct BadSlot(String);

impl fmt::Display for BadSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<&str> = Slot::ALL.iter().map(|slot| slot.as_str()).collect();
        write!(f, "`{{{}}}` is not a slot; the slots are {}", self.0, known.join(", "))
    }
}

impl Template {
    /// Parses a text. White space around it is dropped.
    ///
    /// # Errors
    /// Returns [`BadSlot`] if the text has an unknown slot or an unmatched brace or bracket.
    pub fn parse(text: &str) -> Result<Self, BadSlot> {
        let mut pieces = Vec::new();
        let mut rest = text.trim();
        while let Some((words, after)) = rest.split_once('[') {
            let (part, after) = after.split_once(']').ok_or_else(|| BadSlot(after.to_owned()))?;
            slots(words, &mut pieces)?;
            let (platforms, part) = match part.split_once('|') {
                Some((words, part)) => (platforms(words)?, part),
                None => (Vec::new(), part),
            };
            let mut inner = Vec::new();
            slots(part, &mut inner)?;
            let is_for_all = platforms.is_empty();
            pieces.push(if is_for_all { Piece::Optional(inner) } else { Piece::On(platforms, inner) });
            rest = after;
        }
        slots(rest, &mut pieces)?;
        Ok(Self(pieces))
    }

    /// Returns the parts in order.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.0.iter()
    }
}

fn platforms(words: &str) -> Result<Vec<Platform>, BadSlot> {
    let one = |word| Platform::from_word(word).ok_or_else(|| BadSlot(words.to_owned()));
    words.split_whitespace().map(one).collect()
}

/// Splits a text without optional parts at its slots.
fn slots(text: &str, pieces: &mut Vec<Piece>) -> Result<(), BadSlot> {
    let mut rest = text;
    while let Some((words, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or_else(|| BadSlot(after.to_owned()))?;
        let slot = Slot::from_word(name).ok_or_else(|| BadSlot(name.to_owned()))?;
        if !words.is_empty() {
            pieces.push(Piece::Words(words.to_owned()));
        }
        pieces.push(Piece::Slot(slot));
        rest = after;
    }
    if rest.contains(['}', '[', ']']) {
        return Err(BadSlot(rest.to_owned()));
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    Ok(())
}

impl fmt::Display for Template {
    /// Writes the text with its slots named, as in the catalogue.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| write!(f, "{piece}"))
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            Self::Slot(slot) => write!(f, "{{{slot}}}"),
            Self::On(platforms, pieces) => {
                let words: Vec<&str> = platforms.iter().map(|platform| platform.as_str()).collect();
                write!(f, "[{}|", words.join(" "))?;
                pieces.iter().try_for_each(|piece| write!(f, "{piece}"))?;
                f.write_str("]")
            }
            Self::Optional(pieces) => {
                f.write_str("[")?;
                pieces.iter().try_for_each(|piece| write!(f, "{piece}"))?;
                f.write_str("]")
            }
        }
    }
}
