//! Checks the Slack setup: tokens, permissions, Socket Mode, and the clock.
//!
//! These calls use reqwest, because slack-morphism does not expose response headers. Only headers contain a
//! token's permissions and Slack's time.

mod call;
mod channel;
mod group;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::DATE;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::identity::{SlackIdentity, app_of};
use super::manifest::{Extras, UNFURL_SCOPES};
use super::token::TokenKind;
use crate::report::finding::{self, Finding};
use call::call;

/// The Slack settings.
#[derive(Debug)]
pub struct Access<'a> {
    /// The address of the API.
    pub api_url: &'a Url,
    /// The token for everything that the app sends.
    pub bot_token: &'a SecretString,
    /// The token that opens Socket Mode.
    pub app_token: Option<&'a SecretString>,
    /// The user groups whose members may act in meetings.
    pub acting_groups: &'a [String],
}

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    error: Option<String>,
    team: Option<String>,
    team_id: Option<String>,
    enterprise_id: Option<String>,
    url: Option<String>,
    /// Missing for some kinds of token.
    app_id: Option<String>,
    /// The app's own user; missing for a person's token.
    bot_id: Option<String>,
    channel: Option<channel::Channel>,
    /// The members of a user group.
    users: Option<Vec<String>>,
}

/// Checks each token and each channel. Channels come with the settings that name them. Each finding is
/// reported as soon as it is made.
pub async fn examine(
    access: &Access<'_>,
    channels: &[(String, String)],
    now: Timestamp,
    tell: &mut (impl FnMut(Finding) + Send),
) {
    match call(access.api_url, "auth.test", access.bot_token, &[]).await {
        Err(words) => tell(Finding::fail("Slack", words)),
        Ok((answer, headers)) if answer.ok => {
            let team = answer.team.unwrap_or_else(|| "a workspace".to_owned());
            tell(match answer.bot_id {
                Some(_) => Finding::pass("Slack bot token", format!("valid in {team}")),
                None => Finding::fail("Slack bot token", TokenKind::Bot.is_of_a_person()),
            });
            if let Some(granted) = headers.get("x-oauth-scopes").and_then(|granted| granted.to_str().ok()) {
                let extras = Extras { reads_groups: !access.acting_groups.is_empty(), ..Extras::default() };
                tell(scopes(granted, extras));
                unfurling(granted).into_iter().for_each(&mut *tell);
            }
            let date = headers.get(DATE).and_then(|date| date.to_str().ok());
            if let Some(theirs) = date.and_then(|date| rfc2822::parse(date).ok()) {
                tell(finding::clock("Slack", theirs.timestamp(), now));
            }
            for group in access.acting_groups {
                tell(group::examine(access, group).await);
            }
            for (channel, named_by) in channels {
                tell(channel::examine(access, channel, named_by).await);
            }
        }
        Ok((answer, _)) => {
            tell(Finding::fail("Slack bot token", TokenKind::Bot.refused(answer.error.as_deref())));
        }
    }
    if let Some(token) = access.app_token {
        tell(match call(access.api_url, "apps.connections.open", token, &[]).await {
            Err(words) => Finding::fail("Slack Socket Mode", words),
            Ok((answer, _)) if answer.ok => Finding::pass("Slack Socket Mode", "a connection can be opened"),
            Ok((answer, _)) => {
                Finding::fail("Slack Socket Mode", TokenKind::App.refused(answer.error.as_deref()))
            }
        });
    }
}

/// Fetches the app's identity from Slack.
///
/// # Errors
/// Returns the reason and its fix if Slack does not return it.
pub async fn identity(access: &Access<'_>) -> Result<SlackIdentity, String> {
    let (answer, _) = call(access.api_url, "auth.test", access.bot_token, &[]).await?;
    if !answer.ok {
        return Err(TokenKind::Bot.refused(answer.error.as_deref()));
    }
    let team = answer.team_id.ok_or_else(|| "Slack does not name the workspace".to_owned())?;
    let app = answer.app_id.or_else(|| access.app_token.and_then(app_of));
    Ok(SlackIdentity { team, enterprise: answer.enterprise_id, app, url: answer.url })
}

fn scopes(granted: &str, extras: Extras) -> Finding {
    let granted: Vec<&str> = granted.split(',').map(str::trim).collect();
    let missing: Vec<String> = extras
        .scopes()
        .filter(|(scope, _)| !granted.contains(scope))
        .map(|(scope, why)| format!("{scope} ({why})"))
        .collect();
    if missing.is_empty() {
        return Finding::pass("Slack permissions", "all granted");
    }
    let words = format!(
        "missing: {}. Add them at https://api.slack.com/apps > your app > OAuth & Permissions > Bot Token Scopes, and \
         select Reinstall",
        missing.join(", ")
    );
    Finding::fail("Slack permissions", words)
}

/// Checks the permissions for unfurling links, if the app has one of them: each is of no use without the other.
fn unfurling(granted: &str) -> Option<Finding> {
    let granted: Vec<&str> = granted.split(',').map(str::trim).collect();
    let (has, lacks): (Vec<_>, Vec<_>) = UNFURL_SCOPES.iter().partition(|(scope, _)| granted.contains(scope));
    let part = "Slack links";
    let (scope, why) = match (has.is_empty(), lacks.first()) {
        (true, _) => return None,
        (false, None) => return Some(Finding::pass(part, "links to bots are unfurled")),
        (false, Some(lacks)) => lacks,
    };
    let words = format!(
        "links aren't unfurled without {scope} ({why}). Compare the app with `why-no-recording slack manifest --unfurl` at \
         https://api.slack.com/apps > your app > App Manifest, and select Reinstall"
    );
    Some(Finding::fail(part, words))
}
