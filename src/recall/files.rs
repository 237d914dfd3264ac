//! Files that people hand in: what they hold, and what to do where it is something else.

use std::fmt;

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::bot_json::{NotABot, text};
use super::case_file::{case_file, case_file_from_json, set_participants, told_participants};
use super::lenient::List;
use super::participants::people_from_json;
use super::recognise::{FileKind, wrapped};
use super::webhook_log::read_webhooks;
use super::wire;
use crate::diagnosis::case_file::CaseFile;

/// The bots of a file.
#[derive(Debug, Clone, Default)]
pub struct BotsFile {
    /// What it tells of each, in its order.
    pub cases: Vec<CaseFile>,
    /// Entries of a list that are no bots.
    pub unread: usize,
    /// Entries beyond what is read of one list.
    pub beyond: usize,
    /// It is one page of a list that goes on.
    pub has_more: bool,
}

/// Reads a file with a bot, a list of bots, a page of one, or a webhook. Each may be wrapped in an object.
///
/// `participants` is the download that belongs to the bot, if the file has a single one.
///
/// # Errors
/// Returns what the file is if no bot is in it.
pub fn bots_from_json(
    bytes: &[u8],
    participants: Option<&[u8]>,
    now: Timestamp,
) -> Result<BotsFile, NotABot> {
    let mut file = match FileKind::of(bytes) {
        FileKind::Bot => {
            BotsFile { cases: vec![case_file_from_json(bytes, None, now)?], ..BotsFile::default() }
        }
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
                Ok(mut bot) if FileKind::is_bot(entry) => {
                    let participants = told_participants(&mut bot);
                    file.cases.push(case_file(bot, participants, now));
                }
                _ => file.unread += 1,
            }
        }
    }
    Ok(file)
}

/// The entries of one value: a list, one that is wrapped, or a single bot.
fn entries(raw: &RawValue) -> List<&RawValue, { wire::BOTS_MAX }> {
    let inner = if FileKind::is_bot(raw) { raw } else { wrapped(raw).unwrap_or(raw) };
    if inner.get().starts_with('[') {
        return serde_json::from_str(inner.get()).unwrap_or_default();
    }
    List { entries: vec![inner], ..List::default() }
}

/// The file holds no participants. The sentence is for the person who handed it in.
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

/// Checks that a file is a participants download, a page of participants, or a download of what they did.
///
/// # Errors
/// Returns what the file is instead.
pub fn check_participants(bytes: &[u8]) -> Result<(), NotParticipants> {
    match FileKind::of(bytes) {
        FileKind::Participants | FileKind::ParticipantEvents | FileKind::EmptyList => Ok(()),
        kind => Err(NotParticipants(kind)),
    }
}
