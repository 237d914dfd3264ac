//! Socket Mode.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use why_no_recording::chat::interaction::Interaction;
use why_no_recording::chat::slack::socket::{Receiver, SocketMode, SocketPace, SocketState};
use why_no_recording::chat::{InteractionSink, NotStored};
use why_no_recording::clock;
use why_no_recording::retry::Backoff;

use super::{DENIED, World, shown};
use crate::world::slack::{APP_TOKEN, Connection, FakeSlack, Fault};

const TASK: &str = "slack socket mode";

#[tokio::test]
async fn everything_that_comes_over_http_comes_through_sockets_too() {
    let chat = World::new().await.over_sockets().await;
    let connection = chat.world.slack.connections(1).await.remove(0);
    connection.deliver("slash_commands", "e1", &chat.world.command(DENIED, "s1")).await;
    let [_, details] = chat.posted(2).await.try_into().unwrap();

    connection
        .deliver("interactive", "e2", &chat.world.press(&format!("wnr:host_message:{DENIED}"), &details))
        .await;
    assert!(shown(&chat.told("press").await.body).starts_with("Hi! Our notetaker"));

    connection.deliver("events_api", "e3", &chat.world.mention(DENIED, "1795014000.5", None)).await;
    chat.posted(4).await;
    chat.ready_says(TASK, |state| state == "ok").await;
    chat.end().await;
}

#[tokio::test]
async fn a_connection_that_slack_renews_loses_nothing_and_doubles_nothing() {
    let chat = World::new().await.over_sockets().await;
    let connections = chat.world.slack.connections(2).await;
    let command: Value = chat.world.command(DENIED, "s1");
    // It was sent, and the connection goes before anybody knows whether it was acknowledged.
    connections[0].send("slash_commands", "e1", &command);
    connections[0].ask_to_refresh();
    connections[1].deliver("slash_commands", "e1", &command).await;
    let renewed = chat.world.slack.connections(2).await;
    for (number, connection) in renewed.iter().enumerate() {
        connection.deliver("slash_commands", &format!("again{number}"), &command).await;
    }
    chat.posted(2).await;
    chat.settled().await;
    assert_eq!(chat.world.slack.posted("C1").len(), 2);
    chat.end().await;
}

#[tokio::test]
async fn an_envelope_that_nobody_understands_is_acknowledged() {
    let chat = World::new().await.over_sockets().await;
    let connection = chat.world.slack.connections(1).await.remove(0);
    connection.deliver("interactive", "odd", &serde_json::json!({ "type": "workflow_step_edit" })).await;
    chat.end().await;
}

#[tokio::test]
async fn a_connection_that_breaks_is_opened_again() {
    let chat = World::new().await.over_sockets().await;
    for connection in chat.world.slack.connections(2).await {
        connection.break_off();
    }
    // Both are gone, and both come back.
    let opened = |slack: &FakeSlack| (slack.calls("apps.connections.open") >= 5).then_some(());
    chat.world.slack.until("the connections are opened again", opened).await;
    let connection = chat.world.slack.connections(2).await.remove(0);
    connection.deliver("slash_commands", "e1", &chat.world.command(DENIED, "s1")).await;
    chat.posted(2).await;
    chat.end().await;
}

#[tokio::test]
async fn a_token_that_is_revoked_while_it_runs_is_told_in_readyz() {
    let chat = World::new().await.over_sockets().await;
    let connections = chat.world.slack.connections(2).await;
    chat.ready_says(TASK, |state| state == "ok").await;
    chat.world.slack.fails_always("apps.connections.open", Fault::Refused("token_revoked"));
    connections.iter().for_each(Connection::break_off);
    let says = chat.ready_says(TASK, |state| state.contains("Slack refuses the app-level token")).await;
    assert!(says.contains("since") && says.contains("slack.app_token"), "{says}");
    chat.end().await;
}

#[tokio::test]
async fn socket_mode_that_is_switched_off_is_told_in_readyz() {
    let chat = World::new().await.over_sockets().await;
    chat.ready_says(TASK, |state| state == "ok").await;
    chat.world.slack.fails_always("apps.connections.open", Fault::Status(503));
    for connection in chat.world.slack.connections(2).await {
        connection.disable_link();
    }
    chat.ready_says(TASK, |state| state.starts_with("not heard since")).await;
    chat.world.slack.works_again("apps.connections.open");
    chat.ready_says(TASK, |state| state == "ok").await;
    chat.end().await;
}

/// Keeps nothing.
struct Deaf;

#[async_trait::async_trait]
impl InteractionSink for Deaf {
    async fn receive(&self, _: Interaction) -> Result<(), NotStored> {
        Ok(())
    }
}

