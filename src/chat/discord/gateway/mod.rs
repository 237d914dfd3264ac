//! Discord's gateway: interactions over a connection that the service opens. A session outlives its
//! connections. The next connection that resumes it receives the events in between.
//!
//! The protocol: <https://docs.discord.com/developers/events/gateway>

mod close_code;
mod connection;
mod pace;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use secrecy::SecretString;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::api::DiscordApi;
use super::checkup::another_application;
use super::http::alone;
use super::inbound::{Read, read};
use crate::chat::{DeliveryError, InteractionSink};
use crate::report::{format_duration, notices};
use connection::{Connection, Session};
use pace::Pauses;

pub use pace::Pace;

/// Identifications per day that are kept in reserve. After the last one Discord revokes the token, and other
/// programs may use the token too.
/// <https://docs.discord.com/developers/events/gateway#session-start-limit-object>
const KEPT_BACK: u64 = 50;

/// Failed resumptions in a row after which a session is given up.
const RESUMPTIONS_MAX: u32 = 6;
/// Seconds from which a pause is reported with its length to the operator.
const TOLD_FROM: Duration = Duration::from_secs(60);

/// Everything that a connection needs.
pub struct Gateway {
    /// Returns the gateway's URL, and acknowledges interactions.
    pub api: Arc<DiscordApi>,
    /// The bot's token.
    pub token: SecretString,
    /// `discord.application_id`, if it is set.
    pub application_id: Option<String>,
    /// Receives the interactions.
    pub sink: Arc<dyn InteractionSink>,
    /// Reads the time.
    pub clock: fn() -> Timestamp,
    /// The delays between connections.
    pub pace: Pace,
}

/// The state of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionState {
    /// Discord has greeted us.
    Connected,
    /// Discord has greeted us, but a setting is wrong, for this reason.
    ConnectedDespite(String),
    /// There is no connection, for this reason; the service reconnects.
    Interrupted(String),
    /// Discord accepts no connection until the operator has changed something, as described. The service does
    /// not reconnect.
    Refused(&'static str),
}

/// State that is kept from one connection to the next.
#[derive(Default)]
struct Course {
    session: Option<Session>,
    /// Connections in a row that tried to resume the session.
    resumptions: u32,
    /// When the service last identified.
    identified: Option<Instant>,
    /// The wrong setting, in words.
    set_wrong: Option<String>,
}

/// The end of a connection.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The next connection resumes the session.
    Resume(String),
    /// The next connection starts a new session.
    Anew(String),
    /// The next connection starts a new session after this time, because Discord's limit is reached.
    Spent(Duration),
    /// There must be no further connection.
    Refused(&'static str),
    /// The service is stopping.
    Stopped,
}

impl Gateway {
    /// Holds a connection until stopped, and reports every change of its state. Interactions in progress are
    /// finished.
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

    /// Opens one connection after another until stopped. Otherwise returns the reason why there must be no
    /// further one.
    async fn hold(
        self: &Arc<Self>,
        begun: &TaskTracker,
        stop: &CancellationToken,
        tell: &(impl Fn(&ConnectionState) + Send + Sync),
    ) -> Option<&'static str> {
        let mut course = Course::default();
        let mut pauses = Pauses::new(self.pace);
        loop {
            let begun_at = Instant::now();
            let mut spent = Duration::ZERO;
            let mut why = match self.one(&mut course, begun, stop, tell).await {
                End::Stopped => return None,
                End::Refused(why) => return Some(why),
                End::Resume(why) => why,
                End::Anew(why) => {
                    course.session = None;
                    why
                }
                End::Spent(wait) => {
                    spent = wait;
                    "nearly all connections that Discord allows in a day are used".to_owned()
                }
            };
            if pauses.after(begun_at, course.identified.take()) {
                course.resumptions = 0;
            }
            if course.resumptions >= RESUMPTIONS_MAX {
                course.session = None;
            }
            let pause = pauses.pause(course.session.is_none()).max(spent);
            if pause >= TOLD_FROM {
                let wait = format_duration(SignedDuration::try_from(pause).unwrap_or_default());
                why = format!("{why}; the next is made in {wait}");
            }
            tracing::warn!(error = why, ?pause, "Gateway connection ended; reconnecting.");
            tell(&ConnectionState::Interrupted(why));
            stop.run_until_cancelled(tokio::time::sleep(pause)).await?;
        }
    }

    /// Runs one connection from its opening to its end.
    async fn one(
        self: &Arc<Self>,
        course: &mut Course,
        begun: &TaskTracker,
        stop: &CancellationToken,
        tell: &(impl Fn(&ConnectionState) + Send + Sync),
    ) -> End {
        let mut connection = match stop.run_until_cancelled(self.open(course.session.as_ref())).await {
            None => return End::Stopped,
            Some(Err(end)) => return end,
            Some(Ok(connection)) => connection,
        };
        match course.session {
            Some(_) => course.resumptions += 1,
            None => (course.resumptions, course.identified) = (0, Some(Instant::now())),
        }
        let Course { session, set_wrong, .. } = course;
        let hear = |name: &str, data: Value| match name {
            "READY" | "RESUMED" => {
                tracing::info!(name, "Connected to Discord's gateway.");
                if name == "READY" {
                    *set_wrong = self.set_wrong(&data);
                }
                tell(
                    &set_wrong.clone().map_or(ConnectionState::Connected, ConnectionState::ConnectedDespite),
                );
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

    /// Returns the setting that does not match the session.
    fn set_wrong(&self, ready: &Value) -> Option<String> {
        let words =
            another_application(self.application_id.as_deref()?, ready["application"]["id"].as_str()?)?;
        tracing::error!(finding = words, "Discord setup check failed.");
        Some(words)
    }

    /// Opens a connection to resume the session. If its URL cannot be reached, the usual gateway URL is used,
    /// which Discord allows.
    ///
    /// # Errors
    /// Returns the end of a connection that could not be opened.
    async fn open(&self, session: Option<&Session>) -> Result<Connection, End> {
        if let Some(session) = session
            && let Ok(connection) = session.open().await
        {
            return Ok(connection);
        }
        let told = self.api.call(Method::GET, "/gateway/bot", None).await.map_err(|refusal| match refusal
            .error
        {
            DeliveryError::NotAllowed(_) => End::Refused(close_code::UNKNOWN_TOKEN),
            error => End::Resume(format!("Discord does not tell where its gateway is: {error}")),
        })?;
        let limit = &told["session_start_limit"];
        if let (None, Some(remaining), Some(reset_after)) =
            (session, limit["remaining"].as_u64(), limit["reset_after"].as_u64())
            && remaining <= KEPT_BACK
        {
            return Err(End::Spent(Duration::from_millis(reset_after)));
        }
        let address = told["url"].as_str().and_then(|url| connection::address(url, self.api.is_encrypted()));
        let unusable = || End::Resume("Discord's address of its gateway cannot be used".to_owned());
        Connection::open(&address.ok_or_else(unusable)?).await.map_err(End::Resume)
    }

    /// Stores an interaction, then acknowledges it.
    async fn receive(&self, payload: &Value) {
        let (interaction, acknowledgement) = match read(payload, (self.clock)()) {
            Some(Read::Interaction(interaction, acknowledgement)) => (interaction, acknowledgement),
            Some(Read::Response(response)) => return self.answer(payload, &response).await,
            None => return self.answer(payload, &alone(notices::NOT_UNDERSTOOD)).await,
        };
        match self.sink.receive(*interaction).await {
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
