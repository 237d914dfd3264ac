//! Discord's gateway: interactions through a connection that we open. A session outlives its connections:
//! whoever resumes it hears what was said meanwhile.
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

/// So many identifications of a day are kept back: after the last one Discord takes the token away, and others may use
/// it too. <https://docs.discord.com/developers/events/gateway#session-start-limit-object>
const KEPT_BACK: u64 = 50;

/// After so many connections in a row that were opened to resume it and did not hold, a session is given up.
const RESUMPTIONS_MAX: u32 = 6;
/// A person who looks at a pause that is longer is told how long it is.
const TOLD_FROM: Duration = Duration::from_secs(60);

/// What a connection needs.
pub struct Gateway {
    /// Tells where the gateway is, and answers interactions.
    pub api: Arc<DiscordApi>,
    /// The bot's token.
    pub token: SecretString,
    /// `discord.application_id`, where it is set.
    pub application_id: Option<String>,
    /// Where questions go.
    pub sink: Arc<dyn InteractionSink>,
    /// Reads the time.
    pub clock: fn() -> Timestamp,
    /// How fast it is tried again.
    pub pace: Pace,
}

/// How it stands with the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionState {
    /// Discord has greeted us.
    Connected,
    /// The same, and something is set wrong, in these words.
    ConnectedDespite(String),
    /// There is no connection, for this reason; it is tried again.
    Interrupted(String),
    /// Discord takes no connection until somebody has changed something, in these words. It is not tried again.
    Refused(&'static str),
}

/// What goes on from one connection to the next.
#[derive(Default)]
struct Course {
    session: Option<Session>,
    /// Connections in a row through which it was to be resumed.
    resumptions: u32,
    /// When Discord was last asked for a session.
    identified: Option<Instant>,
    /// What is set wrong, in words.
    set_wrong: Option<String>,
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

    /// One connection, from its opening to its end.
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

    /// What of the settings does not fit the session that has begun.
    fn set_wrong(&self, ready: &Value) -> Option<String> {
        let words =
            another_application(self.application_id.as_deref()?, ready["application"]["id"].as_str()?)?;
        tracing::error!(finding = words, "Discord setup check failed.");
        Some(words)
    }

    /// Opens a connection where the session is resumed. Where that cannot be reached it goes on where sessions begin,
    /// which Discord allows.
    ///
    /// # Errors
    /// How it ends before it began.
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
