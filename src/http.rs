//! HTTP endpoints, for platforms and operators.

mod body;
#[cfg(feature = "mcp")]
mod mcp;
mod observing;
mod pages;
mod probe;
pub mod signatures;

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use crate::chat::InteractionSink;
use crate::chat::discord::http::{DiscordRequest, DiscordRequests, alone as discord_alone};
use crate::chat::slack::http::{Endpoint, SlackRequest, SlackRequests};
use crate::clock;
use crate::health::Health;
#[cfg(feature = "mcp")]
use crate::mcp::http::McpEndpoint;
use crate::pages::Pages;
use crate::recall::webhook::NotVerified;
use crate::report::notices;
use crate::service::Service;
use crate::store::Store;
use crate::watch::{Watch, WebhookRejection};
use body::Whole;
use probe::StoreProbe;
use signatures::{Sender, Signatures};

/// Longest webhook of Recall.ai that is read, in bytes.
const WEBHOOK_BYTES_MAX: usize = 1024 * 1024;
/// Longest request of Slack or Discord that is read, in bytes. Theirs have a few thousand; the longest carry a message.
const CHAT_BYTES_MAX: usize = 128 * 1024;

/// State shared by the endpoints.
pub struct Endpoints {
    /// Receives questions.
    pub sink: Arc<dyn InteractionSink>,
    /// Receives webhooks.
    pub watch: Arc<Watch>,
    /// Verifies Slack requests; `None` if Slack uses Socket Mode only.
    pub slack: Option<SlackRequests>,
    /// Verifies Discord interactions; `None` if Discord uses the gateway.
    pub discord: Option<DiscordRequests>,
    /// Answers agents; `None` if no token is set.
    #[cfg(feature = "mcp")]
    pub mcp: Option<McpEndpoint>,
    /// The store.
    pub store: Store,
    /// Checks whether the store can be written to.
    pub store_probe: StoreProbe,
    /// Whose signatures hold.
    pub signatures: Arc<Signatures>,
    /// Health of the tasks.
    pub health: Health,
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
    /// The pages for hosts.
    pub pages: &'static Pages,
    /// Where people reach this service, for previews of its pages.
    pub public_url: Option<String>,
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
            #[cfg(feature = "mcp")]
            mcp: None,
            store: service.store.clone(),
            store_probe: StoreProbe::new(service.store.clone()),
            signatures: Arc::default(),
            health,
            metrics,
            pages: service.watch.answerer().pages,
            public_url: service.watch.answerer().public_url.clone(),
        }
    }

    /// Records whether a signature was valid. A request without one says nothing about the secret.
    fn note(&self, sender: Sender, holds: bool, is_signed: bool, now: Timestamp) {
        match (holds, is_signed) {
            (true, _) => self.signatures.accepted(sender, now),
            (false, true) => self.signatures.refused(sender, now),
            (false, false) => {}
        }
    }
}

type Shared = State<Arc<Endpoints>>;

/// Where metrics and the details of `/readyz` are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Details {
    /// Here, beside everything else.
    Here,
    /// On a separate listener; this one's `/readyz` returns yes or no.
    Elsewhere,
}

/// All endpoints.
pub fn router(endpoints: Arc<Endpoints>, details: Details) -> Router {
    let platforms = Router::new()
        .route("/slack/commands", post(slack_commands))
        .route("/slack/interactions", post(slack_interactions))
        .route("/slack/events", post(slack_events))
        .route("/discord/interactions", post(discord))
        .route("/webhooks/recall", post(recall))
        .route("/webhooks/recall/{workspace}", post(recall_workspace));
    #[cfg(feature = "mcp")]
    let platforms = platforms.route("/mcp", post(mcp::mcp));
    platforms.merge(pages::routes()).merge(observing::routes(details)).with_state(endpoints)
}

/// The router of the observing endpoints only, with all details.
pub fn observing_router(endpoints: Arc<Endpoints>) -> Router {
    observing::routes(Details::Here).with_state(endpoints)
}

type ChatBody = Whole<CHAT_BYTES_MAX>;
type WebhookBody = Whole<WEBHOOK_BYTES_MAX>;

