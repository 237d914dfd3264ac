//! Socket Mode.

use serde_json::Value;

use super::{DENIED, World, shown};

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
    assert!(chat.running.socket_connected());
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
    let opened =
        |slack: &crate::world::slack::FakeSlack| (slack.calls("apps.connections.open") >= 5).then_some(());
    chat.world.slack.until("the connections are opened again", opened).await;
    let connection = chat.world.slack.connections(2).await.remove(0);
    connection.deliver("slash_commands", "e1", &chat.world.command(DENIED, "s1")).await;
    chat.posted(2).await;
    chat.end().await;
}
