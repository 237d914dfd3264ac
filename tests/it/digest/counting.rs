//! The numbers are those of a recount.

use std::collections::BTreeMap;

use serde_json::json;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::digest::period::{day_of, number_of};
use why_no_recording::digest::tally::Tally;
use why_no_recording::recall::case_file_from_events;
use why_no_recording::recall::event::BotEvent;
use why_no_recording::report::digest::Totals;
use why_no_recording::report::recurrence::RecurrenceKey;
use why_no_recording::store::{Counted, DailyCount};

use super::{DAY, HOUR, KEPT, counted, fails, records, weekly};
use crate::alerts::{Stage, at, bot, status};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    each_bot_counts_once_on_the_day_it_ended,
    a_bot_that_turns_out_otherwise_moves,
    what_was_saved_is_counted,
    the_numbers_are_those_of_a_recount,
    what_is_deleted_stays_in_the_counts,
    a_deleted_bot_is_not_counted_twice,
    a_forgotten_bot_is_not_counted,
    the_keys_with_most_failures_are_named,
);

const ALL: (i64, i64) = (0, 1_000_000);

async fn each_bot_counts_once_on_the_day_it_ended(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    records(&stage, 1, 0).await;
    // Over midnight.
    records(&stage, 2, 14 * HOUR - 600).await;
    fails(&stage, 3, DAY, "zoom_internal_error").await;
    stage.hear(&bot(4), DAY, "joining_call", "").await;
    for (code, sub_code, after) in [
        ("joining_call", "", 0),
        ("in_waiting_room", "", 5),
        ("call_ended", "bot_received_leave_call", 60),
        ("done", "", 61),
    ] {
        stage.hear(&bot(5), DAY + after, code, sub_code).await;
    }
    stage.pass(DAY + 300).await;
    let digest = counted(&stage, 7, 3 * DAY).await.unwrap();
    assert_eq!(
        digest.totals,
        Totals { recorded: 2, not_recorded: 1, nothing_to_record: 1, ..Totals::default() },
        "bot 4 may still record"
    );
    let recorded: Vec<u64> = digest.days.iter().map(|day| day.totals.recorded).collect();
    assert_eq!(recorded, [0, 0, 0, 0, 1, 1, 0], "14 to 20 November");
    assert_eq!(digest.causes[0].cause, "zoom_internal_error");
    assert_eq!(counted(&stage, 7, -3 * DAY).await, None);
}

async fn a_bot_that_turns_out_otherwise_moves(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    let lost = |code: &'static str, seconds, sub_code: &'static str| (code, seconds, sub_code);
    for (code, seconds, sub_code) in [
        lost("joining_call", 0, ""),
        lost("in_call_not_recording", 10, ""),
        lost("call_ended", 3_600, "call_ended_by_host"),
        lost("done", 3_610, ""),
    ] {
        stage.hear(&bot(1), seconds, code, sub_code).await;
    }
    stage.pass(3_700).await;
    let before = counted(&stage, 1, DAY).await.unwrap().totals;
    assert_eq!((before.recorded, before.not_recorded + before.nothing_to_record), (0, 1));
    // A webhook that is days late.
    stage.hear_at(&bot(1), 20, "in_call_recording", "", at(2 * DAY)).await;
    let totals = counted(&stage, 7, 3 * DAY).await.unwrap().totals;
    assert_eq!(totals.recorded + totals.partly_recorded, 1);
    assert_eq!((totals.not_recorded, totals.nothing_to_record, totals.unknown), (0, 0, 0));
    // A failure that is found later, on another day than it was thought to be.
    fails(&stage, 2, 3 * DAY, "zoom_internal_error").await;
    stage.hear_at(&bot(2), 2 * DAY, "call_ended", "timeout_exceeded_waiting_room", at(3 * DAY + 60)).await;
    stage.pass(4 * DAY).await;
    let digest = counted(&stage, 7, 5 * DAY).await.unwrap();
    assert_eq!(digest.totals.lost() + digest.totals.recorded, 2, "{digest:?}");
}

async fn what_was_saved_is_counted(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    stage.hear(&bot(1), 0, "joining_call", "").await;
    stage.hear(&bot(1), 5, "in_waiting_room", "").await;
    stage.pass(300).await;
    assert_eq!(stage.alerts().len(), 1, "a warning");
    for (code, seconds) in
        [("in_call_not_recording", 400), ("in_call_recording", 410), ("call_ended", 2_000), ("done", 2_010)]
    {
        let sub_code = if code == "call_ended" { "call_ended_by_host" } else { "" };
        stage.hear(&bot(1), seconds, code, sub_code).await;
    }
    records(&stage, 2, 100).await;
    let digest = counted(&stage, 1, DAY).await.unwrap();
    assert_eq!((digest.totals.recorded, digest.saved_by_alert, digest.saved_by_rescue), (2, 1, 0));
    stage
        .execute(
            "INSERT INTO rescues (press, bot, number, workspace, plan, digest, body, heard_until, created_at, request, finished_at)
             VALUES ('p', '00000000-0000-4000-8000-000000000001', 1, 'default', 'ask', 'd', '', 0, 1, 'done', 2)",
        )
        .await;
    // Anything that is heard counts it again.
    stage.hear_at(&bot(1), 1, "joining_call", "", at(2_100)).await;
    let digest = counted(&stage, 1, DAY).await.unwrap();
    assert_eq!((digest.totals.recorded, digest.saved_by_alert, digest.saved_by_rescue), (2, 0, 1));
}

