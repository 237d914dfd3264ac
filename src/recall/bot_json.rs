//! Parses the JSON of a bot, or explains why a text is not one.

use std::fmt;

use serde_json::value::RawValue;

use super::body::text;
use super::recognise::{FileKind, wrapped};
use super::wire;

/// The error for a text that is not a bot, with what it is instead. Its sentences are for the person who
/// provided it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotABot(pub FileKind);

impl std::error::Error for NotABot {}

impl fmt::Display for NotABot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = match self.0 {
            kind if let Some(advice) = kind.how_to_read() => advice,
            FileKind::CutOff { .. } => "Save the whole answer of Retrieve Bot.",
            FileKind::EmptyList => "No bot is in it.",
            FileKind::Bots => "Save the answer of Retrieve Bot for one of them instead.",
            FileKind::Webhook => {
                "It tells nothing about a recording. Save the answer of Retrieve Bot (GET /api/v1/bot/ID/) instead."
            }
            FileKind::Webhooks => "Hand it in with --webhooks instead of --file.",
            FileKind::Participants | FileKind::ParticipantEvents => {
                "Hand it in with --participants, and with --file the answer of Retrieve Bot."
            }
            FileKind::Calendar => {
                "The ids of its bots are in its member `bots`. Save the answer of Retrieve Bot (GET /api/v1/bot/ID/)."
            }
            FileKind::Error => {
                "Check the id, the region and the key, and save the answer of Retrieve Bot again."
            }
            _ => "It should hold the answer of Retrieve Bot (GET /api/v1/bot/ID/).",
        };
        write!(f, "the file {}. {advice}", self.0)
    }
}

/// Parses a Retrieve Bot response. A tool may have wrapped it in an object.
pub(super) fn bot_from_json(bytes: &[u8]) -> Result<wire::Bot, NotABot> {
    match FileKind::of(bytes) {
        FileKind::Bot => recognised(bytes),
        kind => Err(NotABot(kind)),
    }
}

/// Parses a text that was recognised as a bot.
pub(super) fn recognised(bytes: &[u8]) -> Result<wire::Bot, NotABot> {
    let text = text(bytes);
    let not_json = |error: serde_json::Error| NotABot(FileKind::not_json(&error));
    let whole: &RawValue = serde_json::from_str(&text).map_err(not_json)?;
    let bot = if FileKind::is_bot(whole) { whole } else { wrapped(whole).unwrap_or(whole) };
    serde_json::from_str(bot.get()).map_err(not_json)
}
