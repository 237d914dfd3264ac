//! The settings: read once, checked as a whole, then plain values.
//!
//! Three layers, the later wins: `config/default.toml`, which is embedded and is the reference as
//! well; a file; the environment. [`load`] is a function of values, so it can be tested without
//! either; only [`process`] reads the environment and the disk.
//!
//! Nothing here knows whether a token works or a channel exists. That takes a network, and is for
//! `doctor` to say.

use std::path::PathBuf;

pub mod alerts;
pub mod block;
mod block_layer;
mod block_variables;
pub mod database;
pub mod discord;
pub mod environment;
mod form;
pub mod http;
mod layers;
pub mod log;
pub mod otel;
pub mod privacy;
pub mod problem;
pub mod process;
mod raw;
mod reader;
pub mod recall;
pub mod reference;
pub mod routes;
pub mod show;
pub mod slack;
pub mod source;
mod unknown;
mod variable;

use alerts::Alerts;
use database::Database;
use discord::Discord;
use environment::Environment;
use http::Http;
use log::Log;
use otel::Otel;
use privacy::Privacy;
use problem::{Problem, Problems};
use reader::SettingsReader;
use recall::Recall;
use show::Shown;
use slack::Slack;

/// Every setting, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the bots are.
    pub recall: Recall,
    /// How Slack is reached.
    pub slack: Slack,
    /// How Discord is reached.
    pub discord: Discord,
    /// Which alerts are sent, when and where.
    pub alerts: Alerts,
    /// Where things are kept.
    pub database: Database,
    /// Where to listen.
    pub http: Http,
    /// What is written to standard error.
    pub log: Log,
    /// Where traces go.
    pub otel: Otel,
    /// What is shown and kept of people.
    pub privacy: Privacy,
}

/// What settings are made from, as values. It holds secrets, so it cannot be printed.
#[derive(Default)]
pub struct Sources {
    /// The settings file, if there is one.
    pub file: Option<SettingsFile>,
    /// The environment.
    pub environment: Environment,
}

/// The text of a settings file and where it came from. It holds secrets, so it cannot be printed.
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
    /// One entry per setting in the order of the reference, without secrets.
    pub shown: Vec<Shown>,
}

/// Lays the file and the environment over the defaults, and checks every value.
///
/// # Errors
///
/// All problems at once, so that nobody has to find them one by one.
pub fn load(sources: &Sources) -> Result<Loaded, Problems> {
    let mut reader = SettingsReader::from(layers::gather(sources));
    let settings = Settings::read(&mut reader);
    match settings {
        Some(settings) if reader.problems.is_empty() => Ok(Loaded { settings, shown: reader.shown }),
        _ => Err(Problems(reader.problems)),
    }
}

impl Settings {
    /// Whether `serve` has something to do with these settings.
    ///
    /// Apart from [`load`] because `diagnose` needs none of it. What is wrong with routes is told here as well: they
    /// are compared with everything else that is set up.
    ///
    /// # Errors
    ///
    /// What is missing or only half set, each with the variables to set, and which routes cannot be right.
    pub fn ready_to_serve(&self) -> Result<(), Problems> {
        let mut problems = Vec::new();
        problems.extend(self.slack.half_set());
        problems.extend(self.discord.half_set());
        if problems.is_empty() && !self.slack.is_on() && !self.discord.is_on() {
            problems.push(Problem::NoChat);
        } else if !self.recall.workspaces().iter().any(recall::Workspace::is_on) {
            problems.push(Problem::NoWorkspace);
        }
        let complete = problems.is_empty();
        problems.extend(routes::problems(self, complete));
        if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
    }

    /// Reads all sections before giving up on any, so that all problems are found.
    fn read(reader: &mut SettingsReader) -> Option<Self> {
        let recall = Recall::read(reader);
        let slack = Slack::read(reader);
        let discord = Discord::read(reader);
        let alerts = Alerts::read(reader);
        let database = Database::read(reader);
        let http = Http::read(reader);
        let log = Log::read(reader);
        let otel = Otel::read(reader);
        let privacy = Privacy::read(reader);
        Some(Self {
            recall: recall?,
            slack: slack?,
            discord: discord?,
            alerts: alerts?,
            database: database?,
            http: http?,
            log: log?,
            otel: otel?,
            privacy: privacy?,
        })
    }
}
