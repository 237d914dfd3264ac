//! One connection to the gateway: greeted, identified or resumed, and kept alive by heartbeats that Discord
//! acknowledges.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use url::{Host, Url};
use uuid::Uuid;

use super::{End, close_code};

/// Seconds that connecting may take, up to the greeting.
const OPEN_TIMEOUT: Duration = Duration::from_secs(15);
/// Seconds that sending one message to Discord may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// Accepted heartbeat intervals in milliseconds. Discord's is about 41 seconds.
const HEARTBEAT_MS: std::ops::RangeInclusive<u64> = 10..=600_000;
/// The close code on shutdown. Discord ends the session after 1000, and keeps it after a private code.
const LEAVING: u16 = 1000;
const COMING_BACK: u16 = 4000;

/// A session with Discord, which can be resumed on another connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    id: String,
    /// The URL on which it is resumed.
    resume_at: Url,
    /// The sequence number of the last received event.
    heard: u64,
}

/// An open connection that was greeted.
pub(super) struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    heartbeat: Interval,
    /// `true` if Discord acknowledged the last heartbeat.
    is_alive: bool,
    address: Url,
}

/// Returns the gateway's URL with our protocol version. If the API is encrypted, the gateway must be as well.
pub(super) fn address(told: &str, encrypted: bool) -> Option<Url> {
    let mut address = Url::parse(told).ok()?;
    let is_fit = match address.scheme() {
        "wss" => true,
        "ws" => !encrypted,
        _ => false,
    };
    address.set_query(Some("v=10&encoding=json"));
    is_fit.then_some(address)
}

/// Returns `true` if both URLs belong to the same site, because resuming sends the token.
fn is_one_site(one: &Url, other: &Url) -> bool {
    let site = |url: &Url| match url.host() {
        Some(Host::Domain(name)) => Some(name.rsplit('.').take(2).collect::<Vec<_>>().join(".")),
        host => host.map(|host| host.to_string()),
    };
    site(one) == site(other)
}

impl Session {
    /// Opens a connection on which to resume the session.
    ///
    /// # Errors
    /// Returns the same errors as [`Connection::open`].
    pub(super) async fn open(&self) -> Result<Connection, String> {
        Connection::open(&self.resume_at).await
    }
}