/// Stories of bots, told late, twice, in any order, or in part.
const STORIES: &[&[(&str, &str, i64)]] = &[
    &[
        ("joining_call", "", 0),
        ("in_call_not_recording", "", 10),
        ("in_call_recording", "", 20),
        ("call_ended", "call_ended_by_host", 1_800),
        ("done", "", 1_810),
    ],
    &[("joining_call", "", 0), ("fatal", "zoom_internal_error", 30)],
    &[
        ("joining_call", "", 0),
        ("in_waiting_room", "", 10),
        ("call_ended", "timeout_exceeded_waiting_room", 1_200),
        ("done", "", 1_205),
    ],
    &[
        ("joining_call", "", 0),
        ("in_call_not_recording", "", 10),
        ("recording_permission_denied", "", 30),
        ("recording_permission_allowed", "", 600),
        ("in_call_recording", "", 605),
        ("call_ended", "call_ended_by_host", 1_800),
        ("done", "", 1_810),
    ],
    &[("joining_call", "", 0), ("in_waiting_room", "", 10)],
    &[("joining_call", "", 0), ("call_ended", "bot_received_leave_call", 50), ("done", "", 55)],
    &[("media_expired", "", 3_000)],
];

async fn the_numbers_are_those_of_a_recount(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    let mut seed = 0x9e37_79b9_u64;
    let mut next = |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    let mut deliveries = Vec::new();
    for number in 0..60 {
        let story = STORIES[usize::try_from(next(STORIES.len() as u64)).unwrap()];
        let begins = i64::try_from(next(4 * 86_400)).unwrap();
        for (code, sub_code, after) in story {
            let happened = begins + after;
            let late = if next(4) == 0 { i64::try_from(next(86_400)).unwrap() } else { 0 };
            // One in six never comes, and one in six comes twice.
            let times = [0, 1, 1, 1, 1, 2][usize::try_from(next(6)).unwrap()];
            for time in 0..times {
                deliveries.push((happened + late + time * 300, number, happened, *code, *sub_code));
            }
        }
    }
    deliveries.sort_unstable();
    for (index, (now, number, happened, code, sub_code)) in deliveries.into_iter().enumerate() {
        let body = status(&bot(number), at(happened), code, sub_code);
        stage.deliver(&format!("d{index}"), &body, at(now)).await.unwrap();
        if index % 7 == 0 {
            stage.pass(now).await;
        }
        if index == 100 {
            stage.service.store.purge(at(now), KEPT).await.unwrap();
        }
    }
    let end = 8 * DAY;
    stage.pass(end).await;
    let (told, recounted) =
        (without_saved(stage.service.store.daily_counts(ALL).await.unwrap()), recount(&stage, end).await);
    assert_eq!(told, recounted);
    let outcomes = told.keys().map(|(_, tally)| tally.split('/').next().unwrap().to_owned());
    let outcomes: std::collections::BTreeSet<String> = outcomes.collect();
    assert!(outcomes.len() >= 4, "the stories show little: {outcomes:?}");
    // What is deleted from then on changes nothing.
    stage.service.store.purge(at(60 * DAY), KEPT).await.unwrap();
    assert_eq!(without_saved(stage.service.store.daily_counts(ALL).await.unwrap()), recounted);
}

/// Counts by day and tally, without what saved a recording, of which events know nothing.
fn without_saved(counts: Vec<DailyCount>) -> BTreeMap<(i64, String), i64> {
    let mut sums = BTreeMap::new();
    for DailyCount { counted: Counted { day, counted_as }, bots } in counts {
        let tally = Tally { saved_by: None, ..Tally::parse(&counted_as).unwrap() };
        *sums.entry((day, tally.to_string())).or_default() += bots;
    }
    sums
}

