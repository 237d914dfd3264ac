//! The people in a meeting, from one or several downloads.
//!
//! Unreadable entries never prove that a person was absent. A list with such entries counts as unreadable,
//! unless the host is among the readable ones.

use std::collections::{HashMap, HashSet};

use super::person::Person;
use super::wire::PersonId;
use crate::diagnosis::case_file::{Known, Participant, PrivateId, WhyMissing};

/// The people in a meeting, and what could not be learned about them.
#[derive(Clone)]
pub(super) struct Attendance {
    /// The people, or the reason why they are unknown.
    people: Known<Vec<Person>>,
    /// The reason why some times of joining or leaving are unknown, if they were sent and could not be read.
    untimed: Option<WhyMissing>,
}

impl Attendance {
    /// Returns an attendance about which nothing is known.
    pub(super) const fn missing(why: WhyMissing) -> Self {
        Self { people: Known::Missing(why), untimed: None }
    }

    /// Returns the attendance of these people, from a list with unreadable entries or entries beyond the
    /// limit.
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

    /// Returns `true` if the people are known.
    pub(super) const fn is_known(&self) -> bool {
        self.people.learned().is_some()
    }

    /// Returns the account of the host, unless there were several.
    pub(super) fn host_account(&self) -> Option<PrivateId> {
        let mut accounts = self.people.learned()?.iter().filter_map(|person| person.host_account.as_ref());
        let first = accounts.next()?;
        accounts.all(|other| other == first).then(|| first.clone())
    }

    /// Returns the people, and the reason why some of their times are unknown.
    pub(super) fn into_parts(self) -> (Known<Vec<Participant>>, Option<WhyMissing>) {
        let people = match self.people {
            Known::Value(people) => {
                Known::Value(people.into_iter().map(|person| person.participant).collect())
            }
            Known::Missing(why) => Known::Missing(why),
        };
        (people, self.untimed)
    }

    /// Adds the times of joining and leaving from the events of the same recording. If only the events are
    /// known, the people come from them as well.
    pub(super) fn with_times_of(mut self, events: Self) -> Self {
        let Known::Value(moved) = events.people else { return self };
        match &mut self.people {
            Known::Missing(_) => self.people = Known::Value(moved),
            Known::Value(people) => {
                let known = moved.iter().filter(|moved| moved.id != PersonId::Unknown);
                let moved: HashMap<&PersonId, &Participant> =
                    known.map(|moved| (&moved.id, &moved.participant)).collect();
                for Person { id, participant, .. } in people {
                    let Some(moved) = moved.get(id) else { continue };
                    participant.joined_at = participant.joined_at.or(moved.joined_at);
                    participant.left_at = participant.left_at.or(moved.left_at);
                }
            }
        }
        self.untimed = self.untimed.or(events.untimed);
        self
    }

    /// Merges several downloads, one for each recording of the bot.
    pub(super) fn together(parts: Vec<Self>) -> Self {
        let (mut everyone, mut missing, mut untimed) = (Vec::new(), None, None);
        for part in parts {
            untimed = untimed.or(part.untimed);
            match part.people {
                Known::Value(people) => everyone.extend(people),
                // A recording without people does not affect the others.
                Known::Missing(WhyMissing::Empty) => {}
                Known::Missing(why) => missing = missing.or(Some(why)),
            }
        }
        // The list of each recording contains the same people again.
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

fn has_host(people: &[Person]) -> bool {
    people.iter().any(|person| person.participant.is_host == Some(true))
}
