//! The app's own workspace and ID, to recognise requests for other installations.
//!
//! A signing secret belongs to an app and not to a workspace. An app in several workspaces has one secret for
//! all of them.

use std::sync::{Arc, OnceLock};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// The app, and the workspace in which it is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlackIdentity {
    /// The workspace's ID, from `auth.test`.
    pub team: String,
    /// The workspace's organisation, if it has one.
    pub enterprise: Option<String>,
    /// The app's ID, if known.
    pub app: Option<String>,
    /// The workspace's own address, from `auth.test`, as in `https://acme.slack.com/`.
    pub url: Option<String>,
}

/// The identity, once Slack has returned it. Until then, all requests are accepted.
pub type LearnedIdentity = Arc<OnceLock<SlackIdentity>>;

/// Returns the app's ID from an app-level token: `xapp-1-A0123ABCDEF-…`.
#[must_use]
pub fn app_of(app_token: &SecretString) -> Option<String> {
    let id = app_token.expose_secret().split('-').nth(2)?;
    let is_id =
        id.starts_with('A') && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_id.then(|| id.to_owned())
}

impl SlackIdentity {
    /// Returns `true` if Slack sends this for our installation. Missing data is not compared.
    ///
    /// Commands name the workspace directly, buttons in objects, and events under `authorizations`. The
    /// workspace beside an event may be that of a person in a shared channel:
    /// <https://docs.slack.dev/apis/events-api#authorizations>
    #[must_use]
    pub fn is_meant(&self, payload: &Value) -> bool {
        let is_app = match (&self.app, payload["api_app_id"].as_str()) {
            (Some(own), Some(theirs)) => own == theirs,
            _ => true,
        };
        is_app && self.is_installed(payload)
    }

    fn is_installed(&self, payload: &Value) -> bool {
        if let Some(installations) = payload["authorizations"].as_array().filter(|all| !all.is_empty()) {
            return installations.iter().any(|installation| {
                self.is_ours(installation["team_id"].as_str(), installation["enterprise_id"].as_str())
            });
        }
        let text = |value: &Value, other: &Value| value.as_str().or(other.as_str()).map(ToOwned::to_owned);
        let team = text(&payload["context_team_id"], &payload["team_id"]);
        let team = team.or_else(|| payload["team"]["id"].as_str().map(ToOwned::to_owned));
        let enterprise = text(&payload["context_enterprise_id"], &payload["enterprise_id"]);
        let enterprise = enterprise.or_else(|| payload["enterprise"]["id"].as_str().map(ToOwned::to_owned));
        // A person who selects a button in a shared channel may have another workspace. The access check
        // decides about them.
        let is_persons = team.is_some() && team.as_deref() == payload["user"]["team_id"].as_str();
        is_persons || self.is_ours(team.as_deref(), enterprise.as_deref())
    }

    fn is_ours(&self, team: Option<&str>, enterprise: Option<&str>) -> bool {
        match (team, enterprise) {
            (Some(team), _) if team == self.team => true,
            (_, Some(enterprise)) => self.enterprise.as_deref() == Some(enterprise),
            (Some(_), None) => false,
            (None, None) => true,
        }
    }

    /// Returns `true` if this workspace is ours. In an organisation of several workspaces, Slack does not say
    /// which ones belong to it, so every workspace counts.
    #[must_use]
    pub fn is_home(&self, team: &str) -> bool {
        self.enterprise.is_some() || team == self.team
    }
}
