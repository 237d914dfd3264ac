//! Merges defaults, file and environment, without interpreting the values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::Sources;
use super::environment::{CONFIG_VARIABLE, Environment, OUR_PREFIX};
use super::problem::Problem;
use super::raw::{LONGEST_QUOTED, Raw};
use super::reference::{self, DEFAULT_TOML};
use super::show::Shown;
use super::source::{Source, line_of};
use super::unknown::{unknown_key, unknown_section, unknown_variable};
use super::variable::file_variable;

/// A value and its source.
pub(super) struct Value {
    pub(super) raw: Raw,
    pub(super) source: Source,
}

/// The merged layers.
#[derive(Default)]
pub(super) struct Gathered {
    /// The values under `section.key`, in repeated sections under `section[1].key`.
    pub(super) values: BTreeMap<String, Value>,
    /// The location of each entry's start, for each repeated section.
    pub(super) blocks: BTreeMap<String, Vec<Source>>,
    /// Notes of a repeated section for `config show`, besides its entries.
    pub(super) notes: BTreeMap<String, Shown>,
    pub(super) problems: Vec<Problem>,
}

/// Merges defaults, file and environment; the later wins.
pub(super) fn gather(sources: &Sources) -> Gathered {
    let mut gathered = Gathered::default();
    Layer::default_toml().walk(&mut gathered);
    if let Some(file) = &sources.file {
        let layer = Layer { path: Some(file.path.clone()), text: &file.text };
        layer.walk(&mut gathered);
    }
    gathered.add_environment(&sources.environment);
    gathered
}

/// One TOML text that overrides the layers before it.
struct Layer<'a> {
    /// `None` for the defaults.
    path: Option<PathBuf>,
    text: &'a str,
}

impl Layer<'_> {
    fn default_toml() -> Self {
        Self { path: None, text: DEFAULT_TOML }
    }

    fn source(&self, offset: usize) -> Source {
        self.path.as_deref().map_or(Source::Default, |path| Source::in_file(path, self.text, offset))
    }

    fn walk(&self, gathered: &mut Gathered) {
        // Only the message and the position are used: the error's own text quotes the line, which may contain a
        // secret.
        let table = match DeTable::parse(self.text) {
            Ok(table) => table,
            Err(error) => {
                gathered.problems.push(Problem::Syntax {
                    path: self.path.as_deref().unwrap_or(Path::new("")).to_owned(),
                    line: line_of(self.text, error.span().map_or(0, |span| span.start)),
                    reason: error.message().to_owned(),
                });
                return;
            }
        };
        for (name, value) in table.get_ref() {
            let source = self.source(name.span().start);
            let section = name.get_ref().as_ref();
            if !reference::sections().contains(&section) {
                gathered.problems.push(unknown_section(section, source));
            } else if let Some(keys) = value.get_ref().as_table() {
                self.walk_section(section, section, keys, gathered);
            } else {
                gathered.problems.push(Problem::NotASection {
                    place: Box::new(source),
                    key: section.to_owned(),
                    form: format!("[{section}]"),
                });
            }
        }
    }

    /// `section` is its name in the reference, `prefix` that of its values: they differ in repeated sections.
    fn walk_section(&self, section: &str, prefix: &str, keys: &DeTable<'_>, gathered: &mut Gathered) {
        for (name, value) in keys {
            let source = self.source(name.span().start);
            let key = name.get_ref().as_ref();
            let full = format!("{prefix}.{key}");
            let nested = format!("{section}.{key}");
            if reference::is_repeated(&nested) {
                self.walk_blocks(&nested, value.get_ref(), source, gathered);
            } else if reference::entries().iter().any(|entry| entry.section == section && entry.key == key) {
                let raw = Raw::from_toml(value.get_ref());
                gathered.values.insert(full, Value { raw, source });
            } else {
                gathered.problems.push(unknown_key(section, key, full, source));
            }
        }
    }

    fn walk_blocks(&self, section: &str, value: &DeValue<'_>, source: Source, gathered: &mut Gathered) {
        let blocks: Option<Vec<_>> = value.as_array().and_then(|array| {
            array.iter().map(|block| Some((block.span(), block.get_ref().as_table()?))).collect()
        });
        let Some(blocks) = blocks else {
            gathered.problems.push(Problem::NotASection {
                place: Box::new(source),
                key: section.to_owned(),
                form: format!("[[{section}]]"),
            });
            return;
        };
        for (index, (span, keys)) in blocks.into_iter().enumerate() {
            let beginning = self.source(span.start);
            gathered.blocks.entry(section.to_owned()).or_default().push(beginning);
            let prefix = format!("{section}[{}]", index + 1);
            self.walk_section(section, &prefix, keys, gathered);
        }
    }
}

impl Gathered {
    fn add_environment(&mut self, environment: &Environment) {
        for entry in reference::entries() {
            if let Some(variable) = entry.variable() {
                self.add_variable(format!("{}.{}", entry.section, entry.key), variable, environment);
            }
        }
        for name in environment.variables.keys() {
            if name.starts_with(OUR_PREFIX) && name != CONFIG_VARIABLE {
                self.problems.push(unknown_variable(name));
            }
        }
        self.add_blocks(environment);
    }

    pub(super) fn add_variable(&mut self, key: String, variable: String, environment: &Environment) {
        let names_file = file_variable(&variable);
        let path = environment.variables.get(&names_file);
        let (text, source) = match (environment.variables.get(&variable), path) {
            (None, None) => return,
            (Some(_), Some(_)) => {
                self.problems.push(Problem::SetTwice { variable });
                return;
            }
            (Some(text), None) => (text, Source::Variable(variable)),
            (None, Some(path)) => match environment.files.get(path) {
                Some(Ok(text)) => {
                    let source = Source::VariableFile { variable: names_file, path: PathBuf::from(path) };
                    (text, source)
                }
                unread => {
                    let reason = match unread {
                        Some(Err(reason)) => reason.clone(),
                        _ => "it was not read".to_owned(),
                    };
                    self.problems.push(Problem::UnreadableValue {
                        variable: names_file,
                        path: quotable_path(path),
                        reason,
                    });
                    return;
                }
            },
        };
        let raw = Raw::Untyped(text.trim().to_owned());
        self.values.insert(key, Value { raw, source });
    }
}

/// A value in place of a path is an easy mistake, and may be a secret.
fn quotable_path(path: &str) -> String {
    let looks_like_one = path.starts_with(['/', '.']) || path.chars().count() <= LONGEST_QUOTED;
    if looks_like_one { path.to_owned() } else { "a file".to_owned() }
}
