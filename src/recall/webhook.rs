//! Verifies the signatures of Recall.ai's webhooks, over the raw body and before it is parsed.
//!
//! This module does not depend on the content of a webhook. The scheme is that of Standard Webhooks, which
//! Recall.ai uses under two families of header names:
//! <https://docs.recall.ai/docs/authenticating-requests-from-recallai>.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use uuid::Uuid;

/// Most minutes between the sender's clock and ours. Older webhooks may be replays.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// Longest delivery ID, in bytes, that is accepted. Real ones have about thirty characters.
const ID_BYTES_MAX: usize = 200;
/// Most signatures of a request that are checked. While a secret is rotated there are two.
const SIGNATURES_MAX: usize = 10;
/// Bytes of a signature.
const SIGNATURE_BYTES: usize = 32;
/// The two families of header names for ID, time and signatures. Accounts from before December 2025 have the
/// second one.
const FAMILIES: [[&str; 3]; 2] = [
    ["webhook-id", "webhook-timestamp", "webhook-signature"],
    ["svix-id", "svix-timestamp", "svix-signature"],
];
/// The prefix of every secret.
const SECRET_PREFIX: &str = "whsec_";

/// The encoding of secrets: base64 with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key of a signing secret. `Debug` does not print it.
#[derive(Clone)]
pub struct WebhookKey(Hmac<Sha256>);

impl fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookKey(…)")
    }
}

/// The error for a secret that is not `whsec_` and base64.
#[derive(Debug, thiserror::Error)]
#[error("a webhook secret is whsec_ and base64, as Recall.ai's dashboard shows it")]
pub struct NotASecret;

impl WebhookKey {
    /// Parses a secret as Recall.ai's dashboard shows it.
    ///
    /// # Errors
    /// Returns [`NotASecret`] if the secret is malformed or empty.
    pub fn of(secret: &SecretString) -> Result<Self, NotASecret> {
        let encoded = secret.expose_secret().trim().strip_prefix(SECRET_PREFIX).ok_or(NotASecret)?;
        let key = BASE64.decode(encoded).map_err(|_| NotASecret)?;
        if key.is_empty() {
            return Err(NotASecret);
        }
        // HMAC accepts keys of any length.
        Hmac::new_from_slice(&key).map(Self).map_err(|_| NotASecret)
    }

    /// Returns the content of the signature header for a body.
    #[must_use]
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        let digest = self.digest(id, &at.as_second().to_string(), body).finalize();
        format!("v1,{}", BASE64.encode(digest.into_bytes()))
    }

    fn digest(&self, id: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut digest = self.0.clone();
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            digest.update(part);
        }
        digest
    }
}

/// The reason why a webhook is rejected. Its sentences are for the operator who set up the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// The request has no signature.
    #[error(
        "This request carries no signature. Recall.ai signs webhooks once the workspace has a secret: create one \
         in its dashboard, and set recall.webhook_secret to it."
    )]
    Unsigned,
    /// The time of the request is too far from ours.
    #[error("The time of this request is more than five minutes away from ours; compare the clocks.")]
    Stale,
    /// None of our secrets made this signature.
    #[error(
        "The signature does not hold; compare the workspace in the address, if there is one, and \
         recall.webhook_secret with Recall.ai's dashboard."
    )]
    Forged,
}

impl NotVerified {
    /// Returns the reason in one word, for metrics.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Stale => "stale",
            Self::Forged => "signature",
        }
    }
}

/// The sender's ID of a delivery. A repetition has the same one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeliveryId(pub String);

/// Verifies a webhook and returns the value of the key that fits. Any of the signatures in the header may be
/// made with any of the keys, so that a secret can be rotated. Each key comes with a value of its own.
///
/// The body is hashed at most once for each key, whatever the headers contain. It may be long, and its sender
/// is not verified yet.
///
/// # Errors
/// Returns [`NotVerified`] if the webhook is not signed, is too old or too new, or is forged.
pub fn verify<'k, T>(
    headers: &HeaderMap,
    body: &[u8],
    keys: &[(&'k T, &'k WebhookKey)],
    now: Timestamp,
) -> Result<(DeliveryId, &'k T), NotVerified> {
    let Claim { id, timestamp, signatures } = Claim::of(headers).ok_or(NotVerified::Unsigned)?;
    let at = timestamp.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    if at.is_none_or(|at| now.duration_since(at).abs() > TOLERANCE) {
        return Err(NotVerified::Stale);
    }
    if id.is_empty() || id.len() > ID_BYTES_MAX || signatures.is_empty() {
        return Err(NotVerified::Forged);
    }
    for (whose, key) in keys {
        let digest = key.digest(id, timestamp, body);
        // The comparison takes the same time wherever the two differ.
        if signatures.iter().any(|signature| digest.clone().verify_slice(signature).is_ok()) {
            return Ok((DeliveryId(id.to_owned()), *whose));
        }
    }
    Err(NotVerified::Forged)
}

/// The claim of the headers: these bytes were sent under this ID at this time, with these signatures.
struct Claim<'h> {
    id: &'h str,
    timestamp: &'h str,
    signatures: Vec<Vec<u8>>,
}

impl<'h> Claim<'h> {
    /// Reads the first complete family of headers. The second family is accepted only if it agrees. `None` if
    /// neither is present.
    fn of(headers: &'h HeaderMap) -> Option<Self> {
        let header = |name: &str| headers.get(name)?.to_str().ok();
        let families = FAMILIES.iter().filter_map(|[id, timestamp, signatures]| {
            Some((header(id)?, header(timestamp)?, header(signatures)?))
        });
        let families: Vec<(&str, &str, &str)> = families.collect();
        let (id, timestamp, _) = *families.first()?;
        let same = families.iter().filter(|family| (family.0, family.1) == (id, timestamp));
        let signatures = same
            .flat_map(|(_, _, signatures)| signatures.split(' '))
            .take(SIGNATURES_MAX)
            .filter_map(|entry| BASE64.decode(entry.strip_prefix("v1,")?).ok())
            .filter(|signature| signature.len() == SIGNATURE_BYTES);
        Some(Self { id, timestamp, signatures: signatures.collect() })
    }
}

/// Returns the ID of an unsigned delivery: the sender's own if there is one, else a hash of the body.
#[must_use]
pub fn unsigned_id(headers: &HeaderMap, body: &[u8]) -> DeliveryId {
    let given = FAMILIES.iter().find_map(|[id, ..]| headers.get(*id)?.to_str().ok());
    let given = given.filter(|id| !id.is_empty() && id.len() <= ID_BYTES_MAX);
    DeliveryId(given.map_or_else(|| Uuid::new_v5(&Uuid::NAMESPACE_OID, body).to_string(), ToOwned::to_owned))
}
