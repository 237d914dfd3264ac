//! `explain`: one entry of the catalogue.

use super::{CommandError, Format};
use crate::chat::console::render;
use crate::diagnosis::catalogue::{Catalogue, Cause};
use crate::diagnosis::untrusted::printable;
use crate::formats::{json_v1, markdown};
use crate::pages::{Language, Pages};
use crate::report::{Explanation, did_you_mean};

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArguments {
    /// A cause or a sub code
    #[arg(value_name = "CAUSE OR SUB CODE")]
    code: String,
    /// How to write the answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The language of what is for the host: en, de, fr, es, pt-BR or ja; for text and Markdown
    #[arg(long, value_name = "LANGUAGE", value_parser = language, default_value = "en")]
    lang: Language,
}

fn language(tag: &str) -> Result<Language, String> {
    let names: Vec<&str> = Language::ALL.iter().map(|language| language.as_str()).collect();
    Language::of_tag(tag).ok_or_else(|| format!("one of {}", names.join(", ")))
}

pub(super) fn run(arguments: &ExplainArguments) -> Result<String, CommandError> {
    let catalogue = Catalogue::embedded().map_err(anyhow::Error::from)?;
    let cause = catalogue.find(&arguments.code).map_err(|near| {
        let hint = did_you_mean(&near)
            .unwrap_or_else(|| "Run `why-no-recording catalogue` to list all causes.".to_owned());
        let word = printable(&arguments.code, 100);
        CommandError::Usage(format!("The catalogue has no cause or sub code `{word}`. {hint}"))
    })?;
    if matches!(arguments.format, Format::Json) {
        return match arguments.lang {
            Language::En => {
                Ok(serde_json::to_string_pretty(&json_v1::cause(cause)).map_err(anyhow::Error::from)? + "\n")
            }
            _ => Err(CommandError::Usage("--lang is for text and Markdown. JSON is in English.".to_owned())),
        };
    }
    let explanation = in_language(cause, arguments.lang)?;
    Ok(match arguments.format {
        Format::Markdown => markdown::explanation(&explanation),
        Format::Text | Format::Json => render::explanation(&explanation, render::columns()),
    })
}

fn in_language(cause: &Cause, language: Language) -> Result<Explanation, CommandError> {
    if language == Language::En {
        return Ok(Explanation::of(cause));
    }
    let pages = Pages::embedded().map_err(anyhow::Error::from)?;
    pages.explanation(cause, language).ok_or_else(|| {
        let there: Vec<&str> = pages
            .languages(cause.id.as_str())
            .into_iter()
            .map(Language::as_str)
            .filter(|tag| *tag != "en")
            .collect();
        let there = if there.is_empty() {
            "It is in English only.".to_owned()
        } else {
            format!("It is in {}.", there.join(", "))
        };
        CommandError::Usage(format!("`{}` isn't translated into {language}. {there}", cause.id))
    })
}
