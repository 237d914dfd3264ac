//! Pages for the host of a meeting: what happened, what to do, in pictures and in the host's language. The message for
//! the host is translated here too ([`Pages::translated`]), because it comes from the same files.
//!
//! Pure. A page depends on its cause and its language and on nothing else: it holds nothing about a bot, a meeting or
//! a person. English comes from the catalogue; `config/catalogue/<language>/` translates a cause completely or not at
//! all, and quotes no label that is not in `config/labels.toml`.

mod drawing;
mod embed;
mod frame;
mod labels;
mod overlay;
mod render;
mod spans;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::diagnosis::Diagnosis;
use crate::diagnosis::catalogue::{Catalogue, CatalogueError, Cause};
use crate::diagnosis::template::{BadSlot, Slot};
use crate::report::fill::{fill, in_general};
use crate::report::{Explanation, Report};
use frame::Frame;
use labels::Labels;
use overlay::Overlay;
use spans::Span;

pub use crate::report::language::Language;

/// What stands in `style.css`, beside the pages.
pub const STYLE: &str = include_str!("style.css");

/// A fault in the data of the pages.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// The catalogue can't be read.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// A file is not what it should be; the text names line and column.
    #[error("{file}: {source}")]
    Syntax {
        /// The file, from the root of the sources.
        file: &'static str,
        /// What is wrong with it.
        source: Box<toml::de::Error>,
    },
    /// A text breaks a rule.
    #[error("{file}, `{key}`: {fault}")]
    Text {
        /// The file, from the root of the sources.
        file: String,
        /// The cause, the label or the word.
        key: String,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// What may be wrong with a text.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It names a label that does not exist.
    #[error("config/labels.toml has no label `{0}`")]
    UnknownLabel(String),
    /// A label without a text and without a translation in a language.
    #[error("neither a label nor a translation in {0}")]
    NoText(Language),
    /// A cause that has no page.
    #[error("there is no page of this cause")]
    NoPage,
    /// A place or a sign of success that does not exist.
    #[error("there is no `{0}`")]
    Unknown(String),
    /// The translation has not as many steps as the catalogue has for the host.
    #[error("{found} steps, and the catalogue has {expected} for the host")]
    Steps {
        /// Those of the translation.
        found: usize,
        /// Those of the catalogue.
        expected: usize,
    },
    /// A message for a bot that is still in the meeting, where the catalogue has none, or the reverse.
    #[error("`host_message_now` has to be there if and only if the catalogue has it")]
    MessageNow,
    /// A slot in a message that is not in brackets.
    #[error("`{{{0}}}` has to be in brackets, because what replaces an unknown fact is in English")]
    BareSlot(Slot),
    /// A slot that does not exist.
    #[error(transparent)]
    Slot(#[from] BadSlot),
}

/// How pages name each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links<'a> {
    /// As a service answers them, below `/h/`. The address where people reach the service goes into the data for
    /// previews, if it is known.
    Served(Option<&'a str>),
    /// As files beside each other.
    Files,
}

impl Links<'_> {
    fn page(self, cause: &str, language: Language) -> String {
        match self {
            Self::Served(_) => format!("{cause}?lang={language}"),
            Self::Files => file_name(cause, language),
        }
    }

    fn list(self, language: Language) -> String {
        match self {
            Self::Served(_) => format!("./?lang={language}"),
            Self::Files => file_name("index", language),
        }
    }

    fn address(self, path: &str) -> Option<String> {
        match self {
            Self::Served(base) => Some(format!("{}/h/{path}", base?)),
            Self::Files => None,
        }
    }
}

/// `host_not_present.de.html`; English is the name without a language.
fn file_name(name: &str, language: Language) -> String {
    if language == Language::En { format!("{name}.html") } else { format!("{name}.{language}.html") }
}

/// What a page says.
struct Content {
    title: String,
    /// What happened, in one sentence.
    happened: String,
    steps: Vec<Vec<Span>>,
}

/// All pages.
#[derive(Debug)]
pub struct Pages {
    catalogue: Catalogue,
    labels: Labels,
    frame: Frame,
    overlays: BTreeMap<Language, BTreeMap<String, Overlay>>,
}

impl Pages {
    /// The pages that this program carries.
    ///
    /// # Errors
    /// Never for a program that passed its tests; the first fault of the data otherwise.
    pub fn embedded() -> Result<Self, PagesError> {
        let catalogue = Catalogue::embedded()?;
        let labels = Labels::embedded()?;
        let frame = Frame::embedded(&catalogue, &labels)?;
        let overlays = overlay::embedded(&catalogue, &labels)?;
        Ok(Self { catalogue, labels, frame, overlays })
    }

    /// The same, read once.
    ///
    /// # Errors
    /// Those of [`Pages::embedded`].
    pub fn shared() -> Result<&'static Self, &'static PagesError> {
        static SHARED: LazyLock<Result<Pages, PagesError>> = LazyLock::new(Pages::embedded);
        SHARED.as_ref()
    }

