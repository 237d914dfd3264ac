//! One workspace, and everything that can go wrong with it.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use why_no_recording::recall::{ClientConfig, FetchError, Fetcher};
use why_no_recording::retry::Retry;

use super::{access, bot, fetcher, hasty, id, limits, now};
use crate::world::recall::{FakeRecall, Fault, KEY};

/// Every request goes wrong like this: what is said, and how many requests it took to say it.
async fn check_with(limits: ClientConfig, fault: Fault, advice: &str, requests: usize) -> FetchError {
    let recall = FakeRecall::start().await;
    recall.add_bot(bot());
    recall.fail_always(fault.clone());
    let error = fetcher(&recall, limits).case_file(id(), now()).await.unwrap_err();
    assert!(error.advice().contains(advice), "{fault:?}: {}", error.advice());
    assert_eq!(recall.seen().len(), requests, "{fault:?}: {error}");
    tells_no_secrets(&error, &recall.base_url);
    error
}

async fn check(fault: Fault, advice: &str, requests: usize) -> FetchError {
    check_with(limits(), fault, advice, requests).await
}

fn tells_no_secrets(error: &FetchError, base_url: &str) {
    let mut told = format!("{error} {error:?} {}", error.advice());
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        told.push_str(&inner.to_string());
        source = inner.source();
    }
    for secret in [KEY, "secret-of-the-answer", base_url] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test]
async fn a_bot_is_asked_for_once_with_the_key_and_without_a_body() {
    let recall = FakeRecall::start().await;
    recall.add_bot(bot());
    let case = fetcher(&recall, limits()).case_file(id(), now()).await.unwrap();
    assert_eq!(case.bot_id, Some(id()));
    assert_eq!(case.now, now());
    assert_eq!(case.dashboard_url, Some(format!("{}/dashboard/explorer/bot/{}", recall.base_url, id())));
    let seen = recall.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].path, format!("/api/v1/bot/{}/", id()));
    assert_eq!(seen[0].authorization, Some(format!("Token {KEY}")));
    assert_eq!(seen[0].body_bytes, 0);
}

#[tokio::test]
async fn refusals_are_told_in_words_and_not_repeated() {
    check(Fault::Status(401), "Check recall.api_key and recall.region", 1).await;
    check(Fault::Status(402), "Add credit", 1).await;
    check(Fault::WebPage(403), "A firewall in front of Recall.ai", 1).await;
    check(Fault::Status(403), "has no permission to read this bot", 1).await;
    check(Fault::Status(404), "No bot with this ID in workspace acme.", 1).await;
    check(Fault::WebPage(404), "recall.base_url, which ends before /api/v1", 1).await;
    check(Fault::Status(400), "doesn't respond like Recall.ai (status 400)", 1).await;
    check(Fault::Status(500), "returned an error (status 500", 1).await;
    check(Fault::Redirect("http://127.0.0.1:9/".to_owned()), "(status 307)", 1).await;
}

#[tokio::test]
async fn answers_that_are_no_bots_are_told_in_words() {
    let unreadable = "I couldn't read Recall.ai's response";
    check(Fault::Text(String::new()), unreadable, 1).await;
    check(Fault::Text(r#"{"id": "5215cf1e"#.to_owned()), unreadable, 1).await;
    check(Fault::Text("[]".to_owned()), unreadable, 1).await;
    check(Fault::Text("[".repeat(100_000)), unreadable, 1).await;
    check(Fault::WebPage(200), unreadable, 1).await;
    check(Fault::Text(" ".repeat(8 * 1024 * 1024 + 1)), "over 8 MiB", 1).await;
}

#[tokio::test]
async fn overload_is_tried_again_and_then_told() {
    for status in [502, 503, 504] {
        check(Fault::Status(status), "returned an error", 3).await;
    }
    check(Fault::Status(429), "Ask again in a minute", 3).await;
}

#[tokio::test]
async fn overload_that_passes_is_not_noticed() {
    let recall = FakeRecall::start().await;
    recall.add_bot(bot());
    recall.fail_next([Fault::Status(503), Fault::RetryAfter(429, "0")]);
    fetcher(&recall, limits()).case_file(id(), now()).await.unwrap();
    assert_eq!(recall.seen().len(), 3);
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_told_instead() {
    let error = check(Fault::RetryAfter(429, "120"), "Ask again in 120 seconds", 1).await;
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(120)));
}

#[tokio::test]
async fn a_silent_server_is_not_waited_for() {
    let error = check_with(hasty(), Fault::Silence, "didn't respond in time", 1).await;
    assert_eq!(error.retry(), Retry::Now);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let fetcher = Fetcher::new(vec![access("acme", &base_url)], Vec::new(), limits()).unwrap();
    let error = fetcher.case_file(id(), now()).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
    tells_no_secrets(&error, &base_url);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_tried_again_and_then_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        for _ in 0..3 {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = connection.read(&mut request).await.unwrap();
            connection
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"id\": \"52")
                .await
                .unwrap();
        }
    });
    let fetcher = Fetcher::new(vec![access("acme", &base_url)], Vec::new(), limits()).unwrap();
    let error = fetcher.case_file(id(), now()).await.unwrap_err();
    assert!(matches!(error, FetchError::BrokenOff { .. }), "{error}");
    tells_no_secrets(&error, &base_url);
    server.await.unwrap();
}

#[tokio::test]
async fn our_own_limit_is_kept_before_recall_has_to_refuse() {
    let recall = FakeRecall::start().await;
    recall.add_bot(bot());
    let limits =
        ClientConfig { retrieve_per_minute: NonZeroU32::MIN, answers_kept_for: Duration::ZERO, ..limits() };
    let fetcher = fetcher(&recall, limits);
    fetcher.case_file(id(), now()).await.unwrap();
    let error = fetcher.case_file(id(), now()).await.unwrap_err();
    assert!(matches!(error, FetchError::RateLimited { after: Some(_), .. }), "{error}");
    assert_eq!(recall.seen().len(), 1);
}

#[tokio::test]
async fn keys_are_not_printed() {
    let recall = FakeRecall::start().await;
    let fetcher = fetcher(&recall, limits());
    assert!(!format!("{fetcher:?} {:?}", access("acme", &recall.base_url)).contains(KEY));
}

#[test]
fn settings_that_cannot_work_are_told_before_anything_is_asked() {
    let check = |base_url: &str, expect: &str| {
        let error = Fetcher::new(vec![access("acme", base_url)], Vec::new(), limits()).unwrap_err();
        assert!(error.to_string().contains(expect), "{error}");
    };
    check("us-east-1.recall.ai", "recall.base_url is not a URL");
    check("ftp://us-east-1.recall.ai", "recall.base_url is not a URL");
}
