//! `pages`: the pages for hosts as files, for those who serve them elsewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::CommandError;
use crate::pages::Pages;
use crate::report::plural;

/// Lists what was written into a folder, so that the next run knows its own files.
const OWN: &str = "why-no-recording-pages.txt";

#[derive(Debug, clap::Args)]
pub(super) struct PagesArguments {
    /// Folder to write into; created if it doesn't exist
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub(super) fn run(arguments: &PagesArguments) -> Result<String, CommandError> {
    let files = Pages::embedded().map_err(anyhow::Error::from)?.files();
    let folder = &arguments.out;
    let failed = |what: &Path, error: &std::io::Error| {
        CommandError::Failed(anyhow::anyhow!("{} can't be written: {error}", what.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let before = own_files(folder)?;
    let names: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let list: String = names.iter().map(|name| format!("{name}\n")).collect();
    // The list first: if the rest fails, the next run still knows what is its own.
    let all = before.iter().map(String::as_str).chain(names.iter().copied());
    let all: BTreeSet<&str> = all.collect();
    let all: String = all.iter().map(|name| format!("{name}\n")).collect();
    let write = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::write(&file, text).map_err(|error| failed(&file, &error))
    };
    write(OWN, &all)?;
    for (name, text) in &files {
        write(name, text)?;
    }
    let gone: Vec<&String> = before.iter().filter(|name| !names.contains(name.as_str())).collect();
    for name in &gone {
        let file = folder.join(name);
        std::fs::remove_file(&file).map_err(|error| failed(&file, &error))?;
    }
    write(OWN, &list)?;
    let removed = if gone.is_empty() {
        String::new()
    } else {
        format!(", and removed {}", plural(gone.len() as u64, "old file"))
    };
    let start = folder.join("index.html");
    Ok(format!(
        "Wrote {} files to {}{removed}. Start at {}.\n",
        files.len(),
        folder.display(),
        start.display()
    ))
}

/// What an earlier run wrote here.
///
/// # Errors
/// The folder can't be read, or has other files.
fn own_files(folder: &Path) -> Result<BTreeSet<String>, CommandError> {
    let unreadable =
        |error: std::io::Error| CommandError::Failed(anyhow::anyhow!("{}: {error}", folder.display()));
    let own: BTreeSet<String> = match std::fs::read_to_string(folder.join(OWN)) {
        Ok(list) => list.lines().map(str::to_owned).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeSet::new(),
        Err(error) => return Err(unreadable(error)),
    };
    let mut there = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        if name != OWN && !own.contains(&name) {
            return Err(CommandError::Usage(format!(
                "{} has other files, such as {name}. Choose an empty folder, or one that this command wrote.",
                folder.display()
            )));
        }
        there.insert(name);
    }
    there.remove(OWN);
    Ok(there)
}
