//! What a collector hears of a question, and what it does not hear.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;

use crate::slack::surviving::Program;
use crate::slack::{DENIED, World};
use crate::world::recall::KEY;
use crate::world::slack::BOT_TOKEN;

/// What was sent: for each request its headers and its body.
type Sent = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A collector, and where it listens.
async fn collector() -> (String, Sent) {
    collector_that_fails(0).await
}

/// The same, which refuses so many requests before it takes any.
async fn collector_that_fails(times: usize) -> (String, Sent) {
    let sent = Sent::default();
    let kept = sent.clone();
    let keep = async move |headers: HeaderMap, body: Bytes| {
        let mut kept = kept.lock().unwrap();
        kept.push((headers, body));
        if kept.len() > times { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
    };
    let router = Router::new().route("/v1/traces", post(keep));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, sent)
}

fn attribute(span: &Span, name: &str) -> String {
    let found = span.attributes.iter().find(|attribute| attribute.key == name);
    match found.and_then(|attribute| attribute.value.as_ref()?.value.clone()) {
        Some(Value::StringValue(text)) => text,
        other => panic!("{name} of {} is {other:?}", span.name),
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_question_is_one_trace_from_the_answer_to_its_messages() {
    let (world, (endpoint, sent)) = (World::new().await, collector().await);
    let more = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-team=recordings"),
        ("OTEL_SERVICE_NAME", "wnr-test"),
    ];
    let program = Program::start_with(&world, &more);
    program.ask(&world, DENIED).await;
    world.slack.until("the answer", |slack| (slack.posted("C1").len() == 2).then_some(())).await;
    // What is left is sent when it stops.
    program.stop().await;

    let sent = sent.lock().unwrap();
    let mut spans = Vec::new();
    for (headers, body) in sent.iter() {
        assert_eq!(headers["x-team"], "recordings");
        for secret in [KEY, BOT_TOKEN, "Acme", "response_url"] {
            assert!(!String::from_utf8_lossy(body).contains(secret), "{secret} is in a trace");
        }
        let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
        for resource in request.resource_spans {
            let told = format!("{:?}", resource.resource);
            assert!(told.contains("wnr-test"), "{told}");
            spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    }
    let named = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    let [answer] = named("answer")[..] else { panic!("{spans:#?}") };
    assert_eq!(attribute(answer, "action"), format!("ask {DENIED}"));
    // The lists of bots are asked for as well, and nobody's question led to that.
    let asked = named("call Recall.ai").into_iter().find(|span| span.parent_span_id == answer.span_id);
    assert!(asked.is_some(), "{spans:#?}");
    let delivered = named("deliver");
    assert_eq!(delivered.len(), 2, "the verdict, and the details");
    for span in &delivered {
        assert_eq!(attribute(span, "chat"), "slack");
        assert_eq!(span.parent_span_id, answer.span_id, "though the outbox stands between");
    }
    let traces: HashSet<_> = delivered.iter().chain(&asked).map(|span| &span.trace_id).collect();
    assert_eq!(traces, HashSet::from([&answer.trace_id]));
}

/// Nobody listens there, or somebody does and says nothing.
#[cfg(unix)]
#[tokio::test]
async fn a_collector_that_is_away_holds_up_nobody_and_is_told_of_once() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let away = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let [silent_at, away_at] = [&silent, &away].map(|listener| listener.local_addr().unwrap());
    drop(away);
    // Of one that says nothing it shows only after a while.
    for (address, times) in [(away_at, 1..=1), (silent_at, 0..=1)] {
        let world = World::new().await;
        let endpoint = format!("http://{address}");
        // A batch every few milliseconds, so that many attempts fail.
        let more = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "5")];
        let program = Program::start_with(&world, &more);
        for many in 1..=3 {
            program.send(&world.command(DENIED, &format!("q{many}"))).await;
            world
                .slack
                .until("the answer", |slack| (slack.posted("C1").len() == 2 * many).then_some(()))
                .await;
        }
        let begun = std::time::Instant::now();
        let log = program.stop().await;
        // Two seconds were spent on it before.
        assert!(begun.elapsed() < Duration::from_millis(1_900), "{:?}", begun.elapsed());
        let told = log.iter().filter(|line| line.contains("Traces not exported")).count();
        assert!(times.contains(&told), "{log:#?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_collector_that_comes_back_is_told_of() {
    let (world, (endpoint, sent)) = (World::new().await, collector_that_fails(2).await);
    let more = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "5")];
    let program = Program::start_with(&world, &more);
    let mut asked = 0;
    while sent.lock().unwrap().len() < 3 {
        asked += 1;
        program.send(&world.command(DENIED, &format!("q{asked}"))).await;
        world.slack.until("the answer", |slack| (slack.posted("C1").len() == 2 * asked).then_some(())).await;
    }
    let log = program.stop().await;
    let told = ["Traces not exported", "Traces exported again"]
        .map(|words| log.iter().filter(|line| line.contains(words)).count());
    assert_eq!(told, [1, 1], "{log:#?}");
}
