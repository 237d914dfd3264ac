//! `doctor`: whether the set-up works, asked of everybody who takes part in it.

mod remembered;

use std::path::Path;

use anstyle::{AnsiColor, Style};
use url::Url;

use super::{CommandError, runtime, settings};
use crate::chat::discord::{self, DiscordApi};
use crate::chat::slack::checkup::{self, Access};
use crate::diagnosis::bot_id::BotId;
use crate::recall::{ClientConfig, FetchError, Fetcher, WorkspaceAccess};
use crate::report::finding::{CheckStatus, Finding};
use crate::settings::Settings;
use crate::{clock, settings};

/// An id that no bot has: an API that says so has taken the key.
const PROBE_BOT_ID: &str = "00000000-0000-4000-8000-000000000000";
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
        findings.push(recall(workspace).await);
    }
    if let (Some(bot_token), Ok(api_url)) = (&settings.slack.bot_token, Url::parse(&settings.slack.api_url)) {
        let access = Access { api_url: &api_url, bot_token, app_token: settings.slack.app_token.as_ref() };
        findings.extend(checkup::examine(&access, &settings.alerts.slack_channels(), clock::now()).await);
    }
    if let Some(token) = &settings.discord.token {
        let (guild, channels) = (settings.discord.guild_id.as_deref(), settings.alerts.discord_channels());
        findings.extend(match DiscordApi::new(&settings.discord.api_url, token) {
            Ok(api) => discord::checkup::examine(&api, guild, &channels).await,
            Err(why) => vec![Finding::fail("Discord", why)],
        });
    }
    findings.extend(remembered::examine(settings, clock::now()).await);
    findings
}

async fn recall(workspace: settings::recall::Workspace) -> Finding {
    let part = format!("Recall.ai workspace {}", workspace.name);
    let Some(api_key) = workspace.api_key else {
        let words =
            "no API key: create one in its dashboard under Developers > API Keys, and set recall.api_key";
        return Finding::fail(part, words);
    };
    let access = WorkspaceAccess { name: workspace.name, base_url: workspace.base_url, api_key };
    let fetcher = match Fetcher::new(vec![access], Vec::new(), ClientConfig::default()) {
        Ok(fetcher) => fetcher,
        Err(error) => return Finding::fail(part, error.to_string()),
    };
    let Ok(nobody) = PROBE_BOT_ID.parse::<BotId>() else { return Finding::fail(part, "not asked") };
    match fetcher.case_file(nobody, clock::now()).await {
        Ok(_) | Err(FetchError::NotFound { .. }) => {
            Finding::pass(part, format!("the key is valid in {}", workspace.region))
        }
        Err(error) => Finding::fail(part, error.advice()),
    }
}
