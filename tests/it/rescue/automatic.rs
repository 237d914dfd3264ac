//! The service asks again by itself.

use why_no_recording::chat::action::Action;
use why_no_recording::rescue::Mode;

use super::{Stage, zoom_bot};
use crate::alerts::bot;
use crate::world::databases::{Place as DatabasePlace, on_each_database};
use crate::world::recall::meeting::{Host, Place};

on_each_database!(two_instances_hear_of_a_refusal_and_the_host_is_asked_once,);

#[tokio::test]
async fn on_a_refusal_it_asks_at_once_and_once() {
    let stage = Stage::new(Mode::Automatic).await;
    stage.joins(1, 30).await;
    stage.recall.host_will(&bot(1), Host::Allows, 15);
    stage.declined(1).await;
    // No time has passed since the webhook.
    assert_eq!(stage.reached(1), (1, 1, 0));
    assert_eq!(stage.lines(1)[0], "Asked again automatically, 10:00:00. Waiting for the host.");
    stage.pass(20).await;
    stage.hear(1).await;
    assert_eq!(stage.lines(1), ["Asked again automatically, 10:00:00. Recording since 10:00:16."]);
    assert_eq!(stage.reached(1), (1, 1, 0));
}

#[tokio::test]
async fn after_its_own_attempt_a_person_has_the_second_one() {
    let stage = Stage::new(Mode::Automatic).await;
    stage.joins(1, 600).await;
    stage.recall.host_will(&bot(1), Host::Denies, 15);
    stage.declined(1).await;
    stage.pass(20).await;
    stage.hear(1).await;
    assert_eq!(stage.reached(1), (1, 1, 0), "it doesn't answer its own refusal");
    stage.pass(121).await;
    stage.ask("Ana", 1).await;
    assert_eq!(stage.reached(1), (2, 2, 0));
    stage.pass(121).await;
    stage.press("Ben", 1, Action::Rescue(bot(1).parse().unwrap())).await;
    assert_eq!(stage.reached(1), (2, 2, 0));
}

#[tokio::test]
async fn it_does_not_answer_what_a_setting_refused_or_what_is_long_past() {
    let stage = Stage::new(Mode::Automatic).await;
    // The pop-up is for the host's hand alone; here Zoom itself refused.
    let mut refused = zoom_bot(1, 600);
    refused["status_changes"] = serde_json::json!([]);
    stage.recall.join_meeting(refused, Place::InCall);
    stage.hear(1).await;
    stage.recall.refuse(&bot(1), "zoom_local_recording_disabled");
    stage.hear(1).await;
    assert_eq!(stage.reached(1), (0, 0, 0));

    stage.joins(2, 3_600).await;
    stage.recall.host_declined(&bot(2));
    stage.pass(180).await;
    stage.hear(2).await;
    assert_eq!(stage.reached(2), (0, 0, 0), "three minutes late");
}

async fn two_instances_hear_of_a_refusal_and_the_host_is_asked_once(place: DatabasePlace) {
    let one = Stage::on(place, Mode::Automatic).await;
    let two = one.another().await;
    one.joins(1, 300).await;
    one.recall.host_declined(&bot(1));
    one.hear_unsettled(1).await;
    two.hear_unsettled(1).await;
    tokio::join!(one.settle(), two.settle());
    assert_eq!(one.reached(1), (1, 1, 0));
    let rows = one.service.store.rescues_of(&bot(1)).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert!(rows[0].is_over);
}
