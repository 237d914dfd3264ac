//! The command line: what was typed, and which part of the library does it.

pub mod catalogue;
pub mod config;
mod database;
mod demo;
pub mod diagnose;
mod discord;
mod doctor;
mod explain;
mod json_v1;
mod markdown;
mod outbox;
mod serve;
mod simulate;
mod slack;
mod spinner;
mod upkeep;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::settings::Settings;
use crate::settings::process::load_from_process;

/// Tells why a Recall.ai meeting bot came back without a recording, and what the host does about it.
#[derive(Debug, Parser)]
#[command(
    name = "why-no-recording",
    version,
    arg_required_else_help = true,
    after_help = "Example:\n  why-no-recording demo"
)]
pub struct Arguments {
    /// The settings file [default: WHY_NO_RECORDING_CONFIG, else ./why-no-recording.toml if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Validate the settings without a network, and say what is on
    #[command(after_help = "Example:\n  why-no-recording config check --config /etc/why-no-recording.toml")]
    Check,
    /// Show each effective value and where it comes from, secrets redacted
    #[command(after_help = "Example:\n  RECALL_REGION=eu-central-1 why-no-recording config show")]
    Show,
    /// Print the commented defaults
    #[command(after_help = "Example:\n  why-no-recording config default > why-no-recording.toml")]
    Default,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service: the chats that are configured, and the endpoints
    #[command(
        after_help = "Example:\n  RECALL_API_KEY=… SLACK_BOT_TOKEN=… SLACK_APP_TOKEN=… why-no-recording serve"
    )]
    Serve,
    /// Diagnose bots, fetched by their ids or read from files
    #[command(after_help = diagnose::EXAMPLES)]
    Diagnose(diagnose::DiagnoseArguments),
    /// Show what this does, with sample bots and nothing configured
    #[command(after_help = "Example:\n  why-no-recording demo")]
    Demo,
    /// Explain a cause or a sub code
    #[command(after_help = "Example:\n  why-no-recording explain zoom_local_recording_disabled")]
    Explain(explain::ExplainArguments),
    /// List every cause
    #[command(after_help = "Example:\n  why-no-recording catalogue --format json")]
    Catalogue(catalogue::CatalogueArguments),
    /// Check, show or print the settings
    #[command(subcommand, after_help = "Example:\n  why-no-recording config default > why-no-recording.toml")]
    Config(ConfigCommand),
    /// Ask everybody who takes part whether the set-up works; exit code 1 if something is red
    #[command(after_help = "Example:\n  why-no-recording doctor")]
    Doctor,
    /// Set up Slack
    #[command(subcommand, after_help = "Example:\n  why-no-recording slack manifest")]
    Slack(slack::SlackCommand),
    /// Set up Discord
    #[command(subcommand, after_help = "Example:\n  why-no-recording discord register")]
    Discord(discord::DiscordCommand),
    /// Look after messages that could not be delivered
    #[command(
        subcommand,
        after_help = "Uses the database of the service as it is, and creates none.\n\nExample:\n  why-no-recording outbox list"
    )]
    Outbox(outbox::OutboxCommand),
    /// Copy the SQLite database into a new file, while the service runs
    #[command(
        after_help = "The database may be of any version, and stays as it is.\n\nExample:\n  why-no-recording backup /var/backups/wnr-2026-11-23.db"
    )]
    Backup(upkeep::BackupArguments),
    /// Delete everything that is stored about one bot
    #[command(
        after_help = "Uses the database of the service as it is, and creates none.\n\nExample:\n  why-no-recording forget 3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417"
    )]
    Forget(upkeep::ForgetArguments),
    /// Send the signed webhooks of a scenario to a running service, to see what it tells the channel
    #[command(
        after_help = "Examples:\n  why-no-recording simulate --list\n  why-no-recording simulate denied\n  why-no-recording simulate all\n  why-no-recording simulate storm --to https://wnr.example.com"
    )]
    Simulate(simulate::SimulateArguments),
    /// Ask the running service whether it is ready, for containers without a shell
    #[command(after_help = "Example:\n  why-no-recording healthcheck")]
    Healthcheck,
    /// Print the completions of a shell
    #[command(
        after_help = "Example:\n  why-no-recording completions bash > /etc/bash_completion.d/why-no-recording"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// One object, version 1
    Json,
    /// For a ticket or a page
    Markdown,
}

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    /// What was typed cannot be done; exit code 2.
    #[error("{0}")]
    Usage(String),
    /// It was looked at, and something is not as it should be. Told like any answer; exit code 1.
    #[error("{0}")]
    ChecksFailed(String),
    /// It was tried, and did not work; exit code 1.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

