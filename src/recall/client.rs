//! What one workspace of Recall.ai can be asked, and how often: within its limits, and again where that may help.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep};

use super::body::text;
use super::bot_json::{NotABot, bot_from_json};
use super::client_config::ClientConfig;
use super::error::{DEFAULT_RETRY_AFTER, FetchError};
use super::pause::{Pause, PauseStore};
use super::recognise::FileKind;
use super::transport::Transport;
use super::wire;
use crate::diagnosis::bot_id::BotId;
use crate::net::is_loopback;
use crate::retry::Retry;

/// How to get into one workspace.
#[derive(Debug, Clone)]
pub struct WorkspaceAccess {
    /// The name it has in the settings.
    pub name: String,
    /// Scheme, host and port of its region, without `/api/v1`.
    pub base_url: String,
    /// Its API key.
    pub api_key: SecretString,
}

/// Why a client could not be made of the settings.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The base URL is none.
    #[error("workspace {workspace}: recall.base_url is not a URL such as https://us-east-1.recall.ai")]
    BaseUrl {
        /// The workspace, by name.
        workspace: String,
    },
    /// The key has characters that no key has.
    #[error("workspace {workspace}: recall.api_key has characters that cannot be sent, such as a line break")]
    Key {
        /// The workspace, by name.
        workspace: String,
    },
    /// The HTTP client did not start.
    #[error("the HTTP client could not be started")]
    Http(#[from] reqwest::Error),
}

/// One workspace, its key and its limits.
#[derive(Debug)]
pub struct RecallClient {
    name: String,
    base_url: Url,
    transport: Transport,
    limits: ClientConfig,
    retrieve_turns: DefaultDirectRateLimiter,
    list_turns: DefaultDirectRateLimiter,
    pause: Pause,
}

