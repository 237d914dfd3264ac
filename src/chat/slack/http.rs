//! Slack's requests over HTTP: verified over the raw body, then parsed. This module does not depend on a
//! server.

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

/// The content of a verified request.
#[derive(Debug, PartialEq, Eq)]
pub enum SlackRequest {
    /// An interaction of a person.
    Interaction(Box<Interaction>),
    /// Slack's check that the URL is ours. This value is the response.
    Challenge(String),
    /// A form that was submitted with a mistake. This is the response, which shows it in the form.
    Response(Value),
    /// A request for another workspace or another app, which must not be answered.
    NotForUs,
    /// A request without effect. It still needs a success response, or Slack turns off the app's events.
    Nothing,
}

/// The request is not from Slack, is too old, or was changed in transit.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the signature or its time does not hold")]
pub struct NotVerified;

/// The endpoint of a request.
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
    /// Creates a verifier with the secret from the app's **Basic Information** page, and with the app's
    /// identity once it is known.
    #[must_use]
    pub fn new(signing_secret: &SecretString, identity: LearnedIdentity) -> Self {
        let verifier = SlackEventSignatureVerifier::new(&signing_secret.expose_secret().into());
        Self { verifier, identity }
    }

    /// Verifies and parses a request.
    ///
    /// # Errors
    /// Returns [`NotVerified`] if the signature does not match these bytes, or the time is off by more than
    /// five minutes.
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

/// Parses a verified request. Once the app's identity is known, requests for other installations are ignored.
#[must_use]
pub fn parse(endpoint: Endpoint, body: &str, us: Option<&SlackIdentity>, now: Timestamp) -> SlackRequest {
    payload(endpoint, body).map_or(SlackRequest::Nothing, |payload| read(endpoint, &payload, us, now))
}

/// Returns the JSON in a body. A command is a form, and becomes the JSON that Socket Mode uses for it.
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
