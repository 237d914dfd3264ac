//! Webhooks that never came: what the lists of bots tell, and what is said of the silence.

use serde_json::{Value, json};
use why_no_recording::chat::Message;

use super::{Stage, alert, alerts, at, bot, line};
use crate::world::databases::{Place, on_each_database};
use crate::world::recall::{FakeRecall, Fault};

on_each_database!(
    a_bot_without_a_webhook_is_found_on_whichever_page_it_is,
    what_happened_long_before_the_first_start_is_nobodys_alarm,
    silence_is_told_once_and_its_end_as_well,
    no_bots_and_no_webhooks_are_no_alarm,
    a_list_that_cannot_be_read_is_read_the_next_time_from_where_it_was,
    a_bot_that_never_set_out_is_told_of_though_nothing_ever_happened_to_it,
    a_bot_that_is_not_late_yet_is_nobodys_alarm,
    a_bot_that_comes_after_all_ends_the_alert,
    a_bot_that_was_created_weeks_ago_is_found_however_long_the_list_is,
    a_bot_that_waits_now_is_found_at_once_however_long_the_list_is,
    where_a_list_was_left_is_kept_and_a_lost_cursor_begins_anew,
    what_a_list_tells_is_whole_and_needs_no_lookup,
    healthy_bots_cost_no_alert_and_are_asked_about_by_nobody,
);

/// A bot of a list, which failed so many seconds after ten.
fn failed(number: usize, seconds: i64) -> Value {
    json!({
        "id": bot(number), "bot_name": "Acme Notetaker", "meeting_url": { "platform": "zoom" },
        "status_changes": [
            { "code": "joining_call", "created_at": at(seconds - 10).to_string() },
            { "code": "fatal", "sub_code": "meeting_not_found", "created_at": at(seconds).to_string() },
        ],
    })
}

async fn compare(stage: &Stage, seconds: i64) {
    stage.service.watch.reconcile(at(seconds)).await.unwrap();
    stage.wait_until_idle(at(seconds)).await;
    stage.wait_until_idle(at(seconds + 5)).await;
}

async fn a_bot_without_a_webhook_is_found_on_whichever_page_it_is(place: Place) {
    let recall = FakeRecall::start().await;
    recall.page_by(2);
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    compare(&stage, 0).await;
    for number in 1..=4 {
        recall.add_bot(failed(number, 60));
    }
    stage.hear(&bot(4), 60, "fatal", "meeting_not_found").await;
    compare(&stage, 100).await;
    assert_eq!(stage.alerts().len(), 1, "the others may still come as webhooks");
    compare(&stage, 300).await;
    assert_eq!(stage.alerts().len(), 4, "{:?}", stage.lines());
    compare(&stage, 600).await;
    compare(&stage, 900).await;
    let alerts = stage.alerts();
    assert_eq!(alerts.len(), 4, "and each is told once");
    assert!(alerts.iter().all(|said| alert(said).late.is_none()));
    assert!(recall.seen().iter().all(|seen| seen.path.starts_with("/api/v1/bot/")));
}

async fn what_happened_long_before_the_first_start_is_nobodys_alarm(place: Place) {
    let recall = FakeRecall::start().await;
    recall.add_bot(failed(1, -7_200));
    recall.add_bot(failed(2, -600));
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    compare(&stage, 0).await;
    assert_eq!(stage.alerts().len(), 1);
    assert_eq!(alert(&stage.only()).report.bot_id.unwrap().to_string(), bot(2));
}

async fn silence_is_told_once_and_its_end_as_well(place: Place) {
    let recall = FakeRecall::start().await;
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    stage.hear(&bot(50), 0, "joining_call", "").await;
    compare(&stage, 0).await;
    recall.add_bot(failed(1, 400));
    compare(&stage, 600).await;
    assert_eq!(stage.alerts().len(), 1, "ten minutes are no silence");
    recall.add_bot(failed(2, 1_000));
    compare(&stage, 1_200).await;
    recall.add_bot(failed(3, 1_300));
    compare(&stage, 1_500).await;
    let notices: Vec<String> = stage.lines().into_iter().filter(|line| line.contains("webhook")).collect();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(
        notices[0].contains("stopped sending webhooks for workspace \"default\" at 2026-11-18 10:00:00 UTC"),
        "{notices:?}"
    );

    stage.hear(&bot(51), 1_600, "joining_call", "").await;
    compare(&stage, 1_800).await;
    let said = stage.alerts();
    let again: Vec<String> = said.iter().map(line).filter(|line| line.contains("are back")).collect();
    assert_eq!(again.len(), 1);
    assert!(!stage.lines().iter().any(|line| line.contains("stopped sending")), "the same message says so");
}

