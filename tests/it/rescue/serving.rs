//! The whole service in the mode `automatic`: a webhook over HTTP, and what reaches the host.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tokio::time::{sleep, timeout};
use why_no_recording::app;
use why_no_recording::clock;

use super::zoom_bot;
use crate::alerts::serving::{HEARING, post};
use crate::alerts::{bot, status};
use crate::slack::World;
use crate::world::recall::FakeRecall;
use crate::world::recall::meeting::Place;

const AUTOMATIC: [(&str, &str); 3] = [HEARING[0], HEARING[1], ("RESCUE_MODE", "automatic")];

/// The host of a bot declines, and the webhooks come. Returns when the first was sent.
async fn declined(recall: &FakeRecall, address: &str, number: usize) -> Instant {
    recall.join_meeting(zoom_bot(number, 30), Place::InCall);
    recall.host_declined(&bot(number));
    let sub_code = "zoom_local_recording_request_denied_by_host";
    let begun = Instant::now();
    for (code, sub_code) in [("in_call_not_recording", ""), ("recording_permission_denied", sub_code)] {
        let body = status(&bot(number), clock::now(), code, sub_code);
        let answer = post(address, &format!("{code}{number}"), &body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    }
    begun
}

/// Waits until the host has seen the pop-up.
async fn asked(recall: &FakeRecall, number: usize) {
    let seen = async {
        while recall.pop_ups(&bot(number)) == 0 {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(Duration::from_secs(30), seen).await.expect("the host is asked");
}

#[tokio::test]
async fn a_webhook_becomes_a_message_and_a_pop_up() {
    let world = World::new().await;
    world.slack.join("C9");
    world.recall.set_clock(clock::now());
    let running = app::start(&world.settings(&AUTOMATIC)).await.unwrap();
    declined(&world.recall, &running.address.to_string(), 1).await;
    asked(&world.recall, 1).await;
    assert_eq!(world.recall.messages_to_host(&bot(1)).len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn with_the_mode_off_nothing_is_ever_written() {
    let world = World::new().await;
    world.slack.join("C9");
    world.recall.set_clock(clock::now());
    let running = app::start(&world.settings(&HEARING)).await.unwrap();
    declined(&world.recall, &running.address.to_string(), 1).await;
    world.slack.until("the alert", |slack| (!slack.posted("C9").is_empty()).then_some(())).await;
    assert!(world.recall.seen().iter().all(|seen| seen.method == "GET"), "{:?}", world.recall.seen());
    running.stop().await;
}

/// How long it is from the webhook to the pop-up.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn measured_automatic() {
    const MANY: usize = 50;
    let world = World::new().await;
    world.slack.join("C9");
    world.recall.set_clock(clock::now());
    let running = app::start(&world.settings(&AUTOMATIC)).await.unwrap();
    let address = running.address.to_string();
    let mut took = Vec::new();
    for number in 0..MANY {
        let begun = declined(&world.recall, &address, number).await;
        asked(&world.recall, number).await;
        took.push(begun.elapsed());
    }
    took.sort();
    println!("from the webhook to the pop-up: median {:?}, worst {:?}", took[MANY / 2], took[MANY - 1]);
    running.stop().await;
}
