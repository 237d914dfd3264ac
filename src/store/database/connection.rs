//! Statements on one connection, alone or together in a transaction.

use serde::Serialize;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, SqlSafeStr, SqlStr, Sqlite, SqliteConnection};

use super::postgres::within;
use super::value::query;
use super::writer::Turn;
use super::{Row, Value, rows};
use crate::store::StoreError;

/// Ends a SELECT of rows to lease, so that rows that another process is writing are skipped. It is left out for
/// SQLite, where a [`Transaction`] is the only writer.
const SKIP_LOCKED: &str = "FOR UPDATE SKIP LOCKED";
/// The rows of a parameter, each in the column `value`.
const ROWS: &str = "json_each($1)";
/// The same in the words of PostgreSQL.
const ROWS_ON_POSTGRES: &str = "jsonb_array_elements(CAST($1 AS jsonb))";

/// Statements that are committed together, or not at all: what is dropped without [`Transaction::commit`] is
/// rolled back.
///
/// On SQLite it is the only writer from its start to its end, so what it has read stays true. On PostgreSQL that
/// holds for rows that it wrote or locked, and for those who wait for the same [`AdvisoryLock`]. It blocks others, so
/// it may wait for the database only.
pub(in crate::store) enum Transaction {
    /// In a file.
    Sqlite(Turn),
    /// On a server.
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// An advisory lock that serialises one kind of transaction across all instances.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) enum AdvisoryLock {
    /// Leasing an outbox message: free ordering keys must stay free until the lease is written.
    OutboxLease,
    /// Deciding about alerts: no other instance may count in the same channel meanwhile.
    AlertTransaction,
}

impl AdvisoryLock {
    /// Returns its key in PostgreSQL, which never changes: processes of two versions may run together.
    const fn key(self) -> i64 {
        match self {
            Self::OutboxLease => 0x776e_7200_0001,
            Self::AlertTransaction => 0x776e_7200_0002,
        }
    }
}

impl Transaction {
    /// Waits for this lock and holds it until the end of the transaction. It must be the first statement, because
    /// rows read before may change while it waits.
    pub(in crate::store) async fn lock(&mut self, lock: AdvisoryLock) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(_) => {
                let sql = "SELECT pg_advisory_xact_lock($1)";
                self.execute(sql, &[Value::from(lock.key())]).await.map(|_| ())
            }
        }
    }

    /// Runs a statement and returns the number of rows written.
    pub(in crate::store) async fn execute(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        self.connection()?.execute(sql, values).await
    }

    /// Returns the first row, if there is one.
    pub(in crate::store) async fn fetch_optional(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, StoreError> {
        self.connection()?.fetch_optional(sql, values).await
    }

    /// Returns all rows.
    pub(in crate::store) async fn fetch_all(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        self.connection()?.fetch_all(sql, values).await
    }

    /// Returns all rows of a statement over rows, see [`mod@rows`].
    pub(in crate::store) async fn fetch_each<T: Serialize>(
        &mut self,
        sql: &'static str,
        given: &[T],
    ) -> Result<Vec<Row>, StoreError> {
        self.fetch_all(sql, &[Value::from(&rows(given)?)]).await
    }

    /// Runs a statement over rows, see [`mod@rows`]. Returns the number of rows written.
    pub(in crate::store) async fn execute_each<T: Serialize>(
        &mut self,
        sql: &'static str,
        given: &[T],
    ) -> Result<u64, StoreError> {
        if given.is_empty() {
            return Ok(0);
        }
        self.execute(sql, &[Value::from(&rows(given)?)]).await
    }

    /// Commits. If this fails, the transaction may be committed or not.
    pub(in crate::store) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => Ok(transaction.commit().await?),
            Self::Postgres(transaction) => Ok(within(transaction.commit()).await?),
        }
    }

    fn connection(&mut self) -> Result<Connection<'_>, StoreError> {
        Ok(match self {
            Self::Sqlite(turn) => Connection::Sqlite(turn.connection()?),
            Self::Postgres(transaction) => Connection::Postgres(transaction),
        })
    }
}

/// A connection that goes back when it is dropped.
pub(super) enum Pooled {
    Writer(Turn),
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Pooled {
    pub(super) fn connection(&mut self) -> Result<Connection<'_>, StoreError> {
        Ok(match self {
            Self::Writer(turn) => Connection::Sqlite(turn.connection()?),
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            Self::Postgres(connection) => Connection::Postgres(connection),
        })
    }
}

/// The one place where statements go to a database.
pub(super) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Connection<'_> {
    pub(super) async fn execute(self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(connection) => {
                Ok(query(for_sqlite(sql), values).execute(connection).await?.rows_affected())
            }
            Self::Postgres(connection) => {
                Ok(within(query(for_postgres(sql), values).execute(connection)).await?.rows_affected())
            }
        }
    }

    pub(super) async fn fetch_optional(
        self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, StoreError> {
        match self {
            Self::Sqlite(connection) => {
                Ok(query(for_sqlite(sql), values).fetch_optional(connection).await?.map(Row::Sqlite))
            }
            Self::Postgres(connection) => {
                Ok(within(query(for_postgres(sql), values).fetch_optional(connection))
                    .await?
                    .map(Row::Postgres))
            }
        }
    }

    pub(super) async fn fetch_all(
        self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(connection) => {
                let rows = query(for_sqlite(sql), values).fetch_all(connection).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Self::Postgres(connection) => {
                let rows = within(query(for_postgres(sql), values).fetch_all(connection)).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }
}

fn for_sqlite(sql: &'static str) -> SqlStr {
    sql.strip_suffix(SKIP_LOCKED).unwrap_or(sql).into_sql_str()
}

fn for_postgres(sql: &'static str) -> SqlStr {
    if sql.contains(ROWS) {
        // Safe: built from our own texts only.
        return AssertSqlSafe(sql.replace(ROWS, ROWS_ON_POSTGRES)).into_sql_str();
    }
    sql.into_sql_str()
}
