//! One small layer over two databases, so that every statement is written once.
//!
//! A statement is SQL that both understand: `$1` for parameters, columns of TEXT, BIGINT and BOOLEAN, times in
//! milliseconds. A sum is cast (`CAST(SUM(n) AS BIGINT)`) and a literal is not read back as a number, since
//! PostgreSQL makes other types of them. Two things have no words that both know, and `connection.rs` finds them:
//! `FOR UPDATE SKIP LOCKED` is left out for SQLite, and many rows at once are `json_each($1)` of what [`mod@rows`]
//! makes, for which PostgreSQL has another name.
//!
//! It doesn't know any table. A new table is a step in `migrate.rs` and a file beside this folder.

mod connection;
pub(super) mod postgres;
mod rows;
mod scrub;
pub(super) mod sqlite;
mod value;
mod writer;

use std::path::Path;

use sqlx::{PgPool, SqlitePool};

use super::StoreError;
use connection::Pooled;
use writer::Writer;

pub(super) use connection::{AdvisoryLock, Transaction};
pub(super) use rows::rows;
pub(super) use value::{Row, Value, kept};

/// Values for the parameters of a statement, in order.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::store::database::Value::from($value)),*] };
}
pub(super) use params;

/// A database.
#[derive(Debug, Clone)]
pub(super) enum Database {
    /// A file.
    Sqlite {
        /// One connection.
        writer: Writer,
        /// Readers, which don't wait for a writer.
        readers: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

impl Database {
    /// Runs a writing statement in its own transaction. Returns the number of rows written.
    pub(super) async fn execute(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.writer().await?.connection()?.execute(sql, values).await
    }

    /// Returns the first row of a reading statement, if there is one.
    pub(super) async fn fetch_optional(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, StoreError> {
        self.reader().await?.connection()?.fetch_optional(sql, values).await
    }

    /// Returns the row of a reading statement that always has one.
    pub(super) async fn fetch_one(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Row, StoreError> {
        Ok(self.fetch_optional(sql, values).await?.ok_or(sqlx::Error::RowNotFound)?)
    }

    /// Returns all rows of a reading statement.
    pub(super) async fn fetch_all(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        self.reader().await?.connection()?.fetch_all(sql, values).await
    }

    /// Starts a transaction.
    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        match self {
            Self::Sqlite { writer, .. } => Ok(Transaction::Sqlite(writer.begin().await?)),
            Self::Postgres(pool) => {
                Ok(Transaction::Postgres(postgres::within(pool.begin_with(postgres::BEGIN)).await?))
            }
        }
    }

    /// Returns the server's time in milliseconds since 1970; `None` for a file, which has no clock.
    pub(super) async fn server_time(&self) -> Result<Option<i64>, StoreError> {
        match self {
            Self::Sqlite { .. } => Ok(None),
            Self::Postgres(_) => {
                let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
                self.fetch_one(sql, params![]).await?.get(0).map(Some)
            }
        }
    }

    /// Makes sure that a file has no deleted copy of `text`. A server clears deleted rows by itself.
    pub(super) async fn scrub(&self, text: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { writer, .. } => scrub::scrub(writer, text).await,
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Returns its path, if it is a file.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite { writer, .. } => Some(writer.file()),
            Self::Postgres(_) => None,
        }
    }

    /// Finishes running statements and closes all connections.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    async fn writer(&self) -> Result<Pooled, StoreError> {
        match self {
            Self::Sqlite { writer, .. } => Ok(Pooled::Writer(writer.turn().await?)),
            Self::Postgres(pool) => Ok(Pooled::Postgres(pool.acquire().await?)),
        }
    }

    async fn reader(&self) -> Result<Pooled, StoreError> {
        match self {
            Self::Sqlite { readers, .. } => Ok(Pooled::Sqlite(readers.acquire().await?)),
            Self::Postgres(pool) => Ok(Pooled::Postgres(pool.acquire().await?)),
        }
    }
}
