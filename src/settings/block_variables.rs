//! Variables of repeated sections.
//!
//! `RECALL_WORKSPACE_<NAME>_API_KEY` belongs to the workspace of that name, `ALERTS_ROUTE_<NUMBER>_CAUSE` to the
//! route of that number. All variables with these prefixes are ours, so an unknown one is an error.

use super::problem::Problem;
use super::reference::{self, Entry};
use super::unknown::likeness;
use super::variable::{
    NAME, ROUTES, WORKSPACES, file_variable, pattern, placeholder, prefix, variable_of, without_file_suffix,
};

/// Key of a workspace's API key.
pub(super) const API_KEY: &str = "api_key";
/// Key of a workspace's webhook secret.
pub(super) const WEBHOOK_SECRET: &str = "webhook_secret";
/// Key of a setting with values by name, each of which can have a variable of its own.
pub(super) const METADATA: &str = "metadata";

/// Similarity of a key's last word alone: less than that of the key with a wrong letter.
const CLEAR_END: f64 = 0.65;

/// Minimum similarity of the rest of a variable to a key, if it contains no name.
const CLEAR_WITHOUT_NAME: f64 = 0.8;

/// The entry of a section that a variable means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Which {
    /// A workspace by its name, in lower case.
    Named(String),
    /// A route by its number.
    Numbered(u32),
}

/// A parsed variable of a repeated section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BlockVariable {
    /// The entry.
    pub(super) which: Which,
    /// The key in the entry, such as `cause` or `metadata.customer`.
    pub(super) key: String,
    /// The variable without `_FILE`.
    pub(super) variable: String,
}

impl Which {
    /// Returns the prefix of all variables of the entry.
    pub(super) fn beginning(&self) -> String {
        match self {
            Self::Named(name) => format!("{}{}_", prefix(WORKSPACES), name_in_variables(name)),
            Self::Numbered(number) => format!("{}{number}_", prefix(ROUTES)),
        }
    }

    /// Returns the variable of one of its settings.
    pub(super) fn variable(&self, key: &str) -> String {
        format!("{}{}", self.beginning(), key.to_uppercase())
    }
}

/// Parses a variable of a repeated section. Returns `None` for other variables, and a problem if it has the prefix
/// and is unknown.
pub(super) fn read(name: &str) -> Option<Result<BlockVariable, Problem>> {
    let (section, rest) = [WORKSPACES, ROUTES].into_iter().find_map(|section| {
        let begins = variable_of(section, "");
        let rest = name.strip_prefix(&begins);
        // The plural is a common mistake.
        let plural = format!("{}S_", begins.trim_end_matches('_'));
        Some((section, rest.map(Ok).or_else(|| name.strip_prefix(&plural).map(Err))?))
    })?;
    let known = rest.ok().and_then(|rest| {
        let bare = without_file_suffix(rest);
        let (which, key) = if section == WORKSPACES { workspace(bare) } else { route(bare) }?;
        Some(BlockVariable { which, key, variable: without_file_suffix(name).to_owned() })
    });
    Some(known.ok_or_else(|| Problem::UnknownVariable {
        name: name.to_owned(),
        suggestion: suggestion(section, rest.unwrap_or_else(|rest| rest)),
        known: keys(section).filter_map(|key| pattern(section, key)).collect(),
    }))
}

/// Parses `EU_API_KEY`: the name, and a key of the section.
fn workspace(rest: &str) -> Option<(Which, String)> {
    let key = keys(WORKSPACES).find(|key| rest.ends_with(&format!("_{}", key.to_uppercase())))?;
    let name = &rest[..rest.len() - key.len() - 1];
    is_name(name).then(|| (Which::Named(name.to_lowercase()), key.to_owned()))
}

/// Parses `1_CAUSE`: the number, and a key of the section; or `1_METADATA_CUSTOMER`.
fn route(rest: &str) -> Option<(Which, String)> {
    let (digits, tail) = rest.split_once('_')?;
    let number: u32 = digits.parse().ok()?;
    // `01` and `1` would be two variables for one thing.
    if number.to_string() != digits {
        return None;
    }
    let own = keys(ROUTES).find(|key| key.to_uppercase() == tail).map(str::to_owned);
    let key = own.or_else(|| {
        let name = tail.strip_prefix(&format!("{}_", METADATA.to_uppercase()))?;
        is_name(name).then(|| format!("{METADATA}.{}", name.to_lowercase()))
    })?;
    Some((Which::Numbered(number), key))
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('_')
        && !name.ends_with('_')
        && name.bytes().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == b'_')
}

/// Returns the variable closest to the rest of this one, if any is close.
fn suggestion(section: &'static str, rest: &str) -> Option<String> {
    let capitals = rest.to_uppercase();
    let bare = without_file_suffix(&capitals);
    // The key may start after each `_`; the part before it is the name.
    let ends = bare.match_indices('_').map(|(at, _)| at);
    let splits: Vec<(&str, &str)> =
        std::iter::once(("", bare)).chain(ends.map(|at| (&bare[..at], &bare[at + 1..]))).collect();
    let keys: Vec<String> = keys(section).map(str::to_uppercase).collect();
    let all = &keys;
    let metadata = METADATA.to_uppercase();
    let close = splits.iter().flat_map(|&(which, tail)| {
        // With nothing before the key, a short name would count as a part of it.
        let least = if which.is_empty() { CLEAR_WITHOUT_NAME } else { 0.0 };
        let by_name = tail.strip_prefix(&metadata).is_some_and(|name| name.starts_with('_'));
        let metadata = by_name.then_some((1.0, which, metadata.as_str()));
        let keys = keys.iter().filter_map(move |key| Some((likeness(tail, key)?, which, key.as_str())));
        let keys = keys.filter(move |(likeness, ..)| *likeness >= least);
        let keys = keys.chain(only_end(tail, all).map(|key| (CLEAR_END, which, key)));
        keys.chain(metadata.filter(|_| section == ROUTES))
    });
    let (_, which, key) = close.max_by(|(one, ..), (other, ..)| one.total_cmp(other))?;
    let which = match section {
        WORKSPACES => Some(name_in_variables(which)).filter(|name| is_name(name)),
        _ => which.parse::<u32>().ok().map(|number| number.to_string()),
    };
    let which = which.unwrap_or_else(|| placeholder(section).to_owned());
    let variable = format!("{}{which}_{key}", prefix(section));
    Some(if bare == capitals { variable } else { file_variable(&variable) })
}

/// Returns the one key that ends with this word: `API_KEY` for `KEY`.
fn only_end<'a>(tail: &str, keys: &'a [String]) -> Option<&'a str> {
    let end = format!("_{tail}");
    let mut found = keys.iter().filter(|key| key.ends_with(&end));
    match (found.next(), found.next()) {
        (Some(key), None) => Some(key),
        _ => None,
    }
}

/// Returns a name as variables spell it: `my-eu` becomes `MY_EU`.
fn name_in_variables(name: &str) -> String {
    let spelt = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    let name: String = name.chars().map(spelt).collect();
    name.trim_matches('_').to_owned()
}

fn entries(section: &str) -> impl Iterator<Item = &'static Entry> {
    reference::entries().iter().filter(move |entry| entry.section == section)
}

/// Returns the keys that have variables.
fn keys(section: &str) -> impl Iterator<Item = &'static str> {
    entries(section).map(|entry| entry.key).filter(|key| *key != NAME)
}
