//! A file. What is committed survives the end of the process and of the machine (`synchronous = FULL`).

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::Database;
use crate::store::{StoreError, migrate};

/// A transaction is a writer from its beginning: another process (`outbox revive`) may write in between, and
/// what only then wants to write would fail instead of wait.
const BEGIN: &str = "BEGIN IMMEDIATE";
/// How long a statement waits for another one that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Readers beside the one writer. SQLite in WAL mode lets them read while it writes.
const READERS: u32 = 4;

/// Opens a file, creates it where there is none, and brings its tables up to date.
pub(in crate::store) async fn open(url: &str) -> Result<Database, StoreError> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(StoreError::Open)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT);
    create_for_us_alone(options.get_filename()).map_err(|error| StoreError::Open(sqlx::Error::Io(error)))?;
    let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await;
    let writer = writer.map_err(StoreError::Open)?;
    migrate::steps().run(&writer).await?;
    let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true));
    Ok(Database::Sqlite { writer, readers: readers.await.map_err(StoreError::Open)? })
}

/// Begins a transaction.
///
/// Where the disk was full, SQLite has ended a transaction that sqlx still takes for open, and nothing could be
/// begun on that connection any more. So a connection on which nothing can be begun is given up for a new one.
pub(super) async fn begin(
    writer: &SqlitePool,
) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, sqlx::Error> {
    match writer.begin_with(BEGIN).await {
        Ok(transaction) => Ok(transaction),
        Err(_) => {
            writer.acquire().await?.close().await?;
            writer.begin_with(BEGIN).await
        }
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
