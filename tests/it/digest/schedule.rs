//! Weeks, time zones, and clocks that are put forward and back.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use why_no_recording::digest::period::{Period, day_with, number_of};
use why_no_recording::digest::schedule::Schedule;

/// The last time and the next one, seen from now.
#[track_caller]
fn check((weekday, hour, zone): (Weekday, i8, &str), now: &str, latest: &str, next: &str) {
    let schedule = Schedule { weekday, hour, time_zone: TimeZone::get(zone).unwrap() };
    let now: Timestamp = now.parse().unwrap();
    assert_eq!(schedule.latest(now).to_string(), latest, "the last one before {now}");
    assert_eq!(schedule.next(now).to_string(), next, "the next one after {now}");
}

#[test]
fn a_digest_is_due_once_a_week_at_its_hour() {
    let monday = (Weekday::Monday, 9, "UTC");
    check(monday, "2026-11-18T10:00:00Z", "2026-11-16T09:00:00Z", "2026-11-23T09:00:00Z");
    check(monday, "2026-11-23T08:59:59Z", "2026-11-16T09:00:00Z", "2026-11-23T09:00:00Z");
    check(monday, "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z", "2026-11-30T09:00:00Z");
    // It is Monday there already, or still Sunday.
    let auckland = (Weekday::Monday, 9, "Pacific/Auckland");
    check(auckland, "2026-11-22T19:59:00Z", "2026-11-15T20:00:00Z", "2026-11-22T20:00:00Z");
    check(auckland, "2026-11-22T20:00:00Z", "2026-11-22T20:00:00Z", "2026-11-29T20:00:00Z");
    let honolulu = (Weekday::Sunday, 23, "Pacific/Honolulu");
    check(honolulu, "2026-11-23T08:59:00Z", "2026-11-16T09:00:00Z", "2026-11-23T09:00:00Z");
    check(honolulu, "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z", "2026-11-30T09:00:00Z");
    let kathmandu = (Weekday::Friday, 0, "Asia/Kathmandu");
    check(kathmandu, "2026-11-20T00:00:00Z", "2026-11-19T18:15:00Z", "2026-11-26T18:15:00Z");
}

#[test]
fn clocks_that_are_put_forward_and_back_leave_one_digest_a_week() {
    // 29 March 2026, 2:00 to 3:00 doesn't exist in Berlin; 25 October, it exists twice.
    let berlin = (Weekday::Sunday, 2, "Europe/Berlin");
    check(berlin, "2026-03-29T00:59:59Z", "2026-03-22T01:00:00Z", "2026-03-29T01:00:00Z");
    check(berlin, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", "2026-04-05T00:00:00Z");
    check(berlin, "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-11-01T01:00:00Z");
    check(berlin, "2026-10-25T01:30:00Z", "2026-10-25T00:00:00Z", "2026-11-01T01:00:00Z");
    let monday = (Weekday::Monday, 9, "Europe/Berlin");
    check(monday, "2026-10-24T12:00:00Z", "2026-10-19T07:00:00Z", "2026-10-26T08:00:00Z");
    // Midnight doesn't exist on the day that clocks are put forward in Santiago.
    let santiago = (Weekday::Sunday, 0, "America/Santiago");
    check(santiago, "2026-09-06T04:00:00Z", "2026-09-06T04:00:00Z", "2026-09-13T03:00:00Z");
    // Half an hour.
    let lord_howe = (Weekday::Sunday, 2, "Australia/Lord_Howe");
    check(lord_howe, "2026-10-03T15:29:00Z", "2026-09-26T15:30:00Z", "2026-10-03T15:30:00Z");
    // 30 December 2011, a Friday, never happened in Samoa: its digest comes at the first moment after it.
    let apia = (Weekday::Friday, 9, "Pacific/Apia");
    check(apia, "2011-12-31T12:00:00Z", "2011-12-30T19:00:00Z", "2012-01-05T19:00:00Z");
}

/// Hour by hour through two years: each digest is due once, the next one is the one after the last, and weeks neither
/// overlap nor leave a day out.
#[test]
fn the_next_one_is_always_the_one_after_the_last() {
    for zone in ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Auckland"] {
        for (weekday, hour) in [(Weekday::Sunday, 2), (Weekday::Sunday, 0), (Weekday::Saturday, 23)] {
            let schedule = Schedule { weekday, hour, time_zone: TimeZone::get(zone).unwrap() };
            let mut now: Timestamp = "2026-01-01T00:30:00Z".parse().unwrap();
            let mut seen = schedule.latest(now);
            for _ in 0..2 * 365 * 24 {
                let (latest, next) = (schedule.latest(now), schedule.next(now));
                assert!(latest <= now && now < next, "{zone} {weekday:?} {hour} at {now}");
                assert_eq!(schedule.latest(next), next);
                if latest != seen {
                    assert_eq!(Period::until(latest, 7).before(), Period::until(seen, 7), "{zone} at {now}");
                    seen = latest;
                }
                now += SignedDuration::from_hours(1);
            }
        }
    }
}

#[test]
fn days_are_whole_and_those_of_utc() {
    let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
    let week = Period::until(now, 7);
    assert_eq!((week.first.to_string(), week.last().to_string()), ("2026-11-16".into(), "2026-11-22".into()));
    assert_eq!(week.before().first.to_string(), "2026-11-09");
    let (first, last) = week.numbers();
    assert_eq!((last - first, day_with(first), number_of(week.first)), (6, Some(week.first), first));
    let (begins, ends) = week.times();
    assert_eq!(
        (begins.to_string(), ends.to_string()),
        ("2026-11-16T00:00:00Z".into(), "2026-11-23T00:00:00Z".into())
    );
    assert_eq!(Period::until(now, 0).days, 1);
    assert_eq!(Period::until(now, 200).days, 90);
}
