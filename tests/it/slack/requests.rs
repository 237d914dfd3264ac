//! What reaches the endpoints, and what is refused.

use reqwest::StatusCode;
use serde_json::json;
use why_no_recording::clock;

use super::{DENIED, World, form, sign};
use crate::world::databases::Place;

#[tokio::test]
async fn only_what_slack_signed_a_moment_ago_is_taken() {
    let chat = World::new().await.over_http().await;
    let body = form(&chat.world.command(DENIED, "never"));
    let at = |seconds: i64| (clock::now().as_second() + seconds).to_string();
    let (now, old, future) = (at(0), at(-302), at(302));
    let refused = [
        ("without a signature", now.clone(), String::new()),
        ("with another signature", now.clone(), sign(&now, "something else")),
        ("signed for another time", now.clone(), sign(&old, &body)),
        ("too old", old.clone(), sign(&old, &body)),
        ("from the future", future.clone(), sign(&future, &body)),
        ("without a time", String::new(), sign("", &body)),
        ("with a time that is none", "soon".to_owned(), sign("soon", &body)),
    ];
    for path in ["/slack/commands", "/slack/interactions", "/slack/events"] {
        for (how, timestamp, signature) in &refused {
            let (status, _) = chat.post_signed(path, &body, timestamp, signature).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{how} to {path}");
        }
    }
    assert_eq!(chat.running.service.store.inbox_backlog().await.unwrap().waiting, 0);
    let just_within = at(-298);
    let (status, _) =
        chat.post_signed("/slack/commands", &body, &just_within, &sign(&just_within, &body)).await;
    assert_eq!(status, StatusCode::OK);
    chat.posted(2).await;
    chat.end().await;
}

#[tokio::test]
async fn what_is_signed_and_is_none_of_our_business_is_a_success() {
    let chat = World::new().await.over_http().await;
    let cases = [
        ("/slack/events", json!({ "type": "event_callback", "event": { "type": "team_join" } }).to_string()),
        ("/slack/events", "not even JSON".to_owned()),
        ("/slack/events", json!({ "type": "app_rate_limited" }).to_string()),
        ("/slack/commands", "ssl_check=1&token=x".to_owned()),
        (
            "/slack/interactions",
            form(&json!({ "payload": json!({ "type": "workflow_step_edit" }).to_string() })),
        ),
        (
            "/slack/interactions",
            form(
                &json!({ "payload": json!({ "type": "block_actions", "team": null, "actions": [{ "action_id": "other" }] }).to_string() }),
            ),
        ),
        ("/slack/interactions", "payload=nonsense".to_owned()),
    ];
    for (path, body) in cases {
        assert_eq!(chat.post(path, &body).await.0, StatusCode::OK, "{body}");
    }
    let (status, answer) = chat
        .post("/slack/events", &json!({ "type": "url_verification", "challenge": "abc" }).to_string())
        .await;
    assert_eq!((status, answer.as_str()), (StatusCode::OK, "abc"));
    assert_eq!(chat.running.service.store.inbox_backlog().await.unwrap().waiting, 0);
    chat.end().await;
}

/// Whoever sends it, and whatever the path: nobody knows yet that it is signed.
#[tokio::test]
async fn a_body_is_as_long_as_its_endpoint_allows() {
    let chat = World::new().await.over_http().await;
    for (path, longest) in [
        ("/slack/commands", 128 * 1024),
        ("/slack/interactions", 128 * 1024),
        ("/slack/events", 128 * 1024),
        ("/discord/interactions", 128 * 1024),
        ("/webhooks/recall", 1024 * 1024),
        ("/webhooks/recall/default", 1024 * 1024),
    ] {
        for (length, refused) in [(longest, false), (longest + 1, true)] {
            let (status, _) = chat.post(path, &"x".repeat(length)).await;
            assert_eq!(status == StatusCode::PAYLOAD_TOO_LARGE, refused, "{path}: {length} bytes: {status}");
        }
    }
    chat.end().await;
}

