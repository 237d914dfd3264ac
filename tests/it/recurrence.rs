//! How failures that repeat are counted, and how they are said.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use why_no_recording::diagnosis::case_file::{Origin, PrivateId};
use why_no_recording::recurrence::count::{CauseCount, Failure, Past, recurrence};
use why_no_recording::recurrence::key::{HashedKey, KeySecret, of_metadata, of_origin};
use why_no_recording::report::alert::Span;
use why_no_recording::report::recurrence::{Recurrence, RecurrenceKey, ordinal};

fn at(hours: i64) -> Timestamp {
    let ten: Timestamp = "2026-11-18T10:00:00Z".parse().unwrap();
    ten + SignedDuration::from_hours(hours)
}

fn failure(bot: &str, cause: &str, hours: i64) -> Failure {
    Failure {
        bot: bot.to_owned(),
        cause: cause.to_owned(),
        sub_code: None,
        at: at(hours),
        posted: vec![("c".to_owned(), bot.to_owned())],
    }
}

/// Earlier failures: their cause, and how many hours before this one.
fn past(earlier: &[(&str, i64)]) -> Past {
    let mut past = Past::default();
    for (number, (cause, hours)) in earlier.iter().enumerate() {
        past.add(&failure(&format!("b{number}"), cause, -hours));
    }
    past
}

fn acme() -> RecurrenceKey {
    RecurrenceKey::Metadata { name: "customer".to_owned(), value: Some("acme".to_owned()) }
}

fn of(key: RecurrenceKey, cause: &str, earlier: &[(&str, i64)]) -> Option<Recurrence> {
    recurrence(key, &failure("own", cause, 0), &past(earlier), str::to_uppercase)
}

fn sentence(recurrence: &Recurrence) -> String {
    let words = |span: &Span| match span {
        Span::Words(words) | Span::Code(words) => words.clone(),
        other => panic!("{other:?} in the sentence"),
    };
    recurrence.lines()[0].0.iter().map(words).collect()
}

#[track_caller]
fn check(key: RecurrenceKey, cause: &str, earlier: &[(&str, i64)], expect: &str) {
    let said = of(key, cause, earlier).as_ref().map(sentence).unwrap_or_default();
    assert_eq!(said, expect);
}

#[test]
fn the_sentence_says_how_often_for_whom_and_why() {
    check(acme(), "a", &[], "");
    check(acme(), "a", &[("a", 1)], "2nd time in 30 days for customer = acme, both times for this reason.");
    let three = [("a", 1), ("b", 2)];
    check(acme(), "a", &three, "3rd time in 30 days for customer = acme: twice \"A\", once \"B\".");
    let host = RecurrenceKey::Host;
    check(host, "a", &[("a", 1), ("a", 2)], "3rd time in 30 days for this host, each time for this reason.");
    let four = [("b", 1), ("b", 2), ("c", 3)];
    let said = "4th time in 30 days for this meeting link: twice \"B\", once \"A\", once \"C\".";
    check(RecurrenceKey::Meeting, "a", &four, said);
    let many = [("b", 1), ("b", 2), ("c", 3), ("d", 4), ("d", 5), ("d", 6)];
    let said =
        "7th time in 30 days for the same customer: 3 times \"D\", twice \"B\", twice for other reasons.";
    check(RecurrenceKey::Metadata { name: "customer".to_owned(), value: None }, "a", &many, said);
}

