//! `[slack]`: how Slack is reached.

use secrecy::{ExposeSecret, SecretString};

use super::form::{self, Formed};
use super::problem::Problem;
use super::raw::Raw;
use super::reader::SettingsReader;

/// `[slack]`.
#[derive(Debug, Clone)]
pub struct Slack {
    /// Token for everything that the app sends. Slack is off without it.
    pub bot_token: Option<SecretString>,
    /// Token that opens Socket Mode.
    pub app_token: Option<SecretString>,
    /// Secret that verifies Slack requests. If set, the HTTP endpoints are on.
    pub signing_secret: Option<SecretString>,
    /// URL of the API, without a trailing slash.
    pub api_url: String,
    /// IDs of the users who may ask; all if empty.
    pub allowed_users: Vec<String>,
    /// IDs of the channels in which people may ask; all if empty.
    pub allowed_channels: Vec<String>,
    /// `true` if people of other Slack workspaces, who are in a shared channel, may ask.
    pub foreign_users: bool,
    /// IDs of the users who may act in a running meeting.
    pub acting_users: Vec<String>,
    /// IDs of the user groups whose members may act in a running meeting.
    pub acting_groups: Vec<String>,
}

impl Slack {
    /// Returns `true` if a bot token is set.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.bot_token.is_some()
    }

    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let bot_token = reader.secret("slack.bot_token", bot_token);
        let app_token = reader.secret("slack.app_token", app_token);
        let signing_secret = reader.secret("slack.signing_secret", form::secret);
        let api_url = reader.url("slack.api_url", form::http_url);
        let allowed_users = reader.plain("slack.allowed_users", form::texts).unwrap_or_default();
        let allowed_channels = reader.plain("slack.allowed_channels", form::texts).unwrap_or_default();
        let foreign_users = reader.plain("slack.foreign_users", form::flag);
        let acting_users = reader.plain("slack.acting_users", form::slack_users).unwrap_or_default();
        let acting_groups = reader.plain("slack.acting_groups", form::slack_groups).unwrap_or_default();
        Some(Self {
            bot_token,
            app_token,
            signing_secret,
            api_url: api_url?,
            allowed_users,
            allowed_channels,
            foreign_users: foreign_users?,
            acting_users,
            acting_groups,
        })
    }

    /// Returns the problem of a setting that has no effect without the bot token.
    pub(super) fn half_set(&self) -> Option<Problem> {
        let set = match (&self.app_token, &self.signing_secret) {
            (Some(_), _) => "slack.app_token",
            (None, Some(_)) => "slack.signing_secret",
            (None, None) => return None,
        };
        (!self.is_on()).then_some(Problem::HalfSet {
            set,
            lacks: "slack.bot_token",
            lacks_variable: "SLACK_BOT_TOKEN",
        })
    }
}

/// Parses the bot token. Slack shows several tokens side by side, and they are easily swapped.
fn bot_token(raw: &Raw) -> Formed<SecretString> {
    let token = form::secret(raw)?;
    if token.expose_secret().starts_with("xapp-") || token.expose_secret().starts_with("xoxp-") {
        return Err(
            "the bot token, which begins with xoxb-; this is another one of the app's tokens".to_owned()
        );
    }
    Ok(token)
}

fn app_token(raw: &Raw) -> Formed<SecretString> {
    let token = form::secret(raw)?;
    if token.expose_secret().starts_with("xox") {
        return Err("the app-level token, which begins with xapp-; this is another one of the app's tokens"
            .to_owned());
    }
    Ok(token)
}
