//! Translations of causes: `config/catalogue/<language>/`. A cause is translated as a whole or not at all.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::labels::Labels;
use super::spans::{first_sentence, mark, of_marked, plain};
use super::{Content, Fault, Language, PagesError};
use crate::diagnosis::Diagnosis;
use crate::diagnosis::catalogue::{Catalogue, Cause};
use crate::diagnosis::template::{Piece, Template};
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
    host_message_now: Option<String>,
}

/// What a cause says in another language. Labels are marked in the texts.
#[derive(Debug)]
pub(super) struct Overlay {
    title: String,
    why: Template,
    steps: Vec<Template>,
    /// Its labels are plain text already, as a chat shows them.
    host_message: Template,
    /// The same for a bot that is still in the meeting, where the catalogue has one.
    host_message_now: Option<Template>,
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
            let overlay = read(&cause, &raw, catalogue, labels, language)
                .map_err(|fault| PagesError::Text { file: file.to_owned(), key: cause.clone(), fault })?;
            all.entry(language).or_default().insert(cause, overlay);
        }
    }
    Ok(all)
}

fn read(
    id: &str,
    raw: &RawOverlay,
    catalogue: &Catalogue,
    labels: &Labels,
    language: Language,
) -> Result<Overlay, Fault> {
    let cause = catalogue.by_id(id).filter(|cause| cause.has_host_page()).ok_or(Fault::NoPage)?;
    let expected = cause.steps.iter().filter(|step| step.is_for_actor).count();
    if raw.steps.len() != expected {
        return Err(Fault::Steps { found: raw.steps.len(), expected });
    }
    if raw.host_message_now.is_some() != cause.host_message_now.is_some() {
        return Err(Fault::MessageNow);
    }
    let template = |text: &str| -> Result<Template, Fault> { Ok(Template::parse(&mark(text, labels)?)?) };
    let message = |text: &str| -> Result<Template, Fault> {
        let message = Template::parse(&plain(&of_marked(&mark(text, labels)?, labels, language, "")))?;
        // Its wording for an unknown fact is English.
        let bare = message.pieces().find_map(|piece| match piece {
            Piece::Slot(slot) => Some(*slot),
            _ => None,
        });
        bare.map_or(Ok(message), |slot| Err(Fault::BareSlot(slot)))
    };
    Ok(Overlay {
        title: raw.title.clone(),
        why: template(&raw.why)?,
        steps: raw.steps.iter().map(|step| template(step)).collect::<Result<_, _>>()?,
        host_message: message(&raw.host_message)?,
        host_message_now: raw.host_message_now.as_deref().map(message).transpose()?,
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
            host_message: Some(in_general(&self.host_message)),
            ..Explanation::of(cause)
        }
    }

    /// The translation of what this diagnosis says to the host.
    pub(super) fn host_message(&self, diagnosis: &Diagnosis<'_>) -> Option<&Template> {
        let english = diagnosis.host_message?;
        let is_now = diagnosis.advice.host_message_now.as_ref() == Some(english);
        if is_now { self.host_message_now.as_ref() } else { Some(&self.host_message) }
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