async fn no_bots_and_no_webhooks_are_no_alarm(place: Place) {
    let recall = FakeRecall::start().await;
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    for minutes in 0..60 {
        compare(&stage, minutes * 300).await;
    }
    assert!(stage.alerts().is_empty());
}

async fn a_list_that_cannot_be_read_is_read_the_next_time_from_where_it_was(place: Place) {
    let recall = FakeRecall::start().await;
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    compare(&stage, 0).await;
    recall.add_bot(failed(1, 100));
    recall.fail_always(Fault::Status(500));
    for minutes in 1..=30 {
        compare(&stage, minutes * 300).await;
    }
    assert!(stage.alerts().is_empty());
    recall.recover();
    compare(&stage, 31 * 300).await;
    let alerts = stage.alerts();
    let told = alerts.iter().find(|said| !line(said).contains("webhook")).unwrap();
    assert!(alert(told).late.is_some(), "two and a half hours are late");
}

/// A bot that was to join so many seconds after ten, and to which nothing happened.
fn scheduled(number: usize, seconds: i64) -> Value {
    json!({
        "id": bot(number), "bot_name": "Acme Notetaker", "meeting_url": { "platform": "zoom" },
        "join_at": at(seconds).to_string(), "status_changes": [],
    })
}

/// A bot whose last status is this one.
fn in_state(number: usize, seconds: i64, code: &str) -> Value {
    json!({
        "id": bot(number), "bot_name": "Acme Notetaker", "meeting_url": { "platform": "zoom" },
        "status_changes": [
            { "code": "joining_call", "created_at": at(seconds - 10).to_string() },
            { "code": code, "created_at": at(seconds).to_string() },
        ],
    })
}

/// Bots that ended days ago, so many that a run does not read them all: one on each page.
fn long_list(recall: &FakeRecall) {
    recall.page_by(1);
    for number in 100..150 {
        recall.add_bot(in_state(number, -200_000, "done"));
    }
}

async fn a_bot_that_never_set_out_is_told_of_though_nothing_ever_happened_to_it(place: Place) {
    let recall = FakeRecall::start().await;
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    compare(&stage, 0).await;
    recall.add_bot(scheduled(1, 300));
    for seconds in [600, 900] {
        compare(&stage, seconds).await;
        assert!(stage.alerts().is_empty(), "ten minutes are not over");
    }
    compare(&stage, 1_200).await;
    let said = stage.only();
    assert_eq!(alert(&said).report.cause, "never_joined");
    assert_eq!(alert(&said).report.name(), "Acme Notetaker");
    assert!(alert(&said).late.is_none());
    for run in 5..12 {
        compare(&stage, run * 300).await;
    }
    assert_eq!(stage.only().edits, 0, "it is told once, and no webhook is missed for it");
    let looked_up = recall.seen().iter().any(|seen| seen.path.ends_with(&format!("{}/", bot(1))));
    assert!(!looked_up, "the list has told everything");
}

async fn a_bot_that_is_not_late_yet_is_nobodys_alarm(place: Place) {
    let recall = FakeRecall::start().await;
    recall.add_bot(scheduled(1, 4_000));
    recall.add_bot(scheduled(2, -90_000));
    recall.add_bot(scheduled(3, -3_600));
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    for run in 0..10 {
        compare(&stage, run * 300).await;
    }
    assert!(stage.alerts().is_empty(), "to come, or long before the first start: {:?}", stage.lines());
}

async fn a_bot_that_comes_after_all_ends_the_alert(place: Place) {
    let recall = FakeRecall::start().await;
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    compare(&stage, 0).await;
    recall.add_bot(scheduled(1, 10));
    compare(&stage, 900).await;
    assert_eq!(alert(&stage.only()).report.cause, "never_joined");
    stage.hear(&bot(1), 950, "joining_call", "").await;
    stage.hear(&bot(1), 960, "in_call_recording", "").await;
    assert_eq!(alert(&stage.only()).title(), "the bot is recording now");
}

