//! A file. What is committed survives the end of the process and of the machine (`synchronous = FULL`).

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::Database;
use crate::store::{StoreError, migrate};

/// A transaction is a writer from its beginning: another process (`outbox retry`) may write in between, and
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
    migrate::steps(migrate::SQLITE_NUMBER).run(&writer).await?;
    let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true));
    Ok(Database::Sqlite { writer, readers: readers.await.map_err(StoreError::Open)? })
}

/// Opens a file that is there, to be read and nothing else: nothing is created, and its tables stay as they are.
pub(in crate::store) async fn open_to_read(url: &str) -> Result<Database, StoreError> {
    let options = SqliteConnectOptions::from_str(url).map_err(StoreError::Open)?;
    let options = options.create_if_missing(false).read_only(true).busy_timeout(BUSY_TIMEOUT);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
    let pool = pool.map_err(StoreError::Open)?;
    Ok(Database::Sqlite { writer: pool.clone(), readers: pool })
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
fn create_for_us_alone(path: &Path) -> std::io::Result<()> {
    if path.as_os_str().is_empty() || path.to_string_lossy().contains(":memory:") {
        return Ok(());
    }
    match create_new_for_us_alone(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Creates an empty file that nobody else may read, and fails where there is one.
pub(in crate::store) fn create_new_for_us_alone(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
