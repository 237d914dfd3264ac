//! `[log]`: the output to standard error.

use super::form;
use super::reader::SettingsReader;
use crate::diagnosis::vocabulary::vocabulary;

vocabulary! {
    /// The least severe level that is written.
    LogLevel {
        /// An operator has to act.
        Error = "error",
        /// Something was unexpected, and was dealt with.
        Warn = "warn",
        /// Normal operation.
        Info = "info",
        /// Details of the operation.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

vocabulary! {
    /// The format of a line.
    LogFormat {
        /// For people.
        Text = "text",
        /// For machines, one object per line.
        Json = "json",
    }
}

/// `[log]`.
#[derive(Debug, Clone)]
pub struct Log {
    /// The least severe level that is written.
    pub level: LogLevel,
    /// The format of a line.
    pub format: LogFormat,
}

impl Log {
    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let level = reader.plain("log.level", form::one_of(LogLevel::ALL, LogLevel::as_str));
        let format = reader.plain("log.format", form::one_of(LogFormat::ALL, LogFormat::as_str));
        Some(Self { level: level?, format: format? })
    }
}
