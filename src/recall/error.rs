//! The errors of requests to Recall.ai, and what to do about each.
//!
//! Each has two texts: `Display` is for logs, and [`FetchError::advice`] is for the requester. Neither
//! contains a key, a link or any part of a response.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use super::client::CallError;
use crate::retry::Retry;

/// Seconds before a server that failed is tried again. Such errors rarely pass within seconds.
const AFTER_SERVER_ERROR: Duration = Duration::from_secs(30);
/// Seconds before an overloaded server is tried again if it names no pause.
pub(super) const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(30);

/// The reason why there is no response. It is cheap to clone, because all concurrent requesters receive it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// No API key is set.
    #[error("no Recall.ai API key is configured")]
    NoKey,
    /// Every workspace responded, and none has this bot.
    #[error("no such bot in {}", searched.join(", "))]
    NotFound {
        /// The names of the workspaces.
        searched: Vec<String>,
    },
    /// Some of several workspaces failed to respond, and the others do not have this bot.
    #[error("not found in [{}], and not all could be asked: {}", searched.join(", "), joined(failed))]
    PartlySearched {
        /// The names of the workspaces that responded.
        searched: Vec<String>,
        /// The errors of the other workspaces.
        failed: Vec<FetchError>,
    },
    /// 401: the key is wrong, or belongs to another region.
    #[error("{workspace}: the API key was refused (401)")]
    WrongKey {
        /// The name of the workspace.
        workspace: String,
    },
    /// 402: the account has no credit.
    #[error("{workspace}: the account has no credit (402)")]
    NoCredit {
        /// The name of the workspace.
        workspace: String,
    },
    /// 403 with a web page: a firewall in front of Recall.ai.
    #[error("{workspace}: a firewall blocked the request (403, a web page)")]
    Blocked {
        /// The name of the workspace.
        workspace: String,
    },
    /// 403 from Recall.ai itself.
    #[error("{workspace}: the API key may not do this (403)")]
    Forbidden {
        /// The name of the workspace.
        workspace: String,
    },
    /// 429, or our own rate limit is reached.
    #[error("{workspace}: too many requests{}", after.map_or(String::new(), |after| format!(", again after {} s", whole_secs(after))))]
    RateLimited {
        /// The name of the workspace.
        workspace: String,
        /// The time until requests are allowed again, if known.
        after: Option<Duration>,
    },
    /// A status of 500 or above.
    #[error("{workspace}: the server failed ({status})")]
    ServerTrouble {
        /// The name of the workspace.
        workspace: String,
        /// The HTTP status.
        status: u16,
    },
    /// A status that Recall.ai has no reason to send.
    #[error("{workspace}: an answer that is not Recall.ai's ({status})")]
    Unexpected {
        /// The name of the workspace.
        workspace: String,
        /// The HTTP status.
        status: u16,
    },
    /// The response did not arrive in time.
    #[error("{workspace}: no answer in time")]
    TimedOut {
        /// The name of the workspace.
        workspace: String,
    },
    /// The connection could not be opened.
    #[error("{workspace}: not reachable")]
    Unreachable {
        /// The name of the workspace.
        workspace: String,
        /// The error of the connection.
        source: Arc<reqwest::Error>,
    },
    /// The connection ended in the middle of the response.
    #[error("{workspace}: the answer broke off")]
    BrokenOff {
        /// The name of the workspace.
        workspace: String,
        /// The error of the connection.
        source: Arc<reqwest::Error>,
    },
    /// The response exceeds the size limit.
    #[error("{workspace}: the answer is too large")]
    TooLarge {
        /// The name of the workspace.
        workspace: String,
    },
    /// The response could not be parsed.
    #[error("{workspace}: the answer cannot be read")]
    Unreadable {
        /// The name of the workspace.
        workspace: String,
        /// The reason why it could not be parsed.
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl FetchError {
    /// Returns if and when a retry can help.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::NoKey
            | Self::NotFound { .. }
            | Self::WrongKey { .. }
            | Self::NoCredit { .. }
            | Self::Blocked { .. }
            | Self::Forbidden { .. }
            | Self::Unexpected { .. }
            | Self::TooLarge { .. }
            | Self::Unreadable { .. } => Retry::Never,
            Self::RateLimited { after: Some(after), .. } => Retry::After(*after),
            Self::RateLimited { after: None, .. }
            | Self::ServerTrouble { status: 502..=504, .. }
            | Self::Unreachable { .. }
            | Self::BrokenOff { .. } => Retry::Backoff,
            Self::ServerTrouble { .. } => Retry::After(AFTER_SERVER_ERROR),
            Self::TimedOut { .. } => Retry::Now,
            Self::PartlySearched { failed, .. } => {
                failed.iter().map(Self::retry).min().unwrap_or(Retry::Never)
            }
        }
    }

    /// Returns the time until a retry is allowed, if only a rate limit prevented the request.
    #[must_use]
    pub fn limited_for(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { after, .. } => Some(after.unwrap_or(DEFAULT_RETRY_AFTER)),
            Self::PartlySearched { failed, .. } => failed.iter().find_map(Self::limited_for),
            _ => None,
        }
    }

    /// Returns the class of the error, for metrics that compare platforms; `None` if neither side failed.
    #[must_use]
    pub const fn error_class(&self) -> Option<&'static str> {
        match self {
            Self::NoKey | Self::NotFound { .. } | Self::PartlySearched { .. } => None,
            Self::WrongKey { .. } | Self::NoCredit { .. } | Self::Forbidden { .. } => Some("auth"),
            Self::RateLimited { .. } => Some("rate_limited"),
            Self::Blocked { .. } | Self::Unexpected { .. } | Self::TooLarge { .. } => Some("client"),
            Self::ServerTrouble { .. }
            | Self::TimedOut { .. }
            | Self::Unreachable { .. }
            | Self::BrokenOff { .. }
            | Self::Unreadable { .. } => Some("server"),
        }
    }

    /// Returns what to do about it, as text for the requester.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::NoKey => {
                "No Recall.ai API key is set. Set RECALL_API_KEY. If your region isn't us-east-1, set RECALL_REGION too."
                    .to_owned()
            }
            Self::NotFound { searched } => format!(
                "No bot with this ID in {}. Check the ID, and whether the bot is in another region or workspace.",
                in_workspaces(searched)
            ),
            Self::PartlySearched { searched, failed } => partly_searched(searched, failed),
            Self::WrongKey { workspace } => format!(
                "Recall.ai rejected the API key of workspace {workspace}. The key may be wrong, or belong to another \
                 region. Check recall.api_key and recall.region."
            ),
            Self::NoCredit { workspace } => format!(
                "The Recall.ai account of workspace {workspace} has no credit. Add credit on the billing page of its \
                 dashboard, then ask again."
            ),
            Self::Blocked { workspace } => format!(
                "A firewall in front of Recall.ai blocked the request for workspace {workspace}. Check that no proxy \
                 changes requests on the way. If none does, ask Recall.ai support whether the address of this service \
                 is blocked."
            ),
            Self::Forbidden { workspace } => format!(
                "The API key of workspace {workspace} has no permission to read this bot. Check the permissions of \
                 recall.api_key in Recall.ai's dashboard."
            ),
            Self::RateLimited { workspace, after } => {
                let when = match after.map(whole_secs) {
                    None => "a minute".to_owned(),
                    Some(1) => "1 second".to_owned(),
                    Some(secs) => format!("{secs} seconds"),
                };
                format!("Recall.ai's rate limit for workspace {workspace} is reached. Ask again in {when}.")
            }
            Self::ServerTrouble { workspace, status } => format!(
                "Recall.ai returned an error (status {status}, workspace {workspace}). Try again in a minute. If it \
                 keeps happening, check Recall.ai's status page."
            ),
            Self::Unexpected { workspace, status } => format!(
                "The address of workspace {workspace} doesn't respond like Recall.ai (status {status}). Check \
                 recall.base_url, which ends before /api/v1, or remove it and set recall.region."
            ),
            Self::TimedOut { workspace } => {
                format!("Recall.ai didn't respond in time (workspace {workspace}). Try again in a minute.")
            }
            Self::Unreachable { workspace, .. } => format!(
                "I couldn't reach Recall.ai (workspace {workspace}). Try again in a minute. If it keeps happening, check \
                 the network of this service, and recall.base_url if it is set."
            ),
            Self::BrokenOff { workspace, .. } => format!(
                "The connection to Recall.ai broke in the middle of a response (workspace {workspace}). Try again."
            ),
            Self::TooLarge { workspace } => format!(
                "Recall.ai's response is over 8 MiB (workspace {workspace}), far more than a bot's data should be. Check \
                 recall.base_url, and send the bot ID to Recall.ai support."
            ),
            Self::Unreadable { workspace, .. } => format!(
                "I couldn't read Recall.ai's response (workspace {workspace}). Try again in a minute. If it keeps \
                 happening, check recall.base_url. The reason is in the app's log."
            ),
        }
    }
}

