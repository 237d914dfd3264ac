//! Time limits, size limits and rates of the API client.

use std::num::NonZeroU32;
use std::time::Duration;

use super::body::BYTES_MAX;
use crate::retry::Backoff;

/// The configuration of the API client.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Limit for connecting. Recall.ai either connects quickly or is unreachable.
    pub connect_timeout: Duration,
    /// Limit for one request with its whole response.
    pub request_timeout: Duration,
    /// Limit for one question with all its attempts and pauses, because the requester is waiting.
    pub question_timeout: Duration,
    /// Limit for one action in a meeting with all its attempts and pauses. A bot leaves as soon as 30 s after a
    /// refusal, and the requests that follow need time too.
    pub action_timeout: Duration,
    /// Limit for connecting for an action. An attempt that has less time than this isn't made: if it failed, it
    /// couldn't be known whether it had been sent.
    pub action_connect_timeout: Duration,
    /// Limit for one attempt at an action. It leaves time to ask what became of it.
    pub action_request_timeout: Duration,
    /// Limit for all downloads of one bot together, redirects included.
    pub download_timeout: Duration,
    /// Most bytes of one response or download.
    pub body_bytes_max: usize,
    /// Most attempts for one question.
    pub tries: u32,
    /// Most attempts at one action, all with the same key.
    pub action_tries: u32,
    /// Pauses between the attempts.
    pub backoff: Backoff,
    /// Recall.ai's own limit for retrieving a bot, per workspace.
    pub retrieve_per_minute: NonZeroU32,
    /// Recall.ai's own limit for lists, per workspace.
    pub list_per_minute: NonZeroU32,
    /// Recall.ai's own limit for each action in meetings, per workspace.
    pub actions_per_minute: NonZeroU32,
    /// How long a response is cached. It is long enough to absorb a burst of identical questions, and short
    /// enough not to look stale.
    pub answers_kept_for: Duration,
}

impl Default for ClientConfig {
    fn default() -> Self {
        const RETRIEVE_PER_MINUTE: NonZeroU32 = NonZeroU32::new(300).unwrap();
        const LIST_PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();
        const ACTIONS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(300).unwrap();
        Self {
            connect_timeout: Duration::from_secs(3),
            request_timeout: Duration::from_secs(10),
            question_timeout: Duration::from_secs(20),
            action_timeout: Duration::from_secs(5),
            action_connect_timeout: Duration::from_millis(1_500),
            action_request_timeout: Duration::from_secs(3),
            download_timeout: Duration::from_secs(10),
            body_bytes_max: BYTES_MAX,
            tries: 3,
            action_tries: 5,
            backoff: Backoff::REQUEST,
            retrieve_per_minute: RETRIEVE_PER_MINUTE,
            list_per_minute: LIST_PER_MINUTE,
            actions_per_minute: ACTIONS_PER_MINUTE,
            answers_kept_for: Duration::from_secs(5),
        }
    }
}
