//! `catalogue`: all causes as a table.

use super::{CommandError, Format};
use crate::diagnosis::catalogue::{Catalogue, Cause};
use crate::formats::markdown::escape;
use crate::formats::{json_v1, markdown};
use crate::report::Explanation;

#[derive(Debug, clap::Args)]
pub(super) struct CatalogueArguments {
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn run(arguments: &CatalogueArguments) -> Result<String, CommandError> {
    let catalogue = Catalogue::embedded().map_err(anyhow::Error::from)?;
    match arguments.format {
        Format::Text => Ok(table(&catalogue)),
        Format::Json => {
            let causes: Vec<_> = catalogue.causes().map(json_v1::cause).collect();
            Ok(serde_json::to_string_pretty(&causes).map_err(anyhow::Error::from)? + "\n")
        }
        Format::Markdown => Ok(page(&catalogue)),
    }
}

fn table(catalogue: &Catalogue) -> String {
    let width = catalogue.causes().map(|cause| cause.id.as_str().len()).max().unwrap_or_default();
    let line = |cause: &Cause| {
        format!("{:width$}  {:13}  {}\n", cause.id.as_str(), cause.actor.as_str(), cause.title)
    };
    catalogue.causes().map(line).collect()
}

/// Returns `docs/catalogue.md`: a table, then each cause below an anchor with its ID.
#[must_use]
pub fn page(catalogue: &Catalogue) -> String {
    let mut out = "# Causes\n\nGenerated from `config/catalogue/` by `why-no-recording catalogue --format markdown`.\n\n\
        | cause | who can fix it | title |\n|---|---|---|\n"
        .to_owned();
    for cause in catalogue.causes() {
        out.push_str(&format!(
            "| [`{0}`](#{0}) | {1} | {2} |\n",
            cause.id,
            cause.actor,
            escape(&cause.title)
        ));
    }
    for cause in catalogue.causes() {
        out.push_str(&format!("\n<a id=\"{}\"></a>\n\n", cause.id));
        out.push_str(&markdown::explanation(&Explanation::of(cause)));
    }
    out
}
