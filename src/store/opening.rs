//! How a database is opened: by the service, which makes and changes tables, and by commands, which find them.

use super::database::{Database, postgres, sqlite};
use super::group::{GroupCommit, GroupCommitter};
use super::recurrence_secret::Cell;
use super::{Store, StoreError};

/// What a database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Run the service: the file and the tables are created if needed, and migrated.
    Serve,
    /// Read and write rows in tables that are there, and are those of this version.
    Write,
    /// The same without writing.
    Read,
    /// Copy all, whichever version wrote it.
    Copy,
}

impl Store {
    /// Opens the database at a `sqlite:` or `postgres:` URL, and migrates its tables. A missing file is created. For
    /// the service; commands have [`Store::open_existing`] and [`Store::open_to_read`].
    ///
    /// # Errors
    /// Returns an error if it can't be opened, was written by a later version ([`StoreError::LaterVersion`]), or has
    /// tables of another program ([`StoreError::OtherTables`]).
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_for(url, Purpose::Serve).await
    }

    /// The same, with a committer that the caller has to run: no webhook is accepted while [`GroupCommitter::run`]
    /// doesn't run.
    ///
    /// # Errors
    /// Returns an error if [`Store::open`] does.
    pub async fn open_with_committer(url: &str) -> Result<(Self, GroupCommitter), StoreError> {
        let database = open_database(url, Purpose::Serve).await?;
        let (group, committer) = GroupCommit::new(database.clone());
        Ok((Self { database, group, recurrence_secret: Cell::default() }, committer))
    }

    /// Opens an existing database to read and write rows beside the service. Creates and changes no table.
    ///
    /// # Errors
    /// Returns an error if there is none ([`StoreError::NotThere`]), if it isn't of this version
    /// ([`StoreError::NoTables`], [`StoreError::EarlierVersion`], [`StoreError::LaterVersion`],
    /// [`StoreError::OtherTables`]), isn't a database ([`StoreError::NoDatabase`]), or may not be written to
    /// ([`StoreError::NotWritable`]).
    pub async fn open_existing(url: &str) -> Result<Self, StoreError> {
        Self::open_for(url, Purpose::Write).await
    }

    /// The same for reading only. The file may be read-only.
    ///
    /// # Errors
    /// Returns the errors of [`Store::open_existing`], and [`StoreError::NotReadable`] if it may not be read.
    pub async fn open_to_read(url: &str) -> Result<Self, StoreError> {
        Self::open_for(url, Purpose::Read).await
    }

    /// The same for [`Store::back_up`] only: the file may be of any version, because it is mostly copied before an
    /// upgrade.
    ///
    /// # Errors
    /// Returns the errors of [`Store::open_to_read`], and [`StoreError::Unsupported`] if the database is on a server.
    pub async fn open_to_copy(url: &str) -> Result<Self, StoreError> {
        Self::open_for(url, Purpose::Copy).await
    }

    async fn open_for(url: &str, purpose: Purpose) -> Result<Self, StoreError> {
        let database = open_database(url, purpose).await?;
        let group = GroupCommit::start(database.clone());
        Ok(Self { database, group, recurrence_secret: Cell::default() })
    }
}

async fn open_database(url: &str, purpose: Purpose) -> Result<Database, StoreError> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => sqlite::open(url, purpose).await,
        Some("postgres" | "postgresql") if purpose != Purpose::Copy => postgres::open(url, purpose).await,
        _ => Err(StoreError::Unsupported),
    }
}
