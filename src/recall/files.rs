//! Files that people provide: the bots in them, and advice if they contain something else.

use std::fmt;

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::body::text;
use super::bot_json::{NotABot, recognised};
use super::case_file::{of_bot, set_participants};
use super::lenient::List;
use super::participants::people_from_json;
use super::recognise::{FileKind, wrapped};
use super::webhook_log::read_webhooks;
use super::wire;
use crate::diagnosis::case_file::CaseFile;

/// The bots of a file.
#[derive(Debug, Clone, Default)]
pub struct BotsFile {
    /// The case file of each bot, in the order of the file.
    pub cases: Vec<CaseFile>,
    /// The number of list entries that are not bots.
    pub unread: usize,
    /// The number of entries beyond the limit of one list.
    pub beyond: usize,
    /// `true` if it is one page of a longer list.
    pub has_more: bool,
}

/// Parses a file with a bot, a list of bots, a page of one, or a webhook. Each may be wrapped in an object.
///
/// `participants` is the participants download of the bot, for a file with a single one.
///
/// # Errors
/// Returns what the file contains if it contains no bot.
pub fn bots_from_json(
    bytes: &[u8],
    participants: Option<&[u8]>,
    now: Timestamp,
) -> Result<BotsFile, NotABot> {
    let mut file = match FileKind::of(bytes) {
        FileKind::Bot => BotsFile { cases: vec![of_bot(recognised(bytes)?, now)], ..BotsFile::default() },
        FileKind::Bots => list(&text(bytes), now)?,
        kind @ (FileKind::Webhook | FileKind::Unknown) => match read_webhooks(bytes) {
            Ok(log) if log.webhooks() == 1 => BotsFile { cases: log.case_files(now), ..BotsFile::default() },
            Ok(_) => return Err(NotABot(FileKind::Webhooks)),
            Err(_) => return Err(NotABot(kind)),
        },
        kind => return Err(NotABot(kind)),
    };
    if file.cases.is_empty() {
        return Err(NotABot(FileKind::Unknown));
    }
    if let (Some(participants), [case]) = (participants, &mut file.cases[..]) {
        set_participants(case, people_from_json(participants));
    }
    Ok(file)
}

fn list(text: &str, now: Timestamp) -> Result<BotsFile, NotABot> {
    let mut file = BotsFile::default();
    for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let raw = value.map_err(|error| NotABot(FileKind::not_json(&error)))?;
        let entries = entries(raw);
        file.has_more |= wire::BotsPage::from_json(raw.get()).is_some_and(|page| page.next.is_some());
        file.unread += entries.unread;
        file.beyond += entries.beyond;
        for entry in entries.entries {
            match serde_json::from_str::<wire::Bot>(entry.get()) {
                Ok(bot) if FileKind::is_bot(entry) => file.cases.push(of_bot(bot, now)),
                _ => file.unread += 1,
            }
        }
    }
    Ok(file)
}

/// Returns the entries of one value: a list, a wrapped list, or a single bot.
fn entries(raw: &RawValue) -> List<&RawValue, { wire::BOTS_MAX }> {
    let inner = if FileKind::is_bot(raw) { raw } else { wrapped(raw).unwrap_or(raw) };
    if inner.get().starts_with('[') {
        return serde_json::from_str(inner.get()).unwrap_or_default();
    }
    List { entries: vec![inner], ..List::default() }
}

/// The error for a file without participants. The sentence is for the person who provided it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotParticipants(pub FileKind);

impl std::error::Error for NotParticipants {}

impl fmt::Display for NotParticipants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = match self.0 {
            kind if let Some(advice) = kind.how_to_read() => advice,
            FileKind::Bot => "Hand it in with --file.",
            FileKind::ParticipantLinks => {
                "Open the link in participants_download_url, and save what it leads to."
            }
            _ => {
                "Save what participants_download_url of the recording leads to, or participant_events_download_url, \
                 which tells as well who came and left when."
            }
        };
        write!(f, "the file {}. {advice}", self.0)
    }
}

/// Checks that a file is a participants download, a page of participants, or a download of participant
/// events.
///
/// # Errors
/// Returns [`NotParticipants`] with what the file is instead.
pub fn check_participants(bytes: &[u8]) -> Result<(), NotParticipants> {
    match FileKind::of(bytes) {
        FileKind::Participants | FileKind::ParticipantEvents | FileKind::EmptyList => Ok(()),
        kind => Err(NotParticipants(kind)),
    }
}
