//! What reaches the endpoint, and what is refused; and the commands that are offered.

use reqwest::StatusCode;
use serde_json::json;

use super::{Talking, key};
use crate::slack::DENIED;
use crate::world::discord::{unlike_the_description, violations};
use ed25519_dalek::Signer;
use why_no_recording::clock;

#[tokio::test]
async fn only_what_discord_signed_a_moment_ago_is_taken() {
    let chat = Talking::over_http().await;
    let body = chat.command(DENIED).to_string();
    let sign = |timestamp: &str, body: &str| {
        hex::encode(key().sign(format!("{timestamp}{body}").as_bytes()).to_bytes())
    };
    let at = |seconds: i64| (clock::now().as_second() + seconds).to_string();
    let (now, old, future) = (at(0), at(-302), at(302));
    for (how, timestamp, signature) in [
        ("without a signature", now.clone(), String::new()),
        ("with nonsense", now.clone(), "ff".repeat(64)),
        ("signed for something else", now.clone(), sign(&now, "{}")),
        ("signed for another time", now.clone(), sign(&old, &body)),
        ("too old", old.clone(), sign(&old, &body)),
        ("from the future", future.clone(), sign(&future, &body)),
        ("with a time that is none", "soon".to_owned(), sign("soon", &body)),
    ] {
        let (status, _) = chat.post_signed(&body, &timestamp, &signature).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{how}");
    }
    assert_eq!(chat.running.service.store.inbox_backlog().await.unwrap().waiting, 0);
    chat.end().await;
}

#[tokio::test]
async fn a_ping_is_answered_and_what_is_none_of_ours_gets_a_word() {
    let chat = Talking::over_http().await;
    let ping = json!({ "type": 1, "id": "1", "application_id": "1", "token": "t", "version": 1 });
    assert_eq!(chat.post(&ping.to_string()).await, (StatusCode::OK, r#"{"data":null,"type":1}"#.to_owned()));
    for odd in
        [json!({ "type": 99 }), chat.interaction(3, &json!({ "custom_id": "other", "component_type": 2 }))]
    {
        let (status, answer) = chat.post(&odd.to_string()).await;
        assert_eq!(status, StatusCode::OK);
        assert!(answer.contains("\"flags\":64") && answer.contains("Ask again"), "{answer}");
    }
    chat.end().await;
}

#[test]
fn a_request_that_discord_does_not_take_is_found_out() {
    for (path, body) in [
        ("/channels/1/messages", json!({ "content": 7 })),
        ("/channels/1/messages/2/threads", json!({})),
        ("/applications/1/commands", json!([{ "type": 1 }])),
        (
            "/webhooks/1/t",
            json!({ "components": [{ "type": 1, "components": [{ "type": 2, "style": 99 }] }] }),
        ),
    ] {
        assert!(!unlike_the_description(path, &body).is_empty(), "{path} {body}");
    }
}

#[test]
fn a_change_that_takes_attachments_away_is_found_out() {
    let body = json!({ "content": "x", "allowed_mentions": { "parse": [] }, "attachments": [] });
    assert_eq!(violations("/channels/1/messages", &body), Vec::<String>::new());
    for path in ["/channels/1/messages/2", "/webhooks/1/t/messages/@original"] {
        assert_eq!(violations(path, &body), [format!("{path}: attachments are taken away")]);
    }
}

#[tokio::test]
async fn the_commands_are_registered_at_the_start() {
    let chat = Talking::over_http().await;
    let registered = chat.discord.until("the commands", |discord| discord.commands("commands")).await;
    let names: Vec<&str> =
        registered.as_array().unwrap().iter().map(|command| command["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["why-no-recording", "Why no recording?"]);
    for command in registered.as_array().unwrap() {
        assert!(command["name"].as_str().unwrap().len() <= 32);
        assert!(command["default_member_permissions"].is_string() && command["contexts"].is_array());
        for option in command["options"].as_array().into_iter().flatten() {
            assert!((1..=100).contains(&option["description"].as_str().unwrap().len()), "{option}");
        }
    }
    chat.end().await;
}
