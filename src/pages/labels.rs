//! What stands on the screen of a host, per language: `config/labels.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Fault, Language, PagesError};

const FILE: &str = "config/labels.toml";
const EMBEDDED: &str = include_str!("../../config/labels.toml");

/// All labels, by their names.
#[derive(Debug)]
pub(super) struct Labels(BTreeMap<String, Label>);

/// A label as a page in a language shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown<'a> {
    /// What stands on the screen: in the language of the page, or else in English.
    pub text: &'a str,
    /// What it means, where the label was not read in the language of the page.
    pub translation: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    group: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "read")]
    _read: jiff::civil::Date,
    label: BTreeMap<String, Label>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    #[serde(rename = "key")]
    _key: Option<String>,
    en: String,
    de: Option<String>,
    fr: Option<String>,
    es: Option<String>,
    #[serde(rename = "pt-BR")]
    pt_br: Option<String>,
    ja: Option<String>,
    #[serde(default)]
    translation: BTreeMap<String, String>,
}

impl Label {
    fn exact(&self, language: Language) -> Option<&str> {
        match language {
            Language::En => Some(&self.en),
            Language::De => self.de.as_deref(),
            Language::Fr => self.fr.as_deref(),
            Language::Es => self.es.as_deref(),
            Language::PtBr => self.pt_br.as_deref(),
            Language::Ja => self.ja.as_deref(),
        }
    }

    fn translation(&self, language: Language) -> Option<&str> {
        self.translation.get(language.as_str()).map(String::as_str)
    }
}

impl Labels {
    pub(super) fn embedded() -> Result<Self, PagesError> {
        let table: Table = toml::from_str(EMBEDDED)
            .map_err(|source| PagesError::Syntax { file: FILE, source: Box::new(source) })?;
        let labels: BTreeMap<String, Label> = table.group.into_iter().flat_map(|group| group.label).collect();
        for (name, label) in &labels {
            for language in Language::ALL.iter().copied() {
                // Either, and never both: a label that was read needs no translation.
                if label.exact(language).is_some() == label.translation(language).is_some() {
                    let fault = Fault::NoText(language);
                    return Err(PagesError::Text { file: FILE.to_owned(), key: name.clone(), fault });
                }
            }
        }
        Ok(Self(labels))
    }

    /// The label of this name in this language.
    pub(super) fn shown(&self, name: &str, language: Language) -> Option<Shown<'_>> {
        let label = self.0.get(name)?;
        Some(match label.exact(language) {
            Some(text) => Shown { text, translation: None },
            None => Shown { text: &label.en, translation: label.translation(language) },
        })
    }

    /// Every label in English.
    pub(super) fn english(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|label| label.en.as_str())
    }
}
