//! Why something wasn't done in a meeting, or may not have been: one variant for each thing that a person is told
//! differently, and what the caller may do.
//!
//! `Display` is for logs, and [`ActionError::advice`] is for people. Neither contains a key, a link or the message.

use std::fmt;
use std::time::Duration;

use crate::diagnosis::untrusted::printable;
use crate::recall::client::CallError;
use crate::recall::error::{DEFAULT_RETRY_AFTER, whole_secs};
use crate::retry::Retry;

/// Characters of a reason that are kept.
const REASON_CHARS_MAX: usize = 200;

/// Whether an action that failed happened all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It did not.
    No,
    /// It isn't known. The same key tells, within the hour.
    Unknown,
}

/// Recall.ai's code for a bot that isn't in the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotInCall {
    /// `cannot_command_unstarted_bot`. Bots that have left get it too, so it doesn't prove that a bot is yet to join.
    Unstarted,
    /// `cannot_command_completed_bot`.
    Completed,
}

impl NotInCall {
    /// Returns Recall.ai's code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unstarted => "cannot_command_unstarted_bot",
            Self::Completed => "cannot_command_completed_bot",
        }
    }
}

/// Recall.ai's reason for a refusal: untrusted text on one line, shortened, without links. It does not print,
/// because it may quote what was sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// Returns the reason from a text; `None` if nothing of it can be shown.
    pub(super) fn of(raw: &str) -> Option<Self> {
        let words = raw.split_whitespace().map(|word| if word.contains("://") { "(link)" } else { word });
        let text = printable(&words.collect::<Vec<_>>().join(" "), REASON_CHARS_MAX);
        (!text.is_empty()).then_some(Self(text))
    }

    /// Returns the text. It is escaped where it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(a reason)")
    }
}

/// The reason why an action failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// No workspace of this name is in the settings.
    #[error("{workspace}: no such workspace in the settings")]
    NoWorkspace {
        /// The name.
        workspace: String,
    },
    /// The bot isn't in the call: not yet, or not any more.
    #[error("the bot is not in the call ({})", .0.code())]
    NotInCall(NotInCall),
    /// 404 or 405 for a request for permission: this kind of bot can't ask. It holds for the workspace.
    #[error("this kind of bot cannot request permission to record")]
    NoSuchStep,
    /// 404 for another action.
    #[error("{workspace}: no such bot")]
    NoSuchBot {
        /// The name of the workspace.
        workspace: String,
    },
    /// 403 from Recall.ai itself.
    #[error("{workspace}: the API key may not act (403)")]
    MayOnlyRead {
        /// The name of the workspace.
        workspace: String,
    },
    /// 403 with a web page: a firewall in front of Recall.ai.
    #[error("{workspace}: a firewall blocked the request (403, a web page)")]
    Blocked {
        /// The name of the workspace.
        workspace: String,
    },
    /// 401.
    #[error("{workspace}: the API key was refused (401)")]
    WrongKey {
        /// The name of the workspace.
        workspace: String,
    },
    /// 402.
    #[error("{workspace}: the account has no credit (402)")]
    NoCredit {
        /// The name of the workspace.
        workspace: String,
    },
    /// 409: Recall.ai still processes a request with the same key.
    #[error("a request with the same key is being processed (409)")]
    InFlight,
    /// 429, or our own rate limit is reached, or a pause that Recall.ai asked for lasts too long.
    #[error("{workspace}: too many requests")]
    RateLimited {
        /// The name of the workspace.
        workspace: String,
        /// The time until requests are allowed again, if known.
        after: Option<Duration>,
    },
    /// 507: Recall.ai has no room now. The response is stored under the key.
    #[error("out of capacity (507)")]
    OutOfCapacity,
    /// Another status of the 300s or 400s, most often 400.
    #[error("the action was refused ({status})")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Recall.ai's own reason, if it gave one.
        reason: Option<Reason>,
    },
    /// Recall.ai dropped the request (502 or 503), or couldn't be reached.
    #[error("{}", .status.map_or("not reachable".to_owned(), |status| format!("the request was dropped ({status})")))]
    Failed {
        /// The HTTP status; `None` if no connection was opened.
        status: Option<u16>,
    },
    /// The request may have arrived, and there is no response that says what became of it.
    #[error("no response that says whether it was done")]
    InDoubt,
}

