//! What a mute covers, and what a person may ask for.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use why_no_recording::mutes::request::{End, Problem, Reason, Request};
use why_no_recording::mutes::{ActiveMutes, Mute, Scope, Subject};

use crate::alerts::{at, bot};

fn mute(id: usize, scope: Scope, ends: i64) -> Mute {
    let id = format!("{id:010}").parse().unwrap();
    Mute { id, channel: "slack:C1".to_owned(), scope, ends_at: at(ends) }
}

/// A bot, its cause, its key, the channel, when; and which of the scopes cover it.
type Case = (usize, &'static str, Option<&'static str>, &'static str, i64, [bool; 4]);

#[test]
fn a_mute_covers_its_scope_in_its_channel_until_its_end() {
    let scopes = [
        Scope::Bot(bot(1).parse().unwrap()),
        Scope::Cause("bot_errored".to_owned()),
        Scope::Key("digest".to_owned()),
        Scope::Channel,
    ];
    let cases: &[Case] = &[
        (1, "bot_errored", Some("digest"), "slack:C1", 0, [true; 4]),
        (2, "bot_errored", None, "slack:C1", 0, [false, true, false, true]),
        (2, "meeting_locked", Some("other"), "slack:C1", 0, [false, false, false, true]),
        (1, "bot_errored", Some("digest"), "slack:C2", 0, [false; 4]),
        (1, "bot_errored", Some("digest"), "discord:C1", 0, [false; 4]),
        (1, "bot_errored", Some("digest"), "slack:C1", 59, [true; 4]),
        (1, "bot_errored", Some("digest"), "slack:C1", 60, [false; 4]),
    ];
    for (number, cause, key, channel, seconds, expect) in cases {
        let bot = bot(*number);
        let subject = Subject { bot: &bot, cause, key: *key };
        for (scope, expect) in scopes.iter().zip(expect) {
            let mutes = ActiveMutes(vec![mute(1, scope.clone(), 60)]);
            let covered = mutes.covering(channel, &subject, at(*seconds)).is_some();
            assert_eq!(covered, *expect, "{scope:?} {number} {cause} {channel} {seconds}");
        }
    }
}

#[test]
fn of_several_mutes_the_longest_counts() {
    let cause = Scope::Cause("bot_errored".to_owned());
    let mutes =
        ActiveMutes(vec![mute(1, cause, 60), mute(2, Scope::Channel, 600), mute(3, Scope::Channel, 30)]);
    let subject = Subject { bot: "", cause: "bot_errored", key: None };
    let id = |seconds| mutes.covering("slack:C1", &subject, at(seconds)).map(|mute| mute.id.to_string());
    assert_eq!(id(0).as_deref(), Some("0000000002"));
    assert_eq!(id(100).as_deref(), Some("0000000002"));
    assert_eq!(id(600), None);
}

#[test]
fn scopes_and_ends_are_read_as_they_are_written() {
    for scope in ["bot=00000000-0000-4000-8000-000000000001", "cause=meeting_locked", "key=ab", "channel"] {
        assert_eq!(scope.parse::<Scope>().unwrap().to_string(), scope);
    }
    for scope in ["bot=nobody", "cause=", "key", "planet", ""] {
        assert!(scope.parse::<Scope>().is_err(), "{scope}");
    }
    for (text, written) in [
        ("1h", "1h"),
        ("60m", "1h"),
        ("90m", "90m"),
        ("24H", "1d"),
        ("7d", "7d"),
        ("Tomorrow", "tomorrow"),
        ("2026-11-19T09:00:00+01:00", "2026-11-19T08:00:00Z"),
        ("2026-11-19t09:00:00z", "2026-11-19T09:00:00Z"),
        ("2026-11-19 09:00", "2026-11-19T09:00:00Z"),
        ("2026-11-19T09:00", "2026-11-19T09:00:00Z"),
    ] {
        assert_eq!(text.parse::<End>().unwrap().to_string(), written, "{text}");
    }
    for text in ["", "h", "soon", "-1h", "1.5h", "99999999999d", "7", "für", "4294967295d"] {
        let end: Result<End, _> = text.parse();
        let request = |end| Request { scope: Scope::Channel, end, reason: Reason::of("long") };
        let refused = end.map_or(true, |end| request(end).ends_at(at(0), &TimeZone::UTC).is_err());
        assert!(refused, "{text}");
    }
}

#[test]
fn ends_are_near_and_long_mutes_have_a_reason() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::fixed(jiff::tz::offset(1)));
    // Ten o'clock in London is eleven in Berlin.
    let cases: &[(&str, &TimeZone, &str, Result<&str, Problem>)] = &[
        ("1h", &TimeZone::UTC, "", Ok("2026-11-18T11:00:00Z")),
        ("1d", &TimeZone::UTC, "", Ok("2026-11-19T10:00:00Z")),
        ("1441m", &TimeZone::UTC, "", Err(Problem::NoReason)),
        ("1441m", &TimeZone::UTC, " \t", Err(Problem::NoReason)),
        ("7d", &TimeZone::UTC, "Zoom is down", Ok("2026-11-25T10:00:00Z")),
        ("90d", &TimeZone::UTC, "we know", Ok("2027-02-16T10:00:00Z")),
        ("129601m", &TimeZone::UTC, "we know", Err(Problem::TooLong)),
        ("0m", &TimeZone::UTC, "", Err(Problem::Past)),
        ("tomorrow", &TimeZone::UTC, "", Ok("2026-11-19T09:00:00Z")),
        ("tomorrow", &berlin, "", Ok("2026-11-19T08:00:00Z")),
        ("2026-11-18T10:00:00Z", &TimeZone::UTC, "", Err(Problem::Past)),
        ("2026-11-18T10:00:01Z", &TimeZone::UTC, "", Ok("2026-11-18T10:00:01Z")),
        ("2026-11-20T10:00:00Z", &TimeZone::UTC, "", Err(Problem::NoReason)),
        ("2036-11-20T10:00:00Z", &TimeZone::UTC, "ever", Err(Problem::TooLong)),
    ];
    for (end, zone, reason, expect) in cases {
        let request =
            Request { scope: Scope::Channel, end: end.parse().unwrap(), reason: Reason::of(reason) };
        let expect = expect.map(|at| at.parse::<Timestamp>().unwrap());
        assert_eq!(request.ends_at(at(0), zone), expect, "{end} {reason:?}");
    }
    // Just after midnight tomorrow's morning is more than a day away, and needs no reason.
    let midnight: Timestamp = "2026-11-18T00:01:00Z".parse().unwrap();
    let request = Request { scope: Scope::Channel, end: End::Tomorrow, reason: None };
    assert_eq!(request.ends_at(midnight, &TimeZone::UTC), Ok("2026-11-19T09:00:00Z".parse().unwrap()));
}

#[test]
fn what_is_stored_is_read_again() {
    let request = Request {
        scope: Scope::Cause("meeting_locked".to_owned()),
        end: End::At(at(7)),
        reason: Reason::of("because"),
    };
    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<Request>(&stored).unwrap(), request);
    assert!(!format!("{request:?}").contains("because"), "a person's own words don't print");
}

/// What is stored of a question has to be readable.
#[test]
fn a_cause_of_invisible_characters_is_none() {
    for what in ["\u{1}\u{0}", "\u{200b}", "\u{202e}\u{0}"] {
        assert_eq!(Request::parse(&format!("{what} 1h")), Err(Problem::Unclear), "{what:?}");
    }
    for what in ["cause=", "same=", "bot=x", "key=", "a:b"] {
        let Ok(request) = Request::parse(&format!("{what} 1h")) else { continue };
        let kept = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<Request>(&kept).unwrap(), request, "{what}");
    }
}