/// What each part says is told where the metrics are, and nowhere else.
#[tokio::test]
async fn details_are_told_where_the_metrics_are() {
    let world = World::new().await;
    let running = why_no_recording::app::start(&world.settings(&[("HTTP_METRICS_LISTEN", "127.0.0.1:0")]))
        .await
        .unwrap();
    let get = async |address: std::net::SocketAddr, path: &str| {
        let answer = reqwest::get(format!("http://{address}{path}")).await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let (public, own) = (running.address, running.metrics_address.unwrap());
    assert_eq!(get(public, "/healthz").await, (StatusCode::OK, "ok\n".to_owned()));
    assert_eq!(get(public, "/readyz").await, (StatusCode::OK, "{\"ready\":true}".to_owned()));
    assert_eq!(get(public, "/metrics").await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(own, "/healthz").await, (StatusCode::OK, "ok\n".to_owned()));
    let (status, ready) = get(own, "/readyz").await;
    assert!(status == StatusCode::OK && ready.contains("\"tasks\":["), "{ready}");
    assert!(get(own, "/metrics").await.1.contains("wnr_ready 1"));
    assert_eq!(get(own, "/slack/commands").await.0, StatusCode::NOT_FOUND);
    running.stop().await;
}

#[tokio::test]
async fn the_service_tells_how_it_is() {
    let chat = World::new().await.over_http().await;
    chat.ask(DENIED).await;
    chat.posted(2).await;
    chat.settled().await;
    let get = async |path: &str| {
        let answer = reqwest::get(chat.url(path)).await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    assert_eq!(get("/healthz").await, (StatusCode::OK, "ok\n".to_owned()));
    let (status, ready) = get("/readyz").await;
    assert_eq!(status, StatusCode::OK, "{ready}");
    let (_, metrics) = get("/metrics").await;
    for name in [
        "wnr_interactions_total{chat=\"slack\"}",
        "wnr_deliveries_total",
        "wnr_queue_depth{queue=\"outbox\"} 0",
    ] {
        assert!(metrics.contains(name), "{name} in {metrics}");
    }
    chat.end().await;
}

/// Anybody can ask, and each probe is a commit: a second's worth of questions is one.
#[tokio::test]
async fn whoever_asks_again_and_again_makes_no_work() {
    let chat = World::new().await.over_http().await;
    let Place::Sqlite(folder) = &chat.world.database else { unreachable!("it is a file") };
    let log = folder.path().join("store.db-wal");
    let pages = || std::fs::metadata(&log).unwrap().len() / 4096;
    let (before, begun) = (pages(), std::time::Instant::now());
    for _ in 0..100 {
        assert!(reqwest::get(chat.url("/readyz")).await.unwrap().status().is_success());
    }
    let (written, seconds) = (pages() - before, begun.elapsed().as_secs());
    // A few are of the start, and each probe would be one at least.
    assert!(written <= 20 + 2 * seconds, "{written} pages in {seconds} s");
    chat.end().await;
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_acknowledged_as_if_it_were() {
    let chat = World::new().await.over_http().await;
    // The disk is gone.
    chat.running.service.store.close().await;
    let (status, body) = chat.post("/slack/commands", &form(&chat.world.command(DENIED, "never"))).await;
    assert_eq!(status, StatusCode::OK, "Slack shows the person what is in the answer");
    assert!(body.contains("ephemeral") && body.contains("Ask again in a minute"), "{body}");
    let mention = chat.world.mention(DENIED, "1795014000.5", None).to_string();
    let (status, _) = chat.post("/slack/events", &mention).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "Slack sends an event again");
    let ready = reqwest::get(chat.url("/readyz")).await.unwrap();
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    let alive = reqwest::get(chat.url("/healthz")).await.unwrap();
    assert_eq!(alive.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_token_that_slack_refuses_is_told_in_readyz() {
    let world = World::new().await;
    world.slack.fails_always("auth.test", crate::world::slack::Fault::Refused("token_revoked"));
    let chat = world.over_http().await;
    chat.world.slack.until("the check", |slack| (slack.calls("auth.test") >= 1).then_some(())).await;
    let told = async {
        loop {
            let ready = reqwest::get(chat.url("/readyz")).await.unwrap();
            assert_eq!(ready.status(), StatusCode::OK, "others still get their answers");
            let told = ready.text().await.unwrap();
            if told.contains("the bot token was revoked") {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), told).await.expect("it is told");
    chat.end().await;
}

/// One app signs for every workspace that it is installed in. Who we are is known once Slack has said so.
#[tokio::test]
async fn what_is_meant_for_another_workspace_or_app_is_refused() {
    let chat = World::new().await.over_http().await;
    let with = |mut body: serde_json::Value, changes: &[(&str, serde_json::Value)]| {
        for (path, value) in changes {
            *body.pointer_mut(path).expect("it is there") = value.clone();
        }
        body
    };
    let interact = async |payload: &serde_json::Value| {
        chat.post("/slack/interactions", &form(&json!({ "payload": payload.to_string() }))).await.0
    };
    let foreign = with(chat.world.command("help", "never"), &[("/team_id", json!("T2"))]);
    // Slack may still be asked who we are.
    let learned = async {
        while chat.post("/slack/commands", &form(&foreign)).await.0 != StatusCode::FORBIDDEN {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), learned).await.expect("it is learned");
    let mut other_app = chat.world.command("help", "never");
    other_app["api_app_id"] = json!("A2");
    assert_eq!(chat.post("/slack/commands", &form(&other_app)).await.0, StatusCode::FORBIDDEN);

    let said = chat.world.mention("help", "1795014000.5", None);
    let of_app = with(said.clone(), &[("/api_app_id", json!("A2"))]);
    assert_eq!(chat.post("/slack/events", &of_app.to_string()).await.0, StatusCode::FORBIDDEN);
    let mut installed_elsewhere = said.clone();
    installed_elsewhere["authorizations"] = json!([{ "team_id": "T2", "enterprise_id": null }]);
    assert_eq!(chat.post("/slack/events", &installed_elsewhere.to_string()).await.0, StatusCode::FORBIDDEN);
    // In a shared channel the workspace beside it may be another one.
    let mut shared = with(said, &[("/team_id", json!("T2"))]);
    shared["authorizations"] = json!([{ "team_id": "T1", "enterprise_id": null }]);
    assert_eq!(chat.post("/slack/events", &shared.to_string()).await.0, StatusCode::OK);

    let ts = chat.world.slack.says("C1", "a message");
    let shortcut = chat.world.shortcut(&json!({ "ts": ts, "text": "no bot" }));
    let elsewhere = with(shortcut.clone(), &[("/team/id", json!("T2"))]);
    assert_eq!(interact(&elsewhere).await, StatusCode::FORBIDDEN);
    // An organisation installs the app for all of its workspaces, and names none.
    assert_eq!(interact(&with(shortcut, &[("/team", json!(null))])).await, StatusCode::OK);
    chat.settled().await;
    chat.running.stop().await;
}

/// Somebody of another workspace in a shared channel asks: that is for a setting to allow.
#[tokio::test]
async fn people_of_other_workspaces_may_ask_only_where_a_setting_says_so() {
    for (allowed, words) in [(false, "allowlist"), (true, "Hi! Our notetaker")] {
        let world = World::new().await;
        let more = if allowed { &[("SLACK_FOREIGN_USERS", "true")][..] } else { &[] };
        let running = why_no_recording::app::start(&world.settings(more)).await.unwrap();
        let chat = super::Talking { world, running };
        chat.ask(DENIED).await;
        let [_, details] = chat.posted(2).await.try_into().unwrap();
        chat.ready_says("slack identity", |state| state == "ok").await;
        let mut press = chat.world.press(&format!("wnr:host_message:{DENIED}"), &details);
        press["user"]["team_id"] = json!("T2");
        chat.interact(&press).await;
        // A mention tells it in another place.
        let mut mention = chat.world.mention("help", "1795014000.9", None);
        mention["event"]["team"] = json!("T2");
        chat.push(&mention).await;
        let told = chat.told("chat.postEphemeral").await;
        let refused = told.body["text"].as_str().unwrap().contains("allowlist");
        assert_eq!(refused, !allowed, "{:?}", told.body);

        let told = chat.told("press").await;
        let shown = format!("{}{}", super::shown(&told.body), told.body["text"].as_str().unwrap_or_default());
        assert!(shown.contains(words), "{allowed}: {shown}");
        chat.end().await;
    }
}