async fn slack_commands(State(endpoints): Shared, headers: HeaderMap, Whole(body): ChatBody) -> Response {
    match slack(&endpoints, Endpoint::Commands, &headers, &body).await {
        Ok(answer) => answer,
        // Slack doesn't resend a command, so the requester gets a message to ask again.
        Err(Refusal::NotStored) => {
            Json(json!({ "response_type": "ephemeral", "text": notices::NOT_STORED })).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn slack_interactions(State(endpoints): Shared, headers: HeaderMap, Whole(body): ChatBody) -> Response {
    slack(&endpoints, Endpoint::Interactions, &headers, &body)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn slack_events(State(endpoints): Shared, headers: HeaderMap, Whole(body): ChatBody) -> Response {
    slack(&endpoints, Endpoint::Events, &headers, &body).await.unwrap_or_else(IntoResponse::into_response)
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refusal {
    Off,
    #[cfg(feature = "mcp")]
    NoTokens,
    #[cfg(feature = "mcp")]
    TokenMissing,
    #[cfg(feature = "mcp")]
    TokenUnknown,
    NotVerified,
    Foreign,
    NotStored,
    TooLong,
    NotWhole,
    Crowded,
}

impl Refusal {
    /// What a client has to send instead, as RFC 6750 says it.
    const fn challenge(self) -> Option<&'static str> {
        match self {
            #[cfg(feature = "mcp")]
            Self::TokenMissing => Some("Bearer realm=\"why-no-recording\""),
            #[cfg(feature = "mcp")]
            Self::TokenUnknown => Some("Bearer realm=\"why-no-recording\", error=\"invalid_token\""),
            _ => None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (reason, status, words) = match self {
            Self::Off => ("off", StatusCode::NOT_FOUND, "This platform is not reached over HTTP here.\n"),
            #[cfg(feature = "mcp")]
            Self::NoTokens => {
                ("off", StatusCode::NOT_FOUND, "MCP is off here: no token is configured. Set mcp.tokens.\n")
            }
            #[cfg(feature = "mcp")]
            Self::TokenMissing => (
                "token",
                StatusCode::UNAUTHORIZED,
                "Send a token of mcp.tokens: `Authorization: Bearer …`.\n",
            ),
            #[cfg(feature = "mcp")]
            Self::TokenUnknown => ("token", StatusCode::UNAUTHORIZED, "This token is none of mcp.tokens.\n"),
            Self::NotVerified => {
                ("signature", StatusCode::UNAUTHORIZED, "The signature or its time does not hold.\n")
            }
            Self::Foreign => {
                ("foreign", StatusCode::FORBIDDEN, "This is meant for another workspace or another app.\n")
            }
            Self::NotStored => {
                ("store", StatusCode::SERVICE_UNAVAILABLE, "It cannot be stored now; send it again.\n")
            }
            Self::TooLong => {
                ("length", StatusCode::PAYLOAD_TOO_LARGE, "The body is longer than any that belongs here.\n")
            }
            Self::NotWhole => ("slow", StatusCode::REQUEST_TIMEOUT, "The body did not come in whole.\n"),
            Self::Crowded => (
                "crowded",
                StatusCode::SERVICE_UNAVAILABLE,
                "Too much arrives at the same time; send it again.\n",
            ),
        };
        metrics::counter!("wnr_requests_refused_total", "reason" => reason).increment(1);
        let mut response = (status, [(header::RETRY_AFTER, "5")], words).into_response();
        if let Some(challenge) = self.challenge() {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
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
    let now = clock::now();
    let verified = requests.read(endpoint, signature, timestamp, body, now);
    endpoints.note(Sender::Slack, verified.is_ok(), !signature.is_empty(), now);
    let answer = match verified.map_err(|_| Refusal::NotVerified)? {
        SlackRequest::Interaction(interaction) => {
            endpoints.sink.receive(*interaction).await.map_err(|_| Refusal::NotStored)?;
            StatusCode::OK.into_response()
        }
        SlackRequest::Response(response) => Json(response).into_response(),
        SlackRequest::NotForUs => return Err(Refusal::Foreign),
        SlackRequest::Challenge(challenge) => challenge.into_response(),
        SlackRequest::Nothing => StatusCode::OK.into_response(),
    };
    metrics::histogram!("wnr_acknowledge_seconds", "chat" => "slack").record(begun.elapsed());
    Ok(answer)
}

async fn discord(State(endpoints): Shared, headers: HeaderMap, Whole(body): ChatBody) -> Response {
    let begun = Instant::now();
    let Some(requests) = &endpoints.discord else { return Refusal::Off.into_response() };
    let (signature, timestamp) =
        (text(&headers, "x-signature-ed25519"), text(&headers, "x-signature-timestamp"));
    let now = clock::now();
    let verified = requests.read(signature, timestamp, &body, now);
    endpoints.note(Sender::Discord, verified.is_ok(), !signature.is_empty(), now);
    let answer = match verified {
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

async fn recall(State(endpoints): Shared, headers: HeaderMap, Whole(body): WebhookBody) -> Response {
    webhook(&endpoints, None, &headers, &body).await
}

async fn recall_workspace(
    State(endpoints): Shared,
    Path(workspace): Path<String>,
    headers: HeaderMap,
    Whole(body): WebhookBody,
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
    let now = clock::now();
    let received = endpoints.watch.receive(workspace, headers, body, now).await;
    let signature = match &received {
        Ok(_) | Err(WebhookRejection::NotStored) => Some(true),
        Err(WebhookRejection::NotVerified(why)) if *why != NotVerified::Unsigned => Some(false),
        Err(_) => None,
    };
    // Unknown workspace names aren't recorded, or guesses would fill the table.
    let workspace = workspace.filter(|name| endpoints.watch.is_watched(name));
    let sender = Sender::Recall(workspace.map(ToOwned::to_owned));
    endpoints.note(sender, signature == Some(true), signature.is_some(), now);
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
