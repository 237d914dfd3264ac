//! `diagnose`: bots that are fetched by their IDs, or read from files.

mod follow_up;
mod inputs;
mod several;
pub mod watch;

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::language::{Chosen, JSON_IS_ENGLISH};
use super::{CommandError, Format, runtime, settings, spinner};
use crate::app;
use crate::chat::console::render;
use crate::clock;
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::case_file::CaseFile;
use crate::diagnosis::catalogue::Catalogue;
use crate::diagnosis::diagnose;
use crate::diagnosis::vocabulary::ParticipantNames;
use crate::formats::{json_v1, markdown};
use crate::pages::{Language, Pages};
use crate::recall::{FetchError, Fetcher};
use crate::report::Report;
use crate::report::people::compose_with_people;
use inputs::{Found, Inputs};
use several::Row;
use watch::{Pauses, Watch, WatchError};

/// The text below the options in `--help`.
pub(super) const EXAMPLES: &str = "\
Examples:
  why-no-recording diagnose 3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417
  why-no-recording diagnose --watch 3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417
  xargs why-no-recording diagnose < ids.txt
  why-no-recording diagnose --file bot.json --participants participants.json
  why-no-recording diagnose --file monday.json --file tuesday.json --format json
  curl … https://us-east-1.recall.ai/api/v1/bot/ | why-no-recording diagnose --file -
  why-no-recording diagnose --webhooks webhooks.jsonl

Several bots are a table, or an array in JSON, where a bot that could not be diagnosed has `error`.
Exit code 1 if there is such a bot, else 0.";

#[derive(Debug, clap::Args)]
pub(super) struct DiagnoseArguments {
    /// Bot ids, or links to bots in Recall.ai's dashboard
    #[arg(value_name = "BOT", required_unless_present_any = ["files", "webhooks"])]
    bots: Vec<String>,
    /// What Recall.ai said of a bot, or a list of bots, or one webhook; `-` reads standard input
    #[arg(long = "file", value_name = "FILE|-", num_args = 1..)]
    files: Vec<PathBuf>,
    /// Webhooks as a log has them: one body on each line, or a list; `-` reads standard input
    #[arg(long, value_name = "FILE|-", num_args = 1..)]
    webhooks: Vec<PathBuf>,
    /// The participants download of its recording, or the download of participant events
    #[arg(long, value_name = "FILE", requires = "files")]
    participants: Option<PathBuf>,
    /// Ask again, every 15 to 60 seconds, until the bot has ended; a line is printed for each change
    #[arg(long, conflicts_with_all = ["files", "webhooks", "now"])]
    watch: bool,
    /// The time at which to judge what is "still in the call" [default: now]
    #[arg(long, value_name = "RFC 3339")]
    now: Option<Timestamp>,
    /// The answer to "was the person who scheduled the meeting in the call?"
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    host_was_present: Option<bool>,
    /// How to write the answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    chosen: Chosen,
}

/// Turns bots into reports.
struct Reporter {
    catalogue: Catalogue,
    names: ParticipantNames,
    public_url: Option<String>,
    host_was_present: Option<bool>,
    /// The language of the message for the host, if it is not English.
    translation: Option<(&'static Pages, Language)>,
}

impl Reporter {
    fn report(&self, mut case: CaseFile) -> Report {
        case.host_was_present = self.host_was_present;
        let diagnosis = diagnose(&case, &self.catalogue);
        let mut report = compose_with_people(&diagnosis, self.names);
        if let Some((pages, language)) = self.translation {
            report = pages.translated(report, &diagnosis, Some(language));
        }
        report.with_host_page(&diagnosis, self.public_url.as_deref())
    }

