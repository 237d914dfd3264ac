//! Messages of the commands that use the database: which database they used, and what failed.

use super::CommandError;
use crate::settings::database::DatabaseUrl;
use crate::store::StoreError;

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
