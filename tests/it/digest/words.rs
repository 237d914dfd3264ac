//! What a digest says.

use jiff::ToSpan;
use why_no_recording::chat::Message;
use why_no_recording::diagnosis::vocabulary::Actor;
use why_no_recording::digest::compose::{DayCount, Material, compose};
use why_no_recording::digest::period::Period;
use why_no_recording::digest::tally::{CountedOutcome, SavedBy, Tally};
use why_no_recording::report::alert::Span;
use why_no_recording::report::digest::{Digest, DigestPart, DigestScope, Totals, clipped};

use super::samples::{MONDAY, lost, recorded};

fn of(counts: &[DayCount], before: &[DayCount], days: u8) -> Option<Digest> {
    let period = Period { first: MONDAY, days };
    let (scope, keys, muted) = (DigestScope::Service, Vec::new(), Vec::new());
    compose(
        Material { scope, period, counts, before, keys, keys_since: None, muted_alerts: 0, muted },
        ToOwned::to_owned,
    )
}

fn failed(bots: u64) -> DayCount {
    lost(MONDAY, CountedOutcome::NotRecorded, Actor::Host, "a", bots)
}

/// The sentences below the title.
fn lines(digest: &Digest) -> Vec<String> {
    let words = |span: &Span| match span {
        Span::Words(words) => words.clone(),
        other => panic!("{other:?} in a sentence"),
    };
    let parts = digest.parts();
    let DigestPart::Lines(lines) = &parts[0] else { panic!("no sentences") };
    lines.iter().map(|line| line.0.iter().map(words).collect()).collect()
}

#[test]
fn the_first_line_stands_alone() {
    let title = |counts: &[DayCount]| of(counts, &[], 7).unwrap().title();
    assert_eq!(title(&[recorded(MONDAY, 412), failed(32)]), "16–22 Nov: 412 of 444 bots recorded (92%)");
    assert_eq!(title(&[recorded(MONDAY, 1)]), "16–22 Nov: 1 of 1 bot recorded (100%)");
    assert_eq!(title(&[recorded(MONDAY, 9_999), failed(1)]), "16–22 Nov: 9999 of 10000 bots recorded (99%)");
    assert_eq!(title(&[recorded(MONDAY, 1), failed(9_999)]), "16–22 Nov: 1 of 10000 bots recorded (1%)");
    assert_eq!(title(&[failed(2)]), "16–22 Nov: 0 of 2 bots recorded (0%)");
    assert_eq!(of(&[], &[recorded(MONDAY, 5)], 7), None, "an empty week says nothing");
}

#[test]
fn it_is_compared_with_the_time_before() {
    let last = |counts: &[DayCount], before: &[DayCount], days| {
        lines(&of(counts, before, days).unwrap()).pop().unwrap()
    };
    let before = [recorded(MONDAY, 90), failed(10)];
    assert_eq!(
        last(&[recorded(MONDAY, 5), failed(3)], &before, 7),
        "Losses went down from 10 to 3. The week before: 90 of 100 recorded (90%)."
    );
    assert_eq!(
        last(&[failed(12)], &before, 14),
        "Losses went up from 10 to 12. The 14 days before: 90 of 100 recorded (90%)."
    );
    assert_eq!(
        last(&[failed(10)], &before, 1),
        "Losses stayed at 10. The day before: 90 of 100 recorded (90%)."
    );
    assert_eq!(last(&[failed(12)], &[], 7), "12 not recorded.", "there was no week before");
}

#[test]
fn causes_beyond_five_are_counted_together() {
    let one = |cause: &str, bots| lost(MONDAY, CountedOutcome::NotRecorded, Actor::Host, cause, bots);
    let six: Vec<DayCount> =
        ["f", "e", "d", "c", "b", "a"].iter().zip(1..).map(|(cause, bots)| one(cause, bots)).collect();
    let digest = of(&six, &[], 7).unwrap();
    assert_eq!((digest.causes.len(), digest.other_causes), (6, 0), "a single other cause is named");
    let digest = of(&[&six[..], &[one("g", 1)]].concat(), &[], 7).unwrap();
    let named: Vec<&str> = digest.causes.iter().map(|losses| losses.cause.as_str()).collect();
    assert_eq!((named, digest.other_causes), (vec!["a", "b", "c", "d", "e"], 2));
    let all: u64 = digest.causes.iter().map(|losses| losses.bots).sum();
    assert_eq!(all + digest.other_causes, digest.totals.lost());
    assert_eq!(digest.actors.iter().map(|losses| losses.bots).sum::<u64>(), digest.totals.lost());
}

#[test]
fn many_days_are_shown_by_week_and_none_is_left_out() {
    for (days, columns) in [(1, 1), (7, 7), (14, 14), (15, 3), (30, 5), (90, 13)] {
        let counts: Vec<DayCount> =
            (0..i64::from(days)).map(|day| recorded(MONDAY.saturating_add(day.days()), 1)).collect();
        let digest = of(&counts, &[], days).unwrap();
        assert_eq!(digest.days.len(), columns, "{days} days");
        let shown: u64 = digest.days.iter().map(|day| day.totals.recorded).sum();
        assert_eq!(shown, u64::from(days));
    }
}

#[test]
fn bars_fit_on_a_phone_and_show_what_is_there() {
    let tuesday = MONDAY.saturating_add(1.day());
    let counts = [recorded(MONDAY, 99_999), failed(1), recorded(tuesday, 1)];
    let digest = of(&counts, &[], 7).unwrap();
    let columns = digest.parts().into_iter().find_map(|part| match part {
        DigestPart::Columns(columns) => Some(columns),
        _ => None,
    });
    let bars = columns.unwrap().bars();
    assert_eq!(bars[1], "Mon 16 █████████░ 99999 of 100000");
    assert_eq!(bars[2], "Tue 17 █          1 of 1");
    assert_eq!(bars[3], "Wed 18            –");
    assert!(bars.iter().all(|line| line.chars().count() <= 34), "{bars:?}");
}

/// A message waits in the outbox as it was stored by an earlier version.
#[test]
fn what_was_stored_is_read_again() {
    for (_, message) in super::samples::messages("acme") {
        let mut stored = serde_json::to_value(&message).unwrap();
        assert_eq!(serde_json::from_value::<Message>(stored.clone()).unwrap(), message);
        // What was added later is not there.
        for added in ["keys", "keys_since", "muted_alerts", "muted", "before"] {
            stored["digest"].as_object_mut().unwrap().remove(added);
        }
        let Message::Digest(read) = serde_json::from_value(stored).unwrap() else { panic!("no digest") };
        assert_eq!((read.keys.len(), read.muted_alerts, read.muted.len(), read.before), (0, 0, 0, None));
    }
}

#[test]
fn long_titles_are_cut_between_words() {
    assert_eq!(clipped("An administrator has turned it off", 20), "An administrator…");
    assert_eq!(clipped("short", 5), "short");
    assert_eq!(clipped("Donaudampfschifffahrt", 10), "Donaudamp…");
}

#[test]
fn a_tally_is_read_as_it_was_written() {
    for outcome in CountedOutcome::ALL {
        for saved_by in [None, Some(SavedBy::Alert), Some(SavedBy::Rescue)] {
            for loss in [None, Some((Actor::AccountAdmin, "a_cause".to_owned()))] {
                let tally = Tally { outcome: *outcome, loss, saved_by };
                assert_eq!(Tally::parse(&tally.to_string()), Some(tally));
            }
        }
    }
    assert_eq!(Tally::parse("of a later version"), None);
    assert_eq!(Totals::default().percent(), 0);
}
