//! PostgreSQL: a server that several processes may share.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection};
use url::Url;

use super::Database;
use crate::store::migrate::Version;
use crate::store::opening::Purpose;
use crate::store::{StoreError, migrate};

/// The level is explicit, because a server may default to another one, in which a statement doesn't see what was
/// committed while the transaction waited for its lock.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
/// Maximum connections of one process; they are opened when needed.
const CONNECTIONS: u32 = 8;
/// Time to wait for a connection, new or in use.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time after which the server cancels a statement, or a transaction whose process is silent. Our statements take
/// milliseconds. The URL may set another time in its `options`.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time after which we give up a statement that the server didn't cancel.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// Time for a connection to report that it can be used again.
const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// Allowed parameters of a URL. For unknown ones sqlx logs a warning with their values.
const PARAMETERS: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// Connects to a server. The service migrates its tables.
pub(in crate::store) async fn open(url: &str, purpose: Purpose) -> Result<Database, StoreError> {
    let mut options = options(url).map_err(StoreError::Connect)?;
    if purpose == Purpose::Read {
        options = options.options([("default_transaction_read_only", "on")]);
    }
    // A single connection before the pool: it reports why it fails, and migrations may take longer than other
    // statements.
    let connecting = limited(CONNECT_TIMEOUT, PgConnection::connect_with(&options));
    let mut connection = connecting.await.map_err(StoreError::Connect)?;
    version(&mut connection).await?.allows(purpose)?;
    if purpose == Purpose::Serve {
        // `run` makes a future that cannot be sent to another thread.
        migrate::steps(migrate::POSTGRES_NUMBER).run_direct(None, &mut connection, false).await?;
    }
    connection.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(CONNECT_TIMEOUT)
        // A connection that doesn't respond would keep its place in the pool until TCP gives up after 15 minutes.
        .after_release(|connection, _| {
            Box::pin(async { limited(PING_TIMEOUT, connection.ping()).await.map(|()| true) })
        });
    Ok(Database::Postgres(pool.connect_lazy_with(with_limits(options))))
}

async fn version(connection: &mut PgConnection) -> Result<Version, StoreError> {
    let has_notes: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(migrate::NOTES)
        .fetch_one(&mut *connection)
        .await?;
    if has_notes { Version::noted(connection, migrate::POSTGRES_NUMBER).await } else { Ok(Version::None) }
}

/// Returns the server's response, if it arrives in time.
pub(super) async fn within<T>(
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    limited(ANSWER_TIMEOUT, answer).await
}

async fn limited<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let timed_out = || sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| Err(timed_out()))
}

/// Errors contain no part of the URL: if a password isn't escaped, any part may belong to it.
fn options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    let parsed = Url::parse(url).map_err(|error| sqlx::Error::Configuration(error.into()))?;
    let is_known = |name: &str| PARAMETERS.contains(&name) || name.starts_with("options[");
    if parsed.query_pairs().all(|(name, _)| is_known(&name)) {
        return PgConnectOptions::from_str(url);
    }
    let known = PARAMETERS.join(", ");
    Err(sqlx::Error::Configuration(format!("a parameter of the URL is unknown; there are {known}").into()))
}

fn with_limits(mut options: PgConnectOptions) -> PgConnectOptions {
    if options.get_application_name().is_none() {
        options = options.application_name("why-no-recording");
    }
    let asked_for = options.get_options().unwrap_or_default().to_owned();
    let milliseconds = STATEMENT_TIMEOUT.as_millis();
    for name in ["statement_timeout", "idle_in_transaction_session_timeout"] {
        if !asked_for.contains(name) {
            options = options.options([(name, milliseconds)]);
        }
    }
    options
}
