//! The reasons why Slack accepts no connection, in words for the operator.

use std::time::Duration;

use crate::chat::DeliveryError;
use crate::chat::slack::client::NoConnection;
use crate::chat::slack::token::TokenKind;

/// The reason why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The reason in words.
    pub(super) words: String,
    /// The time that Slack asks to wait before the next attempt.
    pub(super) wait: Option<Duration>,
    /// `true` if Slack itself refused the token or the app, which lasts until the operator acts.
    pub(super) is_final: bool,
}

/// Slack's error codes that last until the operator acts.
/// <https://docs.slack.dev/reference/methods/apps.connections.open#errors>
const FINAL: [&str; 9] = [
    "invalid_auth",
    "not_authed",
    "token_revoked",
    "token_expired",
    "account_inactive",
    "not_allowed_token_type",
    "missing_scope",
    "no_permission",
    "access_denied",
];

/// The meaning of a turned-off app: <https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect>
pub(super) const LINK_DISABLED: &str =
    "Socket Mode is switched off for this app. Switch it on, on the app's page Socket Mode";

impl Refusal {
    /// Returns a refusal that may pass by itself.
    pub(super) fn passing(words: impl Into<String>) -> Self {
        Self { words: words.into(), wait: None, is_final: false }
    }
}

impl From<NoConnection> for Refusal {
    fn from(why: NoConnection) -> Self {
        let code = match why {
            NoConnection::Failed(DeliveryError::Busy(wait) | DeliveryError::PlatformBusy(wait)) => {
                return Self { wait: Some(wait), ..Self::passing("Slack asks to wait with a connection") };
            }
            NoConnection::Failed(error) => {
                return Self::passing(format!("Slack gives no connection: {error}"));
            }
            NoConnection::Refused(code) => code,
        };
        if FINAL.contains(&code.as_str()) {
            let words = TokenKind::App.refused(Some(&code));
            return Self {
                is_final: true,
                ..Self::passing(format!("Slack refuses the app-level token: {words}"))
            };
        }
        let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(60).collect();
        Self::passing(format!("Slack gives no connection: it answers {code}"))
    }
}
