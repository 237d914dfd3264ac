//! The one place that reads the environment and the disk.

use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::channels::{self, BYTES_MAX, ChannelFault, ChannelRow, PlatformsOn};
use super::environment::{CONFIG_VARIABLE, Environment};
use super::problem::{Problem, Problems};
use super::{Loaded, Settings, SettingsFile, Sources, load};

/// The file that is read if neither `--config` nor the variable names one.
const DEFAULT_FILE: &str = "why-no-recording.toml";

/// Loads the settings of this process.
///
/// # Errors
///
/// Returns all [`Problems`] at once, for example a named settings file that cannot be read.
pub fn load_from_process(config_flag: Option<&Path>) -> Result<Loaded, Problems> {
    let environment = read_environment();
    let file = read_file(config_flag, &environment).map_err(|problem| Problems(vec![problem]))?;
    load(&Sources { file, environment })
}

/// Reads the table of channels; it is empty if none is set.
///
/// # Errors
///
/// Returns its mistakes with their lines, or why the file can't be read.
pub fn read_channels(settings: &Settings) -> Result<Vec<ChannelRow>, Problems> {
    let Some((path, _)) = settings.alerts.channels() else { return Ok(Vec::new()) };
    let failed = |fault| Problems(vec![channels::problem(path, None, fault)]);
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes));
    let read = read.map_err(|error| failed(ChannelFault::Unreadable(unreadable(path, &error))))?;
    if u64::try_from(read).is_ok_and(|read| read > BYTES_MAX) {
        return Err(failed(ChannelFault::TooLarge));
    }
    let on = PlatformsOn { slack: settings.slack.is_on(), discord: settings.discord.is_on() };
    channels::parse(path, &bytes, on).map_err(Problems)
}

/// Values that aren't Unicode get replacement characters, which no relevant setting accepts.
fn read_environment() -> Environment {
    let mut environment = Environment {
        variables: std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect(),
        ..Environment::default()
    };
    for path in environment.files_to_read() {
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(Path::new(&path), &error));
        environment.files.insert(path, text);
    }
    environment
}

/// Returns why a file cannot be read. In a container it is mostly the owner, because a secret keeps its owner
/// outside.
fn unreadable(path: &Path, error: &std::io::Error) -> String {
    if error.kind() != ErrorKind::PermissionDenied {
        return error.to_string();
    }
    who_may_read(path).unwrap_or_else(|| error.to_string())
}

fn who_may_read(path: &Path) -> Option<String> {
    let file = std::fs::metadata(path).ok()?;
    // On Linux the owner of a process is that of its folder in /proc; other systems get the short reason.
    let user = std::fs::metadata("/proc/self").ok()?.uid();
    Some(format!(
        "it belongs to user {} with mode {:04o}, and this process is user {user}. Give it to that user \
         (chown {user} {path}), or let everybody read it in a folder that only its owner may enter (chmod 0444 {path})",
        file.uid(),
        file.mode() & 0o7777,
        path = path.display(),
    ))
}

fn read_file(config_flag: Option<&Path>, environment: &Environment) -> Result<Option<SettingsFile>, Problem> {
    let named = environment.variables.get(CONFIG_VARIABLE);
    let (path, asked_by) = match (config_flag, named) {
        (Some(path), _) => (path.to_owned(), Some("--config")),
        (None, Some(path)) => (PathBuf::from(path), Some(CONFIG_VARIABLE)),
        (None, None) => (PathBuf::from(DEFAULT_FILE), None),
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(SettingsFile { path, text })),
        Err(error) if error.kind() == ErrorKind::NotFound && asked_by.is_none() => Ok(None),
        Err(error) => Err(Problem::UnreadableSettings { path, asked_by, reason: error.to_string() }),
    }
}
