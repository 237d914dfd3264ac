//! The id of a bot, and finding ids in what people paste.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Characters that a UUID has in its usual form.
const UUID_CHARS: usize = 36;

/// A Recall.ai bot id. Always a UUID in lower case, so equal bots have equal ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct BotId(Uuid);

/// The text was no bot id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a bot ID. A bot ID is a UUID such as 3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417")]
pub struct NotABotId;

impl BotId {
    /// All different ids in a text, in the order in which they first appear: ids alone, ids within
    /// dashboard links, ids in the middle of a sentence.
    #[must_use]
    pub fn find_all(text: &str) -> Vec<Self> {
        let bytes = text.as_bytes();
        let mut found = Vec::new();
        let mut at = 0;
        while at + UUID_CHARS <= bytes.len() {
            let begins_word = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
            let id = begins_word.then(|| text.get(at..at + UUID_CHARS)).flatten();
            let ends_word = bytes.get(at + UUID_CHARS).is_none_or(|next| !next.is_ascii_alphanumeric());
            match id.filter(|_| ends_word).and_then(|id| id.parse().ok()) {
                Some(id) => {
                    if !found.contains(&id) {
                        found.push(id);
                    }
                    at += UUID_CHARS;
                }
                None => at += 1,
            }
        }
        found
    }
}

impl TryFrom<String> for BotId {
    type Error = NotABotId;

    fn try_from(text: String) -> Result<Self, NotABotId> {
        text.parse()
    }
}

impl From<BotId> for String {
    fn from(id: BotId) -> Self {
        id.to_string()
    }
}

impl FromStr for BotId {
    type Err = NotABotId;

    fn from_str(text: &str) -> Result<Self, NotABotId> {
        let text = text.trim();
        // The parser would also take braces, URNs and ids without hyphens, which Recall never writes.
        if text.len() != UUID_CHARS {
            return Err(NotABotId);
        }
        Uuid::try_parse(text).map(Self).map_err(|_| NotABotId)
    }
}

impl fmt::Display for BotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::BotId;

    const ID: &str = "3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417";
    const OTHER: &str = "5215cf1e-bc6e-54c0-983d-7d8b2052615d";

    fn check(text: &str, expect: &[&str]) {
        let found: Vec<String> = BotId::find_all(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, expect, "{text:?}");
    }

    #[test]
    fn ids_are_found_in_whatever_people_paste() {
        check(ID, &[ID]);
        check(&ID.to_uppercase(), &[ID]);
        check(&format!("<https://us-west-2.recall.ai/dashboard/explorer/bot/{ID}|link>"), &[ID]);
        check(&format!("why did {ID}, and also {OTHER}?"), &[ID, OTHER]);
        check(&format!("{ID} {ID}"), &[ID]);
        check(&format!("äöü{ID}日本"), &[ID]);
    }

    #[test]
    fn what_only_resembles_an_id_is_not_one() {
        check("", &[]);
        check("3f2b8c1e7a544c0d9b1e2d6f8a90c417", &[]);
        check(&format!("a{ID}"), &[]);
        check(&format!("{ID}0"), &[]);
        check("3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c41g", &[]);
    }
}