/// The states that Socket Mode goes through, with pauses that a test can wait for.
struct Heard {
    states: mpsc::UnboundedReceiver<SocketState>,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Heard {
    fn start(slack: &FakeSlack) -> Self {
        let short = Duration::from_millis(300);
        let pace = SocketPace {
            backoff: Backoff::new(Duration::from_millis(20), short),
            steady_after: Duration::from_secs(60),
            silent_max: short,
            ask_every: short,
        };
        let api_url = slack.api_url().parse().unwrap();
        let token = SecretString::from(APP_TOKEN);
        let receiver = Receiver { sink: Arc::new(Deaf), identity: Arc::default(), clock: clock::now };
        let socket = Arc::new(SocketMode::new(&api_url, &token, receiver, pace));
        let (tell, states) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let tell = move |state: &SocketState| drop(tell.send(state.clone()));
        let running = tokio::spawn(socket.run(stop.clone(), tell));
        Self { states, stop, running }
    }

    /// The next state that is as wanted.
    async fn until(&mut self, wanted: impl Fn(&SocketState) -> bool) -> SocketState {
        let waiting = async {
            loop {
                let state = self.states.recv().await.unwrap();
                if wanted(&state) {
                    return state;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it is told")
    }

    async fn end(self) {
        self.stop.cancel();
        self.running.await.unwrap();
    }
}

fn is_connected(state: &SocketState) -> bool {
    *state == SocketState::Connected
}

#[tokio::test]
async fn a_connection_on_which_nothing_comes_any_more_is_noticed() {
    let slack = FakeSlack::start().await;
    let mut heard = Heard::start(&slack);
    heard.until(is_connected).await;
    let connections = slack.connections(2).await;
    slack.fails_always("apps.connections.open", Fault::Status(503));
    connections.iter().for_each(Connection::fall_silent);
    let told = heard.until(|state| !is_connected(state)).await;
    let SocketState::Deaf { why, .. } = told else { unreachable!("it is not connected") };
    assert!(why.contains("Slack"), "{why}");
    slack.works_again("apps.connections.open");
    heard.until(is_connected).await;
    heard.end().await;
}

/// Nothing breaks, and still nobody would be heard much longer.
#[tokio::test]
async fn a_token_that_is_revoked_while_connections_hold_is_noticed() {
    let slack = FakeSlack::start().await;
    let mut heard = Heard::start(&slack);
    heard.until(is_connected).await;
    slack.connections(2).await;
    slack.fails_always("apps.connections.open", Fault::Refused("token_revoked"));
    let told = heard.until(|state| !is_connected(state)).await;
    let SocketState::Deaf { why, .. } = told else { unreachable!("it is not connected") };
    assert!(why.contains("token_revoked") && why.contains("App-Level Tokens"), "{why}");
    heard.end().await;
}

#[tokio::test]
async fn while_slack_renews_connections_one_is_always_open() {
    let slack = FakeSlack::start().await;
    let mut heard = Heard::start(&slack);
    heard.until(is_connected).await;
    for _ in 0..3 {
        slack.connections(2).await[0].ask_to_refresh();
        let before = slack.calls("apps.connections.open");
        slack
            .until("one in its place", |slack| (slack.calls("apps.connections.open") > before).then_some(()))
            .await;
    }
    while let Ok(state) = heard.states.try_recv() {
        assert_eq!(state, SocketState::Connected);
    }
    heard.end().await;
}

#[tokio::test]
async fn what_nobody_understands_is_answered_in_words() {
    let chat = World::new().await.over_sockets().await;
    let connection = chat.world.slack.connections(1).await.remove(0);
    let odd = json!({
        "type": "workflow_step_edit", "user": { "id": "U1" }, "team": null, "trigger_id": "odd1",
        "response_url": chat.world.slack.response_url("odd"), "channel": { "id": "C1" },
    });
    connection.deliver("interactive", "odd", &odd).await;
    let told = chat.told("odd").await;
    assert!(
        told.body["text"].as_str().unwrap().contains("I don't recognise that command"),
        "{:?}",
        told.body
    );
    chat.end().await;
    // The same over HTTP.
    let chat = World::new().await.over_http().await;
    let odd = json!({
        "type": "workflow_step_edit", "user": { "id": "U1" }, "team": null, "trigger_id": "odd2",
        "response_url": chat.world.slack.response_url("odd"), "channel": { "id": "C1" },
    });
    chat.interact(&odd).await;
    assert!(chat.told("odd").await.body["text"].as_str().unwrap().contains("I don't recognise that command"));
    chat.end().await;
}
