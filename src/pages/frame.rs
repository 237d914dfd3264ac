//! What a page needs beside its cause: the words around it, the places it draws, and how a host tells that it worked.
//! `config/host-pages.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::drawing::Place;
use super::labels::Labels;
use super::spans::{Span, mark, of_marked};
use super::{Fault, Language, PagesError};
use crate::diagnosis::catalogue::{Catalogue, Cause};

const FILE: &str = "config/host-pages.toml";
const EMBEDDED: &str = include_str!("../../config/host-pages.toml");
/// How a host tells that it worked, if nothing more fitting is known.
const COMMON: &str = "joined";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    why_for_the_host: BTreeMap<String, String>,
    page: Vec<RawPage>,
    tell: BTreeMap<String, BTreeMap<String, String>>,
    words: BTreeMap<String, Words>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPage {
    causes: Vec<String>,
    drawings: Vec<Place>,
    tell: String,
}

/// The words around a page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub notetaker: String,
    pub host: String,
    pub participant: String,
    pub what_to_do: String,
    pub places: String,
    pub how_to_tell: String,
    pub origin: String,
    pub origin_text: String,
    pub language: String,
    pub all_pages: String,
    pub list_title: String,
    pub list_lead: String,
    pub any_platform: String,
    pub only_english: String,
    pub not_found: String,
    pub not_found_text: String,
    pub draw_settings: String,
    pub draw_request: String,
    pub draw_end_or_leave: String,
    pub draw_alternative_hosts: String,
    pub draw_waiting_room: String,
}

/// What a cause's page needs.
#[derive(Debug)]
struct Needs {
    places: Vec<Place>,
    tell: String,
}

/// What stands around the causes.
#[derive(Debug)]
pub(super) struct Frame {
    why_for_the_host: BTreeMap<String, String>,
    needs: BTreeMap<String, Needs>,
    tell: BTreeMap<String, BTreeMap<Language, String>>,
    /// In the order of [`Language::ALL`].
    words: Vec<Words>,
}

impl Frame {
    pub(super) fn embedded(catalogue: &Catalogue, labels: &Labels) -> Result<Self, PagesError> {
        let mut raw: Raw = toml::from_str(EMBEDDED)
            .map_err(|source| PagesError::Syntax { file: FILE, source: Box::new(source) })?;
        let fault = |key: &str, fault| PagesError::Text { file: FILE.to_owned(), key: key.to_owned(), fault };
        let mut tell: BTreeMap<String, BTreeMap<Language, String>> = BTreeMap::new();
        for (name, texts) in raw.tell {
            for language in Language::ALL.iter().copied() {
                let text =
                    texts.get(language.as_str()).ok_or_else(|| fault(&name, Fault::NoText(language)))?;
                let text = mark(text, labels).map_err(|error| fault(&name, error))?;
                tell.entry(name.clone()).or_default().insert(language, text);
            }
        }
        let mut needs = BTreeMap::new();
        for page in raw.page {
            if !tell.contains_key(&page.tell) {
                return Err(fault(&page.tell, Fault::Unknown(page.tell.clone())));
            }
            for cause in page.causes {
                if !catalogue.by_id(&cause).is_some_and(Cause::has_host_page) {
                    return Err(fault(&cause, Fault::NoPage));
                }
                needs.insert(cause, Needs { places: page.drawings.clone(), tell: page.tell.clone() });
            }
        }
        let mut words = Vec::new();
        for language in Language::ALL.iter().copied() {
            words.push(
                raw.words.remove(language.as_str()).ok_or_else(|| fault("words", Fault::NoText(language)))?,
            );
        }
        let why_for_the_host = raw.why_for_the_host;
        if let Some(cause) =
            why_for_the_host.keys().find(|id| !catalogue.by_id(id).is_some_and(Cause::has_host_page))
        {
            return Err(fault(cause, Fault::NoPage));
        }
        Ok(Self { why_for_the_host, needs, tell, words })
    }

    /// The words of a language.
    pub(super) fn words(&self, language: Language) -> &Words {
        &self.words[language as usize]
    }

    /// The places that the page of this cause draws.
    pub(super) fn places(&self, cause: &Cause) -> &[Place] {
        self.needs.get(cause.id.as_str()).map_or(&[], |needs| &needs.places)
    }

    /// How a host tells that it worked.
    pub(super) fn how_to_tell(&self, cause: &Cause, labels: &Labels, language: Language) -> Vec<Span> {
        let tell = self.needs.get(cause.id.as_str()).map_or(COMMON, |needs| &needs.tell);
        let text = self.tell.get(tell).and_then(|texts| texts.get(&language));
        of_marked(text.map_or("", String::as_str), labels, language, &self.words(language).notetaker)
    }

    /// The reason in English, where that of the catalogue speaks to the team.
    pub(super) fn why_for_the_host(&self, cause: &Cause) -> Option<&str> {
        self.why_for_the_host.get(cause.id.as_str()).map(String::as_str)
    }
}
