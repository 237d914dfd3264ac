//! `doctor`: whether the set-up works, asked of everybody who takes part in it.

mod recall;
mod remembered;
mod signatures;

use std::path::Path;

use anstyle::{AnsiColor, Style};
use url::Url;

use super::{CommandError, runtime, settings};
use crate::chat::discord::checkup::Setup;
use crate::chat::discord::{self, DiscordApi};
use crate::chat::slack::checkup::{self, Access};
use crate::clock;
use crate::report::finding::{CheckStatus, Finding};
use crate::settings::Settings;
use crate::settings::slack::Slack;

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

pub(super) fn run(config: Option<&Path>) -> Result<String, CommandError> {
    let settings = settings(config)?;
    let findings = runtime()?.block_on(examine(&settings));
    let lines: String = findings.iter().map(line).collect();
    let graded = |grade| findings.iter().filter(|finding| finding.status == grade).count();
    match (graded(CheckStatus::Fail), graded(CheckStatus::Skipped)) {
        (0, 0) => Ok(format!("{lines}\nEverything is as it should be.\n")),
        (0, unknown) => Ok(format!(
            "{lines}\nNothing is wrong, but {unknown} of {} to be looked at by you.\n",
            findings.len()
        )),
        (bad, _) => {
            Err(CommandError::ChecksFailed(format!("{lines}\n{bad} of {} to be fixed.\n", findings.len())))
        }
    }
}

fn line(finding: &Finding) -> String {
    let (style, word) = match finding.status {
        CheckStatus::Pass => (GREEN, "ok"),
        CheckStatus::Fail => (RED, "FAIL"),
        CheckStatus::Skipped => (YELLOW, "?"),
    };
    format!("{style}{word:<4}{style:#}  {}: {}\n", finding.part, finding.words)
}

async fn examine(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    match settings.ready_to_serve() {
        Ok(()) => findings.push(Finding::pass("Settings", "complete")),
        Err(problems) => findings.push(Finding::fail("Settings", problems.to_string())),
    }
    for workspace in settings.recall.workspaces() {
        findings.push(recall::examine(workspace).await);
    }
    if let (Some(bot_token), Ok(api_url)) = (&settings.slack.bot_token, Url::parse(&settings.slack.api_url)) {
        let access = Access { api_url: &api_url, bot_token, app_token: settings.slack.app_token.as_ref() };
        findings.extend(checkup::examine(&access, &settings.alerts.slack_channels(), clock::now()).await);
    }
    findings.extend(requests(&settings.slack));
    if let Some(token) = &settings.discord.token {
        let discord = &settings.discord;
        let setup = Setup {
            application_id: discord.application_id.as_deref(),
            public_key: discord.public_key.as_deref(),
            guild_id: discord.guild_id.as_deref(),
        };
        let channels = settings.alerts.discord_channels();
        findings.extend(match DiscordApi::new(&discord.api_url, token) {
            Ok(api) => discord::checkup::examine(&api, &setup, &channels, clock::now()).await,
            Err(why) => vec![Finding::fail("Discord", why)],
        });
    }
    findings.extend(remembered::examine(settings, clock::now()).await);
    findings
}

/// Whether anybody can ask: Slack's requests come through Socket Mode or over HTTP, and each has its own setting.
fn requests(slack: &Slack) -> Option<Finding> {
    let can_ask = slack.app_token.is_some() || slack.signing_secret.is_some();
    let words = "alerts are posted, and nobody can ask: neither slack.app_token nor slack.signing_secret is set. For \
                 Socket Mode press Generate Token and Scopes at https://api.slack.com/apps > your app > Basic Information > \
                 App-Level Tokens, with the scope connections:write. For HTTP copy the Signing Secret from Basic \
                 Information > App Credentials";
    (slack.is_on() && !can_ask).then(|| Finding::skipped("Slack requests", words))
}
