//! Discord's gateway: interactions through a connection that we open. A session outlives its connections:
//! whoever resumes it hears what was said meanwhile.
//!
//! The protocol: <https://docs.discord.com/developers/events/gateway>

mod close_code;
mod connection;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use secrecy::SecretString;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::api::DiscordApi;
use super::http::alone;
use super::inbound::{Read, read};
use crate::chat::{DeliveryError, InteractionSink};
use crate::report::{format_duration, notices};
use crate::retry::Backoff;
use connection::{Connection, Session};

/// So many identifications of a day are kept back: after the last one Discord takes the token away, and others may use
/// it too. <https://docs.discord.com/developers/events/gateway#session-start-limit-object>
const KEPT_BACK: u64 = 50;

/// After so many connections in a row that did not hold, a session is given up with the address to resume it at.
const RESUMPTIONS_MAX: u32 = 6;

/// What a connection needs.
pub struct Gateway {
    /// Tells where the gateway is, and answers interactions.
    pub api: Arc<DiscordApi>,
    /// The bot's token.
    pub token: SecretString,
    /// Where questions go.
    pub sink: Arc<dyn InteractionSink>,
    /// Reads the time.
    pub clock: fn() -> Timestamp,
    /// How fast it is tried again.
    pub pace: Pace,
}

/// How fast connections follow each other.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// From one identification to the next. Discord takes one in five seconds, and a thousand a day:
    /// <https://docs.discord.com/developers/events/gateway#session-start-limit-object>
    pub identify_every: Duration,
    /// Before the second attempt in a row, and those after it. The first is made at once.
    pub backoff: Backoff,
    /// A connection that held for this long was a good one, and the next is opened at once.
    pub steady_after: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            identify_every: Duration::from_secs(5),
            backoff: Backoff::CONNECTION,
            steady_after: Duration::from_secs(60),
        }
    }
}

/// How it stands with the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionState {
    /// Discord has greeted us.
    Connected,
    /// There is no connection, for this reason; it is tried again.
    Interrupted(String),
    /// Discord takes no connection until somebody has changed something, in these words. It is not tried again.
    Refused(&'static str),
}

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The session goes on with the next connection.
    Resume(String),
    /// The next connection begins a session.
    Anew(String),
    /// The next connection begins a session, and not before this time has passed: Discord allows no more now.
    Spent(Duration),
    /// There is to be no further connection.
    Refused(&'static str),
    /// We were told to stop.
    Stopped,
}

impl Gateway {
    /// Holds a connection until told to stop, and tells whenever its standing changes. What was begun by
    /// then is finished.
    pub async fn run(
        self: Arc<Self>,
        stop: CancellationToken,
        tell: impl Fn(&ConnectionState) + Send + Sync,
    ) {
        let begun = TaskTracker::new();
        tell(&ConnectionState::Interrupted("not connected yet".to_owned()));
        if let Some(why) = self.hold(&begun, &stop, &tell).await {
            tracing::error!(error = why, "Gateway connection refused; not retried.");
            tell(&ConnectionState::Refused(why));
            stop.cancelled().await;
        }
        begun.close();
        begun.wait().await;
    }

