//! The command line: the arguments, and the function of the library behind each command.

pub mod catalogue;
pub mod config;
mod database;
mod demo;
pub mod diagnose;
mod digest;
mod discord;
mod doctor;
mod explain;
mod language;
#[cfg(feature = "mcp")]
mod mcp;
mod mutes;
mod outbox;
mod pages;
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

/// Find out why a Recall.ai meeting bot didn't record, and how to fix it
#[derive(Debug, Parser)]
#[command(
    name = "why-no-recording",
    version,
    arg_required_else_help = true,
    after_help = "Example:\n  why-no-recording demo"
)]
pub struct Arguments {
    /// Settings file [default: WHY_NO_RECORDING_CONFIG, else ./why-no-recording.toml if it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check the settings without a network
    #[command(after_help = "Example:\n  why-no-recording config check --config /etc/why-no-recording.toml")]
    Check,
    /// Print each setting with its source, secrets redacted
    #[command(after_help = "Example:\n  RECALL_REGION=eu-central-1 why-no-recording config show")]
    Show,
    /// Print the default settings with comments
    #[command(after_help = "Example:\n  why-no-recording config default > why-no-recording.toml")]
    Default,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service
    #[command(
        after_help = "Example:\n  RECALL_API_KEY=… SLACK_BOT_TOKEN=… SLACK_APP_TOKEN=… why-no-recording serve"
    )]
    Serve,
    /// Diagnose bots by ID, or from files
    #[command(after_help = diagnose::EXAMPLES)]
    Diagnose(diagnose::DiagnoseArguments),
    /// Try it with sample bots, without any configuration
    #[command(after_help = "Example:\n  why-no-recording demo")]
    Demo,
    /// Explain a cause or a sub code
    #[command(after_help = "Example:\n  why-no-recording explain zoom_local_recording_disabled")]
    Explain(explain::ExplainArguments),
    /// List all causes
    #[command(after_help = "Example:\n  why-no-recording catalogue --format json")]
    Catalogue(catalogue::CatalogueArguments),
    /// Check or print the settings
    #[command(subcommand, after_help = "Example:\n  why-no-recording config default > why-no-recording.toml")]
    Config(ConfigCommand),
    /// Check the setup: Recall.ai, Slack, Discord, database
    #[command(after_help = "Exits with 1 if a check fails.\n\nExample:\n  why-no-recording doctor")]
    Doctor,
    /// Set up Slack
    #[command(subcommand, after_help = "Example:\n  why-no-recording slack manifest")]
    Slack(slack::SlackCommand),
    /// Set up Discord
    #[command(subcommand, after_help = "Example:\n  why-no-recording discord register")]
    Discord(discord::DiscordCommand),
    /// Count how many bots recorded, and why the others didn't
    #[command(
        after_help = "Counts complete days (UTC), so today isn't in it. Reads the existing database, and never creates one.\n\nExamples:\n  why-no-recording digest\n  why-no-recording digest --since 30 --format markdown"
    )]
    Digest(digest::DigestArguments),
    /// List and retry undelivered messages
    #[command(
        subcommand,
        after_help = "Uses the existing database, and never creates one.\n\nExample:\n  why-no-recording outbox list"
    )]
    Outbox(outbox::OutboxCommand),
    /// List and end mutes of alerts
    #[command(
        subcommand,
        after_help = "Uses the existing database, and never creates one.\n\nExample:\n  why-no-recording mutes list"
    )]
    Mutes(mutes::MutesCommand),
    /// Copy the SQLite database while the service runs
    #[command(
        after_help = "Accepts a database of any version, and doesn't change it.\n\nExample:\n  why-no-recording backup /var/backups/wnr-2026-11-23.db"
    )]
    Backup(upkeep::BackupArguments),
    /// Delete everything stored about a bot
    #[command(
        after_help = "Uses the existing database, and never creates one.\n\nExample:\n  why-no-recording forget 3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417"
    )]
    Forget(upkeep::ForgetArguments),
    /// Write the pages for hosts as files
    #[command(
        after_help = "For a web server of your own. The service serves the same pages below /h/.\n\nExample:\n  why-no-recording pages --out /srv/www/recording"
    )]
    Pages(pages::PagesArguments),
    /// Send sample webhooks to a running service
    #[command(
        after_help = "Examples:\n  why-no-recording simulate --list\n  why-no-recording simulate denied\n  why-no-recording simulate all\n  why-no-recording simulate storm --to https://wnr.example.com"
    )]
    Simulate(simulate::SimulateArguments),
    /// Answer AI agents over standard input and output
    #[cfg(feature = "mcp")]
    #[command(
        after_help = "A server of the Model Context Protocol, read only. Reads the existing database, and never creates one.\n\nExample:\n  claude mcp add recordings -- why-no-recording mcp --config /etc/why-no-recording.toml"
    )]
    Mcp,
    /// Check that the running service is ready
    #[command(
        after_help = "For containers without a shell. Exits with 1 if the service isn't ready.\n\nExample:\n  why-no-recording healthcheck"
    )]
    Healthcheck,
    /// Print shell completions
    #[command(
        after_help = "Example:\n  why-no-recording completions bash > /etc/bash_completion.d/why-no-recording"
    )]
    Completions {
        /// Shell
        shell: Shell,
    },
}

/// Output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// One object, version 1
    Json,
    /// For a ticket or a page
    Markdown,
}

/// The reason why a command failed. The variant decides the exit code.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    /// Wrong arguments or settings; exit code 2.
    #[error("{0}")]
    Usage(String),
    /// A check failed. The text goes to standard output; exit code 1.
    #[error("{0}")]
    ChecksFailed(String),
    /// The command failed; exit code 1.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

/// Returns `docs/cli.md`: the output of `--help` for each command.
#[must_use]
pub fn reference_markdown() -> String {
    let mut out = "# Commands\n\nGenerated from the program's own `--help`.\n".to_owned();
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

/// Runs the command and returns its exit code.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Diagnose(diagnose) => diagnose::run(&diagnose, arguments.config.as_deref()),
        Command::Serve => serve::run(arguments.config.as_deref()),
        Command::Doctor => doctor::run(arguments.config.as_deref()),
        Command::Slack(command) => slack::run(&command, arguments.config.as_deref()),
        Command::Discord(command) => discord::run(&command, arguments.config.as_deref()),
        Command::Digest(digest) => digest::run(&digest, arguments.config.as_deref()),
        Command::Outbox(command) => outbox::run(&command, arguments.config.as_deref()),
        Command::Mutes(command) => mutes::run(&command, arguments.config.as_deref()),
        Command::Backup(backup) => upkeep::back_up(&backup, arguments.config.as_deref()),
        Command::Forget(forget) => upkeep::forget(&forget, arguments.config.as_deref()),
        Command::Pages(arguments) => pages::run(&arguments),
        Command::Simulate(simulate) => simulate::run(&simulate, arguments.config.as_deref()),
        #[cfg(feature = "mcp")]
        Command::Mcp => mcp::run(arguments.config.as_deref()),
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

/// Loads the settings. Problems with them are the user's to fix, so they are usage errors.
fn settings(config: Option<&Path>) -> Result<Settings, CommandError> {
    let loaded = load_from_process(config).map_err(|problems| CommandError::Usage(problems.to_string()))?;
    Ok(loaded.settings)
}

/// Creates a single-threaded runtime, for commands that do one thing and end.
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

/// Returns `true` if the command stopped because its output pipe was closed (`| head`). That isn't a failure.
fn nobody_reads(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(|error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Prints the text. A closed output pipe (`| head`) isn't a failure.
fn print(text: &str) -> ExitCode {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}
