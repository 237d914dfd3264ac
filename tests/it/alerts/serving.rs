//! The whole service: webhooks over HTTP, alerts in a Slack on this machine, buttons below them.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use why_no_recording::app::{self, Running};
use why_no_recording::clock;
use why_no_recording::recall::webhook::WebhookKey;

use super::{SECRET, bot, key, signed, status};
use crate::discord;
use crate::slack::surviving::Program;
use crate::slack::{Talking, World};
use crate::world::discord::{CHANNEL, FakeDiscord};
use crate::world::slack::FakeSlack;

/// The settings of a service that hears and tells.
pub const HEARING: [(&str, &str); 2] = [("RECALL_WEBHOOK_SECRET", SECRET), ("ALERTS_SLACK_CHANNEL", "C9")];

pub fn post(address: &str, id: &str, body: &Value) -> RequestBuilder {
    let (body, now) = (body.to_string(), clock::now());
    let headers = signed(&key(), id, body.as_bytes(), now);
    reqwest::Client::new().post(format!("http://{address}/webhooks/recall")).headers(headers).body(body)
}

async fn start(world: &World) -> (Running, String) {
    world.slack.join("C9");
    let running = app::start(&world.settings(&HEARING)).await.unwrap();
    let address = running.address.to_string();
    (running, address)
}

pub fn denied(number: usize) -> Value {
    status(&bot(number), clock::now(), "recording_permission_denied", "zoom_local_recording_disabled")
}

#[tokio::test]
async fn a_webhook_becomes_an_alert_with_its_details_and_a_button_that_works() {
    let world = World::new().await;
    let now = clock::now();
    world.recall.add_bot(json!({
        "id": bot(1), "bot_name": "Acme Notetaker", "meeting_url": { "platform": "zoom" },
        "meeting_participants": [{ "id": 1, "is_host": false }],
    }));
    let (running, address) = start(&world).await;
    for (ago, code, sub_code) in
        [(600, "in_call_not_recording", ""), (5, "call_ended", "call_ended_by_host"), (2, "done", "")]
    {
        let body = status(&bot(1), now - SignedDuration::from_secs(ago), code, sub_code);
        let answer = post(&address, code, &body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    }
    let head = |slack: &FakeSlack, words: &str| {
        let posted = slack.posted("C9");
        let says = posted.first()?.body["text"].as_str()?.contains(words);
        (posted.len() >= 2 && says).then_some(posted)
    };
    let posted = world.slack.until("the alert", |slack| head(slack, "Zoom saw no host")).await;
    assert_eq!(posted[1].thread_ts.as_ref(), Some(&posted[0].ts));
    assert!(posted[0].body["text"].as_str().unwrap().contains(&bot(1)));

    let press = world.press(&format!("wnr:host_was_there:{}", bot(1)), &posted[1]);
    let talking = Talking { world, running };
    talking.interact(&press).await;
    talking.world.slack.until("the answer", |slack| head(slack, "different Zoom account")).await;
    talking.running.stop().await;
}

async fn answer(request: RequestBuilder) -> (u16, HeaderMap, String) {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, answer.text().await.unwrap())
}

#[tokio::test]
async fn what_is_not_recalls_is_refused_with_a_reason() {
    let world = World::new().await;
    let (running, address) = start(&world).await;
    let http = reqwest::Client::new();
    let url = format!("http://{address}/webhooks/recall");
    let body = denied(1);

    let (status, _, words) = answer(http.post(&url).body(body.to_string())).await;
    assert_eq!(status, 401);
    assert!(words.contains("recall.webhook_secret"), "{words}");
    let forged = post(&address, "a", &body).header("webhook-signature", "v1,bm9wZQ==");
    // Added to the one that holds, so it is among several; alone it does not hold.
    assert_eq!(answer(forged).await.0, 204);
    let old = signed(&key(), "b", body.to_string().as_bytes(), Timestamp::UNIX_EPOCH);
    assert_eq!(answer(http.post(&url).headers(old).body(body.to_string())).await.0, 401);
    let long = post(&address, "c", &json!({ "event": "bot.log", "data": "x".repeat(1024 * 1024) }));
    assert_eq!(answer(long).await.0, 413);
    assert_eq!(answer(http.get(&url)).await.0, 405);
    let own = http.post(format!("{url}/default")).headers(signed(&key(), "e", b"{}", clock::now()));
    assert_eq!(answer(own.body("{}")).await.0, 204);
    running.stop().await;
}