async fn a_bot_that_was_created_weeks_ago_is_found_however_long_the_list_is(place: Place) {
    let recall = FakeRecall::start().await;
    long_list(&recall);
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    compare(&stage, 0).await;
    // The newest bots come first, and this one is the oldest of all.
    recall.add_bot(failed(1, 60));
    let mut runs = 0;
    let told = || stage.alerts().into_iter().find(|said| matches!(said.message, Message::Alert(_)));
    while told().is_none() {
        runs += 1;
        assert!(runs < 12, "an hour is too long");
        let before = recall.seen().len();
        compare(&stage, runs * 300).await;
        assert!(recall.seen().len() - before <= 21, "people need some of the sixty");
    }
    assert_eq!(alert(&told().unwrap()).report.bot_id.unwrap().to_string(), bot(1));
}

async fn a_bot_that_waits_now_is_found_at_once_however_long_the_list_is(place: Place) {
    let recall = FakeRecall::start().await;
    long_list(&recall);
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    compare(&stage, 0).await;
    recall.add_bot(in_state(1, 60, "in_waiting_room"));
    compare(&stage, 300).await;
    assert_eq!(alert(&stage.only()).report.bot_id.unwrap().to_string(), bot(1), "it can still be saved");
}

async fn where_a_list_was_left_is_kept_and_a_lost_cursor_begins_anew(place: Place) {
    let recall = FakeRecall::start().await;
    long_list(&recall);
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    compare(&stage, 0).await;
    let read = |from: usize| -> Vec<String> {
        let pages = recall.seen().into_iter().skip(from);
        let cursors = pages.filter_map(|seen| Some(seen.query.rsplit_once("&cursor=")?.1.to_owned()));
        cursors.collect()
    };
    let first = read(0);
    let before = recall.seen().len();
    let stage = stage.restarted_with(alerts(), Some(&recall)).await;
    compare(&stage, 300).await;
    let second = read(before);
    assert!(
        !second.is_empty() && second.iter().all(|cursor| !first.contains(cursor)),
        "{first:?} {second:?}"
    );
    // Recall.ai does not know any more where that was.
    for number in 100..130 {
        recall.lose_cursor(&bot(number));
    }
    let before = recall.seen().len();
    for run in 2..6 {
        compare(&stage, run * 300).await;
    }
    let third = read(before);
    let again = third.iter().filter(|cursor| first.contains(cursor)).count();
    assert!(again > 0 && again < third.len(), "some pages again, and not all: {third:?}");
}

async fn what_a_list_tells_is_whole_and_needs_no_lookup(place: Place) {
    let recall = FakeRecall::start().await;
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    compare(&stage, 0).await;
    let mut ended = in_state(1, 60, "call_ended");
    ended["bot_name"] = json!("Acme Notetaker");
    recall.add_bot(ended);
    compare(&stage, 300).await;
    assert_eq!(alert(&stage.only()).report.name(), "Acme Notetaker");
    let lists = recall.seen().iter().filter(|seen| seen.path == "/api/v1/bot/").count();
    assert_eq!(recall.seen().len(), lists, "{:?}", recall.seen());
}

async fn healthy_bots_cost_no_alert_and_are_asked_about_by_nobody(place: Place) {
    let recall = FakeRecall::start().await;
    let stage = Stage::on_with(place, alerts(), Some(&recall)).await;
    compare(&stage, 0).await;
    recall.add_bot(in_state(1, 60, "in_call_recording"));
    let mut recorded = in_state(2, 60, "in_call_recording");
    recorded["status_changes"].as_array_mut().unwrap().extend([
        json!({ "code": "call_ended", "created_at": at(100).to_string() }),
        json!({ "code": "done", "created_at": at(105).to_string() }),
    ]);
    recorded["recordings"] = json!([{
        "started_at": at(60).to_string(), "completed_at": at(100).to_string(), "status": { "code": "done" },
        "media_shortcuts": { "video_mixed": { "status": { "code": "done" } } },
    }]);
    recall.add_bot(recorded);
    compare(&stage, 300).await;
    compare(&stage, 600).await;
    assert!(stage.alerts().is_empty(), "{:?}", stage.lines());
    assert!(recall.seen().iter().all(|seen| seen.path == "/api/v1/bot/"), "{:?}", recall.seen());
}
