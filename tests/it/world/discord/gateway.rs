//! Discord's gateway: hello, identify or resume, heartbeats, events.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use super::Serving;

#[derive(Default)]
pub(super) struct Gateway {
    connection: Mutex<Option<mpsc::UnboundedSender<Message>>>,
    seen: Mutex<Vec<String>>,
    sequence: AtomicU64,
    changed: Notify,
}

impl Gateway {
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    pub(super) fn count(&self, what: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|seen| *seen == what).count()
    }

    pub(super) async fn dispatch(&self, name: &str, data: &Value) {
        let connected = async {
            loop {
                let changed = self.changed.notified();
                if self.connection.lock().unwrap().as_ref().is_some_and(|connection| !connection.is_closed())
                {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), connected).await.expect("somebody connects");
        self.event(name, data);
    }

    fn event(&self, name: &str, data: &Value) {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed) + 1;
        self.says(&json!({ "op": 0, "s": sequence, "t": name, "d": data }));
    }

    pub(super) fn says(&self, what: &Value) {
        let connection = self.connection.lock().unwrap();
        connection.as_ref().unwrap().send(Message::Text(what.to_string().into())).unwrap();
    }

    fn note(&self, what: &str) {
        self.seen.lock().unwrap().push(what.to_owned());
        self.changed.notify_waiters();
    }
}

pub(super) async fn connect(State(serving): State<Serving>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| hold(socket, serving))
}

async fn hold(mut socket: WebSocket, serving: Serving) {
    let gateway = &serving.gateway;
    let hello = json!({ "op": 10, "d": { "heartbeat_interval": 30_000 } });
    socket.send(Message::Text(hello.to_string().into())).await.unwrap();
    let (out, mut to_send) = mpsc::unbounded_channel();
    loop {
        tokio::select! {
            Some(message) = to_send.recv() => if socket.send(message).await.is_err() { return },
            received = socket.recv() => {
                let Some(Ok(Message::Text(text))) = received else { return };
                let said: Value = serde_json::from_str(&text).unwrap();
                match said["op"].as_u64() {
                    Some(1) => drop(out.send(Message::Text(json!({ "op": 11 }).to_string().into()))),
                    Some(2) => {
                        assert_eq!(said["d"]["intents"], 0, "no intents are needed");
                        *gateway.connection.lock().unwrap() = Some(out.clone());
                        gateway.event("READY", &ready(&serving.origin));
                        gateway.note("IDENTIFY");
                    }
                    Some(6) => {
                        *gateway.connection.lock().unwrap() = Some(out.clone());
                        gateway.event("RESUMED", &json!({}));
                        gateway.note("RESUME");
                    }
                    _ => {}
                }
            }
        }
    }
}

fn ready(origin: &str) -> Value {
    json!({
        "v": 10, "guilds": [], "session_id": "session", "resume_gateway_url": origin,
        "application": { "id": super::APPLICATION, "flags": 0 }, "shard": [0, 1],
        "user": { "id": "100000000000000002", "username": "wnr", "discriminator": "0001", "avatar": null, "bot": true },
    })
}
