//! How a database is opened: by the service, which makes and changes tables, and by commands, which find them.

use super::database::{Database, postgres, sqlite};
use super::group::{GroupCommit, GroupCommitter};
use super::{Store, StoreError};

/// What somebody who opens a database is going to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Run the service: a file and the tables are made where there are none, and are brought up to date.
    Serve,
    /// Read and write rows in tables that are there, and are those of this version.
    Write,
    /// The same without writing.
    Read,
    /// Copy all, whichever version wrote it.
    Copy,
}

impl Store {
    /// Opens the database that a `sqlite:` or `postgres:` URL leads to, and brings its tables up to date.
    /// A file is created where there is none. For the service; commands have [`Store::open_existing`] and
    /// [`Store::open_to_read`].
    ///
    /// # Errors
    /// Where it cannot be opened, was written by a later version ([`StoreError::LaterVersion`]), or holds tables of
    /// another program ([`StoreError::OtherTables`]).
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_for(url, Purpose::Serve).await
    }

    /// The same, where somebody looks after who commits webhooks: none is accepted while [`GroupCommitter::run`]
    /// does not run.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with_committer(url: &str) -> Result<(Self, GroupCommitter), StoreError> {
        let database = open_database(url, Purpose::Serve).await?;
        let (group, committer) = GroupCommit::new(database.clone());
        Ok((Self { database, group }, committer))
    }

    /// Opens a database that is there, to read and write in it beside the service. Neither it nor a table is created
    /// or changed.
    ///
    /// # Errors
    /// Where there is none ([`StoreError::NotThere`]), where it is not of this version ([`StoreError::NoTables`],
    /// [`StoreError::EarlierVersion`], [`StoreError::LaterVersion`], [`StoreError::OtherTables`]), is no database at
    /// all ([`StoreError::NoDatabase`]), or we may not write to it ([`StoreError::NotWritable`]).
    pub async fn open_existing(url: &str) -> Result<Self, StoreError> {
        Self::open_for(url, Purpose::Write).await
    }

    /// The same for whoever only looks. A file may be one that we may not write to.
    ///
    /// # Errors
    /// As [`Store::open_existing`], with [`StoreError::NotReadable`] where we may not read it.
    pub async fn open_to_read(url: &str) -> Result<Self, StoreError> {
        Self::open_for(url, Purpose::Read).await
    }

    /// The same for [`Store::back_up`] alone: the file may be of any version, since it is copied before an upgrade
    /// above all.
    ///
    /// # Errors
    /// As [`Store::open_to_read`], and where the database is on a server ([`StoreError::Unsupported`]).
    pub async fn open_to_copy(url: &str) -> Result<Self, StoreError> {
        Self::open_for(url, Purpose::Copy).await
    }

    async fn open_for(url: &str, purpose: Purpose) -> Result<Self, StoreError> {
        let database = open_database(url, purpose).await?;
        Ok(Self { group: GroupCommit::start(database.clone()), database })
    }
}

async fn open_database(url: &str, purpose: Purpose) -> Result<Database, StoreError> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => sqlite::open(url, purpose).await,
        Some("postgres" | "postgresql") if purpose != Purpose::Copy => postgres::open(url, purpose).await,
        _ => Err(StoreError::Unsupported),
    }
}
