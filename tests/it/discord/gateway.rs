//! The gateway.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use super::{Talking, shown};
use crate::slack::{DENIED, NO_HOST};
use crate::world::discord::{APPLICATION, CHANNEL, FakeDiscord, Fault};

/// So short that a test has not to wait for it.
const HEARTBEATS: Duration = Duration::from_millis(50);

impl Talking {
    pub(super) async fn connected(&self, times: usize) {
        let identified = |discord: &FakeDiscord| (discord.identified() == times).then_some(());
        self.discord.until("a connection", identified).await;
    }

    pub(super) async fn resumed(&self) {
        self.discord.until("a resumed connection", |discord| (discord.resumed() > 0).then_some(())).await;
    }

    /// Ends when `/readyz` says this of the gateway.
    async fn told_ready(&self, words: &str) -> StatusCode {
        let telling = async {
            loop {
                let answer = reqwest::get(format!("http://{}/readyz", self.running.address)).await.unwrap();
                let (status, told) = (answer.status(), answer.text().await.unwrap());
                let told: serde_json::Value = serde_json::from_str(&told).unwrap();
                let tasks = told["tasks"].as_array().unwrap();
                let gateway = tasks.iter().find(|task| task["task"] == "discord gateway");
                if gateway.is_some_and(|task| task["state"].to_string().contains(words)) {
                    return status;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), telling).await.expect("it is told")
    }

    /// What was asked was answered, and once.
    pub(super) async fn answered_once(&self) {
        self.answered().await;
        self.settled().await;
        let verdicts = self.discord.posted(CHANNEL);
        assert_eq!(verdicts.len(), 1);
        assert_eq!(self.discord.posted(&verdicts[0].id).len(), 1);
    }
}

#[tokio::test]
async fn an_interaction_is_kept_then_acknowledged_then_answered() {
    let chat = Talking::over_gateway().await;
    let command = chat.command(DENIED);
    chat.discord.dispatch("INTERACTION_CREATE", &command).await;
    let id = command["id"].as_str().unwrap().to_owned();
    let acknowledged = chat.discord.until("the acknowledgement", |discord| discord.callback(&id)).await;
    assert_eq!(acknowledged, json!({ "type": 5, "data": { "attachments": [] } }));
    let (verdict, _) = chat.answered().await;
    assert!(shown(&verdict).contains("Recording to a computer is turned off"));
    chat.end().await;
}

#[tokio::test]
async fn asked_to_reconnect_it_resumes_and_answers_again() {
    let chat = Talking::over_gateway().await;
    chat.connected(1).await;
    chat.discord.gateway_says(&json!({ "op": 7, "d": null }));
    chat.resumed().await;
    chat.discord.dispatch("INTERACTION_CREATE", &chat.command(DENIED)).await;
    chat.answered_once().await;
    chat.end().await;
}

#[tokio::test]
async fn a_connection_whose_heartbeats_stay_unanswered_is_dropped_and_resumed() {
    let chat = Talking::over_gateway_of(|discord| discord.heartbeats_every(HEARTBEATS)).await;
    chat.connected(1).await;
    chat.discord.gateway_goes_deaf();
    // Asked meanwhile: Discord keeps it for whoever resumes.
    chat.discord.dispatch("INTERACTION_CREATE", &chat.command(DENIED)).await;
    chat.resumed().await;
    chat.answered_once().await;
    assert_eq!(chat.discord.identified(), 1, "the session went on");
    chat.end().await;
}

#[tokio::test]
async fn a_session_that_is_invalid_for_this_connection_alone_is_resumed() {
    let chat = Talking::over_gateway().await;
    chat.discord.dispatch("INTERACTION_CREATE", &chat.command(DENIED)).await;
    chat.discord.gateway_says(&json!({ "op": 9, "d": true }));
    chat.resumed().await;
    chat.answered_once().await;
    assert_eq!(chat.discord.identified(), 1, "the session went on");
    chat.end().await;
}

#[tokio::test]
async fn a_connection_that_breaks_is_resumed_without_answering_twice() {
    let chat = Talking::over_gateway().await;
    chat.discord.dispatch("INTERACTION_CREATE", &chat.command(DENIED)).await;
    chat.answered().await;
    chat.discord.gateway_closes(None);
    chat.resumed().await;
    chat.discord.dispatch("INTERACTION_CREATE", &chat.command(NO_HOST)).await;
    let two = |discord: &FakeDiscord| (discord.posted(CHANNEL).len() == 2).then_some(());
    chat.discord.until("the second answer", two).await;
    chat.settled().await;
    assert_eq!((chat.discord.posted(CHANNEL).len(), chat.discord.identified()), (2, 1));
    chat.end().await;
}

#[tokio::test]
async fn what_is_heard_of_too_late_to_acknowledge_is_answered_in_the_channel() {
    let chat = Talking::over_gateway_of(|discord| discord.heartbeats_every(HEARTBEATS)).await;
    chat.connected(1).await;
    chat.discord.gateway_goes_deaf();
    // The three seconds are over when it is heard of.
    chat.discord.fails("/callback", Fault::Refused(404, 10062));
    chat.discord.dispatch("INTERACTION_CREATE", &chat.command(DENIED)).await;
    chat.resumed().await;
    chat.answered_once().await;
    assert_eq!(chat.discord.calls(&format!("POST /channels/{CHANNEL}/messages")), 1);
    chat.end().await;
}

#[tokio::test]
async fn who_stops_says_goodbye_and_who_comes_back_does_not() {
    let chat = Talking::over_gateway_of(|discord| discord.heartbeats_every(HEARTBEATS)).await;
    chat.connected(1).await;
    chat.discord.gateway_goes_deaf();
    chat.resumed().await;
    let Talking { running, discord, .. } = chat;
    running.stop().await;
    discord.until("a goodbye", |discord| (discord.gateway_saw("CLOSE 1000") == 1).then_some(())).await;
    assert!(discord.gateway_saw("CLOSE 4000") > 0);
}

#[tokio::test]
async fn readiness_tells_of_the_connection() {
    let chat = Talking::over_gateway().await;
    assert_eq!(chat.told_ready("\"ok\"").await, StatusCode::OK);
    chat.end().await;
    let chat = Talking::over_gateway_with(&[("DISCORD_TOKEN", "another-sample")]).await;
    // Those who ask elsewhere are still answered.
    assert_eq!(chat.told_ready("copy discord.token again").await, StatusCode::OK);
    assert_eq!(chat.discord.calls("GET /gateway/bot"), 1, "it is not tried again");
    assert_eq!(chat.discord.gateway_saw("IDENTIFY"), 0, "it cost no identification");
    chat.running.stop().await;
}

#[tokio::test]
async fn readiness_tells_of_an_application_that_is_not_the_tokens() {
    let chat = Talking::over_gateway_with(&[("DISCORD_APPLICATION_ID", "210000000000000009")]).await;
    let words = format!("discord.token belongs to the application {APPLICATION}");
    assert_eq!(chat.told_ready(&words).await, StatusCode::OK);
    chat.discord.gateway_closes(None);
    chat.resumed().await;
    // It is still connected, and still wrong.
    assert_eq!(chat.told_ready(&words).await, StatusCode::OK);
    chat.discord.dispatch("INTERACTION_CREATE", &chat.command(DENIED)).await;
    chat.answered_once().await;
    chat.end().await;
}
