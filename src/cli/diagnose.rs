//! `diagnose`: one bot, from a file.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::Timestamp;

use super::{CommandError, Format, json_v1, markdown, text};
use crate::clock;
use crate::diagnosis::catalogue::Catalogue;
use crate::diagnosis::diagnose;
use crate::recall::case_file_from_json;
use crate::report::compose;

/// Larger files are no bots; the API's own answers are held to the same limit.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

#[derive(Debug, clap::Args)]
pub(super) struct DiagnoseArguments {
    /// A Retrieve Bot response; `-` reads it from standard input
    #[arg(long, value_name = "BOT.JSON|-")]
    file: PathBuf,
    /// The participants download of its recording
    #[arg(long, value_name = "FILE")]
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

pub(super) fn run(arguments: &DiagnoseArguments) -> Result<String, CommandError> {
    let bot = read(&arguments.file)?;
    let participants = arguments.participants.as_deref().map(read).transpose()?;
    let now = arguments.now.unwrap_or_else(clock::now);
    let mut case = case_file_from_json(&bot, participants.as_deref(), now)
        .map_err(|error| CommandError::Failed(error.into()))?;
    case.host_was_present = arguments.host_was_present;
    let catalogue = Catalogue::embedded().map_err(anyhow::Error::from)?;
    let report = compose(&diagnose(&case, &catalogue));
    Ok(match arguments.format {
        Format::Text => text::report(&report),
        Format::Json => json_v1::report(&report).map_err(anyhow::Error::from)?,
        Format::Markdown => markdown::report(&report),
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
