//! Statements on one connection, alone or together in a transaction.

use serde::Serialize;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, SqlSafeStr, SqlStr, Sqlite, SqliteConnection};

use super::postgres::within;
use super::value::query;
use super::writer::Turn;
use super::{Row, Value, rows};
use crate::store::StoreError;

/// The end of a SELECT of rows that are to be leased: rows that another process is just writing are passed
/// over. It stands at the very end of a statement, and is left out for SQLite, where a [`Transaction`] is
/// the only writer for as long as it lasts.
const SKIP_LOCKED: &str = "FOR UPDATE SKIP LOCKED";
/// The rows of a parameter, each in the column `value`.
const ROWS: &str = "json_each($1)";
/// The same in the words of PostgreSQL.
const ROWS_ON_POSTGRES: &str = "jsonb_array_elements(CAST($1 AS jsonb))";

/// Statements that are committed together, or not at all: what is dropped without [`Transaction::commit`] is
/// rolled back.
///
/// On SQLite it is the only writer from its beginning to its end, so what it has read stays true. On
/// PostgreSQL that holds for rows that it wrote or locked, and for those who wait for the same [`AdvisoryLock`].
/// It holds others up, so nothing is waited for in it but the database.
pub(in crate::store) enum Transaction {
    /// In a file.
    Sqlite(Turn),
    /// On a server.
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// What only one transaction at a time may do, among all processes.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) enum AdvisoryLock {
    /// Leasing an outbox message: the ordering keys that are free must stay free until the lease is written.
    OutboxLease,
    /// Deciding what is told: nobody else may count in the same place meanwhile.
    AlertTransaction,
}

impl AdvisoryLock {
    /// The name of its lock in PostgreSQL, which never changes: processes of two versions may run together.
    const fn key(self) -> i64 {
        match self {
            Self::OutboxLease => 0x776e_7200_0001,
            Self::AlertTransaction => 0x776e_7200_0002,
        }
    }
}

impl Transaction {
    /// Waits until no other transaction has this turn, and has it until the end. It must be the first
    /// statement: what was read before may have changed while it waited.
    pub(in crate::store) async fn lock(&mut self, lock: AdvisoryLock) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(_) => {
                let sql = "SELECT pg_advisory_xact_lock($1)";
                self.execute(sql, &[Value::from(lock.key())]).await.map(|_| ())
            }
        }
    }

    /// Runs a statement. The number of rows that it wrote.
    pub(in crate::store) async fn execute(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        self.connection()?.execute(sql, values).await
    }

    /// The first row of a statement, if there is one.
    pub(in crate::store) async fn fetch_optional(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, StoreError> {
        self.connection()?.fetch_optional(sql, values).await
    }

    /// All rows of a statement.
    pub(in crate::store) async fn fetch_all(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        self.connection()?.fetch_all(sql, values).await
    }

    /// All rows of a statement over rows, see [`rows`].
    pub(in crate::store) async fn fetch_each<T: Serialize>(
        &mut self,
        sql: &'static str,
        given: &[T],
    ) -> Result<Vec<Row>, StoreError> {
        self.fetch_all(sql, &[Value::from(&rows(given)?)]).await
    }

    /// Runs a statement over rows, see [`rows`]. The number of rows that it wrote.
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

    /// Commits. What fails here may be committed or not.
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
        // Safe: made of nothing but texts of ours.
        return AssertSqlSafe(sql.replace(ROWS, ROWS_ON_POSTGRES)).into_sql_str();
    }
    sql.into_sql_str()
}
