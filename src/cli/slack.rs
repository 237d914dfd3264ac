//! `slack manifest`: prints the manifest from which Slack creates the app.

use std::path::Path;

use super::{CommandError, settings};
use crate::chat::slack::manifest::{Extras, Transport, manifest};

/// The placeholder in URLs until the public URL is given.
const URL_EXAMPLE: &str = "https://why-no-recording.example";

#[derive(Debug, clap::Subcommand)]
pub(super) enum SlackCommand {
    /// Print the manifest of the Slack app
    #[command(
        after_help = "For Socket Mode, or for HTTP if slack.signing_secret is set and slack.app_token isn't.\n\nExample:\n  why-no-recording slack manifest > manifest.json\nThen select \"From a manifest\" at https://api.slack.com/apps?new_app=1."
    )]
    Manifest {
        /// Public URL of this service; prints the manifest for HTTP instead of Socket Mode
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        /// Add permissions to read channels, to find bot IDs in threads and avoid double posts
        #[arg(long)]
        read_threads: bool,
        /// Add permissions to show the outcome below links to bots in Recall.ai's dashboard
        #[arg(long)]
        unfurl: bool,
        /// Add permissions to list channels, to check them and to show people their last failures
        #[arg(long)]
        list_channels: bool,
    },
}

pub(super) fn run(command: &SlackCommand, config: Option<&Path>) -> Result<String, CommandError> {
    let SlackCommand::Manifest { url, read_threads, unfurl, list_channels } = command;
    let slack = settings(config)?.slack;
    let transport = match url {
        Some(url) => Transport::Http(https(url)?),
        None if slack.signing_secret.is_some() && slack.app_token.is_none() => {
            Transport::Http(URL_EXAMPLE.to_owned())
        }
        None => Transport::SocketMode,
    };
    let extras = Extras {
        reads_threads: *read_threads,
        reads_groups: !slack.acting_groups.is_empty(),
        unfurls: *unfurl,
        lists_channels: *list_channels,
    };
    let manifest = manifest(&transport, extras);
    Ok(serde_json::to_string_pretty(&manifest).map_err(anyhow::Error::from)? + "\n")
}

fn https(url: &str) -> Result<String, CommandError> {
    let parsed = url::Url::parse(url).ok().filter(|url| url.scheme() == "https" && url.host().is_some());
    let wrong = || {
        CommandError::Usage(
            "Slack accepts only https URLs. Set --url to one, such as https://wnr.example.com.".to_owned(),
        )
    };
    parsed.map(|_| url.trim_end_matches('/').to_owned()).ok_or_else(wrong)
}
