//! A minimal Recall.ai with the sample bots, the bots of webhooks, and one key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::answers::Bot;
use super::bots::SAMPLES;
use crate::simulate::Webhook;

/// The only key that it accepts. It is valid for this demo alone.
pub(super) const KEY: &str = "demo-key";

/// The Recall.ai of the demo.
#[derive(Clone)]
pub(super) struct Recall {
    pub(super) base_url: String,
    bots: Arc<Mutex<HashMap<String, Bot>>>,
    /// Notified when the host of a meeting is asked for permission again.
    asked: Arc<Notify>,
}

impl Recall {
    /// Serves the sample bots on a free port of the loopback address, for as long as the process runs.
    pub(super) async fn start(now: Timestamp) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let bots = SAMPLES.iter().map(|sample| (sample.id.to_owned(), Bot::of_sample(sample, now)));
        let recall = Self { base_url, bots: Arc::new(Mutex::new(bots.collect())), asked: Arc::default() };
        let router = Router::new()
            .route("/api/v1/bot/{id}/", get(retrieve))
            .route("/api/v1/bot/{id}/send_chat_message/", post(act))
            .route("/api/v1/bot/{id}/request_recording_permission/", post(ask_host))
            .route("/download/{id}/participants", get(download))
            .route("/dashboard/explorer/bot/{id}", get(dashboard))
            .with_state(recall.clone());
        tokio::spawn(async move {
            // The task ends with the process. If it ended early, each question would be answered by "could
            // not be reached".
            let _ = axum::serve(listener, router).await;
        });
        Ok(recall)
    }

    /// Adds what a webhook is about to report, so that a lookup of the bot succeeds.
    pub(super) fn learn(&self, webhook: &Webhook) {
        let mut bots = self.lock();
        bots.entry(webhook.bot.clone()).or_insert_with(|| Bot::of_story(&webhook.bot)).learn(webhook);
    }

    /// Waits until the host of a meeting is asked for permission again.
    pub(super) async fn host_asked(&self) {
        self.asked.notified().await;
    }

    fn answer(&self, id: &str) -> Option<Value> {
        self.lock().get(id).map(|bot| bot.answer(&self.base_url))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Bot>> {
        // At worst, a panic while the lock was held left one bot without its last change.
        self.bots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves the page that links in answers lead to: the bot's data, without a dashboard around it.
async fn dashboard(State(recall): State<Recall>, Path(id): Path<String>) -> String {
    let bot = recall.answer(&id).and_then(|bot| serde_json::to_string_pretty(&bot).ok());
    let bot = bot.unwrap_or_else(|| "No bot with this id.".to_owned());
    format!("The demo has no dashboard. This is what its Recall.ai says of the bot:\n\n{bot}\n")
}

async fn retrieve(State(recall): State<Recall>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let expected = format!("Token {KEY}");
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value.as_bytes() != expected.as_bytes()) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "code": "authentication_failed" }))).into_response();
    }
    match recall.answer(&id) {
        Some(bot) => Json(bot).into_response(),
        None => (StatusCode::NOT_FOUND, Json(json!({ "detail": "Not found." }))).into_response(),
    }
}

/// Takes an action in a meeting: a message to the host, which nobody reads here.
async fn act(recall: State<Recall>, id: Path<String>, headers: HeaderMap, _: Bytes) -> Response {
    retrieve(recall, id, headers).await
}

/// Takes a request for permission. What the host does with it is the demo's story.
async fn ask_host(State(recall): State<Recall>, id: Path<String>, headers: HeaderMap) -> Response {
    let was_declined = recall.lock().get(&id.0).is_some_and(Bot::was_declined);
    let asked = recall.asked.clone();
    let response = retrieve(State(recall), id, headers).await;
    if response.status().is_success() && was_declined {
        asked.notify_one();
    }
    response
}

/// Serves a download. Its link is signed, so it needs no key.
async fn download(State(recall): State<Recall>, Path(id): Path<String>) -> Response {
    let people = recall.lock().get(&id).and_then(Bot::participants);
    people.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |people| Json(people).into_response())
}