    /// The causes that have a page, family by family.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.catalogue.causes().filter(|cause| cause.has_host_page())
    }

    /// The languages in which there is a page of this cause; none if there is no page at all.
    #[must_use]
    pub fn languages(&self, cause: &str) -> Vec<Language> {
        let Some(cause) = self.cause(cause) else { return Vec::new() };
        let is_there =
            |language: &Language| *language == Language::En || self.overlay(cause, *language).is_some();
        Language::ALL.iter().copied().filter(is_there).collect()
    }

    /// The page of a cause and its language, which is this one if it is there, else English; `None` if there is no such
    /// page.
    #[must_use]
    pub fn page(&self, cause: &str, language: Language, links: Links<'_>) -> Option<(Language, String)> {
        let (cause, language) = self.shown(cause, language)?;
        Some((language, render::page(self, cause, language, links)))
    }

    /// What Discord shows instead of a link to the page, in the language of the page. `None` if there is no such page,
    /// or nobody knows where people reach the service.
    #[must_use]
    pub fn embed(&self, cause: &str, language: Language, links: Links<'_>) -> Option<(Language, String)> {
        let (cause, language) = self.shown(cause, language)?;
        Some((language, embed::component_embed(self, cause, language, links)?))
    }

    /// A cause with a page, and the language in which it is shown to whoever wants this one.
    fn shown(&self, cause: &str, language: Language) -> Option<(&Cause, Language)> {
        let cause = self.cause(cause)?;
        let is_there = self.languages(cause.id.as_str()).contains(&language);
        Some((cause, if is_there { language } else { Language::En }))
    }

    /// The report with the languages in which there is what it says to the host, and in the chosen one if it is one of
    /// them. Without a choice, or if there is no such translation, it stays in English.
    #[must_use]
    pub fn translated(
        &self,
        mut report: Report,
        diagnosis: &Diagnosis<'_>,
        language: Option<Language>,
    ) -> Report {
        let message = |language: Language| {
            self.overlay(diagnosis.advice, language).and_then(|overlay| overlay.host_message(diagnosis))
        };
        report.translations =
            Language::ALL.iter().copied().filter(|language| message(*language).is_some()).collect();
        match language {
            None | Some(Language::En) => report.host_language = language,
            Some(language) => {
                if let Some(template) = message(language) {
                    report.host_message = Some(fill(template, diagnosis, language));
                    report.host_language = Some(language);
                }
            }
        }
        report
    }

    /// What a cause says in this language, with the message for the host; `None` if it isn't translated.
    #[must_use]
    pub fn explanation(&self, cause: &Cause, language: Language) -> Option<Explanation> {
        match language {
            Language::En => Some(Explanation::of(cause)),
            _ => Some(self.overlay(cause, language)?.explanation(cause, &self.labels, language)),
        }
    }

    /// The list of all pages.
    #[must_use]
    pub fn list(&self, language: Language, links: Links<'_>) -> String {
        render::list(self, language, links, false)
    }

    /// What is shown for an address that leads nowhere, with the list.
    #[must_use]
    pub fn not_found(&self, language: Language, links: Links<'_>) -> String {
        render::list(self, language, links, true)
    }

    /// Every file of the pages, with its name.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files = vec![("style.css".to_owned(), STYLE.to_owned())];
        for language in Language::ALL.iter().copied() {
            files.push((file_name("index", language), self.list(language, Links::Files)));
            for cause in self.causes().filter(|cause| self.languages(cause.id.as_str()).contains(&language)) {
                let name = file_name(cause.id.as_str(), language);
                let page = self.page(cause.id.as_str(), language, Links::Files);
                files.extend(page.map(|(_, page)| (name, page)));
            }
        }
        files
    }

    fn cause(&self, id: &str) -> Option<&Cause> {
        self.catalogue.by_id(id).filter(|cause| cause.has_host_page())
    }

    fn overlay(&self, cause: &Cause, language: Language) -> Option<&Overlay> {
        self.overlays.get(&language)?.get(cause.id.as_str())
    }

    fn content(&self, cause: &Cause, language: Language) -> Content {
        match self.overlay(cause, language) {
            Some(overlay) => overlay.content(&self.labels, language),
            None => self.english(cause),
        }
    }

    /// What the catalogue says to the host. Where no step is for the host, the rest of the message to them is.
    fn english(&self, cause: &Cause) -> Content {
        let message = cause.host_message.as_ref().map(|message| for_host(&in_general(message)));
        let (lead, rest) = message.as_deref().map(spans::first_sentence).unzip();
        let steps = |is_shown: fn(&crate::diagnosis::catalogue::Step) -> bool| -> Vec<String> {
            let shown = cause.steps.iter().filter(|step| is_shown(step));
            shown.map(|step| for_host(&in_general(&step.text))).collect()
        };
        let mut texts = steps(|step| step.is_for_actor);
        if texts.is_empty() {
            texts = rest.unwrap_or_default().lines().map(str::to_owned).collect();
        }
        if texts.is_empty() {
            texts = steps(|step| step.is_for_reader);
        }
        // The message says it to the host. The reason in the catalogue is written for their team.
        let happened = lead.or_else(|| self.frame.why_for_the_host(cause)).map(str::to_owned);
        Content {
            title: for_host(&cause.title),
            happened: happened.unwrap_or_else(|| for_host(&in_general(&cause.why))),
            steps: texts.iter().map(|text| spans::of_english(text, &self.labels)).collect(),
        }
    }
}

/// A host knows a notetaker, and no bot. What is quoted stands on a screen, and stays as it is.
fn for_host(text: &str) -> String {
    let parts = text.split('"').enumerate();
    let parts =
        parts.map(|(index, part)| if index % 2 == 1 { part.to_owned() } else { in_words_of_host(part) });
    parts.collect::<Vec<_>>().join("\"")
}

fn in_words_of_host(text: &str) -> String {
    let is_letter = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    let words = text.split_inclusive(|letter| !is_letter(letter));
    let words = words.map(|word| {
        let (name, rest) = word.split_at(word.trim_end_matches(|letter| !is_letter(letter)).len());
        let name = match name {
            "bot" => "notetaker",
            "bots" => "notetakers",
            "Bot" => "Notetaker",
            "Bots" => "Notetakers",
            other => other,
        };
        format!("{name}{rest}")
    });
    words.collect()
}
