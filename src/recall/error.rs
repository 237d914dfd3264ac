//! What can go wrong between us and Recall.ai, and what to do about each.
//!
//! Two texts: `Display` is for logs, [`FetchError::advice`] for the person who asked. Neither has a
//! key, a link or anything of an answer in it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use crate::retry::Retry;

/// How long to leave a server alone that met an error of its own, which does not pass in seconds.
const AFTER_SERVER_ERROR: Duration = Duration::from_secs(30);
/// How long to leave an overloaded server alone that does not say how long.
pub(super) const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(30);

/// Why there is no answer. Cheap to clone, because everybody who asked at the same time gets it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// Nothing is set up to ask.
    #[error("no Recall.ai API key is configured")]
    NoKey,
    /// Every workspace answered, and none has this bot.
    #[error("no such bot in {}", searched.join(", "))]
    NotFound {
        /// The workspaces, by name.
        searched: Vec<String>,
    },
    /// Some of several workspaces could not be asked, and the others do not have this bot.
    #[error("not found in [{}], and not all could be asked: {}", searched.join(", "), joined(failed))]
    PartlySearched {
        /// The workspaces that answered, by name.
        searched: Vec<String>,
        /// Why the others did not.
        failed: Vec<FetchError>,
    },
    /// 401: the key is wrong, or it belongs to another region.
    #[error("{workspace}: the API key was refused (401)")]
    WrongKey {
        /// The workspace, by name.
        workspace: String,
    },
    /// 402: the account has no credit.
    #[error("{workspace}: the account has no credit (402)")]
    NoCredit {
        /// The workspace, by name.
        workspace: String,
    },
    /// 403 with a web page: a firewall in front of Recall.ai.
    #[error("{workspace}: a firewall blocked the request (403, a web page)")]
    Blocked {
        /// The workspace, by name.
        workspace: String,
    },
    /// 403 from Recall.ai itself.
    #[error("{workspace}: the API key may not do this (403)")]
    Forbidden {
        /// The workspace, by name.
        workspace: String,
    },
    /// 429, or more questions than we allow ourselves.
    #[error("{workspace}: too many requests{}", after.map_or(String::new(), |after| format!(", again after {} s", whole_secs(after))))]
    RateLimited {
        /// The workspace, by name.
        workspace: String,
        /// When there is room again, as far as it is known.
        after: Option<Duration>,
    },
    /// A status of 500 or above.
    #[error("{workspace}: the server failed ({status})")]
    ServerTrouble {
        /// The workspace, by name.
        workspace: String,
        /// The HTTP status.
        status: u16,
    },
    /// A status that Recall.ai has no reason to answer with.
    #[error("{workspace}: an answer that is not Recall.ai's ({status})")]
    Unexpected {
        /// The workspace, by name.
        workspace: String,
        /// The HTTP status.
        status: u16,
    },
    /// No answer in time.
    #[error("{workspace}: no answer in time")]
    TimedOut {
        /// The workspace, by name.
        workspace: String,
    },
    /// No connection.
    #[error("{workspace}: not reachable")]
    Unreachable {
        /// The workspace, by name.
        workspace: String,
        /// What the connection failed with.
        source: Arc<reqwest::Error>,
    },
    /// The connection ended in the middle of the answer.
    #[error("{workspace}: the answer broke off")]
    BrokenOff {
        /// The workspace, by name.
        workspace: String,
        /// What it broke off with.
        source: Arc<reqwest::Error>,
    },
    /// The answer was larger than what is accepted.
    #[error("{workspace}: the answer is too large")]
    TooLarge {
        /// The workspace, by name.
        workspace: String,
    },
    /// The answer was not what it should be.
    #[error("{workspace}: the answer cannot be read")]
    Unreadable {
        /// The workspace, by name.
        workspace: String,
        /// What is wrong with it.
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl FetchError {
    /// Whether asking again can help.
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

    /// Where only a limit stood in the way: after how long it does not any more.
    #[must_use]
    pub fn limited_for(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { after, .. } => Some(after.unwrap_or(DEFAULT_RETRY_AFTER)),
            Self::PartlySearched { failed, .. } => failed.iter().find_map(Self::limited_for),
            _ => None,
        }
    }

    /// Whose fault it is, for metrics that compare platforms; `None` where it is nobody's.
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

    /// What to do about it, for the person who asked.
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

/// Rounded up: a second too early is another refusal.
fn whole_secs(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
