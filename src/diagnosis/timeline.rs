//! The status changes of one bot in the order in which they happened, and what one can ask of them.

use std::cmp::Ordering;
use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::status::{EventCode, StatusChange};

/// Status changes in time order, without exact duplicates.
#[derive(Debug, Clone)]
pub struct Timeline<'a> {
    changes: Vec<&'a StatusChange>,
    has_untimed: bool,
}

impl<'a> Timeline<'a> {
    /// Orders status changes: by time, equal times by the place in a bot's life.
    ///
    /// The order of the list itself is not documented and not trusted. Only an entry without a
    /// readable time keeps its place in the list, because its place is all that is known of it.
    #[must_use]
    pub fn of(changes: &'a [StatusChange]) -> Self {
        let mut seen = HashSet::with_capacity(changes.len());
        let mut unique: Vec<&StatusChange> = changes.iter().filter(|change| seen.insert(*change)).collect();
        let has_untimed = unique.iter().any(|change| change.at.is_none());
        if !has_untimed {
            unique.sort_unstable_by(in_time_order);
            return Self { changes: unique, has_untimed };
        }

        let mut timed: Vec<&StatusChange> =
            unique.iter().copied().filter(|change| change.at.is_some()).collect();
        if timed.len() > 1
            && timed.is_sorted_by(|a, b| a.at >= b.at)
            && timed[0].at > timed[timed.len() - 1].at
        {
            // Newest first: read the list from its end, so that places mean the same.
            unique.reverse();
        }
        timed.sort_unstable_by(in_time_order);
        let mut timed = timed.into_iter();
        let changes = unique
            .into_iter()
            .filter_map(|change| if change.at.is_none() { Some(change) } else { timed.next() })
            .collect();
        Self { changes, has_untimed }
    }

    /// Every status change, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &'a StatusChange> + '_ {
        self.changes.iter().copied()
    }

    /// Whether it holds nothing beyond the bot having been created.
    #[must_use]
    pub fn is_unborn(&self) -> bool {
        self.iter().all(|change| change.code == EventCode::Ready || !change.code.is_lifecycle())
    }

    /// Whether some entry had no readable time, so that the order is partly a guess.
    #[must_use]
    pub const fn has_untimed(&self) -> bool {
        self.has_untimed
    }

    /// The status change at a place that one of the other questions returned.
    #[must_use]
    pub fn at(&self, place: usize) -> &'a StatusChange {
        self.changes[place]
    }

    /// Whether this code occurs.
    #[must_use]
    pub fn has(&self, code: &EventCode) -> bool {
        self.iter().any(|change| change.code == *code)
    }

    /// The first status change with this code.
    #[must_use]
    pub fn first(&self, code: &EventCode) -> Option<&'a StatusChange> {
        self.iter().find(|change| change.code == *code)
    }

    /// The last status change with this code.
    #[must_use]
    pub fn last(&self, code: &EventCode) -> Option<&'a StatusChange> {
        self.last_place(code).map(|place| self.at(place))
    }

    /// The place of the last status change with this code.
    #[must_use]
    pub fn last_place(&self, code: &EventCode) -> Option<usize> {
        self.changes.iter().rposition(|change| change.code == *code)
    }

    /// Whether a status change with this code comes after this place.
    #[must_use]
    pub fn has_after(&self, place: usize, code: &EventCode) -> bool {
        self.changes[place + 1..].iter().any(|change| change.code == *code)
    }

    /// Whether a status change with this code comes before this place.
    #[must_use]
    pub fn has_before(&self, place: usize, code: &EventCode) -> bool {
        self.changes[..place].iter().any(|change| change.code == *code)
    }

    /// Whether the bot is in the call at a place after this one.
    #[must_use]
    pub fn is_in_call_after(&self, place: usize) -> bool {
        self.changes[place + 1..].iter().any(|change| change.code.is_in_call())
    }

    /// Whether the bot is in the call at a place before this one.
    #[must_use]
    pub fn was_in_call_before(&self, place: usize) -> bool {
        self.changes[..place].iter().any(|change| change.code.is_in_call())
    }

    /// The place of the last status that says where the bot is in its life.
    #[must_use]
    pub fn last_lifecycle_place(&self) -> Option<usize> {
        self.changes.iter().rposition(|change| change.code.is_lifecycle())
    }

    /// The last status that says where the bot is in its life.
    #[must_use]
    pub fn last_lifecycle(&self) -> Option<&'a StatusChange> {
        self.last_lifecycle_place().map(|place| self.at(place))
    }

    /// The latest time that any entry carries.
    #[must_use]
    pub fn last_at(&self) -> Option<Timestamp> {
        self.iter().rev().find_map(|change| change.at)
    }

    /// When the bot stopped being in the meeting: the first end status that carries a time.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.iter().find(|change| change.code.is_end() && change.at.is_some()).and_then(|change| change.at)
    }

    /// How long the status at this place lasted: until the next lifecycle status, or until `now`.
    #[must_use]
    pub fn lasted(&self, place: usize, now: Option<Timestamp>) -> Option<SignedDuration> {
        let from = self.changes[place].at?;
        let next = self.changes[place + 1..].iter().find(|change| change.code.is_lifecycle());
        let until = match next {
            Some(change) => change.at?,
            None => now?,
        };
        Some(until.duration_since(from)).filter(|lasted| !lasted.is_negative())
    }
}

