//! A value as it was written, before it is parsed.

use std::collections::BTreeMap;
use std::fmt;

use toml::de::DeValue;

/// Longer values are not quoted in errors: a key pasted into the wrong place is long.
pub(super) const LONGEST_QUOTED: usize = 30;

/// A value whose type is not known yet. It may be secret, so it has no `Debug`.
pub(super) enum Raw {
    /// Text in a file.
    Text(String),
    /// Text from the environment, in which numbers, flags and lists are text too.
    Untyped(String),
    /// A whole number.
    Whole(i64),
    /// `true` or `false`.
    Flag(bool),
    /// Several texts.
    List(Vec<String>),
    /// Texts by name.
    Map(BTreeMap<String, String>),
    /// A value that no setting accepts, with the name of its type.
    Other(&'static str),
}

impl Raw {
    /// Converts a TOML value.
    pub(super) fn from_toml(value: &DeValue<'_>) -> Self {
        let text = |value: &DeValue<'_>| value.as_str().map(str::to_owned);
        let read = match value {
            DeValue::String(value) => Some(Raw::Text(value.to_string())),
            DeValue::Boolean(flag) => Some(Raw::Flag(*flag)),
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).ok().map(Raw::Whole)
            }
            DeValue::Array(values) => {
                let texts: Option<Vec<_>> = values.iter().map(|value| text(value.get_ref())).collect();
                texts.map(Raw::List)
            }
            DeValue::Table(values) => {
                let texts: Option<BTreeMap<_, _>> = values
                    .iter()
                    .map(|(name, value)| Some((name.get_ref().to_string(), text(value.get_ref())?)))
                    .collect();
                texts.map(Raw::Map)
            }
            DeValue::Float(_) | DeValue::Datetime(_) => None,
        };
        read.unwrap_or(Raw::Other(value.type_str()))
    }

    /// Returns `true` if it is an empty or blank text.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) | Self::Untyped(text) => text.trim().is_empty(),
            Self::Whole(_) | Self::Flag(_) | Self::List(_) | Self::Map(_) | Self::Other(_) => false,
        }
    }
}

/// Writes the value as in TOML.
impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Untyped(text) => write!(f, "{text:?}"),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::List(texts) => write!(f, "{texts:?}"),
            Self::Map(texts) => {
                let is_bare = |name: &str| {
                    !name.is_empty()
                        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
                };
                let pair = |(name, text): (&String, &String)| match name {
                    bare if is_bare(bare) => format!("{bare} = {text:?}"),
                    other => format!("{other:?} = {text:?}"),
                };
                match texts.iter().map(pair).collect::<Vec<_>>().join(", ") {
                    none if none.is_empty() => f.write_str("{}"),
                    pairs => write!(f, "{{ {pairs} }}"),
                }
            }
            Self::Other(name) => write!(f, "a value of the type {name}"),
        }
    }
}
