//! Agents, as raw JSON-RPC: over HTTP to a whole service, and over standard input and output to the program.

mod calls;
mod guarded;
mod marked;
mod prompts;
mod protocol;
mod recurring;
mod stdio;

use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use why_no_recording::app::{self, Running};

use crate::slack::World;

/// Tokens for these tests alone.
pub const TOKEN: &str = "example-token-not-real";
const OTHER: &str = "example-token-of-another";
/// What `MCP_TOKENS` is here.
const TOKENS: &str = "triage:example-token-not-real,oncall:example-token-of-another";

/// The revision that most clients speak, and the one without sessions.
const HANDSHAKE: &str = "2025-11-25";
const STATELESS: &str = "2026-07-28";

/// A service that agents reach.
pub struct Served {
    pub world: World,
    pub running: Running,
    number: AtomicUsize,
}

impl Served {
    async fn start() -> Self {
        Self::start_with(World::new().await, &[]).await
    }

    async fn start_with(world: World, more: &[(&'static str, &str)]) -> Self {
        let mut variables = vec![("MCP_TOKENS", TOKENS)];
        variables.extend_from_slice(more);
        let running = app::start(&world.settings(&variables)).await.unwrap();
        Self { world, running, number: AtomicUsize::new(0) }
    }

    /// A request to the endpoint, as a client sends it, without a token.
    fn request(&self, method: Method) -> RequestBuilder {
        let client = reqwest::Client::new().request(method, format!("http://{}/mcp", self.running.address));
        client
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
    }

    /// Sends a message in a revision with the token of somebody.
    async fn send(&self, revision: &str, token: &str, message: &Value) -> (StatusCode, HeaderMap, Value) {
        let mut request =
            self.request(Method::POST).bearer_auth(token).header("mcp-protocol-version", revision);
        if revision == STATELESS {
            request = request.header("mcp-method", message["method"].as_str().unwrap());
            let about = &message["params"];
            if let Some(name) = about["name"].as_str().or(about["uri"].as_str()) {
                request = request.header("mcp-name", name);
            }
        }
        let answer = request.body(message.to_string()).send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        (status, headers, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// A method of the protocol with its parameters, whole.
    async fn ask(&self, revision: &str, method: &str, mut params: Value) -> Value {
        if revision == STATELESS {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": STATELESS,
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        let message = self.message(method, &params);
        self.send(revision, TOKEN, &message).await.2
    }

    fn message(&self, method: &str, params: &Value) -> Value {
        let id = self.number.fetch_add(1, Ordering::Relaxed);
        json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
    }

    /// The result of a tool.
    async fn call(&self, tool: &str, arguments: Value) -> Value {
        let answer = self.ask(HANDSHAKE, "tools/call", json!({ "name": tool, "arguments": arguments })).await;
        assert_eq!(answer["error"], Value::Null, "{answer}");
        answer["result"].clone()
    }

    /// How much is in each table but the audit, and the names of bots in it.
    async fn stored(&self) -> Vec<String> {
        let sql = "SELECT a || ': ' || b FROM (
                     SELECT 'inbox' AS a, COUNT(*) AS b FROM inbox UNION ALL SELECT 'outbox', COUNT(*) FROM outbox
                     UNION ALL SELECT 'alerts', COUNT(*) FROM alerts UNION ALL SELECT 'bots', COUNT(*) FROM bots
                     UNION ALL SELECT 'events', COUNT(*) FROM events
                     UNION ALL SELECT 'webhooks', COUNT(*) FROM webhooks
                     UNION ALL SELECT 'host_answers', COUNT(*) FROM host_answers
                     UNION ALL SELECT 'channels', COUNT(*) FROM channels
                     UNION ALL SELECT 'alert_groups', COUNT(*) FROM alert_groups) AS t";
        self.world.database.texts(sql).await
    }

    async fn audit(&self) -> Vec<String> {
        let sql = "SELECT chat || ' ' || user_id || ' ' || action || ' ' || channel FROM audit ORDER BY at, delivery_id";
        self.world.database.texts(sql).await
    }

    async fn end(self) {
        self.running.stop().await;
    }
}

/// The text of a result.
fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}
