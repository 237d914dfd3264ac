//! One Socket Mode connection: opened, read, and checked for a dead peer.

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

use super::envelope::Receiver;
use super::refusal::{LINK_DISABLED, Refusal};

/// Seconds that connecting may take, up to the greeting.
const OPEN_TIMEOUT: Duration = Duration::from_secs(15);
/// Seconds that sending one message to Slack may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// Seconds that closing may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// Seconds for work in progress after a stop. Slack expects an acknowledgement within three seconds.
const FINISH_TIMEOUT: Duration = Duration::from_secs(3);

/// An open connection that Slack has greeted.
pub(super) struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Acknowledgements in progress, whose interactions are being stored.
    begun: FuturesUnordered<BoxFuture<'static, Option<Value>>>,
    silent_max: Duration,
    heard_at: Instant,
}

/// The end of a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Slack will close it, and wants another one opened in its place. It still works until then.
    Renew,
    /// It no longer works, for this reason.
    Broken(Refusal),
    /// The service is stopping.
    Stopped,
}

impl Connection {
    /// Opens a connection and waits for the greeting. Slack pings it every few seconds, and the service pings
    /// as well. A connection that is silent for `silent_max` is dead.
    ///
    /// # Errors
    /// Returns [`Refusal`] if there is no connection.
    pub(super) async fn open(address: &str, silent_max: Duration) -> Result<Self, Refusal> {
        let unreachable = || Refusal::passing("Slack's Socket Mode cannot be reached");
        let opening = async {
            let (mut socket, _) = connect_async(address).await.map_err(|_| unreachable())?;
            while let Some(Ok(message)) = socket.next().await {
                let Some(said) = said(&message) else { continue };
                match said["type"].as_str() {
                    Some("hello") => return Ok(socket),
                    Some("disconnect") => return Err(disconnected(&said)),
                    _ => {}
                }
            }
            Err(unreachable())
        };
        let socket = timeout(OPEN_TIMEOUT, opening).await.unwrap_or_else(|_| Err(unreachable()))?;
        Ok(Self { socket, begun: FuturesUnordered::new(), silent_max, heard_at: Instant::now() })
    }

    /// Receives envelopes until the connection ends. Each is acknowledged once it is stored, and delays no
    /// other.
    pub(super) async fn listen(&mut self, receiver: &Receiver, stop: &CancellationToken) -> End {
        let broken = || End::Broken(Refusal::passing("the connection to Slack broke"));
        let mut pulse = tokio::time::interval(self.silent_max / 3);
        loop {
            let message = tokio::select! {
                () = stop.cancelled() => return End::Stopped,
                Some(acknowledgement) = self.begun.next() => {
                    if self.acknowledge(acknowledgement).await.is_none() {
                        return broken();
                    }
                    continue;
                }
                _ = pulse.tick() => {
                    if self.heard_at.elapsed() >= self.silent_max {
                        return End::Broken(Refusal::passing("Slack does not answer any more on its connection"));
                    }
                    if self.send(Message::Ping(Vec::new().into())).await.is_none() {
                        return broken();
                    }
                    continue;
                }
                message = self.socket.next() => message,
            };
            self.heard_at = Instant::now();
            let said = match message {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return broken(),
                Some(Ok(message)) => said(&message),
            };
            let Some(said) = said else { continue };
            match said["type"].as_str() {
                Some("disconnect") => {
                    let reason = said["reason"].as_str().unwrap_or_default();
                    return match reason {
                        "link_disabled" | "too_many_websockets" => End::Broken(disconnected(&said)),
                        _ => End::Renew,
                    };
                }
                Some("hello") => {}
                _ => self.begun.push(receiver.clone().take(said).boxed()),
            }
        }
    }

    /// Sends the acknowledgements in progress, and closes the connection.
    pub(super) async fn close(mut self) {
        let finishing = async {
            while let Some(acknowledgement) = self.begun.next().await {
                self.acknowledge(acknowledgement).await?;
            }
            Some(())
        };
        // Slack repeats what is not acknowledged. The service does not depend on the arrival of the close
        // frame.
        let _ = timeout(FINISH_TIMEOUT, finishing).await;
        let _ = timeout(CLOSE_TIMEOUT, self.socket.close(None)).await;
    }

    async fn acknowledge(&mut self, acknowledgement: Option<Value>) -> Option<()> {
        let Some(acknowledgement) = acknowledgement else { return Some(()) };
        self.send(Message::Text(acknowledgement.to_string().into())).await
    }

    async fn send(&mut self, message: Message) -> Option<()> {
        timeout(SEND_TIMEOUT, self.socket.send(message)).await.ok()?.ok()
    }
}

/// Returns the meaning of a `disconnect` after which the connection no longer works.
fn disconnected(said: &Value) -> Refusal {
    match said["reason"].as_str() {
        Some("link_disabled") => Refusal { is_final: true, ..Refusal::passing(LINK_DISABLED) },
        Some("too_many_websockets") => Refusal::passing(
            "Slack has too many connections of this app open already; ten are allowed, over all that use its token",
        ),
        _ => Refusal::passing("Slack closed the connection"),
    }
}

/// Parses a message; `None` if it is unreadable.
fn said(message: &Message) -> Option<Value> {
    let Message::Text(text) = message else { return None };
    let said = serde_json::from_str(text).ok();
    if said.is_none() {
        metrics::counter!("wnr_unparsed_requests_total", "chat" => "slack").increment(1);
    }
    said
}
