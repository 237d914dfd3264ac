//! Webhooks that never came: what the lists of bots tell, and what is said of the silence.

use serde_json::{Value, json};

use super::{Stage, alert, alerts, at, bot, line};
use crate::world::databases::{Place, on_each_database};
use crate::world::recall::{FakeRecall, Fault};

on_each_database!(
    a_bot_without_a_webhook_is_found_on_whichever_page_it_is,
    what_happened_long_before_the_first_start_is_nobodys_alarm,
    silence_is_told_once_and_its_end_as_well,
    no_bots_and_no_webhooks_are_no_alarm,
    a_list_that_cannot_be_read_is_read_the_next_time_from_where_it_was,
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
    assert!(notices[0].starts_with("No webhook has come since 2026-11-18 10:00:00 UTC"), "{notices:?}");

    stage.hear(&bot(51), 1_600, "joining_call", "").await;
    compare(&stage, 1_800).await;
    let said = stage.alerts();
    let again: Vec<String> = said.iter().map(line).filter(|line| line.contains("come again")).collect();
    assert_eq!(again.len(), 1);
    assert!(!stage.lines().iter().any(|line| line.starts_with("No webhook")), "the same message says so");
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
