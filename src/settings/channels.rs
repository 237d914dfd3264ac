//! The table of channels: a CSV file with a row for each customer, `alerts.channels_file`.
//!
//! It is checked as a whole, so that one run finds all mistakes. A table with a mistake is not used in part: the
//! alerts of the other rows would go where nobody expects them.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use super::alerts::unseen_mention;
use super::form;
use super::problem::Problem;
use super::raw::{LONGEST_QUOTED, Raw};
use super::unknown::closest;
use crate::diagnosis::untrusted::printable;

/// Most rows. A table of this size takes about 30 MiB of memory.
pub const ROWS_MAX: usize = 100_000;
/// Most bytes of the file.
pub const BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Most mistakes that are listed. A file with a wrong column has one in each row.
const LISTED_MAX: usize = 20;
/// Most characters of a value: as many as are kept of a bot's metadata.
const VALUE_CHARS_MAX: usize = 200;

const COLUMNS: [&str; 4] = ["value", "slack_channel", "discord_channel", "mention"];

/// A row of the table: the value of the metadata key, and where alerts go. Values may name customers, so `Debug` is
/// the line alone.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelRow {
    /// The line, counted from 1.
    pub line: u64,
    /// The value of the metadata key.
    pub value: String,
    /// A Slack channel's ID, or its name with `#`.
    pub slack_channel: Option<String>,
    /// A Discord channel's ID.
    pub discord_channel: Option<String>,
    /// The mention, as the platforms write it.
    pub mention: Option<String>,
}

impl fmt::Debug for ChannelRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChannelRow(line {})", self.line)
    }
}

/// The platforms that are on.
#[derive(Debug, Clone, Copy)]
pub struct PlatformsOn {
    /// Slack is.
    pub slack: bool,
    /// Discord is.
    pub discord: bool,
}

/// A mistake in the table, as a sentence after its place. Values are not quoted, because they may name customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelFault {
    /// The file cannot be read.
    Unreadable(String),
    /// It has too many bytes or rows.
    TooLarge,
    /// It is not text in UTF-8.
    NotText,
    /// It has no row.
    Empty,
    /// The first line does not name this column.
    NoColumn(&'static str),
    /// The first line names a column that does not exist.
    NoSuchColumn {
        /// The name, if it may be shown.
        named: Option<String>,
        /// The one that was probably meant.
        suggestion: Option<String>,
    },
    /// The first line names a column twice.
    ColumnTwice(&'static str),
    /// A row has more cells than there are columns.
    TooManyCells,
    /// A row has no value.
    NoValue,
    /// A row has no channel.
    NoChannel,
    /// An earlier row has the same value.
    Twice {
        /// The line of the earlier row.
        earlier: u64,
    },
    /// A cell that is not acceptable.
    Cell {
        /// Its column.
        column: &'static str,
        /// The expected form.
        wanted: String,
    },
    /// A spreadsheet wrote an ID as a rounded number.
    Rounded,
    /// A channel of a platform that is off.
    PlatformOff {
        /// Its column.
        column: &'static str,
        /// The platform.
        platform: &'static str,
        /// The variable that turns it on.
        variable: &'static str,
    },
    /// There are more mistakes than are listed.
    More(usize),
}

impl fmt::Display for ChannelFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(reason) => {
                write!(
                    f,
                    "the file cannot be read: {reason}. Check the path in alerts.channels_file and who may read it."
                )
            }
            Self::TooLarge => {
                write!(
                    f,
                    "the file is too large. It can have {ROWS_MAX} rows and {} MiB.",
                    BYTES_MAX / 1024 / 1024
                )
            }
            Self::NotText => write!(f, "the file is not text in UTF-8. Save it as \"CSV UTF-8\"."),
            Self::Empty => write!(
                f,
                "the table has no rows. Add one, or remove alerts.channels_file to send all alerts to the default channel."
            ),
            Self::NoColumn(column) => {
                write!(
                    f,
                    "no column is named {column}. The first line names the columns: {}.",
                    COLUMNS.join(", ")
                )
            }
            Self::NoSuchColumn { named, suggestion } => {
                let named = named.as_deref().unwrap_or("one of the names");
                write!(f, "{named} is not a column. ")?;
                match suggestion {
                    Some(suggestion) => write!(f, "Did you mean {suggestion}?"),
                    None => write!(f, "The columns are {}.", COLUMNS.join(", ")),
                }
            }
            Self::ColumnTwice(column) => write!(f, "two columns are named {column}. Remove one of them."),
            Self::TooManyCells => {
                write!(
                    f,
                    "the row has more cells than there are columns. Put a value with a comma in double quotes."
                )
            }
            Self::NoValue => write!(f, "the row has no value. Add one, or remove the row."),
            Self::NoChannel => write!(
                f,
                "the row has no channel. Add slack_channel or discord_channel. To drop alerts, write an [[alerts.route]] \
                 with drop = true."
            ),
            Self::Twice { earlier } => {
                write!(f, "the value is the same as in line {earlier}. Remove one of the two rows.")
            }
            Self::Cell { column, wanted } => write!(f, "{column} must be {wanted}."),
            Self::Rounded => write!(
                f,
                "discord_channel is a number that a spreadsheet has rounded. Format the column as text, and paste the ID \
                 again."
            ),
            Self::PlatformOff { column, platform, variable } => {
                write!(
                    f,
                    "{column} is set, but {platform} is off. Set {variable} as well, or leave the cell empty."
                )
            }
            Self::More(many) => write!(f, "{many} more mistakes are not listed."),
        }
    }
}

