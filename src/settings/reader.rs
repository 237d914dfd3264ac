//! Reads settings from the merged layers.
//!
//! It notes each value for `config show`. After a problem it continues, so that one run finds all of them.

use std::collections::BTreeMap;

use super::block::Block;
use super::layers::{Gathered, Value};
use super::problem::Problem;
use super::raw::{LONGEST_QUOTED, Raw};
use super::show::Shown;
use super::source::Source;

/// How much of a setting's value is shown.
#[derive(Clone, Copy)]
enum Exposure {
    /// The whole value.
    Plain,
    /// The value without user name, password and query.
    Url,
    /// Nothing.
    Secret,
}

/// The merged layers, the values read from them, and the problems found.
pub(super) struct SettingsReader {
    values: BTreeMap<String, Value>,
    blocks: BTreeMap<String, Vec<Source>>,
    notes: BTreeMap<String, Shown>,
    pub(super) problems: Vec<Problem>,
    pub(super) shown: Vec<Shown>,
}

impl From<Gathered> for SettingsReader {
    fn from(gathered: Gathered) -> Self {
        Self {
            values: gathered.values,
            blocks: gathered.blocks,
            notes: gathered.notes,
            problems: gathered.problems,
            shown: Vec::new(),
        }
    }
}

impl SettingsReader {
    /// Reads a setting that may be shown. `None` if it is not set or not usable; the latter is noted as a
    /// problem.
    pub(super) fn plain<T>(&mut self, key: &str, form: impl FnOnce(&Raw) -> Result<T, String>) -> Option<T> {
        self.read(key, Exposure::Plain, form)
    }

    /// Reads a URL, which may contain a password.
    pub(super) fn url<T>(&mut self, key: &str, form: impl FnOnce(&Raw) -> Result<T, String>) -> Option<T> {
        self.read(key, Exposure::Url, form)
    }

    /// Reads a secret.
    pub(super) fn secret<T>(&mut self, key: &str, form: impl FnOnce(&Raw) -> Result<T, String>) -> Option<T> {
        self.read(key, Exposure::Secret, form)
    }

    /// Returns the entries of a repeated section.
    pub(super) fn blocks(&mut self, section: &str) -> Vec<Block> {
        self.shown.extend(self.notes.remove(section));
        let sources = self.blocks.get(section).into_iter().flatten();
        sources
            .enumerate()
            .map(|(index, source)| {
                let key = format!("{section}[{}]", index + 1);
                let settings = self
                    .names_within(&key)
                    .map(|(name, value)| (name.to_owned(), value.source.clone()))
                    .collect();
                Block::new(key, source.clone(), settings)
            })
            .collect()
    }

    /// Returns the names of what is set within a block, or within a setting of it that holds values by name.
    pub(super) fn names_within(&self, key: &str) -> impl Iterator<Item = (&str, &Value)> {
        let beginning = format!("{key}.");
        self.values.iter().filter_map(move |(own, value)| Some((own.strip_prefix(&beginning)?, value)))
    }

    /// Returns `true` if a setting has a value, usable or not.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// Returns `true` if it isn't set, so that the default holds.
    pub(super) fn is_default(&self, key: &str) -> bool {
        self.source(key) == Source::Default
    }

    /// Shows the effective value in place of the default, because it follows from another setting.
    pub(super) fn show_as_following(&mut self, key: &str, value: &str, from: &str) {
        let source = self.source(from);
        if let Some(shown) = self.shown.iter_mut().find(|shown| shown.key == key) {
            *shown = Shown { key: key.to_owned(), value: Some(value.to_owned()), source };
        }
    }

    /// Returns where a setting was set, for problems that concern more than one.
    pub(super) fn source(&self, key: &str) -> Source {
        self.values.get(key).map_or(Source::Default, |value| value.source.clone())
    }

    fn read<T>(
        &mut self,
        key: &str,
        exposure: Exposure,
        form: impl FnOnce(&Raw) -> Result<T, String>,
    ) -> Option<T> {
        let Some(value) = self.values.get(key) else {
            self.note_unset(key);
            return None;
        };
        self.shown.push(Shown {
            key: key.to_owned(),
            value: Some(display(&value.raw, exposure)),
            source: value.source.clone(),
        });
        let place = Box::new(value.source.clone());
        let key = key.to_owned();
        if value.raw.is_blank() {
            self.problems.push(Problem::Empty { place, key });
            return None;
        }
        form(&value.raw)
            .map_err(|wanted| {
                let found = quotable(&value.raw, exposure);
                self.problems.push(Problem::Unusable { place, key, found, wanted });
            })
            .ok()
    }

    /// Notes that a setting is not set. A repeated section lists only what is set; in other sections, the
    /// absence is worth a line.
    fn note_unset(&mut self, key: &str) {
        if !key.contains('[') {
            self.shown.push(Shown { key: key.to_owned(), value: None, source: Source::Default });
        }
    }
}

fn display(raw: &Raw, exposure: Exposure) -> String {
    match (exposure, raw) {
        (Exposure::Secret, _) => "(set, redacted)".to_owned(),
        (Exposure::Url, Raw::Text(text) | Raw::Untyped(text)) => {
            format!("{:?}", without_credentials(text))
        }
        (Exposure::Url | Exposure::Plain, _) => raw.to_string(),
    }
}

fn quotable(raw: &Raw, exposure: Exposure) -> Option<String> {
    match exposure {
        Exposure::Secret => None,
        Exposure::Plain | Exposure::Url => {
            let quoted = display(raw, exposure);
            let length = quoted.chars().count();
            (length <= LONGEST_QUOTED + 2).then_some(quoted)
        }
    }
}

/// Removes the credentials from a URL. This works on invalid URLs too, because errors quote those.
pub(super) fn without_credentials(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.rsplit_once('@').map_or(rest.to_owned(), |(_, host)| format!("***@{host}"));
    let rest = rest.split_once('?').map_or(rest.clone(), |(path, _)| format!("{path}?***"));
    if scheme.is_empty() { rest } else { format!("{scheme}://{rest}") }
}