impl CallError for FetchError {
    fn rate_limited(workspace: &str, after: Duration) -> Self {
        Self::RateLimited { workspace: workspace.to_owned(), after: Some(after) }
    }

    fn repeat(&self) -> Retry {
        match self {
            // The requester has already waited for a whole request.
            Self::TimedOut { .. } => Retry::Never,
            _ => self.retry(),
        }
    }

    fn pause(&self) -> Option<Option<Duration>> {
        match self {
            Self::RateLimited { after, .. } => Some(*after),
            _ => None,
        }
    }

    fn class(&self) -> Option<&'static str> {
        self.error_class()
    }
}

fn partly_searched(searched: &[String], failed: &[FetchError]) -> String {
    let mut advice = String::new();
    if !searched.is_empty() {
        advice.push_str(&format!("No bot with this ID in {}. ", in_workspaces(searched)));
    }
    advice.push_str("I couldn't ask every workspace:");
    for error in failed {
        advice.push_str("\n- ");
        advice.push_str(&error.advice());
    }
    advice
}

fn in_workspaces(names: &[String]) -> String {
    let workspaces = if names.len() == 1 { "workspace" } else { "workspaces" };
    format!("{workspaces} {}", names.join(", "))
}

fn joined(failed: &[FetchError]) -> String {
    failed.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Returns whole seconds, rounded up: a retry a second too early would be refused again.
pub(super) fn whole_secs(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
