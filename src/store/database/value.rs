//! Parameters and results of statements.

use std::borrow::Cow;

use jiff::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::query::Query;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Encode, Postgres, Row as _, SqlStr, Sqlite, Type};

use crate::store::StoreError;

/// The value of a parameter. A NULL has a type too, because PostgreSQL needs it.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::store) enum Value<'a> {
    /// For TEXT.
    Text(Option<Cow<'a, str>>),
    /// For BIGINT.
    Int(Option<i64>),
    /// For BOOLEAN.
    Bool(Option<bool>),
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text.map(kept))
    }
}

/// A text as it is kept. PostgreSQL keeps no NUL in one, and what others sent us must not fail for it each time
/// that it is tried; so both databases keep another character in its place.
pub(in crate::store) fn kept(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().into()
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Some(text).into()
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Some(text.as_str()).into()
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<usize> for Value<'_> {
    /// A number beyond BIGINT becomes the greatest one.
    fn from(number: usize) -> Self {
        i64::try_from(number).unwrap_or(i64::MAX).into()
    }
}

impl From<Option<Timestamp>> for Value<'_> {
    fn from(time: Option<Timestamp>) -> Self {
        Self::Int(time.map(Timestamp::as_millisecond))
    }
}

/// Milliseconds since 1970.
impl From<Timestamp> for Value<'_> {
    fn from(time: Timestamp) -> Self {
        time.as_millisecond().into()
    }
}

impl From<bool> for Value<'_> {
    fn from(is_so: bool) -> Self {
        Self::Bool(Some(is_so))
    }
}

/// A statement with its values.
pub(super) fn query<D: sqlx::Database>(sql: SqlStr, values: &[Value<'_>]) -> Query<'static, D, D::Arguments>
where
    for<'t> Option<&'t str>: Encode<'t, D> + Type<D>,
    for<'t> Option<i64>: Encode<'t, D> + Type<D>,
    for<'t> Option<bool>: Encode<'t, D> + Type<D>,
{
    values.iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Text(text) => query.bind(text.as_deref()),
        Value::Int(number) => query.bind(*number),
        Value::Bool(is_so) => query.bind(*is_so),
    })
}

/// A row of an answer.
pub(in crate::store) enum Row {
    /// From a file.
    Sqlite(SqliteRow),
    /// From a server.
    Postgres(PgRow),
}

impl Row {
    /// A column, counted from 0: a `String`, an `i64` or a `bool`, or an `Option` of one if it may be NULL.
    pub(in crate::store) fn get<T>(&self, position: usize) -> Result<T, StoreError>
    where
        T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>,
    {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(position)?,
            Self::Postgres(row) => row.try_get(position)?,
        })
    }
}
