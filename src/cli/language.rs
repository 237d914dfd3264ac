//! `--lang`: the language of what is for the host.

use crate::pages::Language;

/// Says why there is no JSON in another language.
pub(super) const JSON_IS_ENGLISH: &str = "--lang is for text and Markdown. JSON is in English.";

#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Chosen {
    /// The language of what is for the host: en, de, fr, es, pt-BR or ja; for text and Markdown
    #[arg(long, value_name = "LANGUAGE", value_parser = language, default_value = "en")]
    pub(super) lang: Language,
}

fn language(tag: &str) -> Result<Language, String> {
    let names: Vec<&str> = Language::ALL.iter().map(|language| language.as_str()).collect();
    Language::of_tag(tag).ok_or_else(|| format!("one of {}", names.join(", ")))
}
