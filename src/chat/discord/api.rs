//! Discord's REST API, with reqwest. With rate limits on, serenity's own client ignores its proxy setting;
//! with them off, it loses `Retry-After`. Here each bucket waits according to Discord's own headers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap};
use reqwest::{Client, Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;

use crate::chat::DeliveryError;
use crate::net::root_cause;

/// Seconds that one call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait, in milliseconds, with a message in hand. For a longer one the message goes back to the
/// outbox, which meanwhile sends others.
const WAIT_MAX: Duration = Duration::from_millis(250);
/// Seconds to wait if Discord asks to slow down without a duration.
const PAUSE_DEFAULT: Duration = Duration::from_secs(5);
/// Longest pause, in seconds, that is accepted from Discord. A bucket is full again after minutes.
const PAUSE_MAX: Duration = Duration::from_secs(3600);
/// Discord asks for a name, a URL and a version.
const USER_AGENT: &str =
    concat!("DiscordBot (https://github.com/why-no-recording, ", env!("CARGO_PKG_VERSION"), ")");

/// The message is gone, but its channel is not.
const UNKNOWN_MESSAGE: i64 = 10008;
/// The meaning of one of Discord's error codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// The app is not in this channel.
    NotThere,
    /// No thread is possible.
    NoThread,
    /// The thread refuses the message, but its channel accepts it.
    ThreadClosed,
    /// The message to edit is gone.
    Gone,
}

/// Discord's error codes that are about a channel, a thread or a message.
/// <https://docs.discord.com/developers/topics/opcodes-and-status-codes#json-json-error-codes>
const REFUSALS: &[(i64, Meaning, &str)] = &[
    (UNKNOWN_CHANNEL, Meaning::NotThere, "the channel is gone"),
    (10004, Meaning::NotThere, "the server is gone, or the app was removed from it"),
    (UNKNOWN_MESSAGE, Meaning::Gone, "the message was deleted"),
    (UNKNOWN_WEBHOOK, Meaning::NotThere, "the time for this answer is over"),
    (10062, Meaning::NotThere, "the time for this answer is over"),
    (50001, Meaning::NotThere, "the app cannot see the channel: give it View Channel"),
    (50007, Meaning::NotThere, "the person takes no direct messages"),
    (50008, Meaning::NotThere, "this kind of channel takes no messages, only posts, as a forum does"),
    (
        50013,
        Meaning::NotThere,
        "the app lacks a permission: Send Messages, Embed Links, Create Public Threads, Send Messages in Threads",
    ),
    (50024, Meaning::NotThere, "this kind of channel does not take it"),
    // This is about the token of the interaction and not ours, although it comes as 401.
    (50027, Meaning::NotThere, "the time for this answer is over"),
    (RESTS, Meaning::ThreadClosed, "the thread is archived"),
    (160_005, Meaning::ThreadClosed, "the thread is locked: unlock it, or give the app Manage Threads"),
    (160_006, Meaning::NoThread, "the server has as many active threads as it may"),
    (160_007, Meaning::NoThread, "the server has as many active threads below announcements as it may"),
];
/// The person isn't in the server.
pub(super) const UNKNOWN_MEMBER: i64 = 10007;
/// The channel or the thread in the request is gone.
pub(super) const UNKNOWN_CHANNEL: i64 = 10003;
/// Discord does not know the interaction, because it is over or not acknowledged yet.
pub(super) const UNKNOWN_WEBHOOK: i64 = 10015;
/// A message can have one thread, and this one already has it.
pub(super) const HAS_A_THREAD: i64 = 160_004;
/// The thread is archived. It accepts new messages, but no edits until it is unarchived.
pub(super) const RESTS: i64 = 50083;

/// The client of Discord's API.
pub struct DiscordApi {
    http: Client,
    base: String,
    token: SecretString,
    /// The time until which each bucket is empty. The key is the part of a path by which Discord counts.
    empty_until: Mutex<HashMap<String, Instant>>,
}

/// An error of Discord, with its own code.
#[derive(Debug)]
pub(super) struct DiscordError {
    pub(super) code: i64,
    pub(super) error: DeliveryError,
}

impl From<DeliveryError> for DiscordError {
    fn from(error: DeliveryError) -> Self {
        Self { code: 0, error }
    }
}

impl From<DiscordError> for DeliveryError {
    fn from(refusal: DiscordError) -> Self {
        refusal.error
    }
}

impl DiscordApi {
    /// Creates a client. `api_url` is scheme, host and port.
    ///
    /// # Errors
    /// Returns the reason if the HTTP client cannot be built.
    pub fn new(api_url: &str, token: &SecretString) -> Result<Self, String> {
        let http = Client::builder().timeout(CALL_TIMEOUT).user_agent(USER_AGENT).build();
        Ok(Self {
            http: http.map_err(|_| "the HTTP client could not be built".to_owned())?,
            base: format!("{api_url}/api/v10"),
            token: token.clone(),
            empty_until: Mutex::default(),
        })
    }

    /// Returns `true` if the token has the form of a bot token: three parts with dots between them.
    pub(super) fn has_a_bot_token(&self) -> bool {
        self.token.expose_secret().matches('.').count() == 2
    }

