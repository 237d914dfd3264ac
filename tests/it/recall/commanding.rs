//! The stand-in itself: it refuses what Recall.ai refuses, and its meetings keep time.

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::{ID, bot};
use crate::world::recall::{FakeRecall, Host, KEY, Place};

const KEYS: [&str; 3] = [
    "00000000-0000-5000-8000-000000000001",
    "00000000-0000-5000-8000-000000000002",
    "00000000-0000-5000-8000-000000000003",
];

fn post(recall: &FakeRecall, command: &str, key: &str) -> RequestBuilder {
    let url = format!("{}/api/v1/bot/{ID}/{command}/", recall.base_url);
    Client::new().post(url).header("authorization", format!("Token {KEY}")).header("idempotency-key", key)
}

fn chat(recall: &FakeRecall, key: &str, body: &Value) -> RequestBuilder {
    post(recall, "send_chat_message", key).json(body)
}

fn request(recall: &FakeRecall, command: &str, key: &str) -> RequestBuilder {
    post(recall, command, key).header("content-length", "0")
}

/// The status, and the code or the wrong field.
async fn told(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap_or_default();
    let code = body["code"].as_str().map(str::to_owned);
    let field = || body.as_object().and_then(|fields| fields.keys().next()).cloned();
    (status, if status == 200 { String::new() } else { code.or_else(field).unwrap_or_default() })
}

async fn in_call() -> FakeRecall {
    let recall = FakeRecall::start().await;
    recall.join_meeting(bot(), Place::InCall);
    recall
}

#[tokio::test]
async fn requests_that_recall_refuses_reach_nobody() {
    let recall = in_call().await;
    let hello = || json!({ "to": "host", "message": "hello" });
    let plain = |key| chat(&recall, key, &hello());
    for (request, expect) in [
        (plain("1"), (400, "no_key")),
        (chat(&recall, KEYS[0], &json!({ "to": "host" })), (400, "message")),
        (chat(&recall, KEYS[1], &json!({ "message": "hello" })), (400, "to")),
        (chat(&recall, KEYS[2], &json!([hello()])), (400, "parse_error")),
        (chat(&recall, "00000000-0000-5000-8000-000000000004", &json!({})), (400, "to")),
        (chat(&recall, "00000000-0000-5000-8000-000000000005", &json!({ "text": "hello" })), (400, "text")),
        (
            post(&recall, "send_chat_message", "00000000-0000-5000-8000-000000000006")
                .body(hello().to_string()),
            (415, "unsupported_media_type"),
        ),
        (
            post(&recall, "request_recording_permission", "00000000-0000-5000-8000-000000000007")
                .json(&json!({})),
            (400, "parse_error"),
        ),
        (post(&recall, "start_recording", "00000000-0000-5000-8000-000000000008"), (411, "")),
        (request(&recall, "leave_the_call", "00000000-0000-5000-8000-000000000009"), (404, "not_found")),
    ] {
        let (status, code) = expect;
        assert_eq!(told(request).await, (status, code.to_owned()));
    }
    let stranger = format!("{}/api/v1/bot/{ID}/start_recording/", recall.base_url);
    assert_eq!(Client::new().post(stranger).send().await.unwrap().status(), 401);
    assert_eq!((recall.messages_to_host(ID).len(), recall.pop_ups(ID), recall.starts(ID)), (0, 0, 0));
}

#[tokio::test]
async fn a_key_is_kept_for_an_hour_and_belongs_to_one_request() {
    let recall = in_call().await;
    let hello = json!({ "to": "host", "message": "hello" });
    for _ in 0..2 {
        assert_eq!(told(chat(&recall, KEYS[0], &hello)).await.0, 200);
    }
    let other = json!({ "to": "host", "message": "hello again" });
    let reused = (400, "idempotency_key_reused".to_owned());
    assert_eq!(told(chat(&recall, KEYS[0], &other)).await, reused);
    assert_eq!(told(request(&recall, "start_recording", KEYS[0])).await, reused);
    recall.advance(3_599);
    assert_eq!(told(chat(&recall, KEYS[0], &hello)).await.0, 200);
    assert_eq!(recall.messages_to_host(ID), ["hello"]);
    recall.advance(1);
    assert_eq!(told(chat(&recall, KEYS[0], &hello)).await.0, 200);
    assert_eq!(recall.messages_to_host(ID), ["hello", "hello"]);
}