    /// Says on standard error that there is no translation of the message for the host.
    fn say_if_in_english(&self, report: &Report) {
        if let (Some((_, language)), Some(_), None) =
            (self.translation, &report.host_message, report.host_language)
        {
            anstream::eprintln!(
                "The message for the host isn't translated into {language}. It is in English."
            );
        }
    }
}

pub(super) fn run(arguments: &DiagnoseArguments, config: Option<&Path>) -> Result<String, CommandError> {
    let inputs = Inputs::of(&arguments.bots, &arguments.files, &arguments.webhooks)?;
    let settings = settings(config);
    // A file is diagnosed with the available settings, and without any.
    let names =
        settings.as_ref().map_or(ParticipantNames::Off, |settings| settings.privacy.participant_names);
    let translation = match arguments.chosen.lang {
        Language::En => None,
        _ if arguments.format == Format::Json => {
            return Err(CommandError::Usage(JSON_IS_ENGLISH.to_owned()));
        }
        language => Some((Pages::shared().map_err(anyhow::Error::from)?, language)),
    };
    let reporter = Reporter {
        catalogue: Catalogue::embedded().map_err(anyhow::Error::from)?,
        names,
        public_url: settings.as_ref().ok().and_then(|settings| settings.http.public_url.clone()),
        host_was_present: arguments.host_was_present,
        translation,
    };
    let fetcher = || {
        let recall = &settings.as_ref().map_err(|error| CommandError::Usage(error.to_string()))?.recall;
        app::fetcher(recall).map_err(|error| CommandError::Usage(error.to_string()))
    };
    let how_to_answer = || follow_up::commands(arguments, config);
    if arguments.watch {
        return watch_one(&inputs, &fetcher()?, &reporter, arguments.format, how_to_answer);
    }
    let now = arguments.now.unwrap_or_else(clock::now);
    let mut found = inputs.read(arguments.participants.as_deref(), now)?;
    if !inputs.ids.is_empty() {
        found.splice(0..0, fetched(&inputs.ids, &fetcher()?, now)?);
    }
    if found.len() > 1 && arguments.host_was_present.is_some() {
        return Err(CommandError::Usage(
            "--host-was-present is about one bot. Diagnose that bot alone.".to_owned(),
        ));
    }
    let mut rows: Vec<Row> = found
        .into_iter()
        .map(|Found { source, case }| Row { source, report: case.map(|case| reporter.report(case)) })
        .collect();
    match (rows.pop(), rows.is_empty()) {
        (Some(only), true) => {
            let report = only.only().map_err(anyhow::Error::msg)?;
            reporter.say_if_in_english(&report);
            written(&report, arguments.format, how_to_answer)
        }
        (last, _) => {
            rows.extend(last);
            several::written(&rows, arguments.format)
        }
    }
}

/// Fetches the bots with these IDs, in their order.
fn fetched(ids: &[BotId], fetcher: &Fetcher, now: Timestamp) -> Result<Vec<Found>, CommandError> {
    runtime()?.block_on(spinner::during("Asking Recall.ai", async |spinner| {
        let mut found = Vec::new();
        for (number, id) in (1..).zip(ids) {
            if ids.len() > 1 {
                spinner.set_message(format!("Asking Recall.ai about bot {number} of {}", ids.len()));
            }
            let case = match fetcher.case_file(*id, now).await {
                // The other bots cannot be fetched either.
                Err(error @ FetchError::NoKey) => return Err(CommandError::Usage(error.advice())),
                case => case.map_err(|error| error.advice()),
            };
            found.push(Found { source: id.to_string(), case });
        }
        Ok(found)
    }))
}

/// Follows a bot until it has ended, or the operator presses Ctrl-C. Lines go to standard error if a program
/// has to read the answer.
fn watch_one(
    inputs: &Inputs,
    fetcher: &Fetcher,
    reporter: &Reporter,
    format: Format,
    how_to_answer: impl Fn() -> [String; 2],
) -> Result<String, CommandError> {
    let [id] = inputs.only_ids() else {
        return Err(CommandError::Usage(
            "--watch follows one bot. Give it one bot ID, and no files.".to_owned(),
        ));
    };
    let out: Box<dyn Write> = match format {
        Format::Text => Box::new(anstream::stdout()),
        Format::Json | Format::Markdown => Box::new(anstream::stderr()),
    };
    let mut watch = Watch::new(out, Pauses::default());
    let ask = async |now| {
        let case = spinner::during("Asking Recall.ai", async |_| fetcher.case_file(*id, now).await).await;
        case.map(|case| reporter.report(case))
    };
    let ended = runtime()?.block_on(async {
        tokio::select! {
            ended = watch.until_it_ends(ask, clock::now) => ended,
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    });
    match ended {
        Ok(()) => {}
        Err(WatchError::Refused(error @ FetchError::NoKey)) => {
            return Err(CommandError::Usage(error.advice()));
        }
        Err(WatchError::Refused(error)) => return Err(anyhow::anyhow!(error.advice()).into()),
        Err(WatchError::NotWritten(error)) if error.kind() == ErrorKind::BrokenPipe => {
            return Ok(String::new());
        }
        Err(WatchError::NotWritten(error)) => return Err(anyhow::Error::from(error).into()),
    }
    if let Some(report) = watch.last() {
        reporter.say_if_in_english(report);
    }
    match watch.last() {
        Some(report) if format == Format::Text => {
            Ok(format!("\n{}", written(report, format, how_to_answer)?))
        }
        Some(report) => written(report, format, how_to_answer),
        None => Err(anyhow::anyhow!("Recall.ai didn't respond, so nothing is known about this bot.").into()),
    }
}

fn written(
    report: &Report,
    format: Format,
    how_to_answer: impl Fn() -> [String; 2],
) -> Result<String, CommandError> {
    Ok(match format {
        Format::Text => {
            let [yes, no] = how_to_answer();
            render::report(report, render::columns(), &format!("yes:  {yes}\nno:   {no}"))
        }
        Format::Json => json_v1::report(report).map_err(anyhow::Error::from)?,
        Format::Markdown => markdown::report(report, &format!("```sh\n{}\n```", how_to_answer().join("\n"))),
    })
}

fn yes_or_no(word: &str) -> Result<bool, &'static str> {
    match word {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("answer `yes` or `no`"),
    }
}
