//! Problems with settings, as sentences for operators.
//!
//! No sentence quotes a secret. Values of secret settings are not passed in. Other values are quoted only if
//! they are short, because a key pasted into the wrong place is long.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use super::channels::ChannelFault;
use super::recall::Region;
use super::routes::RouteFault;
use super::source::Source;
use super::variable::file_variable;

/// A problem with the settings.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// The settings file cannot be read.
    #[error("The settings file {} cannot be read: {reason}. {}", path.display(), unreadable_fix(*asked_by))]
    UnreadableSettings {
        /// The path of the settings file.
        path: PathBuf,
        /// The flag or variable that names it; `None` for the default file.
        asked_by: Option<&'static str>,
        /// The operating system's error.
        reason: String,
    },
    /// The settings file is not TOML.
    #[error("{}, line {line}: this is not valid TOML: {reason}.", path.display())]
    Syntax {
        /// The path of the settings file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The parser's error, which never quotes the line.
        reason: String,
    },
    /// The key or section does not exist.
    #[error("{} is not a setting. {}", place.name(key), hint(suggestion.as_deref(), known))]
    UnknownKey {
        /// The location of the key.
        place: Box<Source>,
        /// The key with its section.
        key: String,
        /// The setting that was probably meant.
        suggestion: Option<String>,
        /// The accepted names at this location.
        known: Vec<String>,
    },
    /// An unknown variable with one of our prefixes.
    #[error("{name} is not a variable of this program. {}", variable_hint(suggestion.as_deref(), known))]
    UnknownVariable {
        /// The variable.
        name: String,
        /// The setting that was probably meant.
        suggestion: Option<String>,
        /// The known variables with the same start, if there are any.
        known: Vec<String>,
    },
    /// A variable adds a setting to an otherwise undefined workspace and is not enough to define it.
    #[error(
        "{variable} is for the workspace {name}, which is not in the settings file. {}",
        workspace_hint(variable, suggestion.as_deref(), lacks)
    )]
    UnknownWorkspace {
        /// The variable.
        variable: String,
        /// The name of the workspace.
        name: String,
        /// The setting that was probably meant.
        suggestion: Option<String>,
        /// The variable that would define the workspace.
        lacks: String,
    },
    /// A variable may be for either of two workspaces of the file.
    #[error("{variable} may be for the workspace {one} or for {other}. Rename one of the two.")]
    AmbiguousVariable {
        /// The variable.
        variable: String,
        /// The one workspace.
        one: String,
        /// The other workspace.
        other: String,
    },
    /// A key is used in place of a section, or a section in place of a key.
    #[error("{} must be written as a section: {form}.", place.name(key))]
    NotASection {
        /// The location of the key.
        place: Box<Source>,
        /// The name of the section.
        key: String,
        /// The header to write.
        form: String,
    },
    /// A value has the wrong type or is not acceptable.
    #[error("{}{} must be {wanted}.", place.name(key), found.as_ref().map(|found| format!(" is {found}, but")).unwrap_or_default())]
    Unusable {
        /// The location of the setting.
        place: Box<Source>,
        /// The setting.
        key: String,
        /// The value, if it may be shown.
        found: Option<String>,
        /// The expected form.
        wanted: String,
    },
    /// A value is set and empty.
    #[error("{} is empty. Give it a value, or remove it.", place.name(key))]
    Empty {
        /// The location of the setting.
        place: Box<Source>,
        /// The setting.
        key: String,
    },
    /// Region and address are both set, and the address belongs to another region.
    #[error(
        "{region_place} is {region}, but {url_place} is the address of {other}. \
         An API key is valid in one region only. Keep the one that is right, and remove the other."
    )]
    OtherRegion {
        /// The location of the region.
        region_place: String,
        /// The region.
        region: Region,
        /// The location of the URL.
        url_place: String,
        /// The region to which the address belongs.
        other: Region,
    },
    /// A block lacks a required setting.
    #[error("{place} has no {lacks}. {fix}")]
    Missing {
        /// The block, and the location of its start.
        place: String,
        /// The missing setting.
        lacks: &'static str,
        /// The line to write.
        fix: String,
    },
    /// A route that is invalid.
    #[error("{place} {fault}")]
    Route {
        /// The route, or its setting, and the location.
        place: String,
        /// The fault of the route.
        fault: RouteFault,
    },
    /// A mistake in the table of channels.
    #[error("{place}: {fault}")]
    Channels {
        /// The file, and the line.
        place: String,
        /// The mistake.
        fault: ChannelFault,
    },
    /// A variable and its `_FILE` counterpart are both set.
    #[error("{variable} and {} are both set. Unset one of them.", file_variable(variable))]
    SetTwice {
        /// The variable without `_FILE`.
        variable: String,
    },
    /// The file named by a variable cannot be read.
    #[error("{variable} names {path}, which cannot be read: {reason}. Check the path and who may read it.")]
    UnreadableValue {
        /// The variable with `_FILE`.
        variable: String,
        /// The path of the file.
        path: String,
        /// The operating system's error.
        reason: String,
    },
    /// No chat platform is set.
    #[error(
        "No chat platform is set up. Set RECALL_API_KEY, SLACK_BOT_TOKEN and SLACK_APP_TOKEN first; \
         for Discord set RECALL_API_KEY, RECALL_WEBHOOK_SECRET and DISCORD_TOKEN."
    )]
    NoChat,
    /// No workspace is set.
    #[error(
        "No Recall.ai workspace is set up. Set RECALL_API_KEY, and RECALL_REGION where it is not us-east-1."
    )]
    NoWorkspace,
    /// A platform has some of its settings and lacks another.
    #[error("{set} is set, but {lacks} is not. Set {lacks_variable} as well, or remove {set}.")]
    HalfSet {
        /// The setting that is set.
        set: &'static str,
        /// The required setting that is missing.
        lacks: &'static str,
        /// The variable of the required setting.
        lacks_variable: &'static str,
    },
}

/// All problems with the settings, in the order in which they were found.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [problem] => problem.fmt(f),
            problems => {
                write!(f, "{} problems with the settings:", problems.len())?;
                problems.iter().try_for_each(|problem| write!(f, "\n- {problem}"))
            }
        }
    }
}

fn hint(suggestion: Option<&str>, known: &[String]) -> String {
    match suggestion {
        Some(suggestion) => format!("Did you mean `{suggestion}`?"),
        None => format!("Known here: {}.", known.join(", ")),
    }
}

fn workspace_hint(variable: &str, suggestion: Option<&str>, lacks: &str) -> String {
    match suggestion {
        Some(suggestion) => format!("Did you mean `{suggestion}`?"),
        None => format!("Set {lacks} as well to add it, or unset {variable}."),
    }
}

fn variable_hint(suggestion: Option<&str>, known: &[String]) -> String {
    match suggestion {
        Some(suggestion) => format!("Did you mean `{suggestion}`?"),
        None if !known.is_empty() => hint(None, known),
        None => "Unset it; `why-no-recording config default` lists the settings.".to_owned(),
    }
}

fn unreadable_fix(asked_by: Option<&str>) -> String {
    match asked_by {
        Some(asked_by) => format!("Check the path in {asked_by} and who may read the file."),
        None => "Check who may read it.".to_owned(),
    }
}