#[test]
fn numbers_have_the_endings_of_english() {
    let expect = [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (10, "10th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (14, "14th"),
        (20, "20th"),
        (21, "21st"),
        (22, "22nd"),
        (23, "23rd"),
        (24, "24th"),
        (99, "99th"),
        (100, "100th"),
        (101, "101st"),
        (102, "102nd"),
        (103, "103rd"),
        (111, "111th"),
        (112, "112th"),
        (113, "113th"),
        (121, "121st"),
        (1_011, "1011th"),
        (1_021, "1021st"),
    ];
    for (number, said) in expect {
        assert_eq!(ordinal(number), said);
    }
}

#[test]
fn the_counts_of_the_causes_add_up_and_the_first_time_is_known() {
    let found = of(acme(), "a", &[("b", 40), ("a", 700), ("c", 3)]).unwrap();
    assert_eq!(found.causes.iter().map(|cause| cause.count).sum::<u32>(), found.count);
    assert_eq!((found.count, found.since), (4, at(-700)));
    let earlier: Vec<Timestamp> = found.earlier.iter().map(|earlier| earlier.at).collect();
    assert_eq!(earlier, [at(-3), at(-40), at(-700)], "newest first");
}

#[test]
fn what_came_and_what_went_is_counted() {
    let mut past = past(&[("a", 1), ("b", 2)]);
    past.add(&failure("new", "a", -3));
    past.remove("b0", "a");
    let causes = |cause: &str, count, hours| CauseCount { cause: cause.to_owned(), count, first: at(hours) };
    assert_eq!(past.causes, [causes("a", 1, -3), causes("b", 1, -2)]);
    past.remove("b1", "b");
    assert_eq!(past.causes, [causes("a", 1, -3)]);
    assert_eq!(past.recent.iter().map(|failure| failure.bot.as_str()).collect::<Vec<_>>(), ["new"]);
}

/// One error is reported to Recall.ai, if it comes three times within a week.
#[test]
fn an_error_of_zoom_is_reported_when_it_comes_three_times_in_a_week() {
    let zoom = "zoom_internal_error";
    let reported = |cause, earlier: &[(&str, i64)]| of(acme(), cause, earlier).unwrap().vendor_report;
    assert_eq!(reported(zoom, &[(zoom, 1)]), None, "twice");
    assert_eq!(reported(zoom, &[(zoom, 1), (zoom, 7 * 24)]), None, "a week ago");
    assert_eq!(reported(zoom, &[(zoom, 1), ("b", 2)]), None, "another cause");
    assert_eq!(reported("b", &[(zoom, 1), (zoom, 2), (zoom, 3)]), None, "this one is another cause");
    let text = reported(zoom, &[(zoom, 1), ("b", 2), (zoom, 160)]).unwrap();
    let lines: Vec<&str> = text.lines().skip(2).collect();
    assert_eq!(
        lines,
        [
            "b2  2026-11-11 18:00:00 UTC  zoom_internal_error",
            "b0  2026-11-18 09:00:00 UTC  zoom_internal_error",
            "own  2026-11-18 10:00:00 UTC  zoom_internal_error",
        ],
        "oldest first"
    );
    assert!(text.starts_with("3 bots failed with the same error within a week"), "{text}");
    assert!(!text.contains("acme"), "it goes to another company: {text}");
}

fn secret(text: &str) -> KeySecret {
    KeySecret::new(&SecretString::from(text.to_owned()))
}

fn metadata(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_first_key_that_a_bot_has_counts() {
    let names = ["customer".to_owned(), "host_email".to_owned()];
    let check = |pairs: &[(&str, &str)], expect: Option<&str>| {
        let key = of_metadata(&names, &metadata(pairs), &secret("s"));
        assert_eq!(key.map(|key| key.shown.for_machines()).as_deref(), expect, "{pairs:?}");
    };
    check(&[], None);
    check(&[("tier", "gold")], None);
    check(&[("host_email", "sam@acme.example"), ("customer", "acme")], Some("customer = acme"));
    check(&[("host_email", "sam@acme.example")], Some("host_email = sam@acme.example"));
    check(&[("customer", "  "), ("host_email", "sam@acme.example")], Some("host_email = sam@acme.example"));
}

#[test]
fn metadata_comes_before_the_host_and_the_host_before_the_meeting() {
    let names = ["customer".to_owned()];
    let origin = Origin {
        metadata: metadata(&[("customer", "acme")]),
        host: PrivateId::of("host"),
        meeting: PrivateId::of("84731728293"),
    };
    let kind = |origin: &Origin| {
        let key = of_origin(&names, origin, &secret("s"));
        key.map(|key| HashedKey::parse(key.as_str()).unwrap().shown)
    };
    assert_eq!(kind(&origin), Some(RecurrenceKey::Metadata { name: "customer".to_owned(), value: None }));
    let origin = Origin { metadata: metadata(&[("tier", "gold")]), ..origin };
    assert_eq!(kind(&origin), Some(RecurrenceKey::Host));
    let origin = Origin { host: None, ..origin };
    assert_eq!(kind(&origin), Some(RecurrenceKey::Meeting));
    assert_eq!(kind(&Origin::default()), None);
}

#[test]
fn a_hash_is_of_its_kind_its_value_and_its_database() {
    let (names, both) = (["a".to_owned()], metadata(&[("a", "acme"), ("b", "acme")]));
    let hash = |name: &str, secret: &KeySecret| {
        of_metadata(&[name.to_owned()], &both, secret).unwrap().hashed.as_str().to_owned()
    };
    let [one, other] = ["one", "other"].map(secret);
    assert_eq!(hash("a", &one), hash("a", &one));
    let hash_alone = |stored: &str| stored.rsplit_once(':').unwrap().1.to_owned();
    assert_ne!(hash_alone(&hash("a", &one)), hash_alone(&hash("b", &one)), "another kind");
    assert_ne!(hash("a", &one), hash("a", &other), "another database");
    assert!(!hash("a", &one).contains("acme"));
    let spaced = of_metadata(&names, &metadata(&[("a", " acme ")]), &one).unwrap();
    assert_eq!(spaced.hashed.as_str(), hash("a", &one), "spaces around it don't count");
    for broken in ["", "host", "host:", "unknown:x", "metadata:x"] {
        assert_eq!(HashedKey::parse(broken), None, "{broken}");
    }
}

#[test]
fn an_id_of_a_person_or_a_meeting_does_not_print() {
    let origin = Origin {
        metadata: metadata(&[("customer", "marked")]),
        host: PrivateId::of("marked"),
        meeting: PrivateId::of("marked"),
    };
    for printed in [format!("{origin:?}"), format!("{:?}", origin.host), format!("{:?}", secret("marked"))] {
        assert!(!printed.contains("marked"), "{printed}");
    }
}
