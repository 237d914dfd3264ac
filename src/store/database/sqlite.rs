//! SQLite: a file. Commits survive the end of the process and of the machine (`synchronous = FULL`).

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Executor, SqliteConnection};

use super::Database;
use super::writer::Writer;
use crate::store::migrate::Version;
use crate::store::opening::Purpose;
use crate::store::{StoreError, migrate};

/// The part of an SQLite error code that says what failed; the rest says where.
const PRIMARY_CODE: u32 = 0xff;
const PERMISSION_DENIED: u32 = 3;
const READ_ONLY: u32 = 8;
const CANNOT_OPEN: u32 = 14;
const NOT_A_DATABASE: u32 = 26;
/// Time that a statement waits for a writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Page cache of the writer in kibibytes, negative as SQLite expects. IDs are random, so each new one goes to another
/// page.
const CACHE: &str = "-16000";
/// Pages of four kibibytes that the log may grow to before they are written to the file. A page that changes often is
/// then written there once for many changes.
const CHECKPOINT_PAGES: &str = "4000";
/// Result rows buffered for us.
const ROW_BUFFER: usize = 512;
/// Readers beside the one writer. SQLite in WAL mode lets them read while it writes.
const READERS: u32 = 4;

/// Opens a file. For the service it is created if needed, and its tables are migrated.
pub(in crate::store) async fn open(url: &str, purpose: Purpose) -> Result<Database, StoreError> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(StoreError::Open)?
        .create_if_missing(false)
        .busy_timeout(BUSY_TIMEOUT)
        // Else the thread of a connection would wait for us in the middle of a statement that returns many rows.
        .row_buffer_size(ROW_BUFFER);
    match purpose {
        Purpose::Serve => open_to_serve(options).await,
        Purpose::Write => open_existing(durable(options)).await,
        Purpose::Read | Purpose::Copy => open_to_read(options, purpose).await,
    }
}

async fn open_to_serve(options: SqliteConnectOptions) -> Result<Database, StoreError> {
    create_for_us_alone(options.get_filename()).map_err(|error| StoreError::Open(sqlx::Error::Io(error)))?;
    // Beforehand, since to be opened in this mode changes a file.
    connect_to(&options, Purpose::Serve).await?.close().await?;
    let options = durable(options).journal_mode(SqliteJournalMode::Wal);
    let writing = writing(&options);
    let mut writer = SqliteConnection::connect_with(&writing).await.map_err(StoreError::Open)?;
    // `run` makes a future that cannot be sent to another thread.
    migrate::steps(migrate::SQLITE_NUMBER).run_direct(None, &mut writer, false).await?;
    with_readers(Writer::new(writing, writer), options.read_only(true), READERS).await
}

/// Opens an existing file, and doesn't change its mode or its tables.
async fn open_existing(options: SqliteConnectOptions) -> Result<Database, StoreError> {
    let file = found(&options)?;
    let options = options.filename(&file);
    if !(may_write(&file) && may_write(folder(&file))) {
        return Err(StoreError::NotWritable);
    }
    let writing = writing(&options);
    let writer = connect_to(&writing, Purpose::Write).await?;
    with_readers(Writer::new(writing, writer), options.read_only(true), 1).await
}

/// Opens an existing file, and writes nothing into it.
///
/// In WAL mode SQLite creates two files beside it even for readers, and only a process with write permission removes
/// them. So a process that may write opens it for writing, and doesn't write. A process that may not needs the two
/// files, which exist while a service runs; without them there is no writer, and SQLite gets the hint that the file
/// is immutable.
async fn open_to_read(options: SqliteConnectOptions, purpose: Purpose) -> Result<Database, StoreError> {
    let file = found(&options)?;
    let options = options.filename(&file);
    let options = if may_write(&file) && may_write(folder(&file)) {
        options
    } else {
        options.read_only(true).immutable(!has_log(&file))
    };
    let options = match purpose {
        Purpose::Copy => options,
        _ => options.pragma("query_only", "ON"),
    };
    let writer = connect_to(&options, purpose).await?;
    with_readers(Writer::new(options.clone(), writer), options, 1).await
}

