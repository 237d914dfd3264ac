//! `backup`: a copy of the database. `forget`: deletes what is stored about one bot.

use std::path::{Path, PathBuf};

use super::{CommandError, database, runtime, settings};
use crate::diagnosis::bot_id::BotId;
use crate::store::{Store, StoreError};

#[derive(Debug, clap::Args)]
pub(super) struct BackupArguments {
    /// File to create
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct ForgetArguments {
    /// Bot ID, or a link to the bot
    bot: String,
}

pub(super) fn back_up(arguments: &BackupArguments, config: Option<&Path>) -> Result<String, CommandError> {
    let file = &arguments.file;
    if file.exists() {
        return Err(CommandError::Usage(format!("{} already exists. Choose another name.", file.display())));
    }
    let url = settings(config)?.database.url;
    runtime()?.block_on(async {
        let store = Store::open_to_copy(url.expose()).await.map_err(|error| match error {
            StoreError::Unsupported => CommandError::Usage(
                "The database is on a PostgreSQL server. Use pg_dump to back it up.".to_owned(),
            ),
            error => database::failed(error, &url),
        })?;
        let copied = store.back_up(file).await;
        store.close().await;
        match copied {
            Ok(()) => Ok(database::done(&format!("Copied the database to {}.\n", file.display()), &url)),
            // The destination failed, and not the database.
            Err(StoreError::CopyNotWritten(error)) => {
                Err(anyhow::anyhow!("No copy was made: {} can't be written: {error}", file.display()).into())
            }
            Err(error) => {
                let why = format!("No copy was made in {}: {:#}", file.display(), anyhow::Error::from(error));
                Err(database::not_done(&why, &url))
            }
        }
    })
}

pub(super) fn forget(arguments: &ForgetArguments, config: Option<&Path>) -> Result<String, CommandError> {
    let [bot] = BotId::find_all(&arguments.bot)[..] else {
        return Err(CommandError::Usage(
            "That isn't one bot ID. Give one, such as 3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417.".to_owned(),
        ));
    };
    let url = settings(config)?.database.url;
    let forgotten = runtime()?.block_on(async {
        let store =
            Store::open_existing(url.expose()).await.map_err(|error| database::failed(error, &url))?;
        let forgotten = store.forget(&bot.to_string()).await;
        store.close().await;
        forgotten.map_err(|error| {
            let why = format!(
                "Not everything about it was deleted. Run this again. Reason: {:#}",
                anyhow::Error::from(error)
            );
            database::not_done(&why, &url)
        })
    })?;
    let rows: Vec<String> = forgotten
        .iter()
        .filter(|(_, many)| *many > 0)
        .map(|(what, many)| format!("  {many:>6}  {what}\n"))
        .collect();
    let text = if rows.is_empty() {
        format!("Nothing is stored about {bot}.\n")
    } else {
        format!("Deleted about {bot}:\n{}", rows.concat())
    };
    Ok(database::done(&text, &url))
}