#[tokio::test]
async fn the_names_of_workspaces_cannot_be_found_out() {
    let world = World::new().await;
    let (running, address) = start(&world).await;
    let other =
        WebhookKey::of(&"whsec_YW5vdGhlci1zZWNyZXQtdGhhdC1pcy1ub3QtcmVhbA".to_owned().into()).unwrap();
    let now = clock::now();
    let send = async |workspace: &str, headers: HeaderMap| {
        let url = format!("http://{address}/webhooks/recall/{workspace}");
        let (status, mut headers, words) =
            answer(reqwest::Client::new().post(url).headers(headers).body("{}")).await;
        headers.remove("date");
        (status, headers, words)
    };
    for (how, headers) in [
        ("unsigned", HeaderMap::new()),
        ("forged", signed(&other, "a", b"{}", now)),
        ("stale", signed(&key(), "b", b"{}", now - SignedDuration::from_hours(1))),
    ] {
        let known = send("default", headers.clone()).await;
        assert_eq!(known.0, 401, "{how}");
        assert_eq!(send("nobody", headers).await, known, "{how}");
    }
    // Whoever has a secret learns nothing about other names either.
    let signed_well = signed(&key(), "c", b"{}", now);
    assert_eq!(
        send("nobody", signed_well.clone()).await,
        send("default", signed(&other, "c", b"{}", now)).await
    );
    assert_eq!(send("default", signed_well).await.0, 204);
    running.stop().await;
}

#[tokio::test]
async fn without_a_secret_the_endpoint_is_off_unless_it_is_said_to_be_open() {
    let world = World::new().await;
    let running = app::start(&world.settings(&[])).await.unwrap();
    let closed = post(&running.address.to_string(), "a", &denied(1));
    assert_eq!(answer(closed).await.0, 404);
    running.stop().await;
    let open = [("RECALL_INSECURE_WEBHOOKS", "true"), ("ALERTS_SLACK_CHANNEL", "C1")];
    let running = app::start(&world.settings(&open)).await.unwrap();
    let url = format!("http://{}/webhooks/recall", running.address);
    let unsigned = reqwest::Client::new().post(url).body(denied(1).to_string());
    assert_eq!(answer(unsigned).await.0, 204);
    world.slack.until("the alert", |slack| (slack.posted("C1").len() == 2).then_some(())).await;
    running.stop().await;
}

#[tokio::test]
async fn a_database_that_takes_nothing_makes_recall_send_it_again() {
    let world = World::new().await;
    let (running, address) = start(&world).await;
    running.service.store.close().await;
    let (status, headers, _) = answer(post(&address, "a", &denied(1))).await;
    assert_eq!(status, 503);
    assert_eq!(headers.get("retry-after"), Some(&HeaderValue::from_static("5")));
    running.stop().await;
}

#[tokio::test]
async fn a_burst_is_taken_while_the_service_says_that_it_lives() {
    let world = World::new().await;
    let (running, address) = start(&world).await;
    let http = reqwest::Client::new();
    let burst = (0..500).map(async |number: usize| {
        let body = status(&bot(number), clock::now(), "fatal", "zoom_internal_error");
        answer(post(&address, &format!("m{number}"), &body)).await.0
    });
    let alive = (0..20).map(async |_| answer(http.get(format!("http://{address}/healthz"))).await.0);
    let (burst, alive) =
        tokio::join!(futures_util::future::join_all(burst), futures_util::future::join_all(alive));
    assert!(burst.iter().all(|status| *status == 204), "{burst:?}");
    assert!(alive.iter().all(|status| *status == 200));
    world
        .slack
        .until("all to be counted", |slack| {
            let posted = slack.posted("C9");
            let mut heads = posted.iter().filter(|posted| posted.thread_ts.is_none());
            heads.any(|head| head.body["text"].as_str().unwrap().contains("500 bots")).then_some(())
        })
        .await;
    running.stop().await;
}

