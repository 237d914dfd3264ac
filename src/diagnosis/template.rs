//! Text of the catalogue with slots for what is known of one bot.

use std::fmt;

use super::vocabulary::vocabulary;

vocabulary! {
    /// A place in a text that is filled from the bot at hand.
    Slot {
        /// The name that the bot shows in the meeting.
        BotName = "bot_name",
        /// The meeting platform.
        Platform = "platform",
        /// The deciding sub code, verbatim.
        SubCode = "sub_code",
        /// How long it waited in the lobby.
        Waited = "waited",
        /// How long it was in the call.
        InCallFor = "in_call_for",
        /// How long the recording lasts.
        RecordedFor = "recorded_for",
        /// When the recording began.
        RecordedFrom = "recorded_from",
        /// When the recording ended.
        RecordedTo = "recorded_to",
        /// When it is to join, or was.
        JoinAt = "join_at",
        /// For how long that time has passed.
        Overdue = "overdue",
        /// When the bot left the meeting.
        EndedAt = "ended_at",
        /// When it will give up and leave.
        LeavesAt = "leaves_at",
        /// When the recording is deleted, or was.
        ExpiresAt = "expires_at",
        /// How long recordings are kept.
        Retention = "retention",
        /// For how long nothing has been heard of it.
        LastSeen = "last_seen",
    }
}

/// A text with slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words as they stand.
    Words(String),
    /// A slot.
    Slot(Slot),
}

/// A `{…}` in a text that is no slot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct BadSlot(String);

impl fmt::Display for BadSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<&str> = Slot::ALL.iter().map(|slot| slot.as_str()).collect();
        write!(f, "`{{{}}}` is not a slot; the slots are {}", self.0, known.join(", "))
    }
}

impl Template {
    /// Reads a text. White space around it is dropped.
    ///
    /// # Errors
    /// A brace that does not belong to a slot.
    pub fn parse(text: &str) -> Result<Self, BadSlot> {
        let mut pieces = Vec::new();
        let mut rest = text.trim();
        while let Some((words, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| BadSlot(after.to_owned()))?;
            let slot = Slot::from_word(name).ok_or_else(|| BadSlot(name.to_owned()))?;
            if !words.is_empty() {
                pieces.push(Piece::Words(words.to_owned()));
            }
            pieces.push(Piece::Slot(slot));
            rest = after;
        }
        if rest.contains('}') {
            return Err(BadSlot(rest.to_owned()));
        }
        if !rest.is_empty() {
            pieces.push(Piece::Words(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// Its parts in order.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.0.iter()
    }
}

impl fmt::Display for Template {
    /// The text with its slots named, as the catalogue has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => f.write_str(words)?,
                Piece::Slot(slot) => write!(f, "{{{slot}}}")?,
            }
        }
        Ok(())
    }
}
