//! `simulate`: sends the webhooks of a scenario to a running service.

mod refused;
mod scenario;

use std::path::Path;
use std::time::Duration;

use reqwest::Url;

use super::{CommandError, nobody_reads, runtime, settings};
use crate::diagnosis::untrusted::printable;
use crate::recall::webhook::WebhookKey;
use crate::settings::Settings;
use crate::simulate::{SCENARIOS, Scenario, Sender};
use scenario::Play;

/// The service's path for webhooks.
const PATH: &str = "/webhooks/recall";
/// The argument for all scenarios.
const ALL: &str = "all";
/// Lowest similarity, from 0 to 1, at which a scenario's name is suggested.
const NEAR_ENOUGH: f64 = 0.6;
/// Printed at the end, because the service accepts webhooks even if its alerts have no channel.
const NO_PLACE: &str = "\nThese settings name no channel for alerts. If the service has the same settings, no alert is posted.\n\
                        Set alerts.slack_channel, alerts.discord_channel or a route for the service.\n";

#[derive(Debug, clap::Args)]
pub(super) struct SimulateArguments {
    /// Scenario, or `all`; if left out, the scenarios are listed
    scenario: Option<String>,
    /// List the scenarios and send nothing
    #[arg(long)]
    list: bool,
    /// URL of the service [default: http.listen]
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// Workspace whose secret signs [default: the first with a secret]
    #[arg(long, value_name = "NAME")]
    workspace: Option<String>,
    /// Seconds to pause between the steps of a scenario
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=60))]
    pause: u64,
}

pub(super) fn run(arguments: &SimulateArguments, config: Option<&Path>) -> Result<String, CommandError> {
    let Some(name) = arguments.scenario.as_deref().filter(|_| !arguments.list) else { return Ok(list()) };
    let scenarios = find(name)?;
    let settings = settings(config)?;
    let url = url(arguments.to.as_deref(), &settings)?;
    let key = key(arguments.workspace.as_deref(), &settings)?;
    let sender = Sender::new(url.clone(), key).map_err(anyhow::Error::from)?;
    let mut play = Play { out: anstream::stdout(), sender, url, pause: Duration::from_secs(arguments.pause) };
    match runtime()?.block_on(play.scenarios(scenarios)) {
        Ok(()) if settings.alerts.have_a_place() => Ok(String::new()),
        Ok(()) => Ok(NO_PLACE.to_owned()),
        Err(error) if nobody_reads(&error) => Ok(String::new()),
        Err(error) => Err(error.into()),
    }
}

fn list() -> String {
    let width = SCENARIOS.iter().map(|scenario| scenario.id.len()).max().unwrap_or_default();
    let line = |scenario: &Scenario| format!("  {:width$}  {}\n", scenario.id, scenario.about);
    let lines: String = SCENARIOS.iter().map(line).collect();
    format!("Scenarios:\n{lines}  {ALL:width$}  all of them, one after the other\n")
}

fn find(name: &str) -> Result<&'static [Scenario], CommandError> {
    if name == ALL {
        return Ok(SCENARIOS);
    }
    let found = SCENARIOS.iter().find(|scenario| scenario.id == name);
    found.map(std::slice::from_ref).ok_or_else(|| {
        let likeness = |id: &str| strsim::jaro_winkler(id, name);
        let ids = SCENARIOS.iter().map(|scenario| scenario.id).chain([ALL]);
        let near = ids.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        let hint = match near.filter(|near| likeness(near) >= NEAR_ENOUGH) {
            Some(near) => format!("Did you mean {near}?"),
            None => "Run `why-no-recording simulate --list` to list them.".to_owned(),
        };
        CommandError::Usage(format!("There is no scenario `{}`. {hint}", printable(name, 100)))
    })
}

fn url(to: Option<&str>, settings: &Settings) -> Result<Url, CommandError> {
    let own = || {
        let mut address = settings.http.listen;
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{address}")
    };
    let text = to.map_or_else(own, ToOwned::to_owned);
    let parsed = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let mut url = parsed.filter(Url::has_host).ok_or_else(|| {
        CommandError::Usage(
            "--to isn't a URL. Set it to the service's address, such as https://wnr.example.com.".to_owned(),
        )
    })?;
    if matches!(url.path(), "" | "/") {
        url.set_path(PATH);
    }
    Ok(url)
}

/// Returns the key that signs; `None` if the service accepts webhooks without one.
fn key(workspace: Option<&str>, settings: &Settings) -> Result<Option<WebhookKey>, CommandError> {
    let workspaces = settings.recall.workspaces();
    let mut named = workspaces.iter().filter(|own| workspace.is_none_or(|name| own.name == name)).peekable();
    if named.peek().is_none() {
        return Err(CommandError::Usage("The settings have no workspace with this name. Check --workspace, or run `why-no-recording config show`.".to_owned()));
    }
    match named.find_map(|workspace| workspace.webhook_secrets.first()) {
        Some(secret) => Ok(Some(WebhookKey::of(secret).map_err(anyhow::Error::from)?)),
        None if settings.recall.insecure_webhooks => Ok(None),
        None => Err(CommandError::Usage(
            "No webhook secret is set, so nothing can be signed. Set RECALL_WEBHOOK_SECRET (recall.webhook_secret) to the \
             service's value."
                .to_owned(),
        )),
    }
}
