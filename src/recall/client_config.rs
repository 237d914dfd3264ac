//! How long, how much and how often we ask.

use std::num::NonZeroU32;
use std::time::Duration;

use super::body::BYTES_MAX;
use crate::retry::Backoff;

/// ClientConfig of the conversation with Recall.ai.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// To connect. Recall.ai is near or not there at all.
    pub connect_timeout: Duration,
    /// For one request with its whole answer.
    pub request_timeout: Duration,
    /// For one question with all its tries and waits. Whoever asked looks at a screen.
    pub question_timeout: Duration,
    /// For the downloads that belong to one bot together, redirects included.
    pub download_timeout: Duration,
    /// Bytes of one answer or download.
    pub body_bytes_max: usize,
    /// How often one question is tried at most.
    pub tries: u32,
    /// Pauses between the tries.
    pub backoff: Backoff,
    /// Recall.ai's own limit for one bot, per workspace.
    pub retrieve_per_minute: NonZeroU32,
    /// Recall.ai's own limit for lists, per workspace.
    pub list_per_minute: NonZeroU32,
    /// How long an answer serves others who ask the same. Shorter than anybody's patience with an old
    /// answer, longer than a burst of equal questions.
    pub answers_kept_for: Duration,
}

impl Default for ClientConfig {
    fn default() -> Self {
        const RETRIEVE_PER_MINUTE: NonZeroU32 = NonZeroU32::new(300).unwrap();
        const LIST_PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();
        Self {
            connect_timeout: Duration::from_secs(3),
            request_timeout: Duration::from_secs(10),
            question_timeout: Duration::from_secs(20),
            download_timeout: Duration::from_secs(10),
            body_bytes_max: BYTES_MAX,
            tries: 3,
            backoff: Backoff::REQUEST,
            retrieve_per_minute: RETRIEVE_PER_MINUTE,
            list_per_minute: LIST_PER_MINUTE,
            answers_kept_for: Duration::from_secs(5),
        }
    }
}
