//! The participants of a meeting, from the download of a recording or from a bot in the older shape.

use super::attendance::Attendance;
use super::body::{BYTES_MAX, text};
use super::participant_events::people_of_events;
use super::person::{Move, person};
use super::recognise::FileKind;
use super::scalar::unreadable_time;
use super::wire;
use crate::diagnosis::case_file::WhyMissing;

/// The people as Recall.ai sends them.
pub(super) type People = super::lenient::List<wire::Participant, { wire::PARTICIPANTS_MAX }>;

/// Parses a participants download, a page of participants, or a download of participant events.
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

/// Returns the people of a list, or the reason why they are unknown.
pub(super) fn people(list: People) -> Attendance {
    let untimed = list.entries.iter().flat_map(|raw| &raw.events.entries).find_map(|event| {
        Move::from_word(event.code.as_deref()?)?;
        unreadable_time(event.created_at.as_deref())
    });
    let people = list.entries.into_iter().map(person).collect();
    Attendance::of(people, list.unread, list.beyond, untimed)
}
