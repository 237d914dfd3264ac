//! Who was in the meeting: from the download of a recording, or from the older shape of a bot.
//!
//! Nobody is said to have been absent because of people who could not be read: such a list is
//! told as not readable, unless the host is among those who could.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::bot_json::{BYTES_MAX, text};
use super::case_file::{has_no_zone, name, time};
use super::participant_events::people_of_events;
use super::recognise::FileKind;
use super::wire::{self, PersonId};
use crate::diagnosis::case_file::{Known, Participant, WhyMissing};
use crate::diagnosis::vocabulary::Platform;

/// People as they are on the wire.
pub(super) type People = super::lenient::List<wire::Participant, { wire::PARTICIPANTS_MAX }>;

/// The people in a meeting, and what could not be learned of them.
#[derive(Clone)]
pub(super) struct Attendance {
    /// The people, or why they are not known.
    people: Known<Vec<Person>>,
    /// Why it is not known when some of them came or left, if it was told in a way that cannot be read.
    untimed: Option<WhyMissing>,
}

/// Somebody, with what tells this person from others in one recording.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) id: PersonId,
    pub(super) participant: Participant,
}

impl Attendance {
    /// Nothing is known.
    pub(super) const fn missing(why: WhyMissing) -> Self {
        Self { people: Known::Missing(why), untimed: None }
    }

    /// These people, where some entries of their list could not be read, or were too many.
    pub(super) fn of(people: Vec<Person>, unread: usize, beyond: usize, untimed: Option<WhyMissing>) -> Self {
        let all_read = (unread, beyond) == (0, 0);
        let people = if all_read && people.is_empty() {
            Known::Missing(WhyMissing::Empty)
        } else if all_read || has_host(&people) {
            Known::Value(people)
        } else {
            Known::Missing(if unread > 0 { WhyMissing::Unreadable } else { WhyMissing::TooLarge })
        };
        Self { people, untimed }
    }

    /// Whether the people are known.
    pub(super) const fn is_known(&self) -> bool {
        self.people.learned().is_some()
    }

    /// The people, and why some of their times are not known.
    pub(super) fn into_parts(self) -> (Known<Vec<Participant>>, Option<WhyMissing>) {
        let people = match self.people {
            Known::Value(people) => {
                Known::Value(people.into_iter().map(|person| person.participant).collect())
            }
            Known::Missing(why) => Known::Missing(why),
        };
        (people, self.untimed)
    }

    /// Adds when they came and left, out of the events of the same recording. Where only the events are known, they
    /// tell the people as well.
    pub(super) fn with_times_of(mut self, events: Self) -> Self {
        let Known::Value(moved) = events.people else { return self };
        match &mut self.people {
            Known::Missing(_) => self.people = Known::Value(moved),
            Known::Value(people) => {
                let known = moved.iter().filter(|moved| moved.id != PersonId::Unknown);
                let moved: HashMap<&PersonId, &Participant> =
                    known.map(|moved| (&moved.id, &moved.participant)).collect();
                for Person { id, participant } in people {
                    let Some(moved) = moved.get(id) else { continue };
                    participant.joined_at = participant.joined_at.or(moved.joined_at);
                    participant.left_at = participant.left_at.or(moved.left_at);
                }
            }
        }
        self.untimed = self.untimed.or(events.untimed);
        self
    }

    /// What several downloads tell together, one for each recording of the bot.
    pub(super) fn together(parts: Vec<Self>) -> Self {
        let (mut everyone, mut missing, mut untimed) = (Vec::new(), None, None);
        for part in parts {
            untimed = untimed.or(part.untimed);
            match part.people {
                Known::Value(people) => everyone.extend(people),
                // A recording without people takes nothing away from the others.
                Known::Missing(WhyMissing::Empty) => {}
                Known::Missing(why) => missing = missing.or(Some(why)),
            }
        }
        // The same person is in the list of each recording.
        let mut seen = HashSet::new();
        everyone.retain(|Person { participant: own, .. }| {
            seen.insert((own.name.clone(), own.is_host, own.signed_in, own.joined_at, own.left_at))
        });
        let people = match missing {
            Some(why) if !has_host(&everyone) => Known::Missing(why),
            _ if everyone.is_empty() => Known::Missing(WhyMissing::Empty),
            _ => Known::Value(everyone),
        };
        Self { people, untimed }
    }
}

/// Reads a participants download, a page of participants, or the download of what they did.
pub(super) fn people_from_json(bytes: &[u8]) -> Attendance {
    if bytes.len() > BYTES_MAX {
        return Attendance::missing(WhyMissing::TooLarge);
    }
    let text = text(bytes);
    if FileKind::of(bytes) == FileKind::ParticipantEvents {
        let events = serde_json::from_str(&text).ok();
        return events.map_or(Attendance::missing(WhyMissing::Unreadable), people_of_events);
    }
    let list: Option<People> = match text.trim_start().bytes().next() {
        Some(b'[') => serde_json::from_str(&text).ok(),
        Some(b'{') => serde_json::from_str::<wire::ParticipantsPage>(&text)
            .ok()
            .and_then(|page| page.results.or(page.participants)),
        _ => None,
    };
    list.map_or(Attendance::missing(WhyMissing::Unreadable), people)
}

/// The people of a list, if it tells.
pub(super) fn people(list: People) -> Attendance {
    let untimed = list.entries.iter().flat_map(|raw| &raw.events.entries).find_map(|event| {
        Move::from_word(event.code.as_deref()?)?;
        unreadable_time(event.created_at.as_deref())
    });
    let people = list.entries.into_iter().map(person).collect();
    Attendance::of(people, list.unread, list.beyond, untimed)
}

fn has_host(people: &[Person]) -> bool {
    people.iter().any(|person| person.participant.is_host == Some(true))
}

/// A person without the times that events tell.
pub(super) fn person(raw: wire::Participant) -> Person {
    let extra = raw.extra_data.unwrap_or_default();
    let told_by = told_by(&extra);
    let zoom = extra.zoom.unwrap_or_default();
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
    Person { id: raw.id, participant }
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

/// What somebody does at the door of a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Join,
    Leave,
}

impl Move {
    /// The move that Recall.ai calls by this word, if it is one.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "join" => Some(Self::Join),
            "leave" => Some(Self::Leave),
            _ => None,
        }
    }
}

/// When somebody first came, and when they left for good: the last leave that no join follows.
pub(super) fn stay(mut moves: Vec<(Timestamp, Move)>) -> (Option<Timestamp>, Option<Timestamp>) {
    // A stable sort: at the same time, what is listed later happened later.
    moves.sort_by_key(|(at, _)| *at);
    let joined = moves.iter().find(|(_, own)| *own == Move::Join).map(|(at, _)| *at);
    let left = moves.last().filter(|(_, own)| *own == Move::Leave).map(|(at, _)| *at);
    (joined, left)
}

/// Why the time of a move is not known; `None` where it is.
pub(super) fn unreadable_time(raw: Option<&str>) -> Option<WhyMissing> {
    match raw {
        _ if time(raw).is_some() => None,
        Some(raw) if has_no_zone(raw) => Some(WhyMissing::NoTimeZone),
        _ => Some(WhyMissing::Unreadable),
    }
}
