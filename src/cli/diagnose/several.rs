//! Several bots at once: a table, or an array.

use std::fmt::Write;

use super::super::{CommandError, Format};
use crate::diagnosis::bot_id::BotId;
use crate::formats::json_v1;
use crate::formats::markdown::escape;
use crate::report::Report;

/// Most characters of a file name in a table; an ID has as many.
const NAME_CHARS_MAX: usize = 36;

/// The outcome of a bot that could not be diagnosed.
const NOT_DIAGNOSED: &str = "Not diagnosed";

/// A row for one bot.
pub(super) struct Row {
    /// The bot's ID, or the name of its file.
    pub(super) source: String,
    /// The report, or the reason why there is none.
    pub(super) report: Result<Report, String>,
}

impl Row {
    /// Returns the report of the only bot, or the error with the name of the file in it.
    pub(super) fn only(self) -> Result<Report, String> {
        let Self { source, report } = self;
        report.map_err(|error| if is_id(&source) { error } else { format!("{source}: {error}") })
    }

    /// Returns the bot, the outcome, who can fix it, and the cause.
    fn cells(&self) -> [&str; 4] {
        match &self.report {
            Ok(report) => [&self.source, report.outcome_words(), report.actor.as_str(), &report.title],
            Err(error) => [&self.source, NOT_DIAGNOSED, "", error],
        }
    }
}

/// Writes the bots in this format. The exit code is 1 if one of them could not be diagnosed.
pub(super) fn written(rows: &[Row], format: Format) -> Result<String, CommandError> {
    let text = match format {
        Format::Text => table(rows),
        Format::Markdown => markdown(rows),
        Format::Json => json(rows).map_err(anyhow::Error::from)?,
    };
    if rows.iter().any(|row| row.report.is_err()) { Err(CommandError::ChecksFailed(text)) } else { Ok(text) }
}

fn table(rows: &[Row]) -> String {
    let head = ["BOT", "OUTCOME", "WHO ACTS", "CAUSE"];
    let names: Vec<String> = rows.iter().map(|row| end_of(&row.source)).collect();
    let cells = rows.iter().zip(&names).map(|(row, name)| {
        let [_, what, who, why] = row.cells();
        [name, what, who, why]
    });
    let cells: Vec<[&str; 4]> = std::iter::once(head).chain(cells).collect();
    let width =
        |column: usize| cells.iter().map(|cells| cells[column].chars().count()).max().unwrap_or_default();
    let [bot, outcome, actor] = [width(0), width(1), width(2)];
    let mut out = String::new();
    for [source, what, who, why] in cells {
        // The advice may have several lines.
        let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(out, "{source:bot$}  {what:outcome$}  {who:actor$}  {why}");
    }
    out
}

/// Returns the end of a name, which distinguishes files.
fn end_of(name: &str) -> String {
    let beyond = name.chars().count().saturating_sub(NAME_CHARS_MAX);
    if beyond == 0 {
        name.to_owned()
    } else {
        format!("…{}", name.chars().skip(beyond + 1).collect::<String>())
    }
}

fn is_id(source: &str) -> bool {
    source.parse::<BotId>().is_ok()
}

fn markdown(rows: &[Row]) -> String {
    let mut out = "| bot | outcome | who acts | cause |\n|---|---|---|---|\n".to_owned();
    for row in rows {
        let [source, what, who, why] = row.cells().map(|cell| escape(&cell.replace('\n', " ")));
        let _ = writeln!(out, "| {source} | {what} | {who} | {why} |");
    }
    out
}

fn json(rows: &[Row]) -> Result<String, serde_json::Error> {
    let entry = |Row { source, report }: &Row| match report {
        Ok(report) => json_v1::entry(source, report),
        Err(error) => json_v1::failure(source, error),
    };
    let entries: Vec<serde_json::Value> = rows.iter().map(entry).collect::<Result<_, _>>()?;
    Ok(serde_json::to_string_pretty(&entries)? + "\n")
}