/// The codes of the bot's history since it joined, each with its second.
fn history(recall: &FakeRecall) -> Vec<(i64, String)> {
    let changes = recall.bot(ID)["status_changes"].as_array().unwrap().clone();
    let second = |change: &Value| change["created_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let begun = second(&changes[2]);
    let told = |change: &Value| {
        let code = change["sub_code"].as_str().or(change["code"].as_str()).unwrap().to_owned();
        (second(change).duration_since(begun).as_secs(), code)
    };
    changes[3..].iter().map(told).collect()
}

/// A bot in the call, whose host declines at once: what the host does with the next request, which comes after so
/// many seconds, and what happens in five minutes.
async fn story(
    timeout: Option<i64>,
    ask_after: i64,
    host: Option<(Host, i64)>,
) -> (FakeRecall, Vec<(i64, String)>) {
    let recall = FakeRecall::start().await;
    let mut bot = bot();
    bot["automatic_leave"]["recording_permission_denied_timeout"] = json!(timeout);
    recall.join_meeting(bot, Place::InCall);
    recall.host_declined(ID);
    recall.advance(ask_after);
    if let Some((host, secs)) = host {
        recall.host_will(ID, host, secs);
        assert_eq!(told(request(&recall, "request_recording_permission", KEYS[0])).await.0, 200);
    }
    recall.advance(300);
    let history = history(&recall);
    (recall, history)
}

#[tokio::test]
async fn meetings_keep_time() {
    let denied = "zoom_local_recording_request_denied_by_host";
    let denied_for_good = "zoom_local_recording_request_disabled_by_host";
    let allowed = "recording_permission_allowed";
    let timeout = "timeout_exceeded_recording_permission_denied";
    for (setting, ask_after, host, expect) in [
        (None, 0, None, vec![(0, denied), (30, timeout), (30, "done")]),
        (Some(120), 0, None, vec![(0, denied), (120, timeout), (120, "done")]),
        (None, 10, Some((Host::Allows, 5)), vec![(0, denied), (15, allowed), (16, "in_call_recording")]),
        // The bot leaves before the host has made up their mind.
        (None, 10, Some((Host::Allows, 20)), vec![(0, denied), (30, timeout), (30, "done")]),
        (None, 10, Some((Host::Denies, 5)), vec![(0, denied), (15, denied), (30, timeout), (30, "done")]),
        (
            Some(300),
            0,
            Some((Host::Ignores, 0)),
            vec![(0, denied), (60, denied), (300, timeout), (300, "done")],
        ),
        (
            None,
            1,
            Some((Host::DeniesAll, 1)),
            vec![(0, denied), (2, denied_for_good), (30, timeout), (30, "done")],
        ),
    ] {
        let (recall, history) = story(setting, ask_after, host).await;
        let expect: Vec<(i64, String)> = expect.iter().map(|(at, code)| (*at, (*code).to_owned())).collect();
        assert_eq!(history, expect, "{setting:?} {host:?}");
        assert_eq!(recall.pop_ups(ID), usize::from(host.is_some()));
    }
}

#[tokio::test]
async fn a_host_who_switched_requests_off_sees_none_and_a_second_start_overwrites() {
    let recall = in_call().await;
    recall.host_will(ID, Host::DeniesAll, 1);
    for key in &KEYS[..2] {
        assert_eq!(told(request(&recall, "request_recording_permission", key)).await.0, 200);
        recall.advance(2);
    }
    assert_eq!(recall.pop_ups(ID), 1);
    let recall = in_call().await;
    for (key, overwritten) in KEYS.iter().zip([0, 1, 2]) {
        assert_eq!(told(request(&recall, "start_recording", key)).await.0, 200);
        assert_eq!(recall.overwritten(ID), overwritten);
    }
    assert_eq!(recall.starts(ID), 3);
}