/// By time; equal times by the place in a bot's life.
fn in_time_order(a: &&StatusChange, b: &&StatusChange) -> Ordering {
    (a.at, &a.code, &a.sub_code).cmp(&(b.at, &b.code, &b.sub_code))
}

#[cfg(test)]
mod tests {
    use super::Timeline;
    use crate::diagnosis::status::{EventCode, StatusChange};

    /// Entries are written `10:00:00 code`, or `?` where the time cannot be read.
    fn check(lines: &[&str], expect: &[&str]) {
        let changes: Vec<StatusChange> = lines
            .iter()
            .map(|line| {
                let (time, code) = line.split_once(' ').unwrap();
                let at = format!("2026-11-18T{time}Z").parse().ok();
                StatusChange { at, code: EventCode::parse(code), sub_code: None }
            })
            .collect();
        let codes: Vec<&str> = Timeline::of(&changes).iter().map(|change| change.code.as_str()).collect();
        assert_eq!(codes, expect);
    }

    #[test]
    fn order_comes_from_the_times() {
        check(
            &["10:00:09 done", "10:00:00 joining_call", "10:00:05 fatal"],
            &["joining_call", "fatal", "done"],
        );
    }

    #[test]
    fn equal_times_follow_a_bots_life() {
        check(
            &["10:00:00 done", "10:00:00 call_ended", "10:00:00 in_call_recording"],
            &["in_call_recording", "call_ended", "done"],
        );
    }

    #[test]
    fn exact_duplicates_count_once() {
        check(&["10:00:00 ready", "10:00:00 ready", "? done", "? done"], &["ready", "done"]);
    }

    #[test]
    fn an_entry_without_a_time_keeps_its_place() {
        check(&["10:00:00 joining_call", "? fatal", "10:00:09 done"], &["joining_call", "fatal", "done"]);
        check(&["10:00:09 done", "? fatal", "10:00:00 joining_call"], &["joining_call", "fatal", "done"]);
        // In no order at all.
        check(
            &["10:00:09 done", "? fatal", "10:00:00 joining_call", "10:00:05 call_ended"],
            &["joining_call", "fatal", "call_ended", "done"],
        );
        // Newest first, the second from the end is the second.
        check(
            &["10:00:09 done", "10:00:05 call_ended", "? fatal", "10:00:00 joining_call"],
            &["joining_call", "fatal", "call_ended", "done"],
        );
        check(
            &["10:00:05 call_ended", "? fatal", "10:00:00 joining_call", "10:00:09 done"],
            &["joining_call", "fatal", "call_ended", "done"],
        );
    }
}
