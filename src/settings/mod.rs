//! The settings: read once, checked as a whole, then plain values.
//!
//! Three layers, the later wins: `config/default.toml`, which is embedded and is the reference as
//! well; a file; the environment. [`load`] is a function of values, so it can be tested without
//! either; only [`process`] reads the environment and the disk.
//!
//! Checking that a token works or a channel exists needs a network, and is done by `doctor`.

use std::path::PathBuf;

pub mod alerts;
pub mod block;
mod block_layer;
mod block_variables;
pub mod channels;
pub mod database;
pub mod digest;
pub mod discord;
pub mod environment;
mod form;
pub mod http;
mod layers;
pub mod log;
pub mod mcp;
pub mod otel;
pub mod privacy;
pub mod problem;
pub mod process;
mod raw;
mod reader;
pub mod recall;
pub mod reference;
pub mod rescue;
pub mod routes;
pub mod show;
pub mod slack;
pub mod source;
mod unknown;
mod variable;

use alerts::Alerts;
use database::Database;
use digest::Digest;
use discord::Discord;
use environment::Environment;
use http::Http;
use log::Log;
use mcp::Mcp;
use otel::Otel;
use privacy::Privacy;
use problem::{Problem, Problems};
use reader::SettingsReader;
use recall::Recall;
use rescue::Rescue;
use show::Shown;
use slack::Slack;

/// Every setting, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Recall.ai: workspaces and regions.
    pub recall: Recall,
    /// How Slack is reached.
    pub slack: Slack,
    /// How Discord is reached.
    pub discord: Discord,
    /// Which alerts are sent, when and where.
    pub alerts: Alerts,
    /// The weekly digest.
    pub digest: Digest,
    /// Asking again while a meeting runs.
    pub rescue: Rescue,
    /// The database.
    pub database: Database,
    /// The HTTP endpoints.
    pub http: Http,
    /// The log.
    pub log: Log,
    /// The trace collector.
    pub otel: Otel,
    /// The endpoint for agents.
    pub mcp: Mcp,
    /// What is shown and stored about people.
    pub privacy: Privacy,
}

/// The sources of settings as values. They contain secrets, so `Debug` isn't implemented.
#[derive(Default)]
pub struct Sources {
    /// The settings file, if there is one.
    pub file: Option<SettingsFile>,
    /// The environment.
    pub environment: Environment,
}

/// The text and the path of a settings file. It contains secrets, so `Debug` isn't implemented.
pub struct SettingsFile {
    /// The path, as it appears in messages.
    pub path: PathBuf,
    /// The TOML.
    pub text: String,
}

/// Settings, and where each of them came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The values.
    pub settings: Settings,
    /// An entry for each setting in the order of the reference, without secrets.
    pub shown: Vec<Shown>,
}

/// Merges the defaults, the file and the environment, and validates each value.
///
/// # Errors
///
/// Returns all problems at once, so that they can be fixed in one go.
pub fn load(sources: &Sources) -> Result<Loaded, Problems> {
    let mut reader = SettingsReader::from(layers::gather(sources));
    let settings = Settings::read(&mut reader);
    match settings {
        Some(settings) if reader.problems.is_empty() => Ok(Loaded { settings, shown: reader.shown }),
        _ => Err(Problems(reader.problems)),
    }
}

impl Settings {
    /// Validates that `serve` can start with these settings.
    ///
    /// Separate from [`load`], because `diagnose` needs none of it. Routes are validated here too, because that needs
    /// all other settings.
    ///
    /// # Errors
    ///
    /// Returns what is missing or only half set, with the variables to set, and the routes that can't be right.
    pub fn ready_to_serve(&self) -> Result<(), Problems> {
        let mut problems = Vec::new();
        problems.extend(self.slack.half_set());
        problems.extend(self.discord.half_set());
        problems.extend(self.alerts.half_set());
        if problems.is_empty() && !self.slack.is_on() && !self.discord.is_on() {
            problems.push(Problem::NoChat);
        } else if !self.recall.workspaces().iter().any(recall::Workspace::is_on) {
            problems.push(Problem::NoWorkspace);
        }
        let complete = problems.is_empty();
        problems.extend(routes::problems(self, complete));
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }

    /// Returns each Slack channel that receives alerts or digests, with the settings that name it.
    #[must_use]
    pub fn slack_channels(&self) -> Vec<(String, String)> {
        with(self.alerts.slack_channels(), "digest.slack_channel", self.digest.slack_channel.as_ref())
    }

    /// Returns each Discord channel that receives alerts or digests, with the settings that name it.
    #[must_use]
    pub fn discord_channels(&self) -> Vec<(String, String)> {
        with(self.alerts.discord_channels(), "digest.discord_channel", self.digest.discord_channel.as_ref())
    }

    /// Reads all sections before giving up on any, so that all problems are found.
    fn read(reader: &mut SettingsReader) -> Option<Self> {
        let recall = Recall::read(reader);
        let slack = Slack::read(reader);
        let discord = Discord::read(reader);
        let alerts = Alerts::read(reader);
        let digest = Digest::read(reader);
        let rescue = Rescue::read(reader);
        let database = Database::read(reader);
        let http = Http::read(reader);
        let log = Log::read(reader);
        let otel = Otel::read(reader);
        let mcp = Mcp::read(reader);
        let privacy = Privacy::read(reader);
        Some(Self {
            recall: recall?,
            slack: slack?,
            discord: discord?,
            alerts: alerts?,
            digest: digest?,
            rescue: rescue?,
            database: database?,
            http: http?,
            log: log?,
            otel: otel?,
            mcp,
            privacy: privacy?,
        })
    }
}

/// Adds a channel, and the setting that names it.
fn with(
    mut channels: Vec<(String, String)>,
    setting: &str,
    channel: Option<&String>,
) -> Vec<(String, String)> {
    if let Some(channel) = channel {
        match channels.iter_mut().find(|(known, _)| known == channel) {
            Some((_, settings)) => *settings = format!("{settings}, {setting}"),
            None => channels.push((channel.clone(), setting.to_owned())),
        }
    }
    channels
}
