//! Whether Slack is set up: tokens, permissions, Socket Mode, and the clock.
//!
//! These calls are made with reqwest: slack-morphism hands out no headers, and the permissions that a
//! token has, and Slack's time, come in headers alone.

mod channel;

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::DATE;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::error::advice;
use super::manifest::SCOPES;
use crate::report::finding::Finding;

/// How long Slack may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Signatures are valid for five minutes; a clock that is this far off is worth mending before it matters.
const CLOCK_OFF_MAX_SECS: i64 = 60;

/// What the settings hold about Slack.
#[derive(Debug)]
pub struct Access<'a> {
    /// Where the API is.
    pub api_url: &'a Url,
    /// For everything that we send.
    pub bot_token: &'a SecretString,
    /// Opens Socket Mode.
    pub app_token: Option<&'a SecretString>,
}

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    error: Option<String>,
    team: Option<String>,
    channel: Option<channel::Channel>,
}

/// Asks Slack about each token, and about each of the channels, which come with the settings that name them.
pub async fn examine(access: &Access<'_>, channels: &[(String, String)], now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    match call(access.api_url, "auth.test", access.bot_token, &[]).await {
        Err(words) => findings.push(Finding::fail("Slack", words)),
        Ok((answer, headers)) if answer.ok => {
            let team = answer.team.unwrap_or_else(|| "a workspace".to_owned());
            findings.push(Finding::pass("Slack bot token", format!("valid in {team}")));
            findings
                .extend(headers.get("x-oauth-scopes").and_then(|scopes| scopes.to_str().ok()).map(scopes));
            findings.extend(
                headers.get(DATE).and_then(|date| date.to_str().ok()).and_then(|date| clock(date, now)),
            );
            for (channel, named_by) in channels {
                findings.push(channel::examine(access, channel, named_by).await);
            }
        }
        Ok((answer, _)) => {
            findings.push(Finding::fail("Slack bot token", refusal(answer.error, "slack.bot_token")));
        }
    }
    if let Some(token) = access.app_token {
        findings.push(match call(access.api_url, "apps.connections.open", token, &[]).await {
            Err(words) => Finding::fail("Slack Socket Mode", words),
            Ok((answer, _)) if answer.ok => Finding::pass("Slack Socket Mode", "a connection can be opened"),
            Ok((answer, _)) => Finding::fail("Slack Socket Mode", refusal(answer.error, "slack.app_token")),
        });
    }
    findings
}

async fn call(
    api_url: &Url,
    method: &str,
    token: &SecretString,
    parameters: &[(&str, &str)],
) -> Result<(Answer, reqwest::header::HeaderMap), String> {
    let unreachable =
        "cannot be reached: check that this machine may open https connections, and slack.api_url";
    let client =
        reqwest::Client::builder().timeout(ANSWER_TIMEOUT).build().map_err(|_| unreachable.to_owned())?;
    let url = format!("{}/{method}", api_url.as_str().trim_end_matches('/'));
    let request = client.post(url).bearer_auth(token.expose_secret()).form(parameters).send();
    let answer = request.await.map_err(|_| unreachable.to_owned())?;
    let headers = answer.headers().clone();
    let body = answer.bytes().await.map_err(|_| unreachable.to_owned())?;
    let answer = serde_json::from_slice(&body)
        .map_err(|_| "the answer is not Slack's: check slack.api_url".to_owned())?;
    Ok((answer, headers))
}

fn refusal(code: Option<String>, setting: &str) -> String {
    let code = code.unwrap_or_default();
    let otherwise = || format!("Slack answers {code:?}; copy {setting} again from the app's page");
    advice(&code)
        .map_or_else(otherwise, |advice| format!("{code}: {}", advice.replace("slack.bot_token", setting)))
}

fn scopes(granted: &str) -> Finding {
    let granted: Vec<&str> = granted.split(',').map(str::trim).collect();
    let missing: Vec<String> = SCOPES
        .iter()
        .filter(|(scope, _)| !granted.contains(scope))
        .map(|(scope, why)| format!("{scope} ({why})"))
        .collect();
    if missing.is_empty() {
        return Finding::pass("Slack permissions", "all that are needed");
    }
    let words = format!(
        "missing: {}. Add them at https://api.slack.com/apps under OAuth & Permissions, and reinstall the app",
        missing.join(", ")
    );
    Finding::fail("Slack permissions", words)
}

fn clock(date: &str, now: Timestamp) -> Option<Finding> {
    let theirs = rfc2822::parse(date).ok()?.timestamp();
    let off = now.duration_since(theirs).as_secs();
    Some(if off.abs() <= CLOCK_OFF_MAX_SECS {
        Finding::pass("Clock", "agrees with Slack's")
    } else {
        let words =
            "Signatures are refused when the clocks are five minutes apart: switch time synchronisation on";
        Finding::fail("Clock", format!("{} s away from Slack's. {words}", off.abs()))
    })
}
