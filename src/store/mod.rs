//! The only module that knows SQL: what arrived, what is to be said, who asked.
//!
//! It knows nothing of what it keeps: bodies are text that others write and read. What is committed
//! here survives the end of the process and of the machine (`synchronous = FULL`).

mod audit;
mod desk;
mod group;
mod inbox;
mod migrate;
mod outbox;
mod storms;
mod webhooks;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use group::GroupCommit;

pub use audit::AuditEntry;
pub use desk::{Desk, DueBot, SaidLately, StandingAlert, StormRow, Thought};
pub use inbox::{Accepted, LeasedItem};
pub use outbox::{LeasedParcel, NewParcel, ParcelState, StoredParcel};
pub use storms::Lookup;
pub use webhooks::{NewEvent, NewWebhook};

/// How long a statement waits for another one that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Readers beside the one writer. SQLite in WAL mode lets them read while it writes.
const READERS: u32 = 4;

/// What is kept.
#[derive(Debug, Clone)]
pub struct Store {
    /// One connection, so that writers queue here instead of failing inside SQLite.
    writer: SqlitePool,
    readers: SqlitePool,
    group: GroupCommit,
}

/// The store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It could not be opened.
    #[error("the database could not be opened; is the folder there, and may we write to it?")]
    Open(#[source] sqlx::Error),
    /// Its tables could not be brought up to date.
    #[error("the tables of the database could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A statement failed: the disk is full, the file is locked or damaged.
    #[error("the database refused a statement")]
    Statement(#[from] sqlx::Error),
    /// More waits to be committed than is taken at a time.
    #[error("more waits to be stored than the disk takes")]
    Overloaded,
    /// The URL names a database that this build cannot use.
    #[error("only sqlite:// databases can be used so far")]
    Unsupported,
}

/// Counts and ages, for metrics and readiness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many wait.
    pub waiting: i64,
    /// How many were given up and lie there to be looked at.
    pub buried: i64,
    /// When the oldest that waits came in.
    pub oldest: Option<Timestamp>,
}

impl Store {
    /// Opens the database, creates it where there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// Where it cannot be opened, or was written by a later version.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        if !url.starts_with("sqlite:") {
            return Err(StoreError::Unsupported);
        }
        let options = SqliteConnectOptions::from_str(url)
            .map_err(StoreError::Open)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        create_for_us_alone(options.get_filename())
            .map_err(|error| StoreError::Open(sqlx::Error::Io(error)))?;
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await;
        let writer = writer.map_err(StoreError::Open)?;
        migrate::run(&writer).await?;
        let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true));
        let group = GroupCommit::start(writer.clone());
        Ok(Self { writer, readers: readers.await.map_err(StoreError::Open)?, group })
    }

    /// Takes back what a process that died had leased. For databases that one process uses alone.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn take_back_leases(&self) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin().await?;
        sqlx::query("UPDATE inbox SET lease_until = 0 WHERE state = 'waiting'")
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE outbox SET lease_until = 0 WHERE state = 'due'")
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE bots SET ask_until = 0 WHERE ask_until > 0").execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Whether it can be written to.
    ///
    /// # Errors
    /// Where it cannot.
    pub async fn probe(&self) -> Result<(), StoreError> {
        // Begins as a writer and changes nothing.
        let mut transaction = self.writer.begin().await?;
        sqlx::query("UPDATE inbox SET attempts = attempts WHERE delivery_id = ''")
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Deletes what was settled before a moment, and the ids of deliveries from before another one.
    ///
    /// # Errors
    /// Where the database does not do it.
    pub async fn purge(&self, before: Timestamp, ids_before: Timestamp) -> Result<u64, StoreError> {
        let mut purged = 0;
        for (statement, before) in [
            ("DELETE FROM inbox WHERE state <> 'waiting' AND received_at < $1", ids_before),
            ("DELETE FROM outbox WHERE state <> 'due' AND settled_at < $1", before),
            ("DELETE FROM answers WHERE answered_at < $1", before),
            ("DELETE FROM audit WHERE at < $1", before),
            ("DELETE FROM webhooks WHERE received_at < $1", ids_before),
            ("DELETE FROM events WHERE bot IN (SELECT bot FROM bots WHERE heard_at < $1)", before),
            ("DELETE FROM alerts WHERE bot IN (SELECT bot FROM bots WHERE heard_at < $1)", before),
            ("DELETE FROM bots WHERE heard_at < $1", before),
            ("DELETE FROM storms WHERE last_at < $1", before),
            ("DELETE FROM closed_places WHERE since < $1", before),
        ] {
            let before = before.as_millisecond();
            purged += sqlx::query(statement).bind(before).execute(&self.writer).await?.rows_affected();
        }
        Ok(purged)
    }

    /// Finishes what is under way and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// The file holds addresses with which Slack can be answered, so nobody else may read it. SQLite gives its
/// other files the same permissions.
#[cfg(unix)]
fn create_for_us_alone(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if path.as_os_str().is_empty() || path.to_string_lossy().contains(":memory:") {
        return Ok(());
    }
    let created = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match created {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn create_for_us_alone(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Milliseconds as they are stored, as a time. What no time can be is the beginning of time.
fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
