//! The service is told to end: whoever sends requests notices first, and nothing that was sent is lost.

use std::time::Duration;

use reqwest::StatusCode;
use why_no_recording::app;

use crate::slack::surviving::Program;
use crate::slack::{DENIED, Talking, World};

async fn ready(chat: &Talking) -> StatusCode {
    reqwest::get(chat.url("/readyz")).await.unwrap().status()
}

/// For so long `/readyz` says no, and questions are answered all the same.
#[tokio::test]
async fn while_it_drains_it_is_not_ready_and_still_serves() {
    let chat = World::new().await.over_http().await;
    assert_eq!(ready(&chat).await, StatusCode::OK);
    let draining = chat.running.drain(Duration::from_secs(600));
    let asking = async {
        while ready(&chat).await == StatusCode::OK {}
        chat.ask(DENIED).await;
        chat.posted(2).await;
        let told = reqwest::get(chat.url("/readyz")).await.unwrap().text().await.unwrap();
        assert!(told.contains("\"stopping\":true"), "{told}");
        assert!(reqwest::get(chat.url("/healthz")).await.unwrap().status().is_success());
    };
    tokio::select! {
        () = draining => unreachable!("it drains for ten minutes"),
        () = asking => {}
    }
    chat.end().await;
}

#[tokio::test]
async fn the_drain_ends_with_its_time() {
    let world = World::new().await;
    let running = app::start(&world.settings(&[])).await.unwrap();
    running.drain(Duration::ZERO).await;
    running.stop().await;
}

/// Whoever tells it twice does not wish to wait.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn told_twice_it_does_not_wait() {
    let world = World::new().await;
    let program = Program::start_with(&world, &[("HTTP_DRAIN_SECS", "60")]);
    program.signal("TERM");
    let url = format!("http://{}/readyz", program.address);
    while reqwest::get(&url).await.unwrap().status() == StatusCode::OK {}
    program.ask(&world, DENIED).await;
    let log = program.stop().await;
    assert!(
        log.iter().any(|line| line.contains("Shutdown started.") && line.contains("drain_secs=60")),
        "{log:?}"
    );
}

/// From the keyboard it ends at once.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn interrupted_it_does_not_drain() {
    let world = World::new().await;
    let program = Program::start_with(&world, &[("HTTP_DRAIN_SECS", "60")]);
    let log = program.stop_by("INT").await;
    assert!(
        log.iter().any(|line| line.contains("Shutdown started.") && line.contains("drain_secs=0")),
        "{log:?}"
    );
}
