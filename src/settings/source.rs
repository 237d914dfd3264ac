//! The source of a value.

use std::fmt;
use std::path::{Path, PathBuf};

/// The source of a value, for `config show` and for errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `config/default.toml`, or the setting has no value.
    Default,
    /// The settings file.
    File {
        /// The path, as it was given.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
    /// Several environment variables that start like this.
    Variables(String),
    /// The file that an environment variable names.
    VariableFile {
        /// The variable, with its `_FILE`.
        variable: String,
        /// The file.
        path: PathBuf,
    },
}

impl Source {
    /// Returns the source for a byte of a file.
    #[must_use]
    pub fn in_file(path: &Path, text: &str, offset: usize) -> Self {
        Self::File { path: path.to_owned(), line: line_of(text, offset) }
    }

    /// Names a setting in the way an operator finds it: by line in a file, by variable in the environment.
    #[must_use]
    pub fn name(&self, key: &str) -> String {
        match self {
            Self::Default => key.to_owned(),
            Self::File { path, line } => format!("{}, line {line}: {key}", path.display()),
            Self::Variable(variable) => variable.clone(),
            Self::Variables(beginning) => format!("{beginning}…"),
            Self::VariableFile { variable, path } => {
                format!("{variable} ({})", path.display())
            }
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Self::Variable(variable) => f.write_str(variable),
            Self::Variables(beginning) => write!(f, "{beginning}…"),
            Self::VariableFile { variable, path } => {
                write!(f, "{variable}, {}", path.display())
            }
        }
    }
}

/// Returns the line, counted from 1, of a byte.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|&byte| byte == b'\n').count()
}
