//! `backup`: a copy of the database. `forget`: deletes what is stored about one bot.

use std::path::{Path, PathBuf};

use super::{CommandError, runtime, settings};
use crate::diagnosis::bot_id::BotId;
use crate::settings::database::{Backend, DatabaseUrl};
use crate::store::{Store, StoreError};

#[derive(Debug, clap::Args)]
pub(super) struct BackupArguments {
    /// The file to write; it must not be there yet
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct ForgetArguments {
    /// The bot, by its id or a link to it
    bot: String,
}

pub(super) fn back_up(arguments: &BackupArguments, config: Option<&Path>) -> Result<String, CommandError> {
    let file = &arguments.file;
    if file.exists() {
        return Err(CommandError::Usage(format!(
            "{} is there already; choose another name.",
            file.display()
        )));
    }
    let url = settings(config)?.database.url;
    let done = runtime()?.block_on(async {
        let store = Store::open_to_read(url.expose()).await?;
        let done = store.back_up(file).await;
        store.close().await;
        done
    });
    match done {
        Ok(()) => Ok(format!("The database is copied to {}.\n", file.display())),
        Err(StoreError::Unsupported) => Err(CommandError::Usage(
            "The database is on a PostgreSQL server: pg_dump makes a copy of it.".to_owned(),
        )),
        Err(StoreError::CopyNotWritten(error)) => {
            Err(anyhow::anyhow!("No copy was made: {} cannot be written: {error}", file.display()).into())
        }
        Err(error) => Err(failed(error, &format!("no copy was made in {}", file.display()), &url)),
    }
}

pub(super) fn forget(arguments: &ForgetArguments, config: Option<&Path>) -> Result<String, CommandError> {
    let [bot] = BotId::find_all(&arguments.bot)[..] else {
        return Err(CommandError::Usage(
            "Name one bot by its id, as in 3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417.".to_owned(),
        ));
    };
    let url = settings(config)?.database.url;
    let forgotten = runtime()?.block_on(async {
        if url.backend() == Backend::Sqlite {
            // A file that is not there would be created, and truly hold nothing about the bot.
            Store::open_to_read(url.expose()).await?.close().await;
        }
        let store = Store::open(url.expose()).await?;
        let forgotten = store.forget(&bot.to_string()).await;
        store.close().await;
        forgotten
    });
    let forgotten = forgotten.map_err(|error| failed(error, "not everything about it is deleted", &url))?;
    let rows: Vec<String> = forgotten
        .iter()
        .filter(|(_, many)| *many > 0)
        .map(|(what, many)| format!("  {many:>6}  {what}\n"))
        .collect();
    Ok(if rows.is_empty() {
        format!("Nothing is stored about {bot}.\n")
    } else {
        format!("Deleted, of what is stored about {bot}:\n{}", rows.concat())
    })
}

/// Says what did not happen, why, and which database it was about: a wrong one is the usual reason.
fn failed(error: StoreError, what: &str, url: &DatabaseUrl) -> CommandError {
    anyhow::anyhow!("{what}: {:#} (database.url is {url})", anyhow::Error::from(error)).into()
}
