//! A file. What is committed survives the end of the process and of the machine (`synchronous = FULL`).

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection};

use super::Database;
use super::writer::Writer;
use crate::store::{StoreError, migrate};

/// How long a statement waits for another one that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Kibibytes of the file that the writer keeps in memory, negative as SQLite wants it. Ids have no order, so each
/// new one is written to another page.
const CACHE: &str = "-16000";
/// Pages of four kibibytes that the log may grow to before they are written to the file. A page that changes often is
/// then written there once for many changes.
const CHECKPOINT_PAGES: &str = "4000";
/// Rows of an answer that wait for us.
const ROW_BUFFER: usize = 512;
/// Readers beside the one writer. SQLite in WAL mode lets them read while it writes.
const READERS: u32 = 4;

/// Opens a file, creates it where there is none, and brings its tables up to date.
pub(in crate::store) async fn open(url: &str) -> Result<Database, StoreError> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(StoreError::Open)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        // Zeros over what is deleted, or it would stand in the file until something else takes its place.
        .pragma("secure_delete", "ON")
        // Else the thread of a connection would wait for us in the middle of a statement that returns many rows.
        .row_buffer_size(ROW_BUFFER);
    create_for_us_alone(options.get_filename()).map_err(|error| StoreError::Open(sqlx::Error::Io(error)))?;
    let reading = options.clone().read_only(true);
    let options = options
        .pragma("cache_size", CACHE)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        // A statement over many rows notes how its pages were, to take back half of itself; by default in a file.
        .pragma("temp_store", "MEMORY");
    let mut writer = SqliteConnection::connect_with(&options).await.map_err(StoreError::Open)?;
    // `run` makes a future that cannot be sent to another thread.
    migrate::steps(migrate::SQLITE_NUMBER).run_direct(None, &mut writer, false).await?;
    let readers = readers(READERS).connect_with(reading).await.map_err(StoreError::Open)?;
    Ok(Database::Sqlite { writer: Writer::new(options, writer), readers })
}

/// A question whether it lives is a way to SQLite's thread and back, and a file does not go away.
fn readers(many: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(many).test_before_acquire(false)
}

/// Opens a file that is there, to be read and nothing else: nothing is created, and its tables stay as they are.
pub(in crate::store) async fn open_to_read(url: &str) -> Result<Database, StoreError> {
    let options = SqliteConnectOptions::from_str(url).map_err(StoreError::Open)?;
    let options = options.create_if_missing(false).read_only(true).busy_timeout(BUSY_TIMEOUT);
    let writer = SqliteConnection::connect_with(&options).await.map_err(StoreError::Open)?;
    let readers = readers(1).connect_with(options.clone()).await.map_err(StoreError::Open)?;
    Ok(Database::Sqlite { writer: Writer::new(options, writer), readers })
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
