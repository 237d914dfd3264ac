//! Observing endpoints: liveness, readiness and metrics.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Details, Endpoints, Shared};
use crate::clock;
use crate::store::Backlog;

/// `/healthz` and `/readyz`, and with the details `/metrics`.
pub(super) fn routes(details: Details) -> Router<Arc<Endpoints>> {
    let router = Router::new().route("/healthz", get(async || "ok\n"));
    match details {
        Details::Here => router.route("/readyz", get(readyz)).route("/metrics", get(metrics)),
        Details::Elsewhere => router.route("/readyz", get(yes_or_no)),
    }
}

/// Returns whether the service can work, and the report of each part.
async fn readiness(endpoints: &Endpoints) -> (bool, Value) {
    let store = endpoints.store_probe.state().await;
    let tasks = endpoints.health.tasks(clock::now());
    let stopping = endpoints.health.is_stopping();
    let ready = !stopping && store == "ok" && tasks.iter().all(|task| task.ready);
    (ready, json!({ "ready": ready, "stopping": stopping, "store": store, "tasks": tasks }))
}

fn answer(ready: bool, state: Value) -> Response {
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(state)).into_response()
}

async fn readyz(State(endpoints): Shared) -> Response {
    let (ready, state) = readiness(&endpoints).await;
    answer(ready, state)
}

/// Readiness without details, because they name workspaces and causes.
async fn yes_or_no(State(endpoints): Shared) -> Response {
    let (ready, _) = readiness(&endpoints).await;
    answer(ready, json!({ "ready": ready }))
}

async fn metrics(State(endpoints): Shared) -> Response {
    let now = clock::now();
    let (ready, _) = readiness(&endpoints).await;
    metrics::gauge!("wnr_ready").set(if ready { 1.0 } else { 0.0 });
    let gauge = |queue: &'static str, backlog: Backlog| {
        let age = backlog.oldest.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "a metric is a float, and no queue is that long")]
        let (waiting, dead) = (backlog.waiting as f64, backlog.dead as f64);
        metrics::gauge!("wnr_queue_depth", "queue" => queue).set(waiting);
        metrics::gauge!("wnr_dead_letters", "queue" => queue).set(dead);
        metrics::gauge!("wnr_queue_oldest_seconds", "queue" => queue).set(age);
    };
    // A failing database shows in `/readyz`; the counters are still exported.
    if let Ok(backlog) = endpoints.store.inbox_backlog().await {
        gauge("inbox", backlog);
    }
    if let Ok(backlog) = endpoints.store.outbox_backlog().await {
        gauge("outbox", backlog);
    }
    if let Ok(backlog) = endpoints.store.watch_backlog(now).await {
        gauge("bots", backlog);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], endpoints.metrics.render()).into_response()
}
