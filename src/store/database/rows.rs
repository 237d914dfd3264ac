//! Many rows as the one parameter of a statement.

use std::io;

use serde::{Serialize, Serializer as _};
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};

use crate::store::StoreError;

/// Rows as a parameter: a statement reads them as `json_each($1)`, and a column of one as `value ->> 'name'`,
/// which is a text. Numbers are cast to BIGINT and truth values to BOOLEAN.
///
/// # Errors
/// Returns [`StoreError`] if a row isn't valid JSON, which none of ours is.
pub(in crate::store) fn rows<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<String, StoreError> {
    let mut json = Vec::new();
    let serialized = Serializer::with_formatter(&mut json, WithoutNul).collect_seq(rows);
    serialized.map_err(|error| sqlx::Error::Encode(error.into()))?;
    String::from_utf8(json).map_err(|error| sqlx::Error::Encode(error.into()).into())
}

/// Removes NUL, which PostgreSQL can't store. One refused row would fail all others.
struct WithoutNul;

impl Formatter for WithoutNul {
    fn write_char_escape<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        match escape {
            CharEscape::AsciiControl(0) => writer.write_all("\u{fffd}".as_bytes()),
            other => CompactFormatter.write_char_escape(writer, other),
        }
    }
}
