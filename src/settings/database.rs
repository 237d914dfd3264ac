//! `[database]`: the database.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::form::{self, Formed};
use super::raw::Raw;
use super::reader::{SettingsReader, without_credentials};

/// `[database]`.
#[derive(Debug, Clone)]
pub struct Database {
    /// URL of the database.
    pub url: DatabaseUrl,
}

/// The URL of a store. It may contain a password, so `Debug` prints it without one.
#[derive(Clone)]
pub struct DatabaseUrl(SecretString);

/// The kind of store of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl DatabaseUrl {
    /// Returns the whole URL, with its password, to connect.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns the kind of store.
    #[must_use]
    pub fn backend(&self) -> Backend {
        if self.expose().starts_with("sqlite:") { Backend::Sqlite } else { Backend::Postgres }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_credentials(self.expose()))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl Database {
    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let url = reader.url("database.url", database_url);
        Some(Self { url: url? })
    }
}

fn database_url(raw: &Raw) -> Formed<DatabaseUrl> {
    let has_rest = |url: &String| {
        ["sqlite://", "sqlite::", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
    };
    form::text(raw).ok().filter(has_rest).map(|url| DatabaseUrl(url.into())).ok_or_else(|| {
        "sqlite:// and a path, as in sqlite:///var/lib/why-no-recording/wnr.db, or a postgres:// URL"
            .to_owned()
    })
}
