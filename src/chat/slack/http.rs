//! Slack's requests over HTTP: verified over the raw body, then read. Knows no server.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use slack_morphism::signature_verifier::SlackEventSignatureVerifier;

use super::identity::{LearnedIdentity, SlackIdentity};
use super::reading::read;
use crate::chat::interaction::Interaction;

/// Verifies requests with the app's signing secret.
pub struct SlackRequests {
    verifier: SlackEventSignatureVerifier,
    identity: LearnedIdentity,
}

/// What a request is after it was verified.
#[derive(Debug, PartialEq, Eq)]
pub enum SlackRequest {
    /// A person wishes something.
    Interaction(Box<Interaction>),
    /// Slack checks that the address is ours: this is to be sent back.
    Challenge(String),
    /// Meant for another workspace or another app. It is not to be answered.
    NotForUs,
    /// Nothing that we deal with. It is still to be answered with success, or Slack switches the app's events off.
    Nothing,
}

/// The request is not Slack's, is too old, or was changed on its way.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the signature or its time does not hold")]
pub struct NotVerified;

/// The endpoint that was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Slash commands.
    Commands,
    /// Buttons and shortcuts.
    Interactions,
    /// The Events API.
    Events,
}

impl SlackRequests {
    /// With the secret that Slack shows on the app's page Basic Information, and who we are once that is known.
    #[must_use]
    pub fn new(signing_secret: &SecretString, identity: LearnedIdentity) -> Self {
        let verifier = SlackEventSignatureVerifier::new(&signing_secret.expose_secret().into());
        Self { verifier, identity }
    }

    /// Verifies a request and reads it.
    ///
    /// # Errors
    /// Where the signature does not hold for these bytes, or its time is more than five minutes away.
    pub fn read(
        &self,
        endpoint: Endpoint,
        signature: &str,
        timestamp: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<SlackRequest, NotVerified> {
        let body = std::str::from_utf8(body).map_err(|_| NotVerified)?;
        self.verifier.verify(signature, body, timestamp).map_err(|_| NotVerified)?;
        Ok(parse(endpoint, body, self.identity.get(), now))
    }
}

/// Reads a request that was verified. What is meant for others than us, once that is known, is not.
#[must_use]
pub fn parse(endpoint: Endpoint, body: &str, us: Option<&SlackIdentity>, now: Timestamp) -> SlackRequest {
    payload(endpoint, body).map_or(SlackRequest::Nothing, |payload| read(endpoint, &payload, us, now))
}

/// The JSON in a body. A command is a form, and is read as the JSON that Socket Mode has for it.
fn payload(endpoint: Endpoint, body: &str) -> Option<Value> {
    let mut fields = url::form_urlencoded::parse(body.as_bytes());
    let json = match endpoint {
        Endpoint::Commands => {
            let fields = fields.map(|(name, value)| (name.into_owned(), value.into_owned().into()));
            return Some(Value::Object(fields.collect()));
        }
        Endpoint::Interactions => fields.find(|(name, _)| name == "payload").map(|(_, value)| value),
        Endpoint::Events => Some(body.into()),
    };
    let payload = json.and_then(|json| serde_json::from_str(&json).ok());
    if payload.is_none() {
        metrics::counter!("wnr_unparsed_requests_total", "chat" => "slack").increment(1);
    }
    payload
}