/// A connection to a file whose version can be used for that.
async fn connect_to(
    options: &SqliteConnectOptions,
    purpose: Purpose,
) -> Result<SqliteConnection, StoreError> {
    if options.get_filename().is_dir() {
        return Err(StoreError::NoDatabase);
    }
    let because = |error| not_opened(error, purpose);
    let mut connection = SqliteConnection::connect_with(options).await.map_err(because)?;
    // The columns of `migrate::NOTES`: none if the table doesn't exist.
    let notes = connection.fetch_optional("PRAGMA table_info(_sqlx_migrations)").await;
    let version = match notes {
        Ok(None) => Ok(Version::None),
        Ok(Some(_)) => Version::noted(&mut connection, migrate::SQLITE_NUMBER).await,
        Err(error) => Err(because(error)),
    };
    match version.and_then(|version| version.allows(purpose)) {
        Ok(()) => Ok(connection),
        Err(error) => {
            // SQLite removes its other files when the connection is closed, not when the process ends.
            let _ = connection.close().await;
            Err(error)
        }
    }
}

async fn with_readers(
    writer: Writer,
    options: SqliteConnectOptions,
    many: u32,
) -> Result<Database, StoreError> {
    // A liveness check is a round trip to SQLite's thread, and a file doesn't disconnect.
    let readers = SqlitePoolOptions::new().max_connections(many).test_before_acquire(false);
    let readers = readers.connect_with(options).await.map_err(StoreError::Open)?;
    Ok(Database::Sqlite { writer, readers })
}

fn durable(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .synchronous(SqliteSynchronous::Full)
        // Overwrite deleted data with zeros, or it would stay in the file until the space is reused.
        .pragma("secure_delete", "ON")
}

fn writing(options: &SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .clone()
        .pragma("cache_size", CACHE)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        // A statement over many rows notes how its pages were, to take back half of itself; by default in a file.
        .pragma("temp_store", "MEMORY")
}

/// Why a file could not be opened. SQLite's codes are at <https://www.sqlite.org/rescode.html>.
fn not_opened(error: sqlx::Error, purpose: Purpose) -> StoreError {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    match code.map(|code| code & PRIMARY_CODE) {
        Some(NOT_A_DATABASE) => StoreError::NoDatabase,
        Some(PERMISSION_DENIED | READ_ONLY | CANNOT_OPEN)
            if matches!(purpose, Purpose::Read | Purpose::Copy) =>
        {
            StoreError::NotReadable(error)
        }
        _ => StoreError::Open(error),
    }
}

/// Returns the real path: SQLite keeps its other files there, not beside a link to it.
fn found(options: &SqliteConnectOptions) -> Result<PathBuf, StoreError> {
    let path = options.get_filename();
    path.canonicalize().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            StoreError::NotThere(std::path::absolute(path).unwrap_or(path.to_owned()).display().to_string())
        }
        _ => StoreError::NotReadable(sqlx::Error::Io(error)),
    })
}

fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(file)
}

/// Checked without opening it: closing a file releases SQLite's locks, even those of our other connections.
#[cfg(unix)]
fn may_write(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn may_write(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.permissions().readonly())
}

/// Returns `true` if a process has the file open for writing, or was killed while it had.
pub(in crate::store) fn has_log(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    Path::new(&log).exists()
}

/// Creates the file for our user only, because it contains reply tokens. SQLite gives its other files the same
/// permissions.
fn create_for_us_alone(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.to_string_lossy().contains(":memory:") {
        return Ok(());
    }
    match create_new_for_us_alone(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Creates an empty file that only our user may read; fails if it exists.
pub(in crate::store) fn create_new_for_us_alone(path: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
