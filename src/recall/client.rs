//! The API client of one workspace of Recall.ai, with rate limits and retries.

mod attempts;

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use self::attempts::Allowance;
pub(super) use self::attempts::CallError;
use super::actions::{ActionError, IdempotencyKey, MeetingAction};
use super::body::text;
use super::bot_json::{NotABot, bot_from_json};
use super::client_config::ClientConfig;
use super::error::FetchError;
use super::pause::{Pause, PauseStore};
use super::recognise::FileKind;
use super::transport::Transport;
use super::wire;
use crate::diagnosis::bot_id::BotId;
use crate::net::is_loopback;

/// The address and the key of one workspace.
#[derive(Debug, Clone)]
pub struct WorkspaceAccess {
    /// The workspace's name in the settings.
    pub name: String,
    /// Scheme, host and port of its region, without `/api/v1`.
    pub base_url: String,
    /// Its API key.
    pub api_key: SecretString,
}

/// The reason why a client could not be created from the settings.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The base URL is not a valid URL.
    #[error("workspace {workspace}: recall.base_url is not a URL such as https://us-east-1.recall.ai")]
    BaseUrl {
        /// The name of the workspace.
        workspace: String,
    },
    /// The key contains characters that are not valid in a key.
    #[error("workspace {workspace}: recall.api_key has characters that cannot be sent, such as a line break")]
    Key {
        /// The name of the workspace.
        workspace: String,
    },
    /// The HTTP client could not be created.
    #[error("the HTTP client could not be started")]
    Http(#[from] reqwest::Error),
}

/// A client for one workspace, with its key and its limits.
#[derive(Debug)]
pub struct RecallClient {
    name: String,
    base_url: Url,
    transport: Transport,
    limits: ClientConfig,
    retrieve_turns: DefaultDirectRateLimiter,
    list_turns: DefaultDirectRateLimiter,
    /// One for each action, because Recall.ai counts each of its addresses alone.
    action_turns: [DefaultDirectRateLimiter; MeetingAction::KINDS],
    pause: Pause,
}

impl RecallClient {
    /// Creates a client for one workspace. No request is sent yet.
    ///
    /// # Errors
    /// Returns [`SetupError`] if the settings cannot work.
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
            action_turns: std::array::from_fn(|_| RateLimiter::direct(quota(limits.actions_per_minute))),
            pause: Pause::of(name.clone()),
            name,
            base_url,
            limits,
        })
    }

    /// Returns the workspace's name in the settings.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Shares the pauses that Recall.ai asks for, through a store.
    pub(super) fn keep_pauses_in(&self, store: Arc<dyn PauseStore>) {
        self.pause.keep_in(store);
    }

    /// Returns the page of a bot in the dashboard of this region.
    #[must_use]
    pub fn dashboard_url(&self, id: BotId) -> String {
        dashboard_url(self.base_url.as_str(), id)
    }

    /// Returns `true` if the server is on this machine, as in a test or a demo.
    pub(super) fn is_on_loopback(&self) -> bool {
        is_loopback(&self.base_url)
    }

    /// Fetches one bot.
    pub(super) async fn bot(&self, id: BotId, now: Timestamp) -> Result<wire::Bot, FetchError> {
        let url = self.url(&format!("api/v1/bot/{id}/"));
        let body = self.get(url, &self.retrieve_turns, now).await?;
        bot_from_json(&body).map_err(|error| self.unreadable(error))
    }

    /// Fetches one page, from 1, of the bots that were sent to a meeting.
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

    /// Fetches one page of the bots that match these filters. It is the first page, or the one of a cursor,
    /// which is the query of the previous page's `next` address.
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

    /// Fetches one page of a list.
    async fn page(&self, url: Url, now: Timestamp) -> Result<wire::BotsPage, FetchError> {
        let body = self.get(url, &self.list_turns, now).await?;
        // The error does not keep the text, because it may contain meeting links.
        wire::BotsPage::from_json(&text(&body)).ok_or_else(|| self.unreadable(NotABot(FileKind::NoObject)))
    }

    /// Sends one request to read.
    async fn get(
        &self,
        url: Url,
        turns: &DefaultDirectRateLimiter,
        now: Timestamp,
    ) -> Result<Vec<u8>, FetchError> {
        let allowance = Allowance { turns, tries: self.limits.tries, time: self.limits.question_timeout };
        self.attempts(allowance, now, |deadline| self.transport.get(url.clone(), deadline)).await
    }

    /// Does something in the meeting of a bot. Each attempt has the same key, so Recall.ai does it once.
    pub(super) async fn act(
        &self,
        id: BotId,
        action: &MeetingAction,
        key: IdempotencyKey,
        now: Timestamp,
    ) -> Result<(), ActionError> {
        let url = self.url(&format!("api/v1/bot/{id}/{}/", action.kind()));
        let body = action.body();
        let allowance = Allowance {
            turns: &self.action_turns[action.place()],
            tries: self.limits.action_tries,
            time: self.limits.action_timeout,
        };
        let send = |deadline| {
            let posted = self.transport.post(url.clone(), key, body.clone(), deadline);
            async move {
                match posted.await {
                    Ok(reply) => ActionError::check(&reply, action, &self.name),
                    Err(lost) => Err(ActionError::from(lost)),
                }
            }
        };
        self.attempts(allowance, now, send).await
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        url.set_path(path);
        url
    }

    fn unreadable(&self, error: NotABot) -> FetchError {
        FetchError::Unreadable { workspace: self.name.clone(), source: Arc::new(error) }
    }
}

/// Returns the page of a bot in the dashboard of the region at this URL.
#[must_use]
pub fn dashboard_url(base_url: &str, id: BotId) -> String {
    format!("{}/dashboard/explorer/bot/{id}", base_url.trim_end_matches('/'))
}

/// Returns a quota of at most `per_minute` requests in any minute. Bursts count against the same number,
/// because a full burst and a full minute of refills together would be twice the limit.
fn quota(per_minute: NonZeroU32) -> Quota {
    let burst = NonZeroU32::new(per_minute.get() / 10).unwrap_or(NonZeroU32::MIN);
    let refill = NonZeroU32::new(per_minute.get() - burst.get()).unwrap_or(NonZeroU32::MIN);
    Quota::per_minute(refill).allow_burst(burst)
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