/// Parses the table, and checks each row by itself and against the others.
///
/// # Errors
/// Returns the mistakes with their lines, the first ones if they are many.
pub fn parse(file: &Path, bytes: &[u8], on: PlatformsOn) -> Result<Vec<ChannelRow>, Vec<Problem>> {
    let mut found = Found { rows: Vec::new(), faults: Vec::new() };
    match std::str::from_utf8(bytes) {
        Ok(text) => found.read(text.trim_start_matches('\u{feff}'), on),
        Err(_) => found.faults.push((None, ChannelFault::NotText)),
    }
    if found.faults.is_empty() && found.rows.is_empty() {
        found.faults.push((None, ChannelFault::Empty));
    }
    if found.faults.is_empty() {
        return Ok(found.rows);
    }
    let more = found.faults.len().saturating_sub(LISTED_MAX);
    found.faults.truncate(LISTED_MAX);
    found.faults.extend((more > 0).then_some((None, ChannelFault::More(more))));
    Err(found.faults.into_iter().map(|(line, fault)| problem(file, line, fault)).collect())
}

/// Returns a mistake with its place.
pub(super) fn problem(file: &Path, line: Option<u64>, fault: ChannelFault) -> Problem {
    let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
    Problem::Channels { place: format!("{}{line}", file.display()), fault }
}

/// A place in the text. The reader's own line numbers are those of the line ends and empty lines before a row.
struct Place {
    offset: usize,
    line: u64,
}

impl Place {
    /// Returns the line of the row that starts at this byte, or after the line ends there.
    fn line_at(&mut self, text: &str, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX).min(text.len());
        let rest = &text.as_bytes()[byte..];
        let ends = rest.iter().take_while(|letter| matches!(letter, b'\r' | b'\n')).count();
        let passed = text.as_bytes().get(self.offset..byte + ends).unwrap_or_default();
        self.line += passed.iter().map(|letter| u64::from(*letter == b'\n')).sum::<u64>();
        self.offset = byte + ends;
        self.line
    }
}

/// What was found so far.
struct Found {
    rows: Vec<ChannelRow>,
    faults: Vec<(Option<u64>, ChannelFault)>,
}

