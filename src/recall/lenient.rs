//! Parses JSON that does not match its documentation.
//!
//! This module does not depend on bots. A member of the wrong type counts as absent, and an unreadable entry
//! affects only itself. Unwanted members are skipped in the text. A response of eight mebibytes is never
//! built up as a tree, which can take a hundred times that.

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A member for which null and absence mean different things.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) enum Presence<T> {
    /// The member is absent, or has the wrong type.
    #[default]
    Absent,
    /// The member is null.
    Null,
    /// The member has a value.
    Given(T),
}

/// The first `MAX` readable entries of a list, and the numbers of the others.
#[derive(Debug, Clone)]
pub(super) struct List<T, const MAX: usize> {
    /// The parsed entries, in their order.
    pub(super) entries: Vec<T>,
    /// The number of entries that could not be parsed.
    pub(super) unread: usize,
    /// The number of entries beyond the limit, which were not parsed.
    pub(super) beyond: usize,
}

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self { entries: Vec::new(), unread: 0, beyond: 0 }
    }
}

/// Deserializes a member. With the wrong type, it counts as absent.
pub(super) fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).unwrap_or_default())
}

/// Deserializes a member that is an object. Without this check, a list would be read as the object's members
/// in order.
pub(super) fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(object_from(raw))
}

/// Returns `true` if the member is a link. The link itself is not kept.
pub(super) fn is_link<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(raw.get().starts_with('"') && raw.get() != "\"\"")
}

/// The members of an object, in their order.
#[derive(Default)]
pub(super) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Returns `true` if there is a member with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| own == name)
    }

    /// Returns the members with these names, in the order of the names. It returns none if one of the names
    /// occurs twice, because it is unclear which of the two is meant.
    pub(super) fn named(&self, names: &[&str]) -> Vec<&'a RawValue> {
        let mut found = Vec::new();
        for name in names {
            let mut own = self.0.iter().filter(|(own, _)| own == name).map(|(_, member)| *member);
            found.extend(own.next());
            if own.next().is_some() {
                return Vec::new();
            }
        }
        found
    }
}

/// Returns the members of an object with these names, in the order of the names.
pub(super) fn members_named<'a>(raw: &'a RawValue, names: &[&str]) -> Vec<&'a RawValue> {
    object_from::<Members<'a>>(raw).unwrap_or_default().named(names)
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Members(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// Parses an object from its text.
pub(super) fn object_from<'de, T: Deserialize<'de>>(raw: &'de RawValue) -> Option<T> {
    raw.get().starts_with('{').then(|| serde_json::from_str(raw.get()).ok()).flatten()
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Presence<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        if raw.get() == "null" {
            return Ok(Self::Null);
        }
        Ok(object_from(raw).map_or(Self::Absent, Self::Given))
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        match raw.get().as_bytes().first() {
            Some(b'[') => {
                let mut reader = serde_json::Deserializer::from_str(raw.get());
                reader.deserialize_seq(Entries(Self::default())).map_err(D::Error::custom)
            }
            Some(b'n') => Ok(Self::default()),
            _ => Ok(Self { unread: 1, ..Self::default() }),
        }
    }
}

struct Entries<T, const MAX: usize>(List<T, MAX>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Entries<T, MAX> {
    type Value = List<T, MAX>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut list = self.0;
        while list.entries.len() < MAX {
            let Some(raw) = sequence.next_element::<&RawValue>()? else { return Ok(list) };
            match object_from(raw) {
                Some(entry) => list.entries.push(entry),
                None => list.unread += 1,
            }
        }
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            list.beyond += 1;
        }
        Ok(list)
    }
}
