//! Socket Mode: Slack's requests over connections that the service opens.
//!
//! Slack ends each connection every few hours after a warning, and sends an envelope on any open connection.
//! So there are two. A connection that is about to end is read until its replacement has been greeted.
//!
//! The protocol: <https://docs.slack.dev/apis/events-api/using-socket-mode>

mod connection;
mod envelope;
mod hearing;
mod refusal;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::client::SlackApi;
use crate::retry::Backoff;
use connection::{Connection, End};
pub use envelope::Receiver;
use hearing::Hearing;
pub use hearing::SocketState;
use refusal::Refusal;

/// Number of connections; two, so that one remains if the other breaks.
const CONNECTIONS: usize = 2;
/// Seconds for which a connection is still read after Slack's warning. Slack gives ten.
const RENEWAL: Duration = Duration::from_secs(60);

/// The connections on which Slack sends interactions.
pub struct SocketMode {
    api: SlackApi,
    encrypted: bool,
    receiver: Receiver,
    clock: fn() -> Timestamp,
    pace: SocketPace,
}

/// The delays between connections, and the limit for a silent one.
#[derive(Debug, Clone, Copy)]
pub struct SocketPace {
    /// Delay before the second attempt in a row, and those after it. The first has none.
    pub backoff: Backoff,
    /// Duration after which a connection counts as stable, so that the next one is opened at once.
    pub steady_after: Duration,
    /// Duration of silence after which a connection is dead. Slack pings every few seconds and answers our
    /// pings.
    pub silent_max: Duration,
    /// Interval of the check that Slack still accepts the token, while there are connections.
    pub ask_every: Duration,
}

impl Default for SocketPace {
    fn default() -> Self {
        Self {
            backoff: Backoff::CONNECTION,
            steady_after: Duration::from_secs(60),
            silent_max: Duration::from_secs(30),
            ask_every: Duration::from_secs(300),
        }
    }
}

impl SocketMode {
    /// Creates connections with this app-level token. None is opened yet.
    #[must_use]
    pub fn new(api_url: &Url, app_token: &SecretString, receiver: Receiver, pace: SocketPace) -> Self {
        let api = SlackApi::new(api_url, app_token);
        let encrypted = api_url.scheme() == "https";
        let clock = receiver.clock;
        Self { api, encrypted, receiver, clock, pace }
    }

    /// Holds connections until stopped, and reports every change of the state. Interactions in progress are
    /// finished.
    pub async fn run(
        self: Arc<Self>,
        stop: CancellationToken,
        tell: impl Fn(&SocketState) + Send + Sync + 'static,
    ) {
        let hearing = Hearing::new(self.clock, Box::new(tell));
        let ending = TaskTracker::new();
        let holding = (0..CONNECTIONS).map(|_| self.hold(&hearing, &ending, &stop));
        tokio::join!(futures_util::future::join_all(holding), self.ask_about_the_token(&hearing, &stop));
        ending.close();
        ending.wait().await;
    }

    /// Opens one connection after another, until stopped.
    async fn hold(self: &Arc<Self>, hearing: &Arc<Hearing>, ending: &TaskTracker, stop: &CancellationToken) {
        let mut pauses = self.pace.backoff.pauses();
        let mut in_a_row = 0;
        while !stop.is_cancelled() {
            let opened = Instant::now();
            let Some(ended) = self.one(hearing, ending, stop).await else { return };
            if opened.elapsed() >= self.pace.steady_after {
                in_a_row = 0;
                pauses = self.pace.backoff.pauses();
            }
            in_a_row += 1;
            let longest = self.pace.backoff.longest;
            let pause = match &ended {
                _ if in_a_row == 1 => Duration::ZERO,
                Some(Refusal { is_final: true, .. }) => longest,
                Some(_) | None => pauses.next().unwrap_or(longest),
            };
            let pause = ended.as_ref().and_then(|why| why.wait).map_or(pause, |wait| wait.max(pause));
            match ended {
                None => tracing::debug!(?pause, "Socket Mode connection renewed."),
                Some(why) => {
                    metrics::counter!("wnr_socket_errors_total").increment(1);
                    tracing::warn!(error = why.words, ?pause, "Socket Mode connection ended; reconnecting.");
                }
            }
            stop.run_until_cancelled(tokio::time::sleep(pause)).await;
        }
    }

    /// Runs one connection from its opening to its end. Returns why it ended, without a reason if Slack
    /// renews it; `None` if the service is stopping.
    async fn one(
        self: &Arc<Self>,
        hearing: &Arc<Hearing>,
        ending: &TaskTracker,
        stop: &CancellationToken,
    ) -> Option<Option<Refusal>> {
        let mut connection = match stop.run_until_cancelled(self.open()).await? {
            Ok(connection) => connection,
            Err(why) => {
                hearing.because(&why.words);
                return Some(Some(why));
            }
        };
        tracing::info!("Connected to Slack through Socket Mode.");
        let open = hearing.open();
        match connection.listen(&self.receiver, stop).await {
            End::Stopped => {
                connection.close().await;
                None
            }
            End::Broken(why) => {
                hearing.because(&why.words);
                drop(open);
                Some(Some(why))
            }
            End::Renew => {
                hearing.because("Slack closed the connection");
                let (this, stop) = (self.clone(), stop.clone());
                ending.spawn(async move {
                    // It ends when Slack closes it. If Slack does not, no more envelopes arrive on it. Slack
                    // may announce the end more than once.
                    let listening =
                        async { while connection.listen(&this.receiver, &stop).await == End::Renew {} };
                    let _ = tokio::time::timeout(RENEWAL, listening).await;
                    connection.close().await;
                    drop(open);
                });
                Some(None)
            }
        }
    }

    async fn open(&self) -> Result<Connection, Refusal> {
        let address = self.api.open_connection().await?;
        let is_fit = address.starts_with("wss://") || (!self.encrypted && address.starts_with("ws://"));
        if !is_fit {
            return Err(Refusal::passing("Slack's address for Socket Mode cannot be used"));
        }
        Connection::open(&address, self.pace.silent_max).await
    }

    /// Checks the token regularly. A revoked token ends no connection by itself, and Slack may keep one open
    /// without sending anything.
    async fn ask_about_the_token(&self, hearing: &Arc<Hearing>, stop: &CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(self.pace.ask_every)).await.is_some() {
            if !hearing.is_open() {
                // Opening a connection checks the token as well.
                continue;
            }
            let Some(asked) = stop.run_until_cancelled(self.api.open_connection()).await else { return };
            match asked.map_err(Refusal::from) {
                Ok(_) => hearing.token_is(None),
                Err(why) if why.is_final => hearing.token_is(Some(why.words)),
                Err(_) => {}
            }
        }
    }
}
