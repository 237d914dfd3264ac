//! Who may not: requests without a token, with a wrong one, too long, or from a web page.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use why_no_recording::app;

use super::{Served, TOKEN, TOKENS};
use crate::slack::World;

const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

#[tokio::test]
async fn a_request_without_a_token_that_holds_is_refused_and_counted() {
    let served = Served::start().await;
    let basic = format!("Basic {TOKEN}");
    let longer = format!("Bearer {TOKEN}x");
    let both = format!("Bearer {TOKENS}");
    for (authorization, challenge) in [
        (None, "Bearer realm=\"why-no-recording\""),
        (Some("Bearer "), "error=\"invalid_token\""),
        (Some("Bearer wrong-token-not-real"), "error=\"invalid_token\""),
        (Some(basic.as_str()), "error=\"invalid_token\""),
        (Some(longer.as_str()), "error=\"invalid_token\""),
        (Some(both.as_str()), "error=\"invalid_token\""),
        (Some(TOKEN), "error=\"invalid_token\""),
    ] {
        let mut request = served.request(Method::POST).body(PING);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{authorization:?}");
        let found = answer.headers()["www-authenticate"].to_str().unwrap();
        assert!(found.starts_with("Bearer ") && found.contains(challenge), "{authorization:?}: {found}");
        assert!(answer.text().await.unwrap().contains("mcp.tokens"));
    }
    assert_eq!(served.audit().await, Vec::<String>::new());
    let metrics = reqwest::get(format!("http://{}/metrics", served.running.address)).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let counted =
        metrics.lines().find_map(|line| line.strip_prefix("wnr_requests_refused_total{reason=\"token\"} "));
    assert!(counted.unwrap().parse::<u32>().unwrap() >= 7, "{counted:?}");
    served.end().await;
}

#[tokio::test]
async fn the_scheme_is_written_in_any_case() {
    let served = Served::start().await;
    let request = served.request(Method::POST).header("authorization", format!("bearer {TOKEN}"));
    assert_eq!(request.body(PING).send().await.unwrap().status(), StatusCode::OK);
    served.end().await;
}

#[tokio::test]
async fn without_tokens_it_is_off_and_says_so() {
    let world = World::new().await;
    let running = app::start(&world.settings(&[])).await.unwrap();
    let url = format!("http://{}/mcp", running.address);
    let answer = reqwest::Client::new().post(url).bearer_auth(TOKEN).body(PING).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert!(answer.text().await.unwrap().contains("Set mcp.tokens."));
    running.stop().await;
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let served = Served::start().await;
    for method in [Method::GET, Method::DELETE, Method::PUT] {
        let answer = served.request(method.clone()).bearer_auth(TOKEN).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.headers()["allow"], "POST");
    }
    served.end().await;
}

#[tokio::test]
async fn a_body_is_bounded_and_read_only_behind_a_token() {
    let served = Served::start().await;
    let long =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": { "x": "x".repeat(128 * 1024) } });
    let request = served.request(Method::POST).bearer_auth(TOKEN).body(long.to_string());
    assert_eq!(request.send().await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);

    // Without a token the answer comes before the body, which never does.
    let mut connection = TcpStream::connect(served.running.address).await.unwrap();
    let begun = Instant::now();
    connection.write_all(b"POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{").await.unwrap();
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    served.end().await;
}

#[tokio::test]
async fn what_is_no_message_is_refused_by_the_protocol() {
    let served = Served::start().await;
    for (body, accept, kind, expect) in [
        ("{", "application/json, text/event-stream", "application/json", 400..=499),
        ("[]", "application/json, text/event-stream", "application/json", 400..=499),
        (PING, "text/html", "application/json", 406..=406),
        (PING, "application/json, text/event-stream", "text/plain", 415..=415),
    ] {
        let url = format!("http://{}/mcp", served.running.address);
        let request = reqwest::Client::new().post(url).bearer_auth(TOKEN);
        let answer =
            request.header("accept", accept).header("content-type", kind).body(body).send().await.unwrap();
        assert!(expect.contains(&answer.status().as_u16()), "{body}: {}", answer.status());
    }
    served.end().await;
}

#[tokio::test]
async fn a_web_page_of_another_origin_is_refused_even_with_a_token() {
    let world = World::new().await;
    let served = Served::start_with(world, &[("HTTP_PUBLIC_URL", "https://wnr.example.com/base")]).await;
    for (origin, expect) in [
        ("http://evil.example", StatusCode::FORBIDDEN),
        ("https://wnr.example.com:8443", StatusCode::FORBIDDEN),
        ("http://wnr.example.com", StatusCode::FORBIDDEN),
        ("null", StatusCode::FORBIDDEN),
        ("https://wnr.example.com", StatusCode::OK),
        ("http://localhost:6274", StatusCode::OK),
        ("http://127.0.0.1:6274", StatusCode::OK),
    ] {
        let request = served.request(Method::POST).bearer_auth(TOKEN).header("origin", origin).body(PING);
        assert_eq!(request.send().await.unwrap().status(), expect, "{origin}");
    }
    // Behind a proxy the host may be any.
    let request = served.request(Method::POST).bearer_auth(TOKEN).header("host", "wnr.internal").body(PING);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    served.end().await;
}
