//! `explain`: one entry of the catalogue.

use super::language::{Chosen, JSON_IS_ENGLISH};
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
    #[command(flatten)]
    chosen: Chosen,
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
        return match arguments.chosen.lang {
            Language::En => {
                Ok(serde_json::to_string_pretty(&json_v1::cause(cause)).map_err(anyhow::Error::from)? + "\n")
            }
            _ => Err(CommandError::Usage(JSON_IS_ENGLISH.to_owned())),
        };
    }
    let explanation = in_language(cause, arguments.chosen.lang)?;
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
