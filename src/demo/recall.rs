//! A Recall.ai in miniature: it knows a fixed set of bots and one key.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::answers::{participants, sample_bots};

/// The only key that it accepts. It opens nothing but this demo.
pub(super) const KEY: &str = "demo-key";

type Bots = Arc<HashMap<String, Value>>;

/// Serves the sample bots on a free port of the loopback address for as long as the process runs;
/// answers with the address.
pub(super) async fn start(now: Timestamp) -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let bots = sample_bots(&base_url, now);
    let by_id = bots.into_iter().filter_map(|bot| Some((bot["id"].as_str()?.to_owned(), bot))).collect();
    let router = Router::new()
        .route("/api/v1/bot/{id}/", get(retrieve))
        .route("/download/{id}/participants", get(download))
        .route("/dashboard/explorer/bot/{id}", get(dashboard))
        .with_state(Arc::new(by_id));
    tokio::spawn(async move {
        // Ends with the process; without it, each question is answered by "could not be reached".
        let _ = axum::serve(listener, router).await;
    });
    Ok(base_url)
}

/// Where the links of the answers lead: what there is to see of a bot, without a dashboard around it.
async fn dashboard(State(bots): State<Bots>, Path(id): Path<String>) -> String {
    let bot = bots.get(&id).and_then(|bot| serde_json::to_string_pretty(bot).ok());
    let bot = bot.unwrap_or_else(|| "No bot with this id.".to_owned());
    format!("The demo has no dashboard. This is what its Recall.ai says of the bot:\n\n{bot}\n")
}

async fn retrieve(State(bots): State<Bots>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let expected = format!("Token {KEY}");
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value.as_bytes() != expected.as_bytes()) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "code": "authentication_failed" }))).into_response();
    }
    match bots.get(&id) {
        Some(bot) => Json(bot.clone()).into_response(),
        None => (StatusCode::NOT_FOUND, Json(json!({ "detail": "Not found." }))).into_response(),
    }
}

/// Downloads are signed by their link, and take no key.
async fn download(Path(id): Path<String>) -> Response {
    participants(&id)
        .map_or_else(|| StatusCode::NOT_FOUND.into_response(), |people| Json(people).into_response())
}