impl Found {
    fn read(&mut self, text: &str, on: PlatformsOn) {
        let first = text.lines().next().unwrap_or_default();
        // Where the comma separates decimals, spreadsheets write semicolons between cells.
        let delimiter = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let Ok(names) = reader.headers().cloned() else { return };
        let Some(columns) = self.columns(&names) else { return };
        let mut lines: HashMap<String, u64> = HashMap::new();
        let mut place = Place { offset: 0, line: 1 };
        for record in reader.records().map_while(Result::ok) {
            // A row that a spreadsheet left empty.
            if record.iter().all(str::is_empty) {
                continue;
            }
            let line = place.line_at(text, record.position().map_or(0, csv::Position::byte));
            if self.rows.len() == ROWS_MAX {
                return self.faults.push((Some(line), ChannelFault::TooLarge));
            }
            if record.len() > names.len() && record.iter().skip(names.len()).any(|cell| !cell.is_empty()) {
                self.faults.push((Some(line), ChannelFault::TooManyCells));
                continue;
            }
            let cell =
                |index: usize| columns[index].and_then(|at| record.get(at)).filter(|cell| !cell.is_empty());
            let row = self.row(line, [cell(0), cell(1), cell(2), cell(3)], on);
            match lines.get(&row.value) {
                _ if row.value.is_empty() => self.faults.push((Some(line), ChannelFault::NoValue)),
                Some(&earlier) => self.faults.push((Some(line), ChannelFault::Twice { earlier })),
                None => _ = lines.insert(row.value.clone(), line),
            }
            self.rows.push(row);
        }
    }

    /// Returns the position of each column, or `None` if the rows can't be read without them.
    fn columns(&mut self, names: &csv::StringRecord) -> Option<[Option<usize>; COLUMNS.len()]> {
        let mut columns = [None; COLUMNS.len()];
        for (at, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            match COLUMNS.iter().position(|known| *known == name) {
                Some(known) if columns[known].is_some() => {
                    self.faults.push((Some(1), ChannelFault::ColumnTwice(COLUMNS[known])));
                }
                Some(known) => columns[known] = Some(at),
                None => {
                    let suggestion = closest(name, COLUMNS);
                    let may_be_shown = suggestion.is_some() || name.chars().count() <= LONGEST_QUOTED;
                    let named = may_be_shown.then(|| printable(name, LONGEST_QUOTED));
                    self.faults.push((Some(1), ChannelFault::NoSuchColumn { named, suggestion }));
                }
            }
        }
        let lacking = [(columns[0], COLUMNS[0]), (columns[1].or(columns[2]), COLUMNS[1])];
        let lacking = lacking.into_iter().filter(|(column, _)| column.is_none());
        self.faults.extend(lacking.map(|(_, name)| (Some(1), ChannelFault::NoColumn(name))));
        self.faults.is_empty().then_some(columns)
    }

    fn row(&mut self, line: u64, cells: [Option<&str>; COLUMNS.len()], on: PlatformsOn) -> ChannelRow {
        let [value, slack, discord, mention] = cells;
        let mut note = |fault| self.faults.push((Some(line), fault));
        let mut read = |column, cell: Option<&str>, form: fn(&Raw) -> Result<String, String>| {
            let read = form(&Raw::Untyped(cell?.to_owned()));
            read.map_err(|wanted| note(ChannelFault::Cell { column, wanted })).ok()
        };
        let slack_channel = read(COLUMNS[1], slack, form::slack_channel);
        let is_rounded = discord.is_some_and(|id| id.to_lowercase().contains("e+"));
        let discord_channel = read(COLUMNS[2], discord.filter(|_| !is_rounded), form::snowflake);
        let mention = read(COLUMNS[3], mention, form::mention);
        if is_rounded {
            note(ChannelFault::Rounded);
        }
        if slack.is_none() && discord.is_none() {
            note(ChannelFault::NoChannel);
        } else if let Some(wanted) = mention
            .as_deref()
            .and_then(|mention| unseen_mention(mention, slack.is_some(), discord.is_some(), "row"))
        {
            note(ChannelFault::Cell { column: COLUMNS[3], wanted });
        }
        for (column, cell, is_on, platform, variable) in [
            (COLUMNS[1], slack, on.slack, "Slack", "SLACK_BOT_TOKEN"),
            (COLUMNS[2], discord, on.discord, "Discord", "DISCORD_TOKEN"),
        ] {
            if cell.is_some() && !is_on {
                note(ChannelFault::PlatformOff { column, platform, variable });
            }
        }
        let value = printable(value.unwrap_or_default(), VALUE_CHARS_MAX);
        ChannelRow { line, value, slack_channel, discord_channel, mention }
    }
}
