//! A server, which several processes may share.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection};

use super::Database;
use crate::store::{StoreError, migrate};

/// Said aloud, since a server may be set to another level, in which a statement does not see what was
/// committed while the transaction waited for its turn.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
/// Connections that one process uses at the most; they are opened when they are needed.
const CONNECTIONS: u32 = 8;
/// How long to wait for a connection: a new one, or one of ours that is in use.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// After this time the server gives a statement up. All of ours take milliseconds.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// After this time we give a statement up: the server does not even say that it gave it up.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// Connects to a server, and brings its tables up to date.
pub(in crate::store) async fn open(url: &str) -> Result<Database, StoreError> {
    let options = PgConnectOptions::from_str(url).map_err(StoreError::Connect)?;
    let connecting = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&options)).await;
    let connected = connecting.unwrap_or_else(|_| Err(timed_out()));
    let mut connection = connected.map_err(StoreError::Connect)?;
    migrate::steps().run(&mut connection).await?;
    connection.close().await?;
    let statement_timeout = STATEMENT_TIMEOUT.as_millis().to_string();
    let options = options.options([
        ("statement_timeout", statement_timeout.as_str()),
        ("idle_in_transaction_session_timeout", statement_timeout.as_str()),
    ]);
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(CONNECT_TIMEOUT);
    Ok(Database::Postgres(pool.connect_lazy_with(options)))
}

/// What the server does, if it answers in time.
pub(super) async fn within<T>(
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(ANSWER_TIMEOUT, answer).await.unwrap_or_else(|_| Err(timed_out()))
}

fn timed_out() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())
}
