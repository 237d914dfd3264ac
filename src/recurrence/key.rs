//! The key of a bot: what its failures are counted by.
//!
//! | in this order | the key |
//! |---|---|
//! | metadata | the first of the names in the settings that the bot's metadata has |
//! | host | the account of the meeting's host, as the platform identifies it |
//! | meeting | the meeting's ID from its link |
//!
//! A key is stored as its kind and an HMAC-SHA-256, and never in clear. The secret belongs to the database, so hashes
//! of two databases can't be compared, and a list of known customers is of no use without it.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::diagnosis::case_file::Origin;
use crate::report::recurrence::RecurrenceKey;

/// How the stored form of a metadata key starts.
const METADATA: &str = "metadata/";
const HOST: &str = "host";
const MEETING: &str = "meeting";

/// Bytes in a block of SHA-256, which is the length of an HMAC's key.
const BLOCK: usize = 64;

/// The secret of a database, with which keys are hashed.
#[derive(Clone)]
pub struct KeySecret(Hmac<Sha256>);

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret")
    }
}

/// A key as it is stored: `metadata/customer:<hash>`, `host:<hash>` or `meeting:<hash>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HashedKey(String);

/// The key of a bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotKey {
    /// What is stored of it.
    pub hashed: HashedKey,
    /// What is shown of it.
    pub shown: RecurrenceKey,
}

impl KeySecret {
    /// Takes the secret of a database.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let digest = Sha256::digest(secret.expose_secret().as_bytes());
        let mut key = [0; BLOCK];
        key.iter_mut().zip(digest).for_each(|(byte, of_digest)| *byte = of_digest);
        Self(Hmac::new(&key.into()))
    }

    fn hash(&self, kind: &str, value: &str) -> HashedKey {
        let mut mac = self.0.clone();
        // Equal values of two kinds have different hashes.
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(value.trim().as_bytes());
        HashedKey(format!("{kind}:{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
    }
}

impl HashedKey {
    /// Returns the stored form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the stored form; `None` if it isn't one.
    #[must_use]
    pub fn parse(stored: &str) -> Option<BotKey> {
        let (kind, hash) = stored.rsplit_once(':')?;
        let shown = match (kind, kind.strip_prefix(METADATA)) {
            (_, Some(name)) => RecurrenceKey::Metadata { name: name.to_owned(), value: None },
            (HOST, None) => RecurrenceKey::Host,
            (MEETING, None) => RecurrenceKey::Meeting,
            _ => return None,
        };
        (!hash.is_empty()).then(|| BotKey { hashed: Self(stored.to_owned()), shown })
    }

    /// Returns what bots of a stored key have in common, in a word or two: `customer`, `host` or `meeting link`.
    #[must_use]
    pub fn in_common(stored: &str) -> &str {
        let kind = stored.rsplit_once(':').map_or(stored, |(kind, _)| kind);
        match kind.strip_prefix(METADATA) {
            Some(name) => name,
            None if kind == MEETING => "meeting link",
            None => HOST,
        }
    }
}

/// Returns the key that a bot's metadata has: the first of these names with a value.
#[must_use]
pub fn of_metadata(
    names: &[String],
    metadata: &BTreeMap<String, String>,
    secret: &KeySecret,
) -> Option<BotKey> {
    let found = names.iter().find_map(|name| {
        let value = metadata.get(name).filter(|value| !value.trim().is_empty())?;
        Some((name, value))
    });
    let (name, value) = found?;
    let hashed = secret.hash(&format!("{METADATA}{name}"), value);
    Some(BotKey { hashed, shown: RecurrenceKey::Metadata { name: name.clone(), value: Some(value.clone()) } })
}

/// Returns the key that Recall.ai's response shows, to be stored.
#[must_use]
pub fn of_origin(names: &[String], origin: &Origin, secret: &KeySecret) -> Option<HashedKey> {
    let of_metadata = of_metadata(names, &origin.metadata, secret).map(|key| key.hashed);
    let host = || origin.host.as_ref().map(|host| secret.hash(HOST, host.expose()));
    let meeting = || origin.meeting.as_ref().map(|meeting| secret.hash(MEETING, meeting.expose()));
    of_metadata.or_else(host).or_else(meeting)
}
