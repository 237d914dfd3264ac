//! Slack's requests over HTTP: verified over the raw body, then read. Knows no server.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use slack_morphism::signature_verifier::SlackEventSignatureVerifier;

use super::inbound;
use super::wire::{Command, InteractionPayload, Push};
use crate::chat::interaction::Interaction;

/// Verifies requests with the app's signing secret.
pub struct SlackRequests {
    verifier: SlackEventSignatureVerifier,
}

/// What a request is after it was verified.
#[derive(Debug, PartialEq, Eq)]
pub enum SlackRequest {
    /// A person wishes something.
    Interaction(Box<Interaction>),
    /// Slack checks that the address is ours: this is to be sent back.
    Challenge(String),
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
    /// With the secret that Slack shows on the app's page Basic Information.
    #[must_use]
    pub fn new(signing_secret: &SecretString) -> Self {
        Self { verifier: SlackEventSignatureVerifier::new(&signing_secret.expose_secret().into()) }
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
        Ok(parse(endpoint, body, now))
    }
}

/// Reads a request that was verified.
#[must_use]
pub fn parse(endpoint: Endpoint, body: &str, now: Timestamp) -> SlackRequest {
    match endpoint {
        Endpoint::Commands => arrived(form::<Command>(body).map(|command| inbound::command(command, now))),
        Endpoint::Interactions => {
            let payload = form_field(body, "payload");
            let interaction = payload.as_deref().and_then(json::<InteractionPayload>);
            arrived(interaction.and_then(|interaction| inbound::interaction(interaction, now)))
        }
        Endpoint::Events => match json::<Push>(body) {
            Some(Push { kind, challenge: Some(challenge), .. }) if kind == "url_verification" => {
                SlackRequest::Challenge(challenge)
            }
            Some(push) => arrived(inbound::push(push, now)),
            None => SlackRequest::Nothing,
        },
    }
}

fn arrived(interaction: Option<Interaction>) -> SlackRequest {
    interaction.map_or(SlackRequest::Nothing, |interaction| SlackRequest::Interaction(Box::new(interaction)))
}

fn json<T: DeserializeOwned>(text: &str) -> Option<T> {
    let read = serde_json::from_str(text);
    if read.is_err() {
        metrics::counter!("wnr_unparsed_requests_total", "chat" => "slack").increment(1);
    }
    read.ok()
}

fn form<T: DeserializeOwned>(body: &str) -> Option<T> {
    let fields = url::form_urlencoded::parse(body.as_bytes());
    let fields: serde_json::Map<String, serde_json::Value> =
        fields.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
    serde_json::from_value(fields.into()).ok()
}

fn form_field(body: &str, wanted: &str) -> Option<String> {
    url::form_urlencoded::parse(body.as_bytes())
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}
