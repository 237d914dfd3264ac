//! `explain`: one entry of the catalogue.

use super::{CommandError, Format, markdown};
use crate::chat::console::render;
use crate::diagnosis::catalogue::{Catalogue, Cause};
use crate::diagnosis::untrusted::printable;
use crate::report::{Explanation, did_you_mean};

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArguments {
    /// A cause or a sub code
    #[arg(value_name = "CAUSE OR SUB CODE")]
    code: String,
    /// How to write the answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn run(arguments: &ExplainArguments) -> Result<String, CommandError> {
    let catalogue = Catalogue::embedded().map_err(anyhow::Error::from)?;
    let cause = catalogue.find(&arguments.code).map_err(|near| {
        let hint = did_you_mean(&near)
            .unwrap_or_else(|| "Run `why-no-recording catalogue` to list all causes.".to_owned());
        let word = printable(&arguments.code, 100);
        CommandError::Usage(format!("The catalogue has no cause or sub code `{word}`. {hint}"))
    })?;
    Ok(match arguments.format {
        Format::Text => render::explanation(&Explanation::of(cause), render::columns()),
        Format::Json => serde_json::to_string_pretty(&json(cause)).map_err(anyhow::Error::from)? + "\n",
        Format::Markdown => markdown::explanation(&Explanation::of(cause)),
    })
}

/// Returns one entry as a JSON object.
pub(super) fn json(cause: &Cause) -> serde_json::Value {
    serde_json::json!({
        "id": cause.id.as_str(),
        "family": cause.family,
        "title": cause.title,
        "outcome": cause.outcome,
        "actor": cause.actor,
        "retry": cause.resend,
        "alert": cause.alert,
        "why": cause.why.to_string(),
        "steps": cause.steps.iter().map(|step| step.text.to_string()).collect::<Vec<_>>(),
        "host_message": cause.host_message.as_ref().map(ToString::to_string),
        "docs": cause.docs,
        "added": cause.added,
        "retired": cause.retired,
    })
}
