//! The service on a PostgreSQL that several instances share.

use why_no_recording::app;

use super::{DENIED, NO_HOST, Talking, World, shown};
use crate::world::databases::Place;

/// A second instance in the same world. What it is given as its own world only sends requests to it.
async fn another(talking: &Talking) -> Talking {
    let running = app::start(&talking.world.settings(&[])).await.unwrap();
    Talking { world: World::new().await, running }
}

#[tokio::test]
async fn on_postgres_a_command_gets_its_answer_and_a_button_edits_it() {
    let Some(place) = Place::postgres().await else { return };
    let chat = World::on(place).await.over_http().await;
    chat.ask(NO_HOST).await;
    let [verdict, details] = chat.posted(2).await.try_into().unwrap();
    assert!(shown(&verdict.body).contains("Zoom saw no host in the call"), "{}", verdict.body);
    assert_eq!(details.thread_ts.as_deref(), Some(verdict.ts.as_str()));
    chat.settled().await;

    chat.interact(&chat.world.press(&format!("wnr:host_was_there:{NO_HOST}"), &details)).await;
    chat.settled().await;
    let edited = chat.posted(2).await;
    assert_ne!(edited[0].body, verdict.body, "the answer changes the verdict");
    assert_ne!(edited[1].body, details.body, "and the details");
    let ready = reqwest::get(chat.url("/readyz")).await.unwrap();
    assert!(ready.status().is_success());
    chat.end().await;
}

#[tokio::test]
async fn two_instances_on_postgres_answer_a_question_once_that_both_receive() {
    let Some(place) = Place::postgres().await else { return };
    let chat = World::on(place).await.over_http().await;
    let other = another(&chat).await;
    for bot in [NO_HOST, DENIED] {
        let command = chat.world.command(bot, "both");
        tokio::join!(chat.send_command(&command), other.send_command(&command));
    }
    chat.posted(4).await;
    chat.settled().await;
    let posted = chat.posted(4).await;
    assert_eq!(posted.len(), 4, "{posted:?}");
    for details in posted.iter().filter(|posted| posted.thread_ts.is_some()) {
        let above = posted.iter().position(|posted| Some(&posted.ts) == details.thread_ts.as_ref());
        let below = posted.iter().position(|posted| posted.ts == details.ts);
        assert!(above < below, "{posted:?}");
    }
    other.running.stop().await;
    chat.end().await;
}
