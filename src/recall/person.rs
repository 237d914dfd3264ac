//! One person from the participants of a recording.

use jiff::Timestamp;

use super::scalar::{name, time};
use super::wire::{self, PersonId};
use crate::diagnosis::case_file::{Participant, PrivateId};
use crate::diagnosis::vocabulary::Platform;

/// A person, with the ID that distinguishes people within one recording.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) id: PersonId,
    pub(super) participant: Participant,
    /// The account of the host, which is the same across meetings; `None` for everyone else.
    /// <https://docs.recall.ai/docs/identify-meeting-participants-uniquely>
    pub(super) host_account: Option<PrivateId>,
}

/// Parses a person without the times, which come from events.
pub(super) fn person(raw: wire::Participant) -> Person {
    let extra = raw.extra_data.unwrap_or_default();
    let told_by = told_by(&extra);
    let zoom = extra.zoom.unwrap_or_default();
    let teams = extra.microsoft_teams.and_then(|teams| teams.user_id);
    // Links of Teams name the same account without this prefix.
    let teams = teams.as_deref().map(|id| id.strip_prefix("8:orgid:").unwrap_or(id));
    let account = zoom.conf_user_id.as_deref().filter(|_| zoom.guest != Some(true));
    let account = account.filter(|id| !id.is_empty()).or(teams);
    let host_account = account.filter(|_| raw.is_host == Some(true)).and_then(PrivateId::of);
    let moves = raw.events.entries.iter().filter_map(|event| {
        let own = Move::from_word(event.code.as_deref()?)?;
        Some((time(event.created_at.as_deref())?, own))
    });
    let (joined_at, left_at) = stay(moves.collect());
    let participant = Participant {
        told_by,
        name: raw.name.as_deref().and_then(name),
        is_host: raw.is_host,
        signed_in: signed_in(&zoom),
        joined_at,
        left_at,
    };
    Person { id: raw.id, participant, host_account }
}

/// Returns the platform that reports details of its own about a person.
fn told_by(extra: &wire::ExtraData) -> Option<Platform> {
    let zoom = extra.zoom.as_ref().map(|_| Platform::Zoom);
    zoom.or(extra.google_meet.as_ref().map(|_| Platform::GoogleMeet))
        .or(extra.microsoft_teams.as_ref().map(|_| Platform::MicrosoftTeams))
        .or(extra.webex.as_ref().map(|_| Platform::Webex))
}

fn signed_in(zoom: &wire::ZoomParticipant) -> Option<bool> {
    if zoom.guest == Some(true) {
        return Some(false);
    }
    zoom.conf_user_id.as_deref().map(|id| !id.is_empty())
}

/// A person's joining or leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Join,
    Leave,
}

impl Move {
    /// Parses Recall.ai's word for joining or leaving; `None` for any other word.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "join" => Some(Self::Join),
            "leave" => Some(Self::Leave),
            _ => None,
        }
    }
}

/// Returns when a person first joined, and when they finally left: the last leave without a join after it.
pub(super) fn stay(mut moves: Vec<(Timestamp, Move)>) -> (Option<Timestamp>, Option<Timestamp>) {
    // The sort is stable: at the same time, the entry that is listed later happened later.
    moves.sort_by_key(|(at, _)| *at);
    let joined = moves.iter().find(|(_, own)| *own == Move::Join).map(|(at, _)| *at);
    let left = moves.last().filter(|(_, own)| *own == Move::Leave).map(|(at, _)| *at);
    (joined, left)
}
