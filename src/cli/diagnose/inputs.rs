//! The inputs of a diagnosis: IDs to fetch, and files to read.

use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::CommandError;
use crate::diagnosis::bot_id::{BotId, NotABotId};
use crate::diagnosis::case_file::CaseFile;
use crate::diagnosis::untrusted::printable;
use crate::recall::{BYTES_MAX, BotsFile, WebhookLog, bots_from_json, check_participants, read_webhooks};

/// Most bytes that are read: one more than a file may have, so that a larger one is recognised.
const READ_BYTES_MAX: u64 = BYTES_MAX as u64 + 1;
/// Most characters of a file name that are shown.
const NAME_CHARS_MAX: usize = 200;
/// The name for standard input.
pub(super) const STDIN: &str = "-";

/// The arguments, sorted by their kind.
pub(super) struct Inputs {
    pub(super) ids: Vec<BotId>,
    files: Vec<PathBuf>,
    webhooks: Vec<PathBuf>,
}

/// The case file of one bot, or the reason why there is none.
pub(super) struct Found {
    /// The bot's ID, or the name of its file.
    pub(super) source: String,
    pub(super) case: Result<CaseFile, String>,
}

impl Inputs {
    /// Sorts the arguments. `bots` are IDs, links, or names of files, because people type `diagnose *.json`.
    pub(super) fn of(bots: &[String], files: &[PathBuf], webhooks: &[PathBuf]) -> Result<Self, CommandError> {
        let (mut ids, mut named) = (Vec::new(), Vec::new());
        for bot in bots {
            let is_id = bot.parse::<BotId>().is_ok();
            match BotId::find_all(bot) {
                _ if !is_id && Path::new(bot).is_file() => named.push(PathBuf::from(bot)),
                found if found.is_empty() => {
                    let bot = printable(bot, NAME_CHARS_MAX);
                    return Err(CommandError::Usage(format!("{bot}: {NotABotId}")));
                }
                found => ids.extend(found),
            }
        }
        let mut seen = std::collections::HashSet::new();
        ids.retain(|id| seen.insert(*id));
        let files: Vec<PathBuf> = named.into_iter().chain(files.iter().cloned()).collect();
        let from_stdin = files.iter().chain(webhooks).filter(|path| path.as_path() == Path::new(STDIN));
        if from_stdin.count() > 1 {
            return Err(CommandError::Usage(
                "Standard input (`-`) can be read only once. Save one of the inputs to a file.".to_owned(),
            ));
        }
        Ok(Self { ids, files, webhooks: webhooks.to_vec() })
    }

    /// Returns the IDs, if there are no files.
    pub(super) fn only_ids(&self) -> &[BotId] {
        if self.files.is_empty() && self.webhooks.is_empty() { &self.ids } else { &[] }
    }

    /// Reads the files. Remarks about them go to standard error.
    pub(super) fn read(
        &self,
        participants: Option<&Path>,
        now: Timestamp,
    ) -> Result<Vec<Found>, CommandError> {
        let participants = participants.map(|path| self.participants(path)).transpose()?;
        let mut found = Vec::new();
        for path in &self.files {
            let name = name(path);
            let read = read(path).and_then(|bytes| {
                bots_from_json(&bytes, participants.as_deref(), now).map_err(|error| error.to_string())
            });
            match read {
                Ok(file) if participants.is_some() && file.cases.len() != 1 => return Err(for_one_bot()),
                Ok(file) => {
                    say_of_list(&name, &file);
                    found.extend(file.cases.into_iter().map(|case| of_case(case, &name)));
                }
                Err(error) => found.push(Found { source: name, case: Err(error) }),
            }
        }
        let mut logs = WebhookLog::default();
        let mut unread = Vec::new();
        for path in &self.webhooks {
            let name = name(path);
            let read = read(path).and_then(|bytes| read_webhooks(&bytes).map_err(|error| error.to_string()));
            match read {
                Ok(log) => {
                    say_of_webhooks(&name, &log);
                    logs.add(log);
                }
                Err(error) => unread.push(Found { source: name, case: Err(error) }),
            }
        }
        found.extend(logs.case_files(now).into_iter().map(|case| of_case(case, "webhooks")));
        found.extend(unread);
        Ok(found)
    }

    /// Returns the participants download of the only bot.
    fn participants(&self, path: &Path) -> Result<Vec<u8>, CommandError> {
        if self.files.len() != 1 || !self.ids.is_empty() || !self.webhooks.is_empty() {
            return Err(for_one_bot());
        }
        let name = name(path);
        let bytes = read(path).and_then(|bytes| match check_participants(&bytes) {
            Ok(()) => Ok(bytes),
            Err(error) => Err(error.to_string()),
        });
        bytes.map_err(|error| CommandError::Failed(anyhow::anyhow!("{name}: {error}")))
    }
}

fn for_one_bot() -> CommandError {
    CommandError::Usage("--participants is about one bot. Diagnose that bot alone, with --file.".to_owned())
}

fn of_case(case: CaseFile, file: &str) -> Found {
    let source = case.bot_id.map_or_else(|| file.to_owned(), |id| id.to_string());
    Found { source, case: Ok(case) }
}

fn say_of_list(name: &str, file: &BotsFile) {
    if file.unread > 0 {
        let entries =
            counted(file.unread, "entry of the list isn't a bot", "entries of the list aren't bots");
        anstream::eprintln!("{name}: {entries}, and left out.");
    }
    if file.beyond > 0 {
        let bots = counted(file.beyond, "bot was", "bots were");
        anstream::eprintln!("{name}: {bots} left out, because the list is too long. Split it.");
    }
    if file.has_more {
        anstream::eprintln!(
            "{name}: this is one page of a list. Save its next page to diagnose the other bots."
        );
    }
}

fn say_of_webhooks(name: &str, log: &WebhookLog) {
    let webhooks = counted(log.webhooks(), "webhook", "webhooks");
    let mut said = format!("{name}: {webhooks} about {}.", counted(log.bots(), "bot", "bots"));
    if log.asides > 0 {
        let asides = counted(log.asides, "webhook says", "webhooks say");
        said.push_str(&format!(" {asides} nothing about a recording."));
    }
    if log.unread > 0 {
        said.push_str(&format!(" {} can't be read.", counted(log.unread, "line", "lines")));
    }
    anstream::eprintln!("{said}");
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Returns the name of a file as it may be shown.
fn name(path: &Path) -> String {
    if path == Path::new(STDIN) {
        "standard input".to_owned()
    } else {
        printable(&path.to_string_lossy(), NAME_CHARS_MAX)
    }
}

/// Reads a file, up to one byte beyond the limit; a file of that size is rejected.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if path == Path::new(STDIN) {
        std::io::stdin().lock().take(READ_BYTES_MAX).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(READ_BYTES_MAX).read_to_end(&mut bytes))
    };
    read.map_err(|error| format!("can't be read: {error}"))?;
    Ok(bytes)
}
