//! Discord's gateway: hello, identify or resume, heartbeats, events. A session keeps its events, so that who
//! resumes hears what was missed, and only that.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use super::{FakeDiscord, Serving, TOKEN};

pub(super) struct Gateway {
    inner: Mutex<Inner>,
    changed: Notify,
}

struct Inner {
    heartbeat_ms: u64,
    /// The connection that hears, of the session that there is.
    connection: Option<mpsc::UnboundedSender<Message>>,
    /// Nothing that goes through this connection arrives any more, and nothing says so.
    is_deaf: bool,
    sessions: usize,
    /// The events of the session, by number.
    events: Vec<Value>,
    /// Close codes that the next identifications are answered with.
    refusals: VecDeque<u16>,
    /// Identifications that are left of the day, and milliseconds until there are new ones.
    starts: (usize, u64),
    /// The session cannot be resumed.
    forgets: bool,
    /// Where sessions are told to be resumed, if not here.
    resumes_at: Option<String>,
    seen: Vec<String>,
}

impl Default for Gateway {
    fn default() -> Self {
        let inner = Inner {
            heartbeat_ms: 30_000,
            connection: None,
            is_deaf: false,
            sessions: 0,
            events: Vec::new(),
            refusals: VecDeque::new(),
            starts: (1000, 86_400_000),
            forgets: false,
            resumes_at: None,
            seen: Vec::new(),
        };
        Self { inner: Mutex::new(inner), changed: Notify::new() }
    }
}

/// The gateway as a test sees and steers it.
impl FakeDiscord {
    /// Connections from here on are asked for a heartbeat so often.
    pub fn heartbeats_every(&self, interval: Duration) {
        self.gateway.lock().heartbeat_ms = u64::try_from(interval.as_millis()).unwrap();
    }

    /// The connection hears and says nothing any more, and stays open.
    pub fn gateway_goes_deaf(&self) {
        self.gateway.lock().is_deaf = true;
    }

    /// Whoever identifies next is sent away with this code.
    pub fn gateway_refuses(&self, code: u16) {
        self.gateway.lock().refusals.push_back(code);
    }

    /// So many identifications are left, and so long it is until the next thousand.
    pub fn starts_left_are(&self, left: usize, reset_after: Duration) {
        self.gateway.lock().starts = (left, u64::try_from(reset_after.as_millis()).unwrap());
    }

    /// The session that there is cannot be resumed.
    pub fn gateway_forgets(&self) {
        self.gateway.lock().forgets = true;
    }

    /// Sessions from here on are to be resumed at another origin.
    pub fn gateway_resumes_at(&self, origin: &str) {
        self.gateway.lock().resumes_at = Some(origin.to_owned());
    }

    /// Ends the connection, with a code or, without one, in the middle of a word.
    pub fn gateway_closes(&self, code: Option<u16>) {
        let mut inner = self.gateway.lock();
        let connection = inner.connection.take().unwrap();
        if let Some(code) = code {
            let frame = CloseFrame { code, reason: "".into() };
            connection.send(Message::Close(Some(frame))).unwrap();
        }
    }

    /// An event of the session, when there is one. Who does not hear it now hears it on resuming.
    pub async fn dispatch(&self, name: &str, data: &Value) {
        let begun = |discord: &Self| (discord.gateway.lock().sessions > 0).then_some(());
        self.until("a session", begun).await;
        if name == "INTERACTION_CREATE" {
            self.lock().begin(data);
        }
        self.gateway.lock().event(name, data);
    }

    /// Says something that is no event.
    pub fn gateway_says(&self, what: &Value) {
        self.gateway.lock().says(what);
    }

    pub fn identified(&self) -> usize {
        self.gateway_saw("IDENTIFY")
    }

    pub fn resumed(&self) -> usize {
        self.gateway_saw("RESUME")
    }

    /// How often a client did this: `CONNECT`, `IDENTIFY`, `RESUME`, `HEARTBEAT`, `CLOSE` and a code.
    pub fn gateway_saw(&self, what: &str) -> usize {
        self.gateway.lock().seen.iter().filter(|seen| *seen == what).count()
    }
}

impl Gateway {
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(super) fn starts_left(&self) -> (usize, u64) {
        self.lock().starts
    }

    fn note(&self, what: String) {
        self.lock().seen.push(what);
        self.changed.notify_waiters();
    }
}

impl Inner {
    fn event(&mut self, name: &str, data: &Value) {
        let event = json!({ "op": 0, "s": self.events.len() + 1, "t": name, "d": data });
        self.says(&event);
        self.events.push(event);
    }

