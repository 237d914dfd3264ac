//! `catalogue`: every cause as a table.

use super::{CommandError, Format, explain};
use crate::diagnosis::catalogue::Catalogue;

#[derive(Debug, clap::Args)]
pub(super) struct CatalogueArguments {
    /// How to write the table
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn run(arguments: &CatalogueArguments) -> Result<String, CommandError> {
    let catalogue = Catalogue::embedded().map_err(anyhow::Error::from)?;
    if arguments.format == Format::Json {
        let causes: Vec<_> = catalogue.causes().map(explain::json).collect();
        return Ok(serde_json::to_string_pretty(&causes).map_err(anyhow::Error::from)? + "\n");
    }
    let mut out = String::new();
    if arguments.format == Format::Markdown {
        out.push_str("| cause | who can fix it | what it says |\n|---|---|---|\n");
        for cause in catalogue.causes() {
            out.push_str(&format!("| `{}` | {} | {} |\n", cause.id, cause.actor, cause.title));
        }
        return Ok(out);
    }
    let width = catalogue.causes().map(|cause| cause.id.as_str().len()).max().unwrap_or_default();
    for cause in catalogue.causes() {
        out.push_str(&format!(
            "{:width$}  {:13}  {}\n",
            cause.id.as_str(),
            cause.actor.as_str(),
            cause.title
        ));
    }
    Ok(out)
}
