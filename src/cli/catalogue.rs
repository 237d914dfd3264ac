//! `catalogue`: every cause as a table.

use super::markdown::{entry, escape};
use super::{CommandError, Format, explain};
use crate::diagnosis::catalogue::Catalogue;
use crate::report::Explanation;

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
        return Ok(page(&catalogue));
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

/// The catalogue as a page: a table, then each cause below an anchor of its own id.
#[must_use]
pub fn page(catalogue: &Catalogue) -> String {
    let mut out = "# The causes\n\nGenerated from `config/catalogue/` by `why-no-recording catalogue --format markdown`.\n\n\
        | cause | who can fix it | in one line |\n|---|---|---|\n"
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
        out.push_str(&format!("\n<a id=\"{0}\"></a>\n\n## `{0}`\n\n", cause.id));
        out.push_str(&entry(&Explanation::of(cause)));
    }
    out
}
