//! `config/default.toml` as a list of settings, and the page that is made from it.
//!
//! The file is written for people, but has a fixed form that can be parsed. There is a comment above each
//! section and key. A key or header without a default has a `#` directly before it.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::variable::{pattern, variable_of};

/// The defaults, with a comment for each.
pub const DEFAULT_TOML: &str = include_str!("../../config/default.toml");

/// One setting, as the defaults describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The section, such as `recall` or `recall.workspace`.
    pub section: &'static str,
    /// The key within the section.
    pub key: &'static str,
    /// The default as TOML; `None` if there is none.
    pub default: Option<&'static str>,
    /// The meaning of the setting.
    pub meaning: String,
    /// `true` if its section can be there several times, as `[[section]]`.
    pub repeated: bool,
}

impl Entry {
    /// Returns the environment variable. Settings in repeated sections have one for each entry.
    #[must_use]
    pub fn variable(&self) -> Option<String> {
        (!self.repeated).then(|| variable_of(self.section, self.key))
    }

    /// Returns the environment variable, with a placeholder if each entry has its own.
    #[must_use]
    pub fn variable_pattern(&self) -> Option<String> {
        self.variable().or_else(|| pattern(self.section, self.key))
    }
}

/// Returns every setting, in the order of the file.
#[must_use]
pub fn entries() -> &'static [Entry] {
    &REFERENCE.entries
}

/// Returns `docs/settings.md`.
#[must_use]
pub fn reference_markdown() -> String {
    let mut page = PREAMBLE.to_owned();
    for section in &REFERENCE.sections {
        let header =
            if section.repeated { format!("[[{}]]", section.name) } else { format!("[{}]", section.name) };
        // Writing to a `String` cannot fail.
        let _ = writeln!(page, "\n## `{header}`\n\n{}\n", section.meaning);
        page.push_str("| setting | variable | default | meaning |\n|---|---|---|---|\n");
        for entry in entries().iter().filter(|entry| entry.section == section.name) {
            page.push_str(&row(entry));
        }
    }
    page
}

/// Returns the names of the sections that are not repeated, such as `recall`.
pub(super) fn sections() -> Vec<&'static str> {
    let alone = REFERENCE.sections.iter().filter(|section| !section.repeated);
    alone.map(|section| section.name).collect()
}

/// Returns `true` if this is a section that can be there several times.
pub(super) fn is_repeated(name: &str) -> bool {
    let mut sections = REFERENCE.sections.iter();
    sections.any(|section| section.repeated && section.name == name)
}

/// Returns the last part of the names of the repeated sections within a section.
pub(super) fn repeated_within(name: &str) -> impl Iterator<Item = &'static str> {
    REFERENCE
        .sections
        .iter()
        .filter(|section| section.repeated)
        .filter_map(move |section| section.name.strip_prefix(name)?.strip_prefix('.'))
}

const PREAMBLE: &str = "\
# Settings

<!-- Generated from config/default.toml. Change that file, not this one. -->

Settings come from three layers. Later ones override earlier ones:

1. the defaults below; `why-no-recording config default` prints them with comments
2. a file: `--config <file>`, else `WHY_NO_RECORDING_CONFIG`, else `./why-no-recording.toml` if it exists
3. environment variables

A variable is the section and the key in upper case, joined by `_`.
With `_FILE` appended, it names a file with the value, for secret stores.
Lists in variables are separated by commas.
A section that can be repeated has the name or the number of the entry in between: `RECALL_WORKSPACE_EU_API_KEY`, `ALERTS_ROUTE_1_CAUSE`.
An unknown key in the file is an error, and so is an unknown variable that starts with `RECALL_WORKSPACE_` or `ALERTS_ROUTE_`.

`why-no-recording config check` says what is on and what is wrong.
`why-no-recording config show` prints each value with its source.
";

struct Section {
    name: &'static str,
    meaning: String,
    repeated: bool,
}

#[derive(Default)]
struct Reference {
    sections: Vec<Section>,
    entries: Vec<Entry>,
}

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| read(DEFAULT_TOML));

fn read(text: &'static str) -> Reference {
    let mut reference = Reference::default();
    let mut comment: Vec<&str> = Vec::new();
    for line in text.lines() {
        let (line, commented_out) = match line.strip_prefix('#') {
            Some(rest) if rest.starts_with(' ') => {
                comment.push(rest.trim());
                continue;
            }
            Some(rest) => (rest, true),
            None => (line, false),
        };
        let meaning = comment.join(" ");
        comment.clear();
        if let Some(header) = line.strip_prefix('[') {
            reference.sections.push(Section {
                name: header.trim_matches(['[', ']']),
                meaning,
                repeated: header.starts_with('['),
            });
        } else if let (Some((key, value)), Some(section)) =
            (line.split_once(" = "), reference.sections.last())
        {
            reference.entries.push(Entry {
                section: section.name,
                key,
                default: (!commented_out).then_some(value),
                meaning,
                repeated: section.repeated,
            });
        }
    }
    reference
}

fn row(entry: &Entry) -> String {
    let code = |text: &str| format!("`{text}`");
    let absent = || "–".to_owned();
    format!(
        "| `{}` | {} | {} | {} |\n",
        entry.key,
        entry.variable_pattern().map_or_else(absent, |name| code(&name)),
        entry.default.map_or_else(absent, code),
        entry.meaning.replace('|', "\\|"),
    )
}
