//! What a collector hears of a question, and what it does not hear.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
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
    let sent = Sent::default();
    let kept = sent.clone();
    let keep = async move |headers: HeaderMap, body: Bytes| kept.lock().unwrap().push((headers, body));
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

#[tokio::test]
async fn a_collector_that_is_not_there_holds_up_nobody() {
    let world = World::new().await;
    let program = Program::start_with(&world, &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")]);
    program.ask(&world, DENIED).await;
    world.slack.until("the answer", |slack| (slack.posted("C1").len() == 2).then_some(())).await;
    program.kill();
}
