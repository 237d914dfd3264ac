//! Translations of causes: `config/catalogue/<language>/`. A cause is translated as a whole or not at all.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::labels::Labels;
use super::spans::{first_sentence, mark, of_marked, plain};
use super::{Content, Fault, Language, PagesError};
use crate::diagnosis::catalogue::{Catalogue, Cause};
use crate::diagnosis::template::Template;
use crate::report::Explanation;
use crate::report::fill::in_general;

/// Embeds the families of each language, by the names of their files.
macro_rules! translations {
    ($($language:ident $folder:literal),+ $(,)?) => {
        &[$(
            translations!(@ $language $folder "zoom_permission"),
            translations!(@ $language $folder "zoom_host"),
            translations!(@ $language $folder "lobby"),
            translations!(@ $language $folder "meeting"),
        )+]
    };
    (@ $language:ident $folder:literal $family:literal) => {
        (
            Language::$language,
            concat!("config/catalogue/", $folder, "/", $family, ".toml"),
            include_str!(concat!("../../config/catalogue/", $folder, "/", $family, ".toml")),
        )
    };
}

const EMBEDDED: &[(Language, &str, &str)] = translations![De "de", Fr "fr", Es "es", PtBr "pt-BR", Ja "ja"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    cause: BTreeMap<String, RawOverlay>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOverlay {
    title: String,
    why: String,
    steps: Vec<String>,
    host_message: String,
}

/// What a cause says in another language. Labels are marked in the texts.
#[derive(Debug)]
pub(super) struct Overlay {
    title: String,
    why: Template,
    steps: Vec<Template>,
    host_message: Template,
}

/// All translations.
pub(super) fn embedded(
    catalogue: &Catalogue,
    labels: &Labels,
) -> Result<BTreeMap<Language, BTreeMap<String, Overlay>>, PagesError> {
    let mut all: BTreeMap<Language, BTreeMap<String, Overlay>> = BTreeMap::new();
    for (language, file, text) in EMBEDDED.iter().copied() {
        let family: Family =
            toml::from_str(text).map_err(|source| PagesError::Syntax { file, source: Box::new(source) })?;
        for (cause, raw) in family.cause {
            let overlay = read(&cause, &raw, catalogue, labels).map_err(|fault| PagesError::Text {
                file: file.to_owned(),
                key: cause.clone(),
                fault,
            })?;
            all.entry(language).or_default().insert(cause, overlay);
        }
    }
    Ok(all)
}

fn read(id: &str, raw: &RawOverlay, catalogue: &Catalogue, labels: &Labels) -> Result<Overlay, Fault> {
    let cause = catalogue.by_id(id).filter(|cause| cause.has_host_page()).ok_or(Fault::NoPage)?;
    let expected = cause.steps.iter().filter(|step| step.is_for_actor).count();
    if raw.steps.len() != expected {
        return Err(Fault::Steps { found: raw.steps.len(), expected });
    }
    let template = |text: &str| -> Result<Template, Fault> { Ok(Template::parse(&mark(text, labels)?)?) };
    Ok(Overlay {
        title: raw.title.clone(),
        why: template(&raw.why)?,
        steps: raw.steps.iter().map(|step| template(step)).collect::<Result<_, _>>()?,
        host_message: template(&raw.host_message)?,
    })
}

impl Overlay {
    /// What the cause says, as the catalogue's entry says it in English.
    pub(super) fn explanation(&self, cause: &Cause, labels: &Labels, language: Language) -> Explanation {
        let text = |template: &Template| plain(&of_marked(&in_general(template), labels, language, ""));
        Explanation {
            title: self.title.clone(),
            why: text(&self.why),
            steps: self.steps.iter().map(text).collect(),
            host_message: Some(text(&self.host_message)),
            ..Explanation::of(cause)
        }
    }

    pub(super) fn content(&self, labels: &Labels, language: Language) -> Content {
        let message = in_general(&self.host_message);
        Content {
            title: self.title.clone(),
            happened: first_sentence(&message).0.to_owned(),
            steps: self.steps.iter().map(|step| of_marked(&in_general(step), labels, language, "")).collect(),
        }
    }
}
