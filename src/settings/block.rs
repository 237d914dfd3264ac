//! One entry of a section that can occur several times, and the names by which operators find its settings.

use std::collections::BTreeMap;

use super::source::Source;

/// One entry of a repeated section, such as the second `[[alerts.route]]`.
#[derive(Debug, Clone)]
pub struct Block {
    /// `alerts.route[2]`.
    key: String,
    /// The location of its start.
    source: Source,
    /// The source of each of its settings, by key.
    settings: BTreeMap<String, Source>,
}

impl Block {
    pub(super) fn new(key: String, source: Source, settings: BTreeMap<String, Source>) -> Self {
        Self { key, source, settings }
    }

    /// Returns the name of the block, as in `alerts.route[2]`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the name of a setting in it, as in `alerts.route[2].cause`.
    #[must_use]
    pub fn key_of(&self, setting: &str) -> String {
        format!("{}.{setting}", self.key)
    }

    /// Returns how to find a setting: its variable if it is set by one, else its name.
    #[must_use]
    pub fn setting(&self, setting: &str) -> String {
        match self.source_of(setting) {
            Source::Variable(variable) | Source::VariableFile { variable, .. } => variable.clone(),
            Source::Default | Source::File { .. } | Source::Variables(_) => self.key_of(setting),
        }
    }

    /// Returns how to add a setting with this value, or with any value.
    pub(super) fn how_to_set(&self, setting: &str, value: Option<&str>) -> String {
        match (&self.source, value) {
            (Source::Variables(beginning), None) => format!("{beginning}{}", setting.to_uppercase()),
            (Source::Variables(beginning), Some(value)) => {
                format!("{beginning}{}={value}", setting.to_uppercase())
            }
            (_, None) => setting.to_owned(),
            (_, Some(value)) => format!("{setting} = {value}"),
        }
    }

    /// Returns `true` if it was made by variables alone.
    #[must_use]
    pub fn is_from_variables(&self) -> bool {
        matches!(self.source, Source::Variables(_))
    }

    /// Returns the place of the block, to start a sentence with.
    pub(super) fn place(&self) -> String {
        self.source.name(&self.key)
    }

    /// Returns the place of one of its settings, to start a sentence with.
    pub(super) fn place_of(&self, setting: &str) -> String {
        self.source_of(setting).name(&self.key_of(setting))
    }

    /// Returns the block with its place, for the middle of a sentence.
    pub(super) fn mention(&self) -> String {
        if self.is_from_variables() { self.place() } else { format!("{} ({})", self.key, self.source) }
    }

    fn source_of(&self, setting: &str) -> &Source {
        self.settings.get(setting).unwrap_or(&self.source)
    }
}