impl RecallClient {
    /// A client for one workspace.
    ///
    /// # Errors
    /// Where the settings cannot work; nothing is asked yet.
    pub fn new(access: WorkspaceAccess, limits: ClientConfig) -> Result<Self, SetupError> {
        let WorkspaceAccess { name, base_url, api_key } = access;
        let mut base_url = Url::parse(&base_url)
            .ok()
            .filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| SetupError::BaseUrl { workspace: name.clone() })?;
        base_url.set_path("/");
        base_url.set_query(None);
        base_url.set_fragment(None);
        let mut authorization = HeaderValue::from_str(&format!("Token {}", api_key.expose_secret().trim()))
            .map_err(|_| SetupError::Key { workspace: name.clone() })?;
        authorization.set_sensitive(true);
        Ok(Self {
            transport: Transport::new(name.clone(), authorization, &limits, is_loopback(&base_url))?,
            retrieve_turns: RateLimiter::direct(quota(limits.retrieve_per_minute)),
            list_turns: RateLimiter::direct(quota(limits.list_per_minute)),
            pause: Pause::of(name.clone()),
            name,
            base_url,
            limits,
        })
    }

    /// The name that the workspace has in the settings.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Keeps the pauses that Recall.ai asks for where others find them.
    pub(super) fn keep_pauses_in(&self, store: Arc<dyn PauseStore>) {
        self.pause.keep_in(store);
    }

    /// The page of a bot in the dashboard of this region.
    #[must_use]
    pub fn dashboard_url(&self, id: BotId) -> String {
        dashboard_url(self.base_url.as_str(), id)
    }

    /// Whether this is a server on this very machine: a test or a demonstration.
    pub(super) fn is_on_loopback(&self) -> bool {
        is_loopback(&self.base_url)
    }

    /// One bot.
    pub(super) async fn bot(&self, id: BotId, now: Timestamp) -> Result<wire::Bot, FetchError> {
        let url = self.url(&format!("api/v1/bot/{id}/"));
        let body = self.get(url, &self.retrieve_turns, now).await?;
        bot_from_json(&body).map_err(|error| self.unreadable(error))
    }

    /// One page, from 1, of the bots that were sent to a meeting.
    pub(super) async fn bots_of_meeting(
        &self,
        meeting_url: &str,
        page: u32,
        now: Timestamp,
    ) -> Result<wire::BotsPage, FetchError> {
        let mut url = self.url("api/v1/bot/");
        url.query_pairs_mut().append_pair("meeting_url", meeting_url).append_pair("page", &page.to_string());
        self.page(url, now).await
    }

    /// One page of the bots that these filters let through: the first, or the one that a cursor leads to, which
    /// is the query of the address that the page before gave.
    pub(super) async fn bots(
        &self,
        filters: &[(&str, String)],
        cursor: Option<&str>,
        now: Timestamp,
    ) -> Result<wire::BotsPage, FetchError> {
        let mut url = self.url("api/v1/bot/");
        match cursor {
            Some(query) => url.set_query(Some(query)),
            None => {
                url.query_pairs_mut().extend_pairs(filters);
            }
        }
        self.page(url, now).await
    }

    /// One page of a list.
    async fn page(&self, url: Url, now: Timestamp) -> Result<wire::BotsPage, FetchError> {
        let body = self.get(url, &self.list_turns, now).await?;
        // The text is not kept in the error: it may have meeting links in it.
        wire::BotsPage::from_json(&text(&body)).ok_or_else(|| self.unreadable(NotABot(FileKind::NoObject)))
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        url.set_path(path);
        url
    }

    /// Asks until there is an answer, a refusal, or no time left. `now` is when it begins.
    #[tracing::instrument(
        name = "call Recall.ai",
        skip_all,
        fields(otel.kind = "client", workspace = self.name, otel.status_code = tracing::field::Empty)
    )]
    async fn get(
        &self,
        url: Url,
        turns: &DefaultDirectRateLimiter,
        now: Timestamp,
    ) -> Result<Vec<u8>, FetchError> {
        let begun = Instant::now();
        let deadline = begun + self.limits.question_timeout;
        let mut attempt = 0;
        let mut pauses = self.limits.backoff.pauses();
        loop {
            self.wait_out_pause(now, begun, deadline).await?;
            self.wait_for_turn(turns, deadline).await?;
            attempt += 1;
            let error = match self.transport.get(url.clone(), deadline).await {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            if let Some(class) = error.error_class() {
                metrics::counter!("wnr_errors_total", "platform" => "recall", "class" => class).increment(1);
            }
            let pause = match error.retry() {
                // Whoever asked has waited for a whole request already.
                _ if matches!(error, FetchError::TimedOut { .. }) => None,
                Retry::Now => Some(Duration::ZERO),
                Retry::After(pause) => Some(pause),
                Retry::Backoff => pauses.next(),
                Retry::Never => None,
            };
            let pause = pause.filter(|pause| attempt < self.limits.tries && fits(*pause, deadline));
            // From when the response came: the request may have taken a while.
            match (&error, pause) {
                (FetchError::RateLimited { after: Some(after), .. }, _) => {
                    self.pause.begin(later(now, begun), *after).await;
                }
                // It did not say how long, and trying again did not help.
                (FetchError::RateLimited { after: None, .. }, None) => {
                    self.pause.begin(later(now, begun), DEFAULT_RETRY_AFTER).await;
                }
                _ => {}
            }
            let Some(pause) = pause else {
                tracing::Span::current().record("otel.status_code", "ERROR");
                return Err(error);
            };
            tracing::debug!(workspace = self.name, attempt, %error, "Recall.ai request retried.");
            sleep(pause).await;
        }
    }

    /// Waits for the end of a pause that Recall.ai asked for, if there is time for that.
    async fn wait_out_pause(
        &self,
        now: Timestamp,
        begun: Instant,
        deadline: Instant,
    ) -> Result<(), FetchError> {
        while let Some(left) = self.pause.left(later(now, begun)).await {
            if !fits(left, deadline) {
                return Err(FetchError::RateLimited { workspace: self.name.clone(), after: Some(left) });
            }
            sleep(left).await;
        }
        Ok(())
    }

    /// Keeps our side of Recall.ai's limit, instead of being refused and refused again.
    async fn wait_for_turn(
        &self,
        turns: &DefaultDirectRateLimiter,
        deadline: Instant,
    ) -> Result<(), FetchError> {
        while let Err(not_yet) = turns.check() {
            let wait = not_yet.wait_time_from(DefaultClock::default().now());
            if !fits(wait, deadline) {
                return Err(FetchError::RateLimited { workspace: self.name.clone(), after: Some(wait) });
            }
            sleep(wait).await;
        }
        Ok(())
    }

    fn unreadable(&self, error: NotABot) -> FetchError {
        FetchError::Unreadable { workspace: self.name.clone(), source: Arc::new(error) }
    }
}

/// The page of a bot in the dashboard of the region at this URL.
#[must_use]
pub fn dashboard_url(base_url: &str, id: BotId) -> String {
    format!("{}/dashboard/explorer/bot/{id}", base_url.trim_end_matches('/'))
}

/// At most `per_minute` requests in any minute. What may be sent at once comes out of the same
/// number: a full burst and a full minute of refills together would be twice the limit.
fn quota(per_minute: NonZeroU32) -> Quota {
    let burst = NonZeroU32::new(per_minute.get() / 10).unwrap_or(NonZeroU32::MIN);
    let refill = NonZeroU32::new(per_minute.get() - burst.get()).unwrap_or(NonZeroU32::MIN);
    Quota::per_minute(refill).allow_burst(burst)
}

/// What time it is by now, for something that began at `now`.
fn later(now: Timestamp, begun: Instant) -> Timestamp {
    let passed = SignedDuration::try_from(begun.elapsed()).unwrap_or(SignedDuration::ZERO);
    now.checked_add(passed).unwrap_or(now)
}

fn fits(wait: Duration, deadline: Instant) -> bool {
    wait < deadline.saturating_duration_since(Instant::now())
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::quota;

    fn check(per_minute: u32, burst: u32) {
        let quota = quota(NonZeroU32::new(per_minute).unwrap());
        let refills = Duration::from_secs(60).as_nanos() / quota.replenish_interval().as_nanos();
        assert_eq!(quota.burst_size().get(), burst);
        assert!(refills + u128::from(burst) <= u128::from(per_minute), "{refills} and {burst}");
    }

    #[test]
    fn a_burst_and_a_minute_of_refills_stay_within_the_limit() {
        check(300, 30);
        check(60, 6);
        check(2, 1);
    }
}