/// The same from the events of each bot alone.
async fn recount(stage: &Stage, seconds: i64) -> BTreeMap<(i64, String), i64> {
    let mut sums = BTreeMap::new();
    for number in 0..60 {
        let events = stage.service.store.events_of(&bot(number)).await.unwrap();
        let events: Vec<BotEvent> = events.iter().map(|body| serde_json::from_str(body).unwrap()).collect();
        if events.is_empty() {
            continue;
        }
        let case = case_file_from_events(bot(number).parse().unwrap(), &events, None, at(seconds));
        if let Some((ended, tally)) = Tally::of(&diagnose(&case, &stage.service.answerer.catalogue), None) {
            *sums.entry((number_of(day_of(ended)), tally.to_string())).or_default() += 1;
        }
    }
    sums
}

async fn what_is_deleted_stays_in_the_counts(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    records(&stage, 1, 0).await;
    records(&stage, 2, 100).await;
    fails(&stage, 3, 200, "zoom_internal_error").await;
    records(&stage, 4, 20 * DAY).await;
    stage.pass(21 * DAY).await;
    let before = counted(&stage, 60, 40 * DAY).await.unwrap();
    stage.service.store.purge(at(40 * DAY), KEPT).await.unwrap();
    assert!(stage.service.store.events_of(&bot(1)).await.unwrap().is_empty(), "it is deleted");
    assert!(!stage.service.store.events_of(&bot(4)).await.unwrap().is_empty(), "it is not");
    for purges in 0..3 {
        let after = counted(&stage, 60, 40 * DAY).await.unwrap();
        assert_eq!(
            (after.totals, after.days, after.causes),
            (before.totals, before.days.clone(), before.causes.clone())
        );
        stage.service.store.purge(at((41 + purges) * DAY), KEPT).await.unwrap();
    }
    stage.service.store.purge(at(500 * DAY), KEPT).await.unwrap();
    assert_eq!(stage.service.store.daily_counts(ALL).await.unwrap(), [], "a year later nobody asks for them");
}

async fn a_deleted_bot_is_not_counted_twice(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    fails(&stage, 1, 0, "zoom_internal_error").await;
    records(&stage, 2, 0).await;
    stage.pass(DAY).await;
    stage.service.store.purge(at(40 * DAY), KEPT).await.unwrap();
    // Recall.ai sends an old webhook once more, and deletes the media.
    stage.hear_at(&bot(1), 0, "fatal", "zoom_internal_error", at(41 * DAY)).await;
    stage.hear_at(&bot(2), 40 * DAY, "media_expired", "", at(41 * DAY)).await;
    stage.pass(42 * DAY).await;
    let counts = stage.service.store.daily_counts(ALL).await.unwrap();
    assert_eq!(counts.iter().map(|count| count.bots).sum::<i64>(), 2, "{counts:?}");
}

async fn a_forgotten_bot_is_not_counted(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    records(&stage, 1, 0).await;
    records(&stage, 2, 100).await;
    stage.service.store.forget(&bot(1)).await.unwrap();
    assert_eq!(counted(&stage, 1, DAY).await.unwrap().totals.recorded, 1);
    // Of deleted records there is a number alone, which names nobody.
    stage.service.store.purge(at(40 * DAY), KEPT).await.unwrap();
    stage.service.store.forget(&bot(2)).await.unwrap();
    let counts = stage.service.store.daily_counts(ALL).await.unwrap();
    let shown = format!("{counts:?}");
    assert_eq!(counts.iter().map(|count| count.bots).sum::<i64>(), 1);
    assert!(!shown.contains("00000000-"), "{shown}");
}

async fn the_keys_with_most_failures_are_named(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    for (number, customer) in
        ["acme", "bolt", "acme", "core", "acme", "bolt", "dune", "core", "bolt", "echo", "echo"]
            .iter()
            .enumerate()
    {
        let seconds = i64::try_from(number).unwrap() * 60;
        let mut body = status(&bot(number), at(seconds), "fatal", "zoom_internal_error");
        body["data"]["bot"]["metadata"] = json!({ "customer": customer });
        stage.deliver(&format!("d{number}"), &body, at(seconds)).await.unwrap();
        stage.pass(seconds).await;
    }
    let digest = counted(&stage, 1, DAY).await.unwrap();
    let named: Vec<(String, u64)> =
        digest.keys.iter().map(|key| (key.key.for_machines(), key.bots)).collect();
    assert_eq!(named.len(), 3, "{named:?}");
    let mut first: Vec<_> = named[..2].to_vec();
    first.sort();
    assert_eq!(first, [("customer = acme".to_owned(), 3), ("customer = bolt".to_owned(), 3)]);
    assert_eq!(named[2].1, 2, "of those with two, one");
    // The value is stored with the events alone.
    stage.execute("DELETE FROM events").await;
    let digest = counted(&stage, 1, DAY).await.unwrap();
    let value = |key: &RecurrenceKey| matches!(key, RecurrenceKey::Metadata { value: None, .. });
    assert!(digest.keys.iter().all(|key| value(&key.key)), "{:?}", digest.keys);
}
