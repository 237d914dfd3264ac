//! The one connection that writes to a file.
//!
//! A pool would check the connection each time it is taken and returned. Each check is a round trip to SQLite's
//! thread, which costs more than most statements.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout;

/// A transaction takes the write lock at its start: if another process (`outbox retry`) wrote in between, a later
/// upgrade would fail instead of wait.
const BEGIN: &str = "BEGIN IMMEDIATE";
/// How long to wait for those who write before us.
const TURN_TIMEOUT: Duration = Duration::from_secs(30);

/// Takes writers one after the other, so that they queue here instead of failing inside SQLite.
#[derive(Debug, Clone)]
pub(in crate::store) struct Writer {
    options: Arc<SqliteConnectOptions>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
enum State {
    Open(SqliteConnection),
    /// It was given up; the next writer opens another one.
    GivenUp,
    Closed,
}

/// The connection, held by one writer. An uncommitted transaction is rolled back when it is dropped.
#[derive(Debug)]
pub(in crate::store) struct Turn {
    state: Option<OwnedMutexGuard<State>>,
    in_transaction: bool,
}

impl Writer {
    pub(super) fn new(options: SqliteConnectOptions, connection: SqliteConnection) -> Self {
        Self { options: Arc::new(options), state: Arc::new(Mutex::new(State::Open(connection))) }
    }

    /// Returns its path.
    pub(super) fn file(&self) -> &Path {
        self.options.get_filename()
    }

    /// Waits for the turn to write.
    pub(super) async fn turn(&self) -> Result<Turn, sqlx::Error> {
        let state = timeout(TURN_TIMEOUT, self.state.clone().lock_owned()).await;
        let mut state = state.map_err(|_| sqlx::Error::PoolTimedOut)?;
        if matches!(*state, State::GivenUp) {
            *state = State::Open(SqliteConnection::connect_with(&self.options).await?);
        }
        if matches!(*state, State::Closed) {
            return Err(sqlx::Error::PoolClosed);
        }
        Ok(Turn { state: Some(state), in_transaction: false })
    }

    /// Waits for the write lock, and starts a transaction.
    ///
    /// After a full disk, a connection may be unable to start a transaction. Such a connection is replaced by a new
    /// one.
    pub(super) async fn begin(&self) -> Result<Turn, sqlx::Error> {
        let mut turn = self.turn().await?;
        if turn.begin().await.is_ok() {
            return Ok(turn);
        }
        turn.give_up();
        let mut turn = self.turn().await?;
        turn.begin().await?;
        Ok(turn)
    }

    /// Waits for those who write, and closes the connection.
    pub(super) async fn close(&self) {
        let state = std::mem::replace(&mut *self.state.lock().await, State::Closed);
        if let State::Open(connection) = state {
            // Commits are on the disk; the next process that opens the file cleans up if this one didn't.
            let _ = connection.close().await;
        }
    }
}

impl Turn {
    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        match self.state.as_deref_mut() {
            Some(State::Open(connection)) => Ok(connection),
            _ => Err(sqlx::Error::PoolClosed),
        }
    }

    async fn begin(&mut self) -> Result<(), sqlx::Error> {
        // Before it starts: a caller that stops waiting here may leave a started transaction.
        self.in_transaction = true;
        self.connection()?.execute(BEGIN).await.map(drop)
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.connection()?.execute("COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }

    fn give_up(mut self) {
        self.in_transaction = false;
        if let Some(state) = &mut self.state {
            **state = State::GivenUp;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(mut state) = self.state.take().filter(|_| self.in_transaction) else { return };
        // Without a runtime the process ends, and SQLite rolls back what it finds.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            if let State::Open(connection) = &mut *state
                && connection.execute("ROLLBACK").await.is_err()
            {
                // SQLite rolls back by itself if the disk is full; otherwise closing the connection does.
                *state = State::GivenUp;
            }
        });
    }
}
