//! Messages of the commands that use the database: which database they used, and what failed.

use super::{CommandError, runtime};
use crate::settings::database::DatabaseUrl;
use crate::store::{Store, StoreError};

/// What a command does with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// It changes nothing.
    Read,
    /// It may change something.
    Write,
}

/// Opens a database that is there, answers a command from it, and closes it. The answer, or the error, says which one
/// it was.
pub(super) fn answer(
    url: &DatabaseUrl,
    access: Access,
    command: impl AsyncFnOnce(&Store) -> Result<String, CommandError>,
) -> Result<String, CommandError> {
    let done = runtime()?.block_on(async {
        let store = match access {
            Access::Read => Store::open_to_read(url.expose()).await,
            Access::Write => Store::open_existing(url.expose()).await,
        };
        let store = store.map_err(anyhow::Error::from)?;
        let done = command(&store).await;
        store.close().await;
        done
    });
    match done {
        Ok(text) => Ok(self::done(&text, url)),
        Err(CommandError::Failed(error)) => Err(match error.downcast::<StoreError>() {
            Ok(error) => failed(error, url),
            Err(error) => not_done(&error.to_string(), url),
        }),
        Err(error) => Err(error),
    }
}

/// Returns the last line of every answer about a database, without the password. It helps because a wrong
/// database is the usual reason for a surprising answer.
pub(super) fn used(url: &DatabaseUrl) -> String {
    let url = url.to_string();
    let absolute = url
        .strip_prefix("sqlite://")
        .and_then(|path| std::path::absolute(path).ok())
        .map(|path| format!("sqlite://{}", path.display()));
    format!("Database: {}", absolute.unwrap_or(url))
}

/// Returns what was done, and in which database.
pub(super) fn done(text: &str, url: &DatabaseUrl) -> String {
    format!("{text}{}\n", used(url))
}

/// Returns why something was not done, and in which database.
pub(super) fn not_done(why: &str, url: &DatabaseUrl) -> CommandError {
    anyhow::anyhow!("{why}\n{}", used(url)).into()
}

/// Returns why a database could not be opened or used.
pub(super) fn failed(error: StoreError, url: &DatabaseUrl) -> CommandError {
    if let StoreError::NotThere(path) = error {
        let why = format!(
            "There is no database at {path}. Run this command where the service runs, or set database.url."
        );
        return anyhow::anyhow!(why).into();
    }
    not_done(&sentence(error), url)
}

/// Returns an error with its reason, as a separate sentence.
pub(super) fn sentence(error: StoreError) -> String {
    let words = format!("{:#}", anyhow::Error::from(error));
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}