impl Connection {
    /// Opens a connection and waits for the greeting.
    ///
    /// # Errors
    /// Returns the reason, in words, if the connection fails.
    pub(super) async fn open(address: &Url) -> Result<Self, String> {
        let opening = async {
            let (mut socket, _) = connect_async(address.as_str()).await.ok()?;
            while let Some(Ok(message)) = socket.next().await {
                if let Some(hello) = said(&message).filter(|said| said["op"] == 10) {
                    return Some((socket, hello));
                }
            }
            None
        };
        let opened = timeout(OPEN_TIMEOUT, opening).await.ok().flatten();
        let (socket, hello) = opened.ok_or_else(|| "Discord's gateway cannot be reached".to_owned())?;
        let every = hello["d"]["heartbeat_interval"].as_u64().unwrap_or(*HEARTBEAT_MS.end());
        let every = Duration::from_millis(every.clamp(*HEARTBEAT_MS.start(), *HEARTBEAT_MS.end()));
        // Discord asks for a random delay of the first one, so that not all clients send it at once after an
        // outage.
        let part = f64::from(Uuid::new_v4().as_bytes()[0]) / 256.0;
        let mut heartbeat = interval_at(Instant::now() + every.mul_f64(part), every);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self { socket, heartbeat, is_alive: true, address: address.clone() })
    }

    /// Resumes or starts a session, and passes events on until the connection ends.
    pub(super) async fn listen(
        &mut self,
        token: &SecretString,
        session: &mut Option<Session>,
        mut hear: impl FnMut(&str, Value),
    ) -> End {
        let broken = || End::Resume("the connection to Discord's gateway broke".to_owned());
        if self.send(&greeting(token, session.as_ref())).await.is_none() {
            return broken();
        }
        loop {
            let message = tokio::select! {
                _ = self.heartbeat.tick() => {
                    if !std::mem::take(&mut self.is_alive) {
                        return End::Resume("Discord's gateway does not answer any more".to_owned());
                    }
                    if self.send(&heartbeat(session.as_ref())).await.is_none() {
                        return broken();
                    }
                    continue;
                }
                message = self.socket.next() => message,
            };
            let said = match message {
                Some(Ok(Message::Close(frame))) => {
                    return close_code::end(frame.map(|frame| frame.code.into()));
                }
                Some(Ok(message)) => said(&message),
                Some(Err(_)) | None => return broken(),
            };
            let Some(said) = said else { continue };
            match said["op"].as_u64() {
                Some(0) => self.event(said, session, &mut hear),
                Some(1) if self.send(&heartbeat(session.as_ref())).await.is_none() => return broken(),
                Some(7) => return End::Resume("Discord asked for another connection".to_owned()),
                Some(9) if said["d"] == true => {
                    return End::Resume("Discord interrupted the session".to_owned());
                }
                Some(9) => return End::Anew("Discord ended the session".to_owned()),
                Some(11) => self.is_alive = true,
                _ => {}
            }
        }
    }

    fn event(&self, mut said: Value, session: &mut Option<Session>, hear: &mut impl FnMut(&str, Value)) {
        let name = said["t"].as_str().unwrap_or_default().to_owned();
        let data = said["d"].take();
        if name == "READY" {
            *session = self.session(&data);
        }
        if let (Some(session), Some(number)) = (session, said["s"].as_u64()) {
            session.heard = number;
        }
        hear(&name, data);
    }

    /// Returns the session. If its own URL is unusable, it is resumed on the current one, which costs more
    /// interruptions but no session.
    fn session(&self, ready: &Value) -> Option<Session> {
        let told = ready["resume_gateway_url"].as_str();
        let its_own = told.and_then(|told| address(told, self.address.scheme() == "wss"));
        let resume_at = its_own.filter(|its_own| is_one_site(its_own, &self.address));
        let resume_at = resume_at.unwrap_or_else(|| self.address.clone());
        Some(Session { id: ready["session_id"].as_str()?.to_owned(), resume_at, heard: 0 })
    }

    async fn send(&mut self, what: &Value) -> Option<()> {
        let message = Message::Text(what.to_string().into());
        timeout(SEND_TIMEOUT, self.socket.send(message)).await.ok()?.ok()
    }

    /// Closes the connection. The close code preserves a session that is to be resumed.
    pub(super) async fn close(mut self, end: &End) {
        let code = if *end == End::Stopped { LEAVING } else { COMING_BACK };
        let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
        // The service does not depend on the arrival of the close frame.
        let _ = timeout(SEND_TIMEOUT, self.socket.close(Some(frame))).await;
    }
}

/// Parses a message; `None` if it is unreadable.
fn said(message: &Message) -> Option<Value> {
    let Message::Text(text) = message else { return None };
    let said = serde_json::from_str(text).ok();
    if said.is_none() {
        metrics::counter!("wnr_unparsed_requests_total", "chat" => "discord").increment(1);
    }
    said
}

fn heartbeat(session: Option<&Session>) -> Value {
    json!({ "op": 1, "d": session.map(|session| session.heard) })
}

fn greeting(token: &SecretString, session: Option<&Session>) -> Value {
    let token = token.expose_secret();
    match session {
        Some(Session { id, heard, .. }) => {
            json!({ "op": 6, "d": { "token": token, "session_id": id, "seq": heard } })
        }
        None => {
            let name = env!("CARGO_PKG_NAME");
            let properties = json!({ "os": std::env::consts::OS, "browser": name, "device": name });
            // Interactions need no intents.
            json!({ "op": 2, "d": { "token": token, "intents": 0, "properties": properties } })
        }
    }
}
