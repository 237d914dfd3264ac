//! The environment as a value.

use std::collections::BTreeMap;
use std::fmt;

use super::block_variables;
use super::reference;
use super::variable::file_variable;

/// Names the settings file, if `--config` isn't given.
pub const CONFIG_VARIABLE: &str = "WHY_NO_RECORDING_CONFIG";

/// The prefix of variables that are ours, so that an unknown one is an error. Variables that start with a
/// section (`SLACK_…`) may belong to other software; those of repeated sections are ours too.
pub(super) const OUR_PREFIX: &str = "WHY_NO_RECORDING_";

/// Variables, and the files that `…_FILE` variables name, already read.
#[derive(Clone, Default)]
pub struct Environment {
    /// Variables by name.
    pub variables: BTreeMap<String, String>,
    /// The content of each named file, or why it couldn't be read.
    pub files: BTreeMap<String, Result<String, String>>,
}

impl Environment {
    /// Returns an environment of these variables and no files.
    #[must_use]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        Self {
            variables: variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
            files: BTreeMap::new(),
        }
    }

    /// Adds a file that a `…_FILE` variable can name.
    #[must_use]
    pub fn with_file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), Ok(text.to_owned()));
        self
    }

    /// Returns the files that have to be read before these settings can be loaded.
    #[must_use]
    pub fn files_to_read(&self) -> Vec<String> {
        let plain = reference::entries().iter().filter_map(reference::Entry::variable);
        let of_blocks = self.variables.keys().filter_map(|name| block_variables::read(name)?.ok());
        let mut names: Vec<String> =
            plain.chain(of_blocks.map(|own| own.variable)).map(|name| file_variable(&name)).collect();
        names.dedup();
        names.iter().filter_map(|name| self.variables.get(name).cloned()).collect()
    }
}

/// Values may be secret, so only names are printed.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.variables.keys())
            .field("files", &self.files.keys())
            .finish()
    }
}
