//! The channels of customers: the value of one metadata key, and where alerts about its bots go.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::ChannelRef;

/// A table with thousands of rows, looked up by value. Without rows it routes nothing. Values may name customers, so
/// `Debug` is their number.
#[derive(Clone, Default)]
pub struct ChannelTable {
    key: String,
    rows: HashMap<String, TableRow>,
}

impl fmt::Debug for ChannelTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChannelTable({} rows)", self.rows.len())
    }
}

/// Where alerts about the bots of one value go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// Channels; at least one.
    pub channels: Vec<ChannelRef>,
    /// Whom to mention, as the platform writes it.
    pub mention: Option<String>,
}

impl ChannelTable {
    /// Creates a table for a metadata key. If a value appears twice, its last row counts.
    #[must_use]
    pub fn new(key: String, rows: impl IntoIterator<Item = (String, TableRow)>) -> Self {
        Self { key, rows: rows.into_iter().collect() }
    }

    /// Returns the row for a bot with this metadata; `None` if it lacks the key, or has another value.
    #[must_use]
    pub fn row(&self, metadata: &BTreeMap<String, String>) -> Option<&TableRow> {
        self.rows.get(metadata.get(&self.key)?)
    }

    /// Returns `true` if it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns how many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}
