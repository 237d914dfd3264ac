//! Where alerts go, whom they mention, and from whom they come.

use secrecy::SecretString;
use why_no_recording::alerts::ChannelRef;
use why_no_recording::alerts::route::{Conditions, Route};
use why_no_recording::recall::webhook::WebhookKey;
use why_no_recording::watch::{AlertConfig, WatchedWorkspace, WebhookRejection};

use super::{Stage, alerts, at, bot, key, signed, status};

/// Alerts of the workspace `europe` go to a channel of their own, and mention a team.
fn of_two_workspaces(keys: Vec<WebhookKey>) -> AlertConfig {
    let mut alerts = alerts();
    let europe = WatchedWorkspace { name: "europe".to_owned(), keys, ..alerts.workspaces[0].clone() };
    alerts.workspaces.push(europe);
    alerts.policy.routes = vec![Route {
        when: Conditions { workspaces: vec!["europe".to_owned()], ..Conditions::default() },
        channels: vec![ChannelRef("console:europe".to_owned())],
        mention: Some("@on-call".to_owned()),
    }];
    alerts
}

fn other_key() -> WebhookKey {
    WebhookKey::of(&SecretString::from("whsec_YW5vdGhlci1zZWNyZXQtdGhhdC1pcy1ub3QtcmVhbA".to_owned()))
        .unwrap()
}

/// A failure of this bot, signed with this key.
async fn fails(stage: &Stage, number: usize, key: &WebhookKey) -> Result<(), WebhookRejection> {
    let body = status(&bot(number), at(0), "fatal", "meeting_not_found").to_string();
    let headers = signed(key, &format!("m{number}"), body.as_bytes(), at(1));
    stage.service.watch.receive(None, &headers, body.as_bytes(), at(1)).await?;
    stage.pass(1).await;
    Ok(())
}

#[tokio::test]
async fn the_signature_tells_the_workspace_and_the_route_the_channel_and_the_mention() {
    let stage = Stage::with(of_two_workspaces(vec![other_key()]), None).await;
    fails(&stage, 1, &key()).await.unwrap();
    fails(&stage, 2, &other_key()).await.unwrap();
    assert_eq!(stage.only().mention, None);
    let europe = stage.board.channel("europe");
    assert_eq!(europe.len(), 1);
    assert_eq!(europe[0].mention.as_deref(), Some("@on-call"));
    assert!(stage.board.thread(&europe[0]).iter().all(|said| said.mention.is_none()));
}

#[tokio::test]
async fn a_secret_can_be_rotated_while_webhooks_come() {
    let both = || {
        let mut alerts = alerts();
        alerts.workspaces[0].keys.push(other_key());
        alerts
    };
    let stage = Stage::new().await;
    fails(&stage, 1, &key()).await.unwrap();
    assert!(fails(&stage, 2, &other_key()).await.is_err(), "it is not known yet");
    let stage = stage.restarted(both()).await;
    fails(&stage, 2, &other_key()).await.unwrap();
    fails(&stage, 3, &key()).await.unwrap();
    let mut new = both();
    new.workspaces[0].keys.remove(0);
    let stage = stage.restarted(new).await;
    assert!(fails(&stage, 4, &key()).await.is_err(), "it is over");
    fails(&stage, 4, &other_key()).await.unwrap();
    assert_eq!(stage.alerts().len(), 4);
}
