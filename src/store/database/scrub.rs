//! Removes deleted data from a file.
//!
//! `secure_delete` overwrites deleted data in the pages of the file with zeros. Copies may remain in two places: in
//! the write-ahead log until it is emptied, and rarely in an unused part of a page from which the row was moved
//! before it was deleted.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sqlx::{Executor, Row};

use super::writer::Writer;
use crate::store::StoreError;

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// Empties the write-ahead log. If the file still contains the text, it is rewritten, which blocks other writers: 5
/// seconds for a gigabyte.
pub(super) async fn scrub(writer: &Writer, text: &str) -> Result<(), StoreError> {
    let mut turn = writer.turn().await?;
    empty_log(turn.connection()?).await?;
    let file = writer.file().to_owned();
    if stands_in(file.clone(), text.to_owned()).await? {
        // Otherwise the new file would be built in memory, and it may be large.
        turn.connection()?.execute("PRAGMA temp_store = FILE").await?;
        let rewritten = turn.connection()?.execute("VACUUM").await;
        turn.connection()?.execute("PRAGMA temp_store = MEMORY").await?;
        rewritten?;
        empty_log(turn.connection()?).await?;
    }
    Ok(())
}

async fn empty_log(connection: &mut sqlx::SqliteConnection) -> Result<(), StoreError> {
    let row = connection.fetch_one("PRAGMA wal_checkpoint(TRUNCATE)").await?;
    if row.try_get::<i64, _>(0)? == 0 { Ok(()) } else { Err(StoreError::LogInUse) }
}

async fn stands_in(file: PathBuf, text: String) -> Result<bool, StoreError> {
    let found = tokio::task::spawn_blocking(move || find(&file, text.as_bytes())).await;
    let found = found.map_err(|error| sqlx::Error::Io(io::Error::other(error)))?;
    Ok(found.map_err(sqlx::Error::Io)?)
}

fn find(file: &Path, text: &[u8]) -> io::Result<bool> {
    let mut file = File::open(file)?;
    let mut window = Vec::with_capacity(CHUNK + text.len());
    loop {
        let read = (&mut file).take(CHUNK as u64).read_to_end(&mut window)?;
        if memchr::memmem::find(&window, text).is_some() {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        // A text may start in one part and end in the next.
        window.drain(..window.len().saturating_sub(text.len()));
    }
}
