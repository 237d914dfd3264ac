//! Recall.ai's own codes: status codes and sub codes, an open vocabulary kept verbatim.
//!
//! Values are added without notice (<https://docs.recall.ai/docs/sub-codes>), so an unknown one is
//! ordinary data here and never an error.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::untrusted::printable;

/// Longest code, in characters, that is kept. Real ones stay below 80; the limit bounds hostile ones.
const CODE_CHARS_MAX: usize = 100;

/// The kind of status that a status change reports.
///
/// The order of the variants is the lifecycle rank, which orders status changes with the same time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum EventCode {
    /// It was created and waits for its time to join.
    Ready,
    /// It is connecting to the meeting.
    JoiningCall,
    /// It is in the waiting room or lobby.
    InWaitingRoom,
    /// It is in the call and not recording: before the start, or paused.
    InCallNotRecording,
    /// Zoom only: the request to record was refused. The sub code says how.
    PermissionDenied,
    /// Zoom only: the request to record was granted.
    PermissionAllowed,
    /// It is recording. This is the one status that proves a start.
    InCallRecording,
    /// Older API: the recording is finished.
    RecordingDone,
    /// The bot left or was removed. The sub code says why.
    CallEnded,
    /// An error stopped the bot. The sub code says which.
    Fatal,
    /// The bot has shut down. Alone, this proves nothing about a recording.
    Done,
    /// The media was deleted at the end of its retention period.
    MediaExpired,
    /// A known code without effect on the recording: breakout rooms, analysis, other people's waiting.
    Ignored(IgnoredCode),
    /// A code that we do not know, verbatim.
    Unknown(String),
}

/// Status codes that are known not to affect a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IgnoredCode {
    /// The bot moved into a breakout room.
    BreakoutRoomEntered,
    /// The bot returned from a breakout room.
    BreakoutRoomLeft,
    /// Breakout rooms were opened.
    BreakoutRoomOpened,
    /// Breakout rooms were closed.
    BreakoutRoomClosed,
    /// Another participant is in the waiting room.
    ParticipantInWaitingRoom,
    /// Older API: a later analysis has finished.
    AnalysisDone,
    /// Older API: a later analysis has failed.
    AnalysisFailed,
}

/// Every known code with its spelling.
const SPELLINGS: &[(&str, EventCode)] = &[
    ("ready", EventCode::Ready),
    ("joining_call", EventCode::JoiningCall),
    ("in_waiting_room", EventCode::InWaitingRoom),
    ("in_call_not_recording", EventCode::InCallNotRecording),
    ("recording_permission_denied", EventCode::PermissionDenied),
    ("recording_permission_allowed", EventCode::PermissionAllowed),
    ("in_call_recording", EventCode::InCallRecording),
    ("recording_done", EventCode::RecordingDone),
    ("call_ended", EventCode::CallEnded),
    ("fatal", EventCode::Fatal),
    ("done", EventCode::Done),
    ("media_expired", EventCode::MediaExpired),
    ("breakout_room_entered", EventCode::Ignored(IgnoredCode::BreakoutRoomEntered)),
    ("breakout_room_left", EventCode::Ignored(IgnoredCode::BreakoutRoomLeft)),
    ("breakout_room_opened", EventCode::Ignored(IgnoredCode::BreakoutRoomOpened)),
    ("breakout_room_closed", EventCode::Ignored(IgnoredCode::BreakoutRoomClosed)),
    ("participant_in_waiting_room", EventCode::Ignored(IgnoredCode::ParticipantInWaitingRoom)),
    ("analysis_done", EventCode::Ignored(IgnoredCode::AnalysisDone)),
    ("analysis_failed", EventCode::Ignored(IgnoredCode::AnalysisFailed)),
];

impl EventCode {
    /// Parses a code as the API or a webhook spells it (`bot.done` and `done` are the same).
    #[must_use]
    pub fn parse(raw: &str) -> Self {
        let word = raw.trim();
        let word = word.strip_prefix("bot.").unwrap_or(word);
        SPELLINGS
            .iter()
            .find(|(spelling, _)| *spelling == word)
            .map_or_else(|| Self::Unknown(printable(raw, CODE_CHARS_MAX)), |(_, code)| code.clone())
    }

    /// Returns the code as the API spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if let Self::Unknown(raw) = self {
            return raw;
        }
        SPELLINGS.iter().find(|(_, code)| code == self).map_or("", |(spelling, _)| spelling)
    }

    /// Returns `true` if this status shows where the bot is in its life. Ignored and unknown codes do not.
    #[must_use]
    pub const fn is_lifecycle(&self) -> bool {
        !matches!(self, Self::Ignored(_) | Self::Unknown(_))
    }

    /// Returns `true` if a bot starts with this status.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        matches!(self, Self::Ready | Self::JoiningCall)
    }

    /// Returns `true` if the bot is in the call, past its waiting room.
    #[must_use]
    pub const fn is_in_call(&self) -> bool {
        matches!(self, Self::InCallNotRecording | Self::PermissionAllowed | Self::InCallRecording)
    }

    /// Returns `true` if nothing more is recorded after this status.
    #[must_use]
    pub const fn is_end(&self) -> bool {
        matches!(self, Self::CallEnded | Self::Fatal | Self::Done)
    }
}

impl From<EventCode> for String {
    fn from(code: EventCode) -> Self {
        code.as_str().to_owned()
    }
}

impl From<String> for EventCode {
    fn from(spelling: String) -> Self {
        Self::parse(&spelling)
    }
}

impl fmt::Display for EventCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Recall.ai's sub code, verbatim except for characters that cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SubCode(String);

impl SubCode {
    /// Parses a sub code; `None` if it is empty.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let kept = printable(raw.trim(), CODE_CHARS_MAX);
        (!kept.is_empty()).then_some(Self(kept))
    }

    /// Returns the sub code as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SubCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An entry in the list of status changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StatusChange {
    /// The time at which it happened; `None` if the time was missing or unreadable.
    pub at: Option<Timestamp>,
    /// What happened.
    pub code: EventCode,
    /// The reason that Recall.ai gives, if there is one.
    pub sub_code: Option<SubCode>,
}

impl StatusChange {
    /// Returns `true` if the status change carries this sub code.
    #[must_use]
    pub fn has_sub_code(&self, sub_code: &str) -> bool {
        self.sub_code.as_ref().is_some_and(|own| own.as_str() == sub_code)
    }
}
