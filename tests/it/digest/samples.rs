//! Digests for the tests of how they look.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use why_no_recording::chat::Message;
use why_no_recording::diagnosis::vocabulary::Actor;
use why_no_recording::digest::compose::{DayCount, Material, compose};
use why_no_recording::digest::period::Period;
use why_no_recording::digest::tally::{CountedOutcome, SavedBy, Tally};
use why_no_recording::report::digest::{Digest, DigestScope, KeyLosses, MutedScope};
use why_no_recording::report::recurrence::RecurrenceKey;

use crate::alerts::at;

pub const MONDAY: Date = date(2026, 11, 16);

/// Bots that recorded on a day.
pub fn recorded(day: Date, bots: u64) -> DayCount {
    DayCount { day, tally: Tally { outcome: CountedOutcome::Recorded, loss: None, saved_by: None }, bots }
}

/// Bots that were lost on a day.
pub fn lost(day: Date, outcome: CountedOutcome, actor: Actor, cause: &str, bots: u64) -> DayCount {
    DayCount { day, tally: Tally { outcome, loss: Some((actor, cause.to_owned())), saved_by: None }, bots }
}

/// Bots that recorded since something helped.
fn saved(day: Date, saved_by: SavedBy, bots: u64) -> DayCount {
    let tally = Tally { outcome: CountedOutcome::Recorded, loss: None, saved_by: Some(saved_by) };
    DayCount { day, tally, bots }
}

/// A week, and others, with this text wherever somebody else may have written it.
pub fn messages(foreign: &str) -> Vec<(&'static str, Message)> {
    vec![
        ("digest of a week", boxed(week(foreign, 7))),
        ("digest of three months", boxed(week(foreign, 90))),
        (
            "digest of the alerts of a channel",
            boxed(Digest { scope: DigestScope::Channel, ..week(foreign, 7) }),
        ),
        ("digest without losses", boxed(well())),
    ]
}

fn boxed(digest: Digest) -> Message {
    Message::Digest(Box::new(digest))
}

fn well() -> Digest {
    let material = Material {
        scope: DigestScope::Service,
        period: Period { first: MONDAY, days: 1 },
        counts: &[recorded(MONDAY, 12)],
        before: &[recorded(MONDAY, 9)],
        keys: Vec::new(),
        keys_since: None,
        muted_alerts: 0,
        muted: Vec::new(),
    };
    compose(material, ToOwned::to_owned).unwrap()
}

fn week(foreign: &str, days: u8) -> Digest {
    use CountedOutcome::{NotRecorded, NothingToRecord, PartlyRecorded, Unknown};
    let day = |number: i64| MONDAY.saturating_add(number.days());
    let mut counts: Vec<DayCount> = [61, 74, 70, 82, 66, 3, 0]
        .into_iter()
        .zip(0..)
        .map(|(bots, number)| recorded(day(number), bots))
        .collect();
    counts.extend([
        lost(day(0), NotRecorded, Actor::AccountAdmin, "zoom_local_recording_disabled", 4),
        lost(day(1), NotRecorded, Actor::AccountAdmin, "zoom_local_recording_disabled", 5),
        lost(day(1), NotRecorded, Actor::Host, "host_not_present", 7),
        lost(day(2), PartlyRecorded, Actor::Host, "recorded_then_removed", 3),
        lost(day(3), NotRecorded, Actor::Recall, "zoom_internal_error", 2),
        lost(day(3), NotRecorded, Actor::Platform, "meeting_not_found", 2),
        lost(day(4), NotRecorded, Actor::Developer, foreign, 2),
        lost(day(4), NotRecorded, Actor::Participant, "timeout_exceeded_noone_joined", 1),
        lost(day(4), NotRecorded, Actor::Nobody, "meeting_ended", 1),
        lost(day(4), Unknown, Actor::Unknown, "stuck_no_end_status", 1),
        saved(day(2), SavedBy::Alert, 3),
        saved(day(3), SavedBy::Rescue, 2),
        DayCount {
            day: day(1),
            tally: Tally { outcome: NothingToRecord, loss: None, saved_by: None },
            bots: 14,
        },
    ]);
    let first = day(7 - i64::from(days));
    let before = [recorded(day(-7), 351), lost(day(-7), NotRecorded, Actor::Host, "host_not_present", 19)];
    let key = |key, bots| KeyLosses { key, bots };
    let material = Material {
        scope: DigestScope::Service,
        period: Period { first, days },
        counts: &counts,
        before: &before,
        keys: vec![
            key(RecurrenceKey::Metadata { name: "customer".to_owned(), value: Some(foreign.to_owned()) }, 9),
            key(RecurrenceKey::Host, 4),
            key(RecurrenceKey::Metadata { name: "customer".to_owned(), value: None }, 3),
        ],
        keys_since: (days > 30).then(|| day(-23)),
        muted_alerts: 6,
        muted: vec![MutedScope {
            what: format!("Alerts about \"{foreign}\" in one channel"),
            until: at(86_400),
        }],
    };
    let title = |cause: &str| {
        let known = crate::slack::rendering::CATALOGUE.by_id(cause);
        known.map_or_else(|| cause.to_owned(), |known| known.title.clone())
    };
    compose(material, title).unwrap()
}