/// The page about the commands: what each prints for `--help`.
#[must_use]
pub fn reference_markdown() -> String {
    let mut out = "# The commands\n\nGenerated from the help of the program itself.\n".to_owned();
    let mut program = Arguments::command().term_width(100);
    program.build();
    describe(&mut program, &mut out);
    out
}

fn describe(command: &mut clap::Command, out: &mut String) {
    let name =
        command.get_bin_name().filter(|name| !name.is_empty()).unwrap_or(command.get_name()).to_owned();
    let help = command.render_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    out.push_str(&format!("\n## `{name}`\n\n```text\n{}\n```\n", help.join("\n").trim_end()));
    for command in command.get_subcommands_mut().filter(|command| command.get_name() != "help") {
        describe(command, out);
    }
}

/// Runs the command that was typed, and answers with its exit code.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Diagnose(diagnose) => diagnose::run(&diagnose, arguments.config.as_deref()),
        Command::Serve => serve::run(arguments.config.as_deref()),
        Command::Doctor => doctor::run(arguments.config.as_deref()),
        Command::Slack(command) => slack::run(&command, arguments.config.as_deref()),
        Command::Discord(command) => discord::run(&command, arguments.config.as_deref()),
        Command::Outbox(command) => outbox::run(&command, arguments.config.as_deref()),
        Command::Backup(backup) => upkeep::back_up(&backup, arguments.config.as_deref()),
        Command::Forget(forget) => upkeep::forget(&forget, arguments.config.as_deref()),
        Command::Simulate(simulate) => simulate::run(&simulate, arguments.config.as_deref()),
        Command::Healthcheck => serve::healthcheck(arguments.config.as_deref()),
        Command::Demo => demo::run(),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Catalogue(arguments) => catalogue::run(&arguments),
        Command::Config(command) => run_config(&command, arguments.config.as_deref()),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "why-no-recording", &mut script);
            Ok(String::from_utf8_lossy(&script).into_owned())
        }
    };
    match done {
        Ok(text) => print(&text),
        Err(CommandError::ChecksFailed(text)) => match print(&text) {
            ExitCode::SUCCESS => ExitCode::FAILURE,
            code => code,
        },
        Err(error) => {
            anstream::eprintln!("{error}");
            ExitCode::from(if matches!(error, CommandError::Usage(_)) { 2 } else { 1 })
        }
    }
}

/// The settings; what is wrong with them is the user's to mend.
fn settings(config: Option<&Path>) -> Result<Settings, CommandError> {
    let loaded = load_from_process(config).map_err(|problems| CommandError::Usage(problems.to_string()))?;
    Ok(loaded.settings)
}

/// For commands that do one thing and end.
fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.map_err(anyhow::Error::from)?)
}

fn run_config(command: &ConfigCommand, file: Option<&Path>) -> Result<String, CommandError> {
    let load = || load_from_process(file).map_err(|problems| CommandError::Usage(problems.to_string()));
    match command {
        ConfigCommand::Check => {
            config::check(&load()?).map_err(|problems| CommandError::Usage(problems.to_string()))
        }
        ConfigCommand::Show => Ok(config::show(&load()?)),
        ConfigCommand::Default => Ok(config::default().to_owned()),
    }
}

/// Whether a command that writes as it goes ended because its reader went away (`| head`), which is no failure.
fn nobody_reads(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(|error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// A reader that went away (`| head`) is no failure.
fn print(text: &str) -> ExitCode {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}
