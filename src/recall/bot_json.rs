//! From bytes to a bot, and in plain words why they are none.

use serde::de::IgnoredAny;

use super::wire;

/// Largest answer or file that is read. A long meeting of a thousand people stays below one.
pub(super) const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Why a text is no bot. The sentences are for the person who handed it in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotABot {
    /// There is nothing in it.
    #[error("the file is empty; it should hold the answer of Retrieve Bot")]
    Empty,
    /// It is too large for a bot.
    #[error("the file is larger than 8 MiB, which no bot is; it should hold the answer of Retrieve Bot")]
    TooLarge,
    /// It is a page of HTML.
    #[error(
        "the file is a web page and not JSON; save the answer of Retrieve Bot (GET /api/v1/bot/ID/) instead"
    )]
    AWebPage,
    /// It is in UTF-16.
    #[error("the file is in UTF-16, as PowerShell's `>` writes it; save it as UTF-8")]
    InUtf16,
    /// It ends in the middle.
    #[error("the file ends too early (line {line}, column {column}); save the whole answer of Retrieve Bot")]
    CutOff {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// It is not JSON.
    #[error("the file is not JSON (line {line}, column {column}); it should hold the answer of Retrieve Bot")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// It is another value than an object.
    #[error("the file holds JSON, but not an object; it should hold the answer of Retrieve Bot, for one bot")]
    NotAnObject,
    /// It is a list of bots.
    #[error("this is a list of bots; save the answer of Retrieve Bot for one of them instead")]
    AList,
    /// It is a webhook.
    #[error("this is a webhook, which tells of one event only; save the answer of Retrieve Bot instead")]
    AWebhook,
    /// It is an answer that tells of an error.
    #[error(
        "this is an error that Recall.ai answered with, and not a bot; check the id, the region and the key, and \
         save the answer again"
    )]
    AnError,
    /// It has nothing of a bot.
    #[error(
        "this object is not a bot: it has neither an id nor status_changes; it should be the answer of Retrieve Bot"
    )]
    NothingOfABot,
}

/// Reads a Retrieve Bot response.
pub(super) fn bot_from_json(bytes: &[u8]) -> Result<wire::Bot, NotABot> {
    if bytes.len() > BYTES_MAX {
        return Err(NotABot::TooLarge);
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(NotABot::InUtf16);
    }
    let text = text(bytes);
    match text.trim_start().bytes().next() {
        None => return Err(NotABot::Empty),
        Some(b'<') => return Err(NotABot::AWebPage),
        Some(b'{') => {}
        Some(_) => {
            return Err(serde_json::from_str::<IgnoredAny>(&text)
                .map_or_else(|error| not_json(&error), |_| NotABot::NotAnObject));
        }
    }
    let outline: wire::Outline = serde_json::from_str(&text).map_err(|error| not_json(&error))?;
    check(&outline)?;
    serde_json::from_str(&text).map_err(|error| not_json(&error))
}

/// The text of an answer or file: without the mark that Windows begins files with, and with what is
/// not UTF-8 replaced, because one broken name is no reason to know nothing.
pub(super) fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
}

fn check(outline: &wire::Outline) -> Result<(), NotABot> {
    let wire::Outline { id, status_changes, recordings, join_at, meeting_url, bot_name, .. } = *outline;
    if id || status_changes || recordings || join_at || meeting_url || bot_name {
        return Ok(());
    }
    Err(if outline.results {
        NotABot::AList
    } else if outline.event && outline.data {
        NotABot::AWebhook
    } else if outline.detail {
        NotABot::AnError
    } else {
        NotABot::NothingOfABot
    })
}

fn not_json(error: &serde_json::Error) -> NotABot {
    let (line, column) = (error.line(), error.column());
    if error.is_eof() { NotABot::CutOff { line, column } } else { NotABot::NotJson { line, column } }
}