impl ActionError {
    /// Returns if and when the caller may try again **with the same key**, within the hour that Recall.ai stores
    /// it. [`Retry::Never`] if the key gets the same response again, or the settings have to change first.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::RateLimited { after, .. } => Retry::After(after.unwrap_or(DEFAULT_RETRY_AFTER)),
            Self::InFlight | Self::Failed { .. } | Self::InDoubt => Retry::Backoff,
            _ => Retry::Never,
        }
    }

    /// Returns `true` if the same key can't succeed any more.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.retry() == Retry::Never
    }

    /// Returns `true` if the same action may succeed soon, but only with a new key.
    #[must_use]
    pub const fn needs_new_key(&self) -> bool {
        matches!(self, Self::OutOfCapacity)
    }

    /// Returns whether the action may have happened all the same.
    #[must_use]
    pub const fn did_happen(&self) -> Happened {
        match self {
            Self::InFlight | Self::InDoubt => Happened::Unknown,
            _ => Happened::No,
        }
    }

    /// Returns the word for metrics.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NoWorkspace { .. } => "no_workspace",
            Self::NotInCall(_) => "not_in_call",
            Self::NoSuchStep => "no_such_step",
            Self::NoSuchBot { .. } => "no_such_bot",
            Self::MayOnlyRead { .. } => "may_only_read",
            Self::Blocked { .. } => "blocked",
            Self::WrongKey { .. } => "wrong_key",
            Self::NoCredit { .. } => "no_credit",
            Self::InFlight => "in_flight",
            Self::RateLimited { .. } => "rate_limited",
            Self::OutOfCapacity => "out_of_capacity",
            Self::Refused { .. } => "refused",
            Self::Failed { .. } => "failed",
            Self::InDoubt => "in_doubt",
        }
    }

    /// Returns what happened and what to do about it, as text for people.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::NoWorkspace { workspace } => format!(
                "Nothing happened in the meeting. Workspace {workspace} isn't in the settings any more, so I have no API key for this \
                 bot. Add it again, then retry."
            ),
            Self::NotInCall(_) => "Nothing happened in the meeting. The bot isn't in the call, so it can't do anything there. Check \
                                   again to see where it is."
                .to_owned(),
            Self::NoSuchStep => "The host wasn't asked. This kind of bot can't request permission to record. The host \
                                 can still allow recording in Zoom."
                .to_owned(),
            Self::NoSuchBot { workspace } => format!(
                "Nothing happened in the meeting. Workspace {workspace} has no bot with this ID. It may have been deleted."
            ),
            Self::MayOnlyRead { workspace } => format!(
                "Nothing happened in the meeting. The API key of workspace {workspace} may only read. Create a key that may also \
                 control bots in Recall.ai's dashboard, and set recall.api_key."
            ),
            Self::Blocked { workspace } => format!(
                "Nothing happened in the meeting. A firewall in front of Recall.ai blocked the request for workspace {workspace}. \
                 Check that no proxy changes requests on the way. If none does, ask Recall.ai support."
            ),
            Self::WrongKey { workspace } => format!(
                "Nothing happened in the meeting. Recall.ai rejected the API key of workspace {workspace}. Check recall.api_key and \
                 recall.region."
            ),
            Self::NoCredit { workspace } => format!(
                "Nothing happened in the meeting. The Recall.ai account of workspace {workspace} has no credit. Add credit on the \
                 billing page of its dashboard."
            ),
            Self::InFlight => "Recall.ai is still working on it. I don't know yet whether it worked. Check again in a \
                               few seconds."
                .to_owned(),
            Self::RateLimited { workspace, after } => {
                let when = match after.map(whole_secs) {
                    None => "a minute".to_owned(),
                    Some(1) => "1 second".to_owned(),
                    Some(secs) => format!("{secs} seconds"),
                };
                format!(
                    "Nothing happened in the meeting. Recall.ai's rate limit for workspace {workspace} is reached. Try again in {when}."
                )
            }
            Self::OutOfCapacity => {
                "Nothing happened in the meeting. Recall.ai has no capacity right now. Try again in 30 seconds.".to_owned()
            }
            Self::Refused { status, reason } => match reason {
                Some(reason) => {
                    format!("Nothing happened in the meeting. Recall.ai refused it (status {status}): {}", reason.as_str())
                }
                None => format!("Nothing happened in the meeting. Recall.ai refused it (status {status}) and gave no reason. Check recall.base_url, which ends before /api/v1."),
            },
            Self::Failed { status: Some(status) } => format!(
                "Nothing happened in the meeting. Recall.ai is overloaded and dropped the request (status {status}). Try again in a \
                 minute."
            ),
            Self::Failed { status: None } => "Nothing happened in the meeting. I couldn't reach Recall.ai. Try again in a minute. If \
                                              it keeps happening, check the network of this service."
                .to_owned(),
            Self::InDoubt => "I don't know whether it worked, because Recall.ai didn't confirm it. Look in the \
                              meeting, or check the bot again in a minute."
                .to_owned(),
        }
    }
}

impl CallError for ActionError {
    fn rate_limited(workspace: &str, after: Duration) -> Self {
        Self::RateLimited { workspace: workspace.to_owned(), after: Some(after) }
    }

    fn repeat(&self) -> Retry {
        match self {
            // A server that names no pause may be free again within this call.
            Self::RateLimited { after: None, .. } => Retry::Backoff,
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
        match self {
            Self::NoWorkspace { .. }
            | Self::NotInCall(_)
            | Self::NoSuchStep
            | Self::NoSuchBot { .. }
            | Self::InFlight => None,
            Self::MayOnlyRead { .. } | Self::WrongKey { .. } | Self::NoCredit { .. } => Some("auth"),
            Self::RateLimited { .. } => Some("rate_limited"),
            Self::Blocked { .. } | Self::Refused { .. } => Some("client"),
            Self::OutOfCapacity | Self::Failed { .. } | Self::InDoubt => Some("server"),
        }
    }

    /// An attempt in doubt stays in doubt, unless a later response is the one that Recall.ai stored under the key.
    /// A wrong key, a rate limit, a failure and a page that isn't Recall.ai's prove nothing about the earlier attempt.
    fn after(self, earlier: &Self) -> Self {
        let stored = matches!(
            self,
            Self::NotInCall(_)
                | Self::NoSuchStep
                | Self::NoSuchBot { .. }
                | Self::OutOfCapacity
                | Self::Refused { status: 400, reason: Some(_) }
        );
        match earlier.did_happen() {
            Happened::Unknown if !stored && self.did_happen() == Happened::No => Self::InDoubt,
            _ => self,
        }
    }
}
