//! Who was in the meeting: from the download of a recording, or from the older shape of a bot.

use super::attendance::Attendance;
use super::body::{BYTES_MAX, text};
use super::participant_events::people_of_events;
use super::person::{Move, person};
use super::recognise::FileKind;
use super::scalar::unreadable_time;
use super::wire;
use crate::diagnosis::case_file::WhyMissing;

/// People as they are on the wire.
pub(super) type People = super::lenient::List<wire::Participant, { wire::PARTICIPANTS_MAX }>;

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
