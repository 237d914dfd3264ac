//! Socket Mode: connections that the app opens, and envelopes that it acknowledges.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use super::Serving;

/// An open connection, seen from Slack.
#[derive(Clone)]
pub struct Connection {
    out: mpsc::UnboundedSender<Message>,
    acknowledged: Arc<Mutex<HashSet<String>>>,
    answered: Arc<Notify>,
    broken: Arc<Notify>,
    silenced: Arc<Notify>,
}

#[derive(Default)]
pub(super) struct Sockets {
    open: Mutex<Vec<Connection>>,
    changed: Notify,
}

impl Sockets {
    pub(super) async fn open(&self, many: usize) -> Vec<Connection> {
        let waiting = async {
            loop {
                let changed = self.changed.notified();
                let open: Vec<Connection> = {
                    let mut open = self.open.lock().unwrap();
                    open.retain(|connection| !connection.out.is_closed());
                    open.clone()
                };
                if open.len() >= many {
                    return open;
                }
                changed.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("connections are opened")
    }
}

impl Connection {
    /// Sends an envelope, and ends when it is acknowledged.
    pub async fn deliver(&self, kind: &str, id: &str, payload: &Value) {
        self.send(kind, id, payload);
        let waiting = async {
            loop {
                let answered = self.answered.notified();
                if self.acknowledged.lock().unwrap().contains(id) {
                    return;
                }
                answered.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("an acknowledgement");
    }

    /// Sends an envelope.
    pub fn send(&self, kind: &str, id: &str, payload: &Value) {
        let envelope = json!({
            "type": kind, "envelope_id": id, "payload": payload, "accepts_response_payload": kind == "slash_commands",
        });
        self.out.send(Message::Text(envelope.to_string().into())).unwrap();
    }

    /// Asks the app to come back on another connection, as Slack does every few hours.
    pub fn ask_to_refresh(&self) {
        let disconnect = json!({ "type": "disconnect", "reason": "refresh_requested" });
        self.out.send(Message::Text(disconnect.to_string().into())).unwrap();
        self.out.send(Message::Close(None)).unwrap();
    }
}

impl Connection {
    /// Somebody switches Socket Mode off in the app's settings.
    pub fn disable_link(&self) {
        let disconnect = json!({ "type": "disconnect", "reason": "link_disabled" });
        self.out.send(Message::Text(disconnect.to_string().into())).unwrap();
    }

    /// The connection stays open, and nothing comes through it any more in either direction.
    pub fn fall_silent(&self) {
        self.silenced.notify_one();
    }

    /// The connection breaks without a word.
    pub fn break_off(&self) {
        self.broken.notify_one();
    }
}

pub(super) async fn connect(State(serving): State<Serving>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| hold(socket, serving))
}

async fn hold(mut socket: WebSocket, serving: Serving) {
    let hello = json!({
        "type": "hello", "num_connections": 1, "connection_info": { "app_id": "A1" },
        "debug_info": { "host": "local", "approximate_connection_time": 3600 },
    });
    socket.send(Message::Text(hello.to_string().into())).await.unwrap();
    let (out, mut to_send) = mpsc::unbounded_channel();
    let connection = Connection {
        out,
        acknowledged: Arc::default(),
        answered: Arc::default(),
        broken: Arc::default(),
        silenced: Arc::default(),
    };
    serving.sockets.open.lock().unwrap().push(connection.clone());
    serving.sockets.changed.notify_waiters();
    loop {
        tokio::select! {
            () = connection.broken.notified() => return,
            () = connection.silenced.notified() => {
                drop(to_send);
                serving.sockets.changed.notify_waiters();
                return std::future::pending().await;
            }
            Some(message) = to_send.recv() => {
                let is_close = matches!(message, Message::Close(_));
                if socket.send(message).await.is_err() || is_close { return }
            }
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => {
                    let answer: Value = serde_json::from_str(&text).unwrap();
                    if let Some(id) = answer["envelope_id"].as_str() {
                        connection.acknowledged.lock().unwrap().insert(id.to_owned());
                        connection.answered.notify_waiters();
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
        }
    }
}
