//! The download of participant events, which shows when each person joined and left.
//!
//! A bot has its link beside the participants download, and the two are easily confused.

use std::collections::HashMap;

use jiff::Timestamp;

use super::attendance::Attendance;
use super::person::{Move, Person, person, stay};
use super::scalar::{time, unreadable_time};
use super::wire::{PARTICIPANTS_MAX, ParticipantEvents, PersonId};
use crate::diagnosis::case_file::{Participant, WhyMissing};

/// The events of one person.
struct Heard {
    person: Person,
    moves: Vec<(Timestamp, Move)>,
}

/// Returns the people of these events, in the order in which they are first mentioned.
pub(super) fn people_of_events(events: ParticipantEvents) -> Attendance {
    let (mut unread, mut beyond) = (events.unread, events.beyond);
    let mut untimed: Option<WhyMissing> = None;
    let mut places: HashMap<(PersonId, Option<String>), usize> = HashMap::new();
    let mut heard: Vec<Heard> = Vec::new();
    for event in events.entries {
        let Some(raw) = event.participant else {
            unread += 1;
            continue;
        };
        let told = person(raw);
        let name = if told.id == PersonId::Unknown { told.participant.name.clone() } else { None };
        let place = *places.entry((told.id.clone(), name)).or_insert(heard.len());
        if place >= PARTICIPANTS_MAX {
            beyond += 1;
            continue;
        }
        match heard.get_mut(place) {
            Some(known) => {
                known.person.host_account = known.person.host_account.take().or(told.host_account);
                learn(&mut known.person.participant, told.participant);
            }
            None => heard.push(Heard { person: told, moves: Vec::new() }),
        }
        let Some(own) = event.action.as_deref().and_then(Move::from_word) else { continue };
        let raw = event.timestamp.text();
        match (time(raw), heard.get_mut(place)) {
            (Some(at), Some(heard)) => heard.moves.push((at, own)),
            _ => untimed = untimed.or_else(|| unreadable_time(raw)),
        }
    }
    let people = heard.into_iter().map(|Heard { mut person, moves }| {
        (person.participant.joined_at, person.participant.left_at) = stay(moves);
        person
    });
    Attendance::of(people.collect(), unread, beyond, untimed)
}

/// Adds the data of a later event. A person who was the host at any time counts as the host.
fn learn(known: &mut Participant, told: Participant) {
    known.name = told.name.or_else(|| known.name.take());
    known.is_host = match (known.is_host, told.is_host) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (known, told) => told.or(known),
    };
    known.signed_in = told.signed_in.or(known.signed_in);
}
