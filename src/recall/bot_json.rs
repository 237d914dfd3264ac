//! From bytes to a bot, and in plain words why they are none.

use std::fmt;

use serde_json::value::RawValue;

use super::recognise::{FileKind, wrapped};
use super::wire;

/// Largest answer or file that is read. A long meeting of a thousand people stays below one.
pub(super) const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Why a text is no bot: what it is instead. The sentences are for the person who handed it in.
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

/// Reads a Retrieve Bot response, also one that a tool has wrapped in an object of its own.
pub(super) fn bot_from_json(bytes: &[u8]) -> Result<wire::Bot, NotABot> {
    match FileKind::of(bytes) {
        FileKind::Bot => {}
        kind => return Err(NotABot(kind)),
    }
    let text = text(bytes);
    let not_json = |error: serde_json::Error| NotABot(FileKind::not_json(&error));
    let whole: &RawValue = serde_json::from_str(&text).map_err(not_json)?;
    let bot = if FileKind::is_bot(whole) { whole } else { wrapped(whole).unwrap_or(whole) };
    serde_json::from_str(bot.get()).map_err(not_json)
}

/// The text of an answer or file: without the mark that Windows begins files with, and with what is
/// not UTF-8 replaced, because one broken name is no reason to know nothing.
pub(super) fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
}