    fn says(&self, what: &Value) {
        if let (Some(connection), false) = (&self.connection, self.is_deaf) {
            let _ = connection.send(Message::Text(what.to_string().into()));
        }
    }

    fn identify(&mut self, said: &Value, out: mpsc::UnboundedSender<Message>, origin: &str) {
        assert_eq!(said["d"]["intents"], 0, "no intents are needed");
        assert!(said["d"]["properties"]["os"].is_string(), "{said}");
        self.starts.0 = self.starts.0.checked_sub(1).expect("Discord would take the token away");
        let wrong = (said["d"]["token"] != TOKEN).then_some(4004);
        if let Some(code) = wrong.or_else(|| self.refusals.pop_front()) {
            out.send(Message::Close(Some(CloseFrame { code, reason: "".into() }))).unwrap();
            return;
        }
        self.sessions += 1;
        (self.events, self.connection, self.is_deaf, self.forgets) = (Vec::new(), Some(out), false, false);
        let origin = self.resumes_at.clone().unwrap_or_else(|| origin.to_owned());
        self.event("READY", &ready(&origin, &self.session()));
    }

    fn resume(&mut self, said: &Value, out: mpsc::UnboundedSender<Message>) {
        assert_eq!(said["d"]["token"], TOKEN);
        if self.forgets || said["d"]["session_id"] != self.session() {
            out.send(Message::Text(json!({ "op": 9, "d": false }).to_string().into())).unwrap();
            return;
        }
        (self.connection, self.is_deaf) = (Some(out), false);
        let heard = usize::try_from(said["d"]["seq"].as_u64().unwrap()).unwrap();
        for missed in &self.events[heard..] {
            self.says(missed);
        }
        self.event("RESUMED", &json!({}));
    }

    fn session(&self) -> String {
        format!("session-{}", self.sessions)
    }
}

pub(super) async fn connect(State(serving): State<Serving>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| hold(socket, serving))
}

async fn hold(mut socket: WebSocket, serving: Serving) {
    let gateway = &serving.gateway;
    gateway.note("CONNECT".to_owned());
    let hello = json!({ "op": 10, "d": { "heartbeat_interval": gateway.lock().heartbeat_ms } });
    socket.send(Message::Text(hello.to_string().into())).await.unwrap();
    let (out, mut to_send) = mpsc::unbounded_channel();
    // Only the others hold the sending half, so that a connection ends when they let go of it.
    let mut own = Some(out);
    loop {
        tokio::select! {
            message = to_send.recv() => match message {
                Some(message) => {
                    let is_end = matches!(message, Message::Close(_));
                    if socket.send(message).await.is_err() || is_end {
                        return;
                    }
                }
                None => return,
            },
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => {
                    let said: Value = serde_json::from_str(&text).unwrap();
                    if let Some(answer) = gateway.hear(&said, &mut own, &serving.origin)
                        && socket.send(Message::Text(answer.to_string().into())).await.is_err()
                    {
                        return;
                    }
                }
                Some(Ok(Message::Close(frame))) => {
                    return gateway.note(format!("CLOSE {}", frame.map_or(1005, |frame| frame.code)));
                }
                Some(Ok(_)) => {}
                _ => return,
            }
        }
    }
}

impl Gateway {
    /// What a client says, and what it is answered at once.
    fn hear(
        &self,
        said: &Value,
        own: &mut Option<mpsc::UnboundedSender<Message>>,
        origin: &str,
    ) -> Option<Value> {
        match said["op"].as_u64() {
            Some(1) => {
                let is_deaf = self.lock().is_deaf;
                self.note("HEARTBEAT".to_owned());
                (!is_deaf).then(|| json!({ "op": 11 }))
            }
            Some(2) => {
                self.lock().identify(said, own.take().expect("one identification"), origin);
                self.note("IDENTIFY".to_owned());
                None
            }
            Some(6) => {
                self.lock().resume(said, own.take().expect("one resumption"));
                self.note("RESUME".to_owned());
                None
            }
            _ => panic!("a client does not say {said}"),
        }
    }
}

/// The address for resuming is another one than the first.
fn ready(origin: &str, session: &str) -> Value {
    json!({
        "v": 10, "guilds": [], "session_id": session, "shard": [0, 1],
        "resume_gateway_url": format!("{}/gateway/again", origin.replacen("http", "ws", 1)),
        "application": { "id": super::APPLICATION, "flags": 0 },
        "user": { "id": super::APP_USER, "username": "wnr", "discriminator": "0001", "avatar": null, "bot": true },
    })
}