    /// Connection after connection, until told to stop, or with the reason for which there is to be no further one.
    async fn hold(
        self: &Arc<Self>,
        begun: &TaskTracker,
        stop: &CancellationToken,
        tell: &(impl Fn(&ConnectionState) + Send + Sync),
    ) -> Option<&'static str> {
        let mut session = None;
        let mut identified: Option<Instant> = None;
        let mut in_a_row = 0;
        let mut pauses = self.pace.backoff.pauses();
        loop {
            if let (None, Some(last)) = (&session, identified) {
                let turn = tokio::time::sleep_until(last + self.pace.identify_every);
                stop.run_until_cancelled(turn).await?;
            }
            let opened = Instant::now();
            if session.is_none() {
                identified = Some(opened);
            }
            let mut spent = None;
            let why = match self.one(&mut session, begun, stop, tell).await {
                End::Stopped => return None,
                End::Refused(why) => return Some(why),
                End::Resume(why) => why,
                End::Anew(why) => {
                    session = None;
                    why
                }
                End::Spent(wait) => {
                    (session, spent) = (None, Some(wait));
                    let wait = format_duration(SignedDuration::try_from(wait).unwrap_or_default());
                    format!(
                        "nearly all connections that Discord allows in a day are used; the next is made in {wait}"
                    )
                }
            };
            if opened.elapsed() >= self.pace.steady_after {
                in_a_row = 0;
                pauses = self.pace.backoff.pauses();
            }
            in_a_row += 1;
            if in_a_row >= RESUMPTIONS_MAX {
                session = None;
            }
            let pause = if in_a_row == 1 { Some(Duration::ZERO) } else { pauses.next() };
            let pause = spent.or(pause).unwrap_or(self.pace.backoff.longest);
            tracing::warn!(error = why, ?pause, "Gateway connection ended; reconnecting.");
            tell(&ConnectionState::Interrupted(why));
            stop.run_until_cancelled(tokio::time::sleep(pause)).await?;
        }
    }

    /// One connection, from its opening to its end.
    async fn one(
        self: &Arc<Self>,
        session: &mut Option<Session>,
        begun: &TaskTracker,
        stop: &CancellationToken,
        tell: &(impl Fn(&ConnectionState) + Send + Sync),
    ) -> End {
        let resume_at = session.as_ref().map(|session| session.resume_at.clone());
        let mut connection = match stop.run_until_cancelled(self.open(resume_at)).await {
            None => return End::Stopped,
            Some(Err(end)) => return end,
            Some(Ok(connection)) => connection,
        };
        let hear = |name: &str, data: Value| match name {
            "READY" | "RESUMED" => {
                tracing::info!(name, "Connected to Discord's gateway.");
                tell(&ConnectionState::Connected);
            }
            "INTERACTION_CREATE" => {
                let gateway = self.clone();
                begun.spawn(async move { gateway.receive(&data).await });
            }
            _ => {}
        };
        let end = tokio::select! {
            () = stop.cancelled() => End::Stopped,
            end = connection.listen(&self.token, session, hear) => end,
        };
        connection.close(&end).await;
        end
    }

    /// Opens a connection where a session is resumed, or else where sessions begin.
    ///
    /// # Errors
    /// How it ends before it began.
    async fn open(&self, resume_at: Option<Url>) -> Result<Connection, End> {
        if let Some(address) = resume_at {
            return Connection::open(&address).await.map_err(End::Resume);
        }
        let told = self.api.call(Method::GET, "/gateway/bot", None).await.map_err(|refusal| match refusal
            .error
        {
            DeliveryError::NotAllowed(_) => End::Refused(close_code::UNKNOWN_TOKEN),
            error => End::Resume(format!("Discord does not tell where its gateway is: {error}")),
        })?;
        let limit = &told["session_start_limit"];
        if let (Some(remaining), Some(reset_after)) =
            (limit["remaining"].as_u64(), limit["reset_after"].as_u64())
            && remaining <= KEPT_BACK
        {
            return Err(End::Spent(Duration::from_millis(reset_after)));
        }
        let address = told["url"].as_str().and_then(|url| connection::address(url, self.api.is_encrypted()));
        let unusable = || End::Resume("Discord's address of its gateway cannot be used".to_owned());
        Connection::open(&address.ok_or_else(unusable)?).await.map_err(End::Resume)
    }

    /// Keeps an interaction, then acknowledges it.
    async fn receive(&self, payload: &Value) {
        let Some(Read { interaction, acknowledgement }) = read(payload, (self.clock)()) else {
            return self.answer(payload, &alone(notices::NOT_UNDERSTOOD)).await;
        };
        match self.sink.receive(interaction).await {
            Ok(()) => self.answer(payload, &acknowledgement).await,
            Err(_) => self.answer(payload, &alone(notices::NOT_STORED)).await,
        }
    }

    async fn answer(&self, interaction: &Value, body: &Value) {
        let (Some(id), Some(token)) = (interaction["id"].as_str(), interaction["token"].as_str()) else {
            metrics::counter!("wnr_unparsed_requests_total", "chat" => "discord").increment(1);
            return;
        };
        let path = format!("/interactions/{id}/{token}/callback");
        if let Err(refusal) = self.api.call(Method::POST, &path, Some(body)).await {
            let error: DeliveryError = refusal.into();
            tracing::warn!(%error, "Interaction not acknowledged; answer sent to the channel.");
        }
    }
}
