//! The one place that reads the environment and the disk.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::environment::{CONFIG_VARIABLE, Environment};
use super::problem::{Problem, Problems};
use super::{Loaded, SettingsFile, Sources, load};

/// Read when neither `--config` nor the variable names a file.
const DEFAULT_FILE: &str = "why-no-recording.toml";

/// Loads the settings of this process.
///
/// # Errors
///
/// All problems at once; a settings file that was asked for and cannot be read is one.
pub fn load_from_process(config_flag: Option<&Path>) -> Result<Loaded, Problems> {
    let environment = read_environment();
    let file = read_file(config_flag, &environment).map_err(|problem| Problems(vec![problem]))?;
    load(&Sources { file, environment })
}

/// Values that are not Unicode are kept with replacement characters, which no setting accepts
/// where it matters.
fn read_environment() -> Environment {
    let mut environment = Environment {
        variables: std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect(),
        ..Environment::default()
    };
    for path in environment.files_to_read() {
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string());
        environment.files.insert(path, text);
    }
    environment
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
