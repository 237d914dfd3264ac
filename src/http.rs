//! What is listened to: the platforms, and whoever looks after the service.

mod probe;

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};

use crate::chat::InteractionSink;
use crate::chat::discord::http::{DiscordRequest, DiscordRequests, alone as discord_alone};
use crate::chat::slack::http::{Endpoint, SlackRequest, SlackRequests};
use crate::clock;
use crate::health::Health;
use crate::report::notices;
use crate::service::Service;
use crate::store::{Backlog, Store};
use crate::watch::{Watch, WebhookRejection};
use probe::StoreProbe;

/// The longest request of a platform that we read, in bytes. Slack's own are far shorter.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What the endpoints need.
pub struct Endpoints {
    /// Where questions go.
    pub sink: Arc<dyn InteractionSink>,
    /// Where webhooks go.
    pub watch: Arc<Watch>,
    /// Verifies Slack's requests, where Slack reaches us over HTTP.
    pub slack: Option<SlackRequests>,
    /// Verifies Discord's interactions, where they come over HTTP.
    pub discord: Option<DiscordRequests>,
    /// What is kept.
    pub store: Store,
    /// Whether it can be written to.
    pub store_probe: StoreProbe,
    /// Whether the tasks live.
    pub health: Health,
    /// What is counted.
    pub metrics: PrometheusHandle,
}

impl Endpoints {
    /// Those of a service that no platform reaches over HTTP: webhooks, and how the service is.
    #[must_use]
    pub fn of(service: &Service, health: Health, metrics: PrometheusHandle) -> Self {
        Self {
            sink: service.inbox.clone(),
            watch: service.watch.clone(),
            slack: None,
            discord: None,
            store: service.store.clone(),
            store_probe: StoreProbe::new(service.store.clone()),
            health,
            metrics,
        }
    }
}

type Shared = State<Arc<Endpoints>>;

/// All endpoints, `/metrics` among them unless it is listened for elsewhere.
pub fn router(endpoints: Arc<Endpoints>, with_metrics: bool) -> Router {
    let mut router = Router::new()
        .route("/slack/commands", post(slack_commands))
        .route("/slack/interactions", post(slack_interactions))
        .route("/slack/events", post(slack_events))
        .route("/discord/interactions", post(discord))
        .route("/webhooks/recall", post(recall))
        .route("/webhooks/recall/{workspace}", post(recall_workspace))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz));
    if with_metrics {
        router = router.route("/metrics", get(metrics));
    }
    router.layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).with_state(endpoints)
}

/// `/metrics` alone.
pub fn metrics_router(endpoints: Arc<Endpoints>) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(endpoints)
}

