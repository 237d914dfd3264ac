//! `config check`, `config show` and `config default`: text for the terminal, no network.

use crate::digest::schedule::word;
use crate::settings::Loaded;
use crate::settings::discord::Discord;
use crate::settings::mcp::Mcp;
use crate::settings::problem::Problems;
use crate::settings::process::read_channels;
use crate::settings::recall::{Recall, Workspace};
use crate::settings::reference::DEFAULT_TOML;
use crate::settings::show;
use crate::settings::slack::Slack;

/// Returns which parts are on and which are off.
///
/// # Errors
///
/// Returns [`Problems`] with everything that keeps `serve` from starting. The process then exits with 2.
pub fn check(loaded: &Loaded) -> Result<String, Problems> {
    let settings = &loaded.settings;
    settings.ready_to_serve()?;
    let rows = read_channels(settings)?.len();
    let lines = [
        recall_line(&settings.recall),
        webhooks_line(&settings.recall),
        slack_line(&settings.slack),
        discord_line(&settings.discord),
        alerts_line(loaded, rows),
        digest_line(loaded),
        format!("Database: {}", settings.database.url),
        format!("HTTP: {}", settings.http.listen),
        mcp_line(&settings.mcp),
    ];
    Ok(format!("The settings are valid.\n{}\n", lines.join("\n")))
}

/// Returns every effective value with its source, secrets redacted.
#[must_use]
pub fn show(loaded: &Loaded) -> String {
    show::show(loaded)
}

/// Returns the commented defaults.
#[must_use]
pub fn default() -> &'static str {
    DEFAULT_TOML
}

fn recall_line(recall: &Recall) -> String {
    let workspaces: Vec<String> = recall
        .workspaces()
        .iter()
        .map(|workspace| {
            let key = match workspace.api_key {
                Some(_) => "",
                None => ", no API key",
            };
            // An address that doesn't follow from the region is shown, because it wins over the region.
            let address = match &workspace.base_url {
                own if *own == workspace.region.base_url() => String::new(),
                other => format!(" at {other}"),
            };
            format!("{} ({}{address}{key})", workspace.name, workspace.region)
        })
        .collect();
    let plural = if workspaces.len() == 1 { "" } else { "s" };
    format!("Recall: {} workspace{plural}: {}", workspaces.len(), workspaces.join(", "))
}

fn webhooks_line(recall: &Recall) -> String {
    let signed: Vec<String> = recall
        .workspaces()
        .into_iter()
        .filter(|workspace: &Workspace| !workspace.webhook_secrets.is_empty())
        .map(|workspace| workspace.name)
        .collect();
    if recall.insecure_webhooks {
        "Webhooks: on, accepted without a signature (recall.insecure_webhooks)".to_owned()
    } else if signed.is_empty() {
        "Webhooks: off (no recall.webhook_secret)".to_owned()
    } else {
        format!("Webhooks: on for {}", signed.join(", "))
    }
}

fn slack_line(slack: &Slack) -> String {
    let how = match (&slack.bot_token, &slack.app_token, &slack.signing_secret) {
        (None, _, _) => "off (no slack.bot_token)",
        (Some(_), Some(_), Some(_)) => "on, Socket Mode and HTTP endpoints",
        (Some(_), Some(_), None) => "on, Socket Mode",
        (Some(_), None, Some(_)) => "on, HTTP endpoints",
        (Some(_), None, None) => {
            "alerts only (people can't ask without slack.app_token or slack.signing_secret)"
        }
    };
    format!("Slack: {how}")
}

fn discord_line(discord: &Discord) -> String {
    let how = match (&discord.token, &discord.public_key) {
        (None, _) => "off (no discord.token)",
        (Some(_), Some(_)) => "on, HTTP interactions",
        (Some(_), None) => "on, gateway",
    };
    format!("Discord: {how}")
}

fn mcp_line(mcp: &Mcp) -> String {
    let names: Vec<&str> = mcp.tokens.iter().map(|token| token.name.as_str()).collect();
    match names[..] {
        [] => "MCP: off (no mcp.tokens)".to_owned(),
        _ if !cfg!(feature = "mcp") => "MCP: off (this program was built without it)".to_owned(),
        _ => format!("MCP: on for {}", names.join(", ")),
    }
}

/// Returns the line about the digest. A channel whose platform is off is shown, because nothing is posted there.
fn digest_line(loaded: &Loaded) -> String {
    let settings = &loaded.settings;
    let digest = &settings.digest;
    let (mut posted, mut idle) = (Vec::new(), Vec::new());
    for (platform, is_on, key, channel) in [
        ("Slack", settings.slack.is_on(), "digest.slack_channel", &digest.slack_channel),
        ("Discord", settings.discord.is_on(), "digest.discord_channel", &digest.discord_channel),
    ] {
        match channel {
            Some(channel) if is_on => posted.push(format!("{platform} {channel}")),
            Some(_) => idle.push(format!("{key} is set, but {platform} is off")),
            None => {}
        }
    }
    let schedule = &digest.schedule;
    let zone = schedule.time_zone.iana_name().unwrap_or("UTC");
    let at = format!("{} at {:02}:00 ({zone})", word(schedule.weekday), schedule.hour);
    match (posted.join(", "), idle.join(", and ")) {
        (none, idle) if none.is_empty() && idle.is_empty() => {
            "Digest: off (no digest.slack_channel or digest.discord_channel)".to_owned()
        }
        (none, idle) if none.is_empty() => format!("Digest: off ({idle})"),
        (posted, idle) if idle.is_empty() => format!("Digest: on, every {at}, to {posted}"),
        (posted, idle) => format!("Digest: on, every {at}, to {posted} ({idle})"),
    }
}

/// Returns the line about alerts. A channel counts only if its platform is on. One that does not count is
/// shown, because its alerts would otherwise be missed.
fn alerts_line(loaded: &Loaded, rows: usize) -> String {
    let settings = &loaded.settings;
    let alerts = &settings.alerts;
    let mut destinations: Vec<String> = Vec::new();
    let mut idle: Vec<String> = Vec::new();
    for (platform, is_on, key, channel) in [
        ("Slack", settings.slack.is_on(), "alerts.slack_channel", &alerts.slack_channel),
        ("Discord", settings.discord.is_on(), "alerts.discord_channel", &alerts.discord_channel),
    ] {
        match channel {
            Some(channel) if is_on => destinations.push(format!("{platform} {channel}")),
            Some(_) => idle.push(format!("{key} is set, but {platform} is off")),
            None => {}
        }
    }
    let of_variables = alerts.routes.iter().any(|route| route.block.is_from_variables());
    let whose = if of_variables { " from variables" } else { "" };
    match alerts.routes.len() {
        0 => {}
        1 => destinations.push(format!("1 route{whose}")),
        routes => destinations.push(format!("{routes} routes{whose}")),
    }
    if let Some((file, key)) = alerts.channels() {
        let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
        destinations.push(format!("{rows} of {} by metadata.{key}", file.display()));
    }
    let idle = idle.join(", and ");
    match (destinations.join(", "), idle) {
        (none, idle) if none.is_empty() && idle.is_empty() => {
            "Alerts: off (no alerts.slack_channel, alerts.discord_channel or [[alerts.route]])".to_owned()
        }
        (none, idle) if none.is_empty() => format!("Alerts: off ({idle})"),
        (told, idle) => {
            let idle = if idle.is_empty() { idle } else { format!(" ({idle})") };
            format!("Alerts: on, {} and above, to {told}{idle}", alerts.min_level)
        }
    }
}
