//! `digest`: the digest of the last days, from the database.

use std::path::Path;

use super::{CommandError, Format, database, runtime, settings};
use crate::chat::console::render;
use crate::clock;
use crate::diagnosis::catalogue::Catalogue;
use crate::digest::period::{DAYS_MAX, Period, WEEK};
use crate::digests::{self, View};
use crate::formats::{digest_json, markdown};
use crate::report::digest::{DigestScope, nothing};
use crate::store::{Store, StoreError};

#[derive(Debug, clap::Args)]
pub(super) struct DigestArguments {
    /// Complete days to count, from 1 to 90
    #[arg(long, value_name = "DAYS", value_parser = days, default_value_t = WEEK)]
    since: u8,
    /// How to write the digest
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Accepts `7` and `7d`.
fn days(text: &str) -> Result<u8, String> {
    let number = text.strip_suffix('d').unwrap_or(text).parse().ok();
    number
        .filter(|days| (1..=DAYS_MAX).contains(days))
        .ok_or_else(|| format!("use a number of days from 1 to {DAYS_MAX}"))
}

pub(super) fn run(arguments: &DigestArguments, config: Option<&Path>) -> Result<String, CommandError> {
    let settings = settings(config)?;
    let catalogue = Catalogue::embedded().map_err(anyhow::Error::from)?;
    let (url, kept, now) = (&settings.database.url, settings.privacy.kept(), clock::now());
    let period = Period::until(now, arguments.since);
    let read = runtime()?.block_on(async {
        let store = Store::open_to_read(url.expose()).await?;
        let read = digests::read(&store, &catalogue, View::Service, period, kept, now).await;
        store.close().await;
        read
    });
    let digest = read.map_err(|error: StoreError| database::failed(error, url))?;
    let text = match (&digest, arguments.format) {
        (Some(digest), Format::Json) => return json(&digest_json::digest(digest)),
        (None, Format::Json) => return json(&digest_json::nothing(period.first, period.last())),
        (Some(digest), Format::Text) => render::digest(digest, render::columns()),
        (Some(digest), Format::Markdown) => return Ok(markdown::digest(digest)),
        (None, Format::Text | Format::Markdown) => {
            format!("{}\n", nothing(DigestScope::Service, period.first, period.last()))
        }
    };
    Ok(database::done(&text, url))
}

fn json(value: &serde_json::Value) -> Result<String, CommandError> {
    Ok(serde_json::to_string_pretty(value).map_err(anyhow::Error::from)? + "\n")
}
