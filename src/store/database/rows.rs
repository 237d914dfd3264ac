//! Statements over many rows at once. A statement costs SQLite a way to its thread and back, and a server a way
//! through the network, so what belongs together goes together: as one parameter, a JSON array with an array for
//! each row.

use serde::Serialize;

use super::value::kept;

/// A statement over rows. The one thing that the two databases have no common words for is how a JSON array
/// becomes rows; everything else stands in [`each_row!`] once.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct RowsSql {
    pub(in crate::store) sqlite: &'static str,
    pub(in crate::store) postgres: &'static str,
}

/// A [`RowsSql`] from what stands before and after the rows. In it `value ->> 0` is the first column of a row, as
/// text; a number is cast.
macro_rules! each_row {
    ($before:literal, $after:literal $(,)?) => {
        $crate::store::database::RowsSql {
            sqlite: concat!($before, " json_each($1) ", $after),
            postgres: concat!($before, " json_array_elements(CAST($1 AS json)) ", $after),
        }
    };
}
pub(in crate::store) use each_row;

/// A text of a row. As in [`super::Value`], another character takes the place of NUL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) struct Text<'a>(pub(in crate::store) &'a str);

impl Serialize for Text<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&kept(self.0))
    }
}

/// The parameter of a [`RowsSql`]: each row is a tuple of [`Text`]s, numbers and `Option`s of these.
pub(in crate::store) fn rows<T: Serialize>(rows: &[T]) -> Result<String, sqlx::Error> {
    serde_json::to_string(rows).map_err(|error| sqlx::Error::Encode(error.into()))
}
