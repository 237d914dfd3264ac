//! Who was in the meeting: from the download of a recording, or from the older shape of a bot.
//!
//! Nobody is said to have been absent because of people who could not be read: such a list is
//! told as not readable, unless the host is among those who could.

use jiff::Timestamp;

use super::bot_json::{BYTES_MAX, text};
use super::case_file::{name, time};
use super::wire;
use crate::diagnosis::case_file::{Known, Participant, WhyMissing};
use crate::diagnosis::vocabulary::Platform;

/// People as they are on the wire.
type People = super::lenient::List<wire::Participant, { wire::PARTICIPANTS_MAX }>;

/// Reads a participants download, or a page of participants.
pub(super) fn people_from_json(bytes: &[u8]) -> Known<Vec<Participant>> {
    if bytes.len() > BYTES_MAX {
        return Known::Missing(WhyMissing::TooLarge);
    }
    let text = text(bytes);
    let list: Option<People> = match text.trim_start().bytes().next() {
        Some(b'[') => serde_json::from_str(&text).ok(),
        Some(b'{') => serde_json::from_str::<wire::ParticipantsPage>(&text)
            .ok()
            .and_then(|page| page.results.or(page.participants)),
        _ => None,
    };
    list.map_or(Known::Missing(WhyMissing::Unreadable), people)
}

/// The people of a list, if it tells.
pub(super) fn people(list: People) -> Known<Vec<Participant>> {
    let (unread, beyond) = (list.unread, list.beyond);
    let people: Vec<Participant> = list.entries.into_iter().map(person).collect();
    if (unread, beyond) == (0, 0) {
        return if people.is_empty() { Known::Missing(WhyMissing::Empty) } else { Known::Value(people) };
    }
    if has_host(&people) {
        return Known::Value(people);
    }
    Known::Missing(if unread > 0 { WhyMissing::Unreadable } else { WhyMissing::TooLarge })
}

/// What several downloads tell together, one for each recording of the bot.
pub(super) fn together(parts: Vec<Known<Vec<Participant>>>) -> Known<Vec<Participant>> {
    let mut everyone = Vec::new();
    let mut missing = None;
    for part in parts {
        match part {
            Known::Value(people) => everyone.extend(people),
            // A recording without people takes nothing away from the others.
            Known::Missing(WhyMissing::Empty) => {}
            Known::Missing(why) => missing = missing.or(Some(why)),
        }
    }
    // The same person is in the list of each recording.
    let mut different: Vec<Participant> = Vec::with_capacity(everyone.len());
    let mut seen = std::collections::HashSet::new();
    for person in everyone {
        if seen.insert((person.name.clone(), person.is_host, person.signed_in, person.left_at)) {
            different.push(person);
        }
    }
    match missing {
        Some(why) if !has_host(&different) => Known::Missing(why),
        _ if different.is_empty() => Known::Missing(WhyMissing::Empty),
        _ => Known::Value(different),
    }
}

fn has_host(people: &[Participant]) -> bool {
    people.iter().any(|person| person.is_host == Some(true))
}

fn person(raw: wire::Participant) -> Participant {
    let extra = raw.extra_data.unwrap_or_default();
    let told_by = told_by(&extra);
    let zoom = extra.zoom.unwrap_or_default();
    Participant {
        told_by,
        name: raw.name.as_deref().and_then(name),
        is_host: raw.is_host,
        signed_in: signed_in(&zoom),
        left_at: left_at(&raw.events.entries),
    }
}

/// The platform that tells something of its own about somebody.
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

/// When somebody left for good: the last leave that no join follows.
fn left_at(events: &[wire::StatusChange]) -> Option<Timestamp> {
    let mut moves: Vec<(Timestamp, bool)> = events
        .iter()
        .filter_map(|event| {
            let leaves = match event.code.as_deref()? {
                "join" => false,
                "leave" => true,
                _ => return None,
            };
            Some((time(event.created_at.as_deref())?, leaves))
        })
        .collect();
    // A stable sort: at the same time, what is listed later happened later.
    moves.sort_by_key(|(at, _)| *at);
    moves.last().filter(|(_, leaves)| *leaves).map(|(at, _)| *at)
}
