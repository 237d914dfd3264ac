//! Slack and Recall.ai fail, and people still get their answer.

use std::time::Duration;

use jiff::SignedDuration;
use why_no_recording::clock;

use super::{DENIED, World, shown};
use crate::world::recall;
use crate::world::slack::Fault;

/// The first post goes wrong like this, and the answer comes all the same, once.
async fn check(fault: Fault, may_read: bool, calls: usize) {
    let world = World::new().await;
    if may_read {
        world.slack.grant("channels:history");
    }
    world.slack.fails("chat.postMessage", fault.clone());
    let chat = world.over_http().await;
    chat.ask(DENIED).await;
    chat.posted(2).await;
    chat.settled().await;
    let posted = chat.world.slack.posted("C1");
    assert_eq!(posted.len(), 2, "{fault:?}");
    assert_eq!(posted[1].thread_ts.as_ref(), Some(&posted[0].ts), "{fault:?}");
    assert_eq!(chat.world.slack.calls("chat.postMessage"), calls, "{fault:?}");
    chat.end().await;
}

#[tokio::test]
async fn what_slack_did_not_take_is_said_again() {
    check(Fault::Busy(1), false, 3).await;
    check(Fault::Status(500), false, 3).await;
    check(Fault::Refused("internal_error"), false, 3).await;
    check(Fault::Refused("token_revoked"), false, 3).await;
    check(Fault::Refused("an_error_of_tomorrow"), false, 3).await;
    check(Fault::Reset, false, 3).await;
}

#[tokio::test]
async fn what_slack_took_before_the_connection_broke_is_not_said_again() {
    check(Fault::DoneAndReset, true, 2).await;
}

#[tokio::test]
async fn blocks_that_slack_refuses_are_sent_as_text() {
    let world = World::new().await;
    world.slack.fails("chat.postMessage", Fault::Refused("invalid_blocks"));
    let chat = world.over_http().await;
    chat.ask(DENIED).await;
    let posted = chat.posted(2).await;
    assert_eq!(shown(&posted[0].body), "");
    assert!(posted[0].body["text"].as_str().unwrap().contains("Not recorded"), "{}", posted[0].body);
    chat.end().await;
}

#[tokio::test]
async fn a_channel_that_slack_closes_does_not_hold_up_another() {
    let world = World::new().await;
    world.slack.join("C3");
    world.slack.fails("chat.postMessage", Fault::Busy(3600));
    let chat = world.over_http().await;
    chat.ask(DENIED).await;
    chat.world
        .slack
        .until("the first call", |slack| (slack.calls("chat.postMessage") == 1).then_some(()))
        .await;
    let mut command = chat.world.command(DENIED, "other");
    command["channel_id"] = "C3".into();
    chat.send_command(&command).await;
    let there =
        |slack: &crate::world::slack::FakeSlack| Some(slack.posted("C3")).filter(|posted| posted.len() == 2);
    chat.world.slack.until("the answer in the other channel", there).await;
    assert!(chat.world.slack.posted("C1").is_empty());
    chat.running.stop().await;
}

/// As long as there are seconds.
#[tokio::test]
async fn a_pause_without_end_is_believed_for_an_hour() {
    let world = World::new().await;
    world.slack.fails("chat.postMessage", Fault::Busy(u64::MAX));
    let chat = world.over_http().await;
    chat.ask(DENIED).await;
    let called =
        |slack: &crate::world::slack::FakeSlack| (slack.calls("chat.postMessage") == 1).then_some(());
    chat.world.slack.until("the first call", called).await;
    let store = chat.running.service.store.clone();
    let recorded = async {
        loop {
            let waiting = store.undelivered(9).await.unwrap();
            if waiting.iter().any(|outgoing| outgoing.last_error.is_some()) {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), recorded).await.expect("the failure is recorded");
    let now = clock::now();
    let lease =
        |minutes| store.lease_outbox(now + SignedDuration::from_mins(minutes), SignedDuration::from_mins(1));
    assert!(lease(50).await.unwrap().is_none());
    assert!(lease(61).await.unwrap().is_some());
    chat.running.stop().await;
}

#[tokio::test]
async fn an_address_that_expired_is_no_obstacle_in_a_channel_of_ours() {
    let chat = World::new().await.over_http().await;
    chat.send_command(&chat.world.command("help", "expired")).await;
    let told = chat.told("chat.postEphemeral").await;
    assert_eq!(told.body["user"], "U1");
    chat.end().await;
}

#[tokio::test]
async fn answers_go_only_where_slack_can_have_meant_them_to() {
    let chat = World::new().await.over_http().await;
    let mut command = chat.world.command("help", "x");
    command["response_url"] = "https://evil.example/hook".into();
    chat.send_command(&command).await;
    chat.told("chat.postEphemeral").await;
    chat.end().await;
}

#[tokio::test]
async fn a_question_is_acknowledged_while_recall_hangs() {
    let world = World::new().await;
    world.recall.fail_always(recall::Fault::Silence);
    let chat = world.over_http().await;
    // `ask` ends with the acknowledgement; Recall.ai never answers.
    chat.ask(DENIED).await;
    assert!(chat.world.slack.posted("C1").is_empty());
    let name = chat.ask("help").await;
    chat.told(&name).await;
    chat.running.stop().await;
}