async fn slack_commands(State(endpoints): Shared, headers: HeaderMap, body: Bytes) -> Response {
    match slack(&endpoints, Endpoint::Commands, &headers, &body).await {
        Ok(answer) => answer,
        // Slack does not send a command again, so the person is told to.
        Err(Refusal::NotStored) => {
            Json(json!({ "response_type": "ephemeral", "text": notices::NOT_STORED })).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn slack_interactions(State(endpoints): Shared, headers: HeaderMap, body: Bytes) -> Response {
    slack(&endpoints, Endpoint::Interactions, &headers, &body)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn slack_events(State(endpoints): Shared, headers: HeaderMap, body: Bytes) -> Response {
    slack(&endpoints, Endpoint::Events, &headers, &body).await.unwrap_or_else(IntoResponse::into_response)
}

/// Why a request is not taken.
enum Refusal {
    Off,
    NotVerified,
    NotStored,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (reason, status, words) = match self {
            Self::Off => ("off", StatusCode::NOT_FOUND, "This platform is not reached over HTTP here.\n"),
            Self::NotVerified => {
                ("signature", StatusCode::UNAUTHORIZED, "The signature or its time does not hold.\n")
            }
            Self::NotStored => {
                ("store", StatusCode::SERVICE_UNAVAILABLE, "It cannot be stored now; send it again.\n")
            }
        };
        metrics::counter!("wnr_requests_refused_total", "reason" => reason).increment(1);
        (status, [(header::RETRY_AFTER, "5")], words).into_response()
    }
}

async fn slack(
    endpoints: &Endpoints,
    endpoint: Endpoint,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Refusal> {
    let begun = Instant::now();
    let requests = endpoints.slack.as_ref().ok_or(Refusal::Off)?;
    let (signature, timestamp) =
        (text(headers, "x-slack-signature"), text(headers, "x-slack-request-timestamp"));
    let verified = requests.read(endpoint, signature, timestamp, body, clock::now());
    let answer = match verified.map_err(|_| Refusal::NotVerified)? {
        SlackRequest::Interaction(interaction) => {
            endpoints.sink.receive(*interaction).await.map_err(|_| Refusal::NotStored)?;
            StatusCode::OK.into_response()
        }
        SlackRequest::Challenge(challenge) => challenge.into_response(),
        SlackRequest::Nothing => StatusCode::OK.into_response(),
    };
    metrics::histogram!("wnr_acknowledge_seconds", "chat" => "slack").record(begun.elapsed());
    Ok(answer)
}

async fn discord(State(endpoints): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let begun = Instant::now();
    let Some(requests) = &endpoints.discord else { return Refusal::Off.into_response() };
    let (signature, timestamp) =
        (text(&headers, "x-signature-ed25519"), text(&headers, "x-signature-timestamp"));
    let answer = match requests.read(signature, timestamp, &body, clock::now()) {
        Err(_) => return Refusal::NotVerified.into_response(),
        Ok(DiscordRequest::Answer(answer)) => answer,
        Ok(DiscordRequest::Interaction(interaction, acknowledgement)) => {
            match endpoints.sink.receive(*interaction).await {
                Ok(()) => acknowledgement,
                Err(_) => discord_alone(notices::NOT_STORED),
            }
        }
    };
    metrics::histogram!("wnr_acknowledge_seconds", "chat" => "discord").record(begun.elapsed());
    Json(answer).into_response()
}

async fn recall(State(endpoints): Shared, headers: HeaderMap, body: Bytes) -> Response {
    webhook(&endpoints, None, &headers, &body).await
}

async fn recall_workspace(
    State(endpoints): Shared,
    Path(workspace): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    webhook(&endpoints, Some(&workspace), &headers, &body).await
}

/// Never 410: it would make the sender switch the endpoint off.
async fn webhook(
    endpoints: &Endpoints,
    workspace: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let begun = Instant::now();
    let received = endpoints.watch.receive(workspace, headers, body, clock::now()).await;
    metrics::histogram!("wnr_acknowledge_seconds", "chat" => "recall").record(begun.elapsed());
    let refused = match received {
        Ok(_) => return StatusCode::NO_CONTENT.into_response(),
        Err(refused) => refused,
    };
    let (reason, status, words) = match refused {
        WebhookRejection::Off => (
            "off",
            StatusCode::NOT_FOUND,
            "Webhooks are off here: no secret is configured. Set recall.webhook_secret.".to_owned(),
        ),
        WebhookRejection::NotVerified(why) => (why.reason(), StatusCode::UNAUTHORIZED, why.to_string()),
        WebhookRejection::NotStored => {
            metrics::counter!("wnr_webhooks_refused_total", "reason" => "store").increment(1);
            return Refusal::NotStored.into_response();
        }
    };
    metrics::counter!("wnr_requests_refused_total", "reason" => reason).increment(1);
    metrics::counter!("wnr_webhooks_refused_total", "reason" => reason).increment(1);
    (status, format!("{words}\n")).into_response()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether the service can do its work, and in words what each part says.
async fn readiness(endpoints: &Endpoints) -> (bool, Value) {
    let store = endpoints.store_probe.state().await;
    let tasks = endpoints.health.tasks(clock::now());
    let ready = store == "ok" && tasks.iter().all(|task| task.ready);
    (ready, json!({ "ready": ready, "store": store, "tasks": tasks }))
}

async fn readyz(State(endpoints): Shared) -> Response {
    let (ready, state) = readiness(&endpoints).await;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(state)).into_response()
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
    // A database that does not answer has its own signal, `/readyz`; the counters are still told.
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
