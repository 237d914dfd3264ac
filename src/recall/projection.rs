//! The projection of a bot's events, and of its last API response, to a case file. Pure.
//!
//! The events are a set: their order and duplicates do not change the case file.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::event::{BotEvent, EventKind, MediaKind};
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::case_file::{CaseFile, History, Media, MediaStatus, Recording};
use crate::diagnosis::status::{StatusChange, SubCode};

/// Seconds by which the webhook and the API may differ on the time of one change.
const SAME_CHANGE: SignedDuration = SignedDuration::from_secs(2);

/// Recall.ai's last API response about a bot.
#[derive(Debug, Clone, Copy)]
pub struct ApiSnapshot<'a> {
    /// The case file of the response.
    pub case: &'a CaseFile,
    /// The time of the response.
    pub at: Timestamp,
}

/// Builds a case file from the events of a bot, and from the API response if there is one.
#[must_use]
pub fn case_file_from_events(
    bot: BotId,
    events: &[BotEvent],
    learned: Option<ApiSnapshot<'_>>,
    now: Timestamp,
) -> CaseFile {
    let mut case = learned.map_or_else(|| CaseFile::unknown(now), |learned| learned.case.clone());
    case.now = now;
    case.bot_id = Some(bot);
    if learned.is_none() {
        case.history = if is_heard_from_the_start(events) { History::Whole } else { History::Part };
    }
    let mut heard: Vec<&StatusChange> = events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Status(change) => Some(change),
            EventKind::NotJoined(_) | EventKind::Media { .. } => None,
        })
        .collect();
    heard.sort_unstable_by(|a, b| (a.at, &a.code, &a.sub_code).cmp(&(b.at, &b.code, &b.sub_code)));
    let new: Vec<StatusChange> =
        heard.into_iter().filter(|change| !holds(&case.status_changes, change)).cloned().collect();
    case.status_changes.extend(new);

    // If there is an API response, it is newer than the events.
    case.join_at = case.join_at.or_else(|| {
        let join_at = |event: &BotEvent| match event.kind {
            EventKind::NotJoined(join_at) => Some(join_at),
            EventKind::Status(_) | EventKind::Media { .. } => None,
        };
        events.iter().filter_map(join_at).max()
    });

    let newest = events.iter().filter(|event| matches!(event.kind, EventKind::Media { .. }));
    let newest = newest.filter_map(BotEvent::at).max();
    let asked_since = learned.is_some_and(|learned| newest.is_none_or(|at| at <= learned.at));
    if !asked_since || case.recordings.is_empty() {
        let heard = recordings(events);
        if !heard.is_empty() {
            case.recordings = heard;
        }
    }
    case
}

/// Returns `true` if the first known event is the first one of a bot's life. Otherwise the service has only
/// started recently, or the endpoint receives only a few kinds of events.
fn is_heard_from_the_start(events: &[BotEvent]) -> bool {
    let changes = events.iter().filter_map(|event| match &event.kind {
        EventKind::Status(change) => Some(change),
        EventKind::NotJoined(_) | EventKind::Media { .. } => None,
    });
    let first =
        changes.filter(|change| change.code.is_lifecycle()).min_by_key(|change| (change.at, &change.code));
    match first {
        Some(first) => first.code.is_first(),
        // This event comes from a bot list, which contains the bot's whole history.
        None => events.iter().any(|event| matches!(event.kind, EventKind::NotJoined(_))),
    }
}

/// Returns `true` if a change is among the known ones, from whichever source.
#[must_use]
pub fn holds(known: &[StatusChange], change: &StatusChange) -> bool {
    known.iter().any(|own| {
        let same_time = match (own.at, change.at) {
            (Some(own), Some(at)) => own.duration_since(at).abs() <= SAME_CHANGE,
            (own, at) => own == at,
        };
        same_time && own.code == change.code && own.sub_code == change.sub_code
    })
}

/// One state of one file of a recording. The later one counts; at the same time, the one that is later in its
/// life.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct MediaState<'a> {
    at: Option<Timestamp>,
    rank: usize,
    status: MediaStatus,
    sub_code: Option<&'a SubCode>,
}

#[derive(Debug, Default)]
struct MediaParts<'a> {
    recording: Vec<MediaState<'a>>,
    video: Vec<MediaState<'a>>,
    audio: Vec<MediaState<'a>>,
    transcript: Vec<MediaState<'a>>,
}

fn recordings(events: &[BotEvent]) -> Vec<Recording> {
    let mut by_id: BTreeMap<&str, MediaParts<'_>> = BTreeMap::new();
    for event in events {
        let EventKind::Media { recording, part, status, sub_code, at } = &event.kind else { continue };
        let rank = MediaStatus::ALL.iter().position(|other| other == status).unwrap_or_default();
        let state = MediaState { at: *at, rank, status: *status, sub_code: sub_code.as_ref() };
        let parts = by_id.entry(recording).or_default();
        match part {
            MediaKind::Recording => parts.recording.push(state),
            MediaKind::Video => parts.video.push(state),
            MediaKind::Audio => parts.audio.push(state),
            MediaKind::Transcript => parts.transcript.push(state),
        }
    }
    by_id.values().map(recording).collect()
}

fn recording(parts: &MediaParts<'_>) -> Recording {
    let media = |states: &[MediaState<'_>]| {
        let state = states.iter().max()?;
        Some(Media { status: state.status, sub_code: state.sub_code.cloned() })
    };
    let own = media(&parts.recording).unwrap_or(Media { status: MediaStatus::Unknown, sub_code: None });
    // An entry is made before anything is recorded. Only a further state shows that recording started.
    let begun = !matches!(own.status, MediaStatus::Processing | MediaStatus::Unknown);
    let done = parts.recording.iter().filter(|state| state.status == MediaStatus::Done);
    Recording {
        started_at: begun.then(|| parts.recording.iter().filter_map(|state| state.at).min()).flatten(),
        completed_at: done.filter_map(|state| state.at).max(),
        expires_at: None,
        status: own.status,
        sub_code: own.sub_code,
        video: media(&parts.video),
        audio: media(&parts.audio),
        transcript: media(&parts.transcript),
    }
}
