//! `diagnose`: one bot, fetched by its id or read from a file.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::Timestamp;

use super::{CommandError, Format, json_v1, markdown, runtime, settings};
use crate::app;
use crate::chat::console::render;
use crate::clock;
use crate::diagnosis::bot_id::{BotId, NotABotId};
use crate::diagnosis::case_file::CaseFile;
use crate::diagnosis::catalogue::Catalogue;
use crate::diagnosis::diagnose;
use crate::diagnosis::vocabulary::ParticipantNames;
use crate::recall::{FetchError, case_file_from_json};
use crate::report::people::compose_with_people;
use crate::settings::Settings;

/// Larger files are no bots; the API's own answers are held to the same limit.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

const HOW_TO_ANSWER: &str = "Answer with --host-was-present yes or --host-was-present no.";

#[derive(Debug, clap::Args)]
pub(super) struct DiagnoseArguments {
    /// A bot id, or a link to the bot in Recall.ai's dashboard
    #[arg(value_name = "BOT", required_unless_present = "file", conflicts_with = "file")]
    bot: Option<String>,
    /// A Retrieve Bot response instead; `-` reads it from standard input
    #[arg(long, value_name = "BOT.JSON|-")]
    file: Option<PathBuf>,
    /// The participants download of its recording
    #[arg(long, value_name = "FILE", requires = "file")]
    participants: Option<PathBuf>,
    /// The time at which to judge what is "still in the call" [default: now]
    #[arg(long, value_name = "RFC 3339")]
    now: Option<Timestamp>,
    /// The answer to "was the person who scheduled the meeting in the call?"
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    host_was_present: Option<bool>,
    /// How to write the answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn run(arguments: &DiagnoseArguments, config: Option<&Path>) -> Result<String, CommandError> {
    let now = arguments.now.unwrap_or_else(clock::now);
    let settings = settings(config);
    // A file is diagnosed with whatever settings there are, and with none.
    let names =
        settings.as_ref().map_or(ParticipantNames::Off, |settings| settings.privacy.participant_names);
    let mut case = match (&arguments.file, &arguments.bot) {
        (Some(file), _) => from_file(file, arguments.participants.as_deref(), now)?,
        (None, bot) => fetched(bot.as_deref().unwrap_or_default(), settings, now)?,
    };
    case.host_was_present = arguments.host_was_present;
    let catalogue = Catalogue::embedded().map_err(anyhow::Error::from)?;
    let report = compose_with_people(&diagnose(&case, &catalogue), names);
    Ok(match arguments.format {
        Format::Text => render::report(&report, render::columns(), Some(HOW_TO_ANSWER)),
        Format::Json => json_v1::report(&report).map_err(anyhow::Error::from)?,
        Format::Markdown => markdown::report(&report),
    })
}

fn from_file(file: &Path, participants: Option<&Path>, now: Timestamp) -> Result<CaseFile, CommandError> {
    let bot = read(file)?;
    let participants = participants.map(read).transpose()?;
    case_file_from_json(&bot, participants.as_deref(), now)
        .map_err(|error| CommandError::Failed(error.into()))
}

fn fetched(
    bot: &str,
    settings: Result<Settings, CommandError>,
    now: Timestamp,
) -> Result<CaseFile, CommandError> {
    let id = match BotId::find_all(bot).as_slice() {
        [id] => *id,
        [] => return Err(CommandError::Usage(NotABotId.to_string())),
        _ => return Err(CommandError::Usage("give one bot id at a time".to_owned())),
    };
    let fetcher = app::fetcher(&settings?.recall).map_err(|error| CommandError::Usage(error.to_string()))?;
    runtime()?.block_on(fetcher.case_file(id, now)).map_err(|error| match error {
        FetchError::NoKey => CommandError::Usage(error.advice()),
        error => CommandError::Failed(anyhow::anyhow!(error.advice())),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let name = path.display();
    if path == Path::new("-") {
        std::io::stdin().lock().take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
    }
    .with_context(|| format!("{name} could not be read"))
    .map_err(|error| anyhow::anyhow!("{error:#}"))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(anyhow::anyhow!("{name} is larger than 8 MiB, so it is no Retrieve Bot response").into());
    }
    Ok(bytes)
}

fn yes_or_no(word: &str) -> Result<bool, &'static str> {
    match word {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("the answer is `yes` or `no`"),
    }
}