    /// Returns `true` if the connection is encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// Calls Discord once. Paths of interactions contain their own token, so ours is sent only if it is
    /// needed.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, DiscordError> {
        self.answer(method, path, body).await.map(|(_, body)| body)
    }

    /// Returns Discord's time from its response headers.
    pub(super) async fn time(&self) -> Option<Timestamp> {
        let (headers, _) = self.answer(Method::GET, "/gateway", None).await.ok()?;
        Some(rfc2822::parse(text(&headers, DATE.as_str())?).ok()?.timestamp())
    }

    async fn answer(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(HeaderMap, Value), DiscordError> {
        let bucket = bucket(&method, path);
        self.wait_for(&bucket).await?;
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if !path.starts_with("/webhooks/") && !path.starts_with("/interactions/") {
            request = request.header("Authorization", format!("Bot {}", self.token.expose_secret()));
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|error| broken(&error))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(|error| broken(&error))?;
        self.learn(&bucket, status, &headers);
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status.is_success() { Ok((headers, body)) } else { Err(refused(status, &headers, &body)) }
    }

    /// Waits until the bucket is refilled, if that is soon.
    async fn wait_for(&self, bucket: &str) -> Result<(), DeliveryError> {
        let (until, everywhere) = {
            let mut empty_until = self.empty_until.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            empty_until.retain(|_, until| *until > now);
            let (global, own) = (empty_until.get("global"), empty_until.get(bucket));
            (global.max(own).copied(), global > own)
        };
        let Some(until) = until else { return Ok(()) };
        let wait = until.saturating_duration_since(Instant::now());
        if wait > WAIT_MAX {
            return Err(if everywhere {
                DeliveryError::PlatformBusy(wait)
            } else {
                DeliveryError::Busy(wait)
            });
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Returns how long a channel accepts no further message, according to Discord's last response.
    pub(super) fn full_for(&self, channel: &str) -> Duration {
        let bucket = bucket(&Method::POST, &format!("/channels/{channel}/messages"));
        let empty_until = self.empty_until.lock().unwrap_or_else(PoisonError::into_inner);
        let until = empty_until.get(&bucket).copied();
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    fn learn(&self, bucket: &str, status: StatusCode, headers: &HeaderMap) {
        let used_up = text(headers, "x-ratelimit-remaining") == Some("0");
        let wait = match (status, used_up) {
            (StatusCode::TOO_MANY_REQUESTS, _) => seconds(headers, "retry-after").or(Some(PAUSE_DEFAULT)),
            (_, true) => seconds(headers, "x-ratelimit-reset-after"),
            _ => None,
        };
        let Some(wait) = wait else { return };
        let key = if text(headers, "x-ratelimit-global").is_some() { "global" } else { bucket };
        let mut empty_until = self.empty_until.lock().unwrap_or_else(PoisonError::into_inner);
        empty_until.insert(key.to_owned(), Instant::now() + wait);
    }
}

/// Returns one of serenity's requests as JSON.
pub(super) fn to_json(request: &impl Serialize) -> Value {
    // This fails only for a map whose keys are not text, and serenity has none.
    serde_json::to_value(request).unwrap_or_default()
}

/// Returns the bucket of a call. Discord counts by method, route and the first ID in it; further IDs share a
/// bucket.
fn bucket(method: &Method, path: &str) -> String {
    let parts: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
    let is_id = |part: &str| part.len() > 10 && part.bytes().all(|digit| digit.is_ascii_digit());
    let route =
        parts.iter().enumerate().map(|(place, part)| if place > 2 && is_id(part) { "{id}" } else { part });
    format!("{method} {}", route.collect::<Vec<_>>().join("/"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn seconds(headers: &HeaderMap, name: &str) -> Option<Duration> {
    let wait = text(headers, name)?
        .parse()
        .ok()
        .and_then(|seconds: f64| Duration::try_from_secs_f64(seconds).ok())?;
    Some(wait.min(PAUSE_MAX))
}

fn broken(error: &reqwest::Error) -> DeliveryError {
    if error.is_connect() {
        return DeliveryError::Failed(format!("Discord cannot be reached: {}", root_cause(error)));
    }
    DeliveryError::InDoubt("the connection to Discord broke, or no answer came in time".to_owned())
}

fn refused(status: StatusCode, headers: &HeaderMap, body: &Value) -> DiscordError {
    // Only a body in Discord's own form comes from Discord. A proxy in between may send any status.
    let code = body["code"].as_i64().filter(|_| body["message"].is_string());
    let known = REFUSALS.iter().find(|(number, ..)| Some(*number) == code);
    let error = match (status.as_u16(), known) {
        (429, _) => {
            let wait = seconds(headers, "retry-after").unwrap_or(PAUSE_DEFAULT);
            let everywhere = text(headers, "x-ratelimit-global").is_some() || body["global"] == true;
            if everywhere { DeliveryError::PlatformBusy(wait) } else { DeliveryError::Busy(wait) }
        }
        (_, Some((number, meaning, words))) => {
            let why = format!("{number}: {words}");
            match meaning {
                Meaning::NotThere => DeliveryError::NotThere(why),
                Meaning::NoThread => DeliveryError::NoThread(why),
                Meaning::ThreadClosed => DeliveryError::ThreadClosed(why),
                Meaning::Gone => DeliveryError::MessageGone(why),
            }
        }
        (401, None) if code.is_some() => DeliveryError::NotAllowed(
            "401: Discord does not know the token; copy discord.token again from the application's page Bot"
                .to_owned(),
        ),
        (400..500, None) => match code {
            // 0 is Discord's code for "no reason", which a wrong path has as well.
            Some(code) if code != 0 && status == StatusCode::FORBIDDEN => {
                DeliveryError::NotThere(format!("HTTP {status}, code {code}"))
            }
            Some(code) if code != 0 => DeliveryError::Refused(format!("HTTP {status}, code {code}")),
            Some(_) => DeliveryError::Failed(format!("HTTP {status}")),
            None => DeliveryError::Failed(format!("HTTP {status}, and not from Discord")),
        },
        (_, None) => DeliveryError::InDoubt(format!("HTTP {status}")),
    };
    DiscordError { code: code.unwrap_or_default(), error }
}