#[tokio::test]
async fn killed_between_the_commit_and_the_alert() {
    let world = World::new().await;
    world.slack.join("C9");
    world.slack.grant("channels:history");
    let program = Program::start_with(&world, &HEARING);
    for number in 1..=3 {
        let sent = post(&program.address, &format!("m{number}"), &denied(number)).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::NO_CONTENT);
    }
    program.kill();
    let program = Program::start_with(&world, &HEARING);
    world.slack.until("all alerts", |slack| (slack.posted("C9").len() >= 6).then_some(())).await;
    program.kill();
    let _program = Program::start_with(&world, &HEARING);
    let heads = world.slack.posted("C9").into_iter().filter(|posted| posted.thread_ts.is_none());
    assert_eq!(heads.count(), 3);
}

#[tokio::test]
async fn discord_is_told_as_slack_is() {
    let told = [("RECALL_WEBHOOK_SECRET", SECRET), ("ALERTS_DISCORD_CHANNEL", CHANNEL)];
    let talking = discord::Talking::over_http_with(&told).await;
    let address = talking.running.address.to_string();
    post(&address, "a", &denied(1)).send().await.unwrap();
    let (head, details) = talking.answered().await;
    assert!(head.body["content"].as_str().unwrap().starts_with("🟡 **Act now, leaves <t:"), "{head:?}");
    assert!(details.body["embeds"][0]["title"].as_str().is_some());

    let recording = status(&bot(1), clock::now(), "in_call_recording", "");
    post(&address, "b", &recording).send().await.unwrap();
    let resolved = |discord: &FakeDiscord| {
        let head = discord.posted(CHANNEL).into_iter().next()?;
        head.body["content"].as_str()?.starts_with("🟢 **Resolved:** ").then_some(head)
    };
    let head = talking.discord.until("the end of it", resolved).await;
    let line = |discord: &FakeDiscord| (discord.posted(&head.id).len() == 2).then_some(());
    talking.discord.until("a line in the thread", line).await;
    assert_eq!(talking.discord.posted(CHANNEL).len(), 1);
    assert_eq!(talking.discord.violations(), Vec::<String>::new());
    talking.running.stop().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_disk_that_was_full_is_used_again_as_soon_as_there_is_room() {
    let world = World::new().await;
    world.slack.join("C9");
    // The tables and their steps alone take some 500.
    let program = Program::start_on_a_small_disk(&world, 700, &HEARING);
    let mut sent = 0;
    let refused = loop {
        let body = status(&bot(sent), clock::now(), "joining_call", "");
        let (status, ..) = answer(post(&program.address, &format!("m{sent}"), &body)).await;
        if status != 204 {
            break status;
        }
        sent += 1;
    };
    assert_eq!(refused, 503, "after {sent}");
    let alive = reqwest::get(format!("http://{}/healthz", program.address)).await.unwrap();
    assert!(alive.status().is_success());
    // Room for a whole webhook there is none; each look takes of what little there is, though once a second only.
    // A task that failed for the same reason may be told of before.
    let limit = Instant::now() + Duration::from_secs(60);
    let said = loop {
        let ready = reqwest::get(format!("http://{}/readyz", program.address)).await.unwrap();
        let (status, told) = (ready.status().as_u16(), ready.json::<serde_json::Value>().await.unwrap());
        let said = told["store"].as_str().unwrap().to_owned();
        if said != "ok" {
            assert_eq!(status, 503, "{told}");
            break said;
        }
        assert!(Instant::now() < limit, "{told}");
    };
    assert!(said.starts_with("not writable: the database refused a statement: "), "{said}");
    assert!(said.contains("disk I/O error") || said.contains("disk is full"), "{said}");
    program.gets_room();
    assert_eq!(
        answer(post(&program.address, "again", &denied(9_999))).await.0,
        204,
        "it can be stored again"
    );
    world.slack.until("the alert", |slack| (slack.posted("C9").len() == 2).then_some(())).await;
}
