//! Discord's interactions over HTTP: verified over time and raw body, then parsed. This module does not
//! depend on a server.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use serenity::all::InteractionType;
use serenity::builder::{CreateAllowedMentions, CreateInteractionResponse, CreateInteractionResponseMessage};
use serenity::interactions_endpoint::Verifier;

use super::api::to_json;
use super::inbound::{Read, kind, read};
use crate::chat::interaction::Interaction;
use crate::report::notices;

/// Most minutes by which a request may be older or newer than our clock.
const TIME_OFF_MAX: SignedDuration = SignedDuration::from_mins(5);

/// Verifies interactions with the application's public key.
pub struct DiscordRequests {
    verifier: Verifier,
}

/// The content of a verified request.
#[derive(Debug, PartialEq)]
pub enum DiscordRequest {
    /// An interaction, and the response to send at once.
    Interaction(Box<Interaction>, Value),
    /// A request with nothing to store, and its whole response.
    Answer(Value),
}

/// The request is not from Discord, is too old, or was changed in transit.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the signature or its time does not hold")]
pub struct NotVerified;

impl DiscordRequests {
    /// Creates a verifier with the application's public key, 64 hexadecimal digits.
    ///
    /// # Errors
    /// Returns the reason if the key is malformed.
    pub fn new(public_key: &str) -> Result<Self, String> {
        let wrong = || "discord.public_key is no Ed25519 key; copy it again".to_owned();
        let bytes: Option<Vec<u8>> = (0..public_key.len() / 2)
            .map(|place| {
                public_key
                    .get(2 * place..2 * place + 2)
                    .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            })
            .collect();
        let bytes = <[u8; 32]>::try_from(bytes.ok_or_else(wrong)?).map_err(|_| wrong())?;
        Ok(Self { verifier: Verifier::try_new(bytes).map_err(|_| wrong())? })
    }

    /// Verifies and parses a request.
    ///
    /// # Errors
    /// Returns [`NotVerified`] if the signature does not match these bytes, or the time is off by more than
    /// five minutes.
    pub fn read(
        &self,
        signature: &str,
        timestamp: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<DiscordRequest, NotVerified> {
        self.verifier.verify(signature, timestamp, body).map_err(|()| NotVerified)?;
        let sent_at = timestamp.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        if sent_at.is_none_or(|sent_at| now.duration_since(sent_at).abs() > TIME_OFF_MAX) {
            return Err(NotVerified);
        }
        Ok(parse(body, now))
    }
}

/// Parses a verified request.
#[must_use]
pub fn parse(body: &[u8], now: Timestamp) -> DiscordRequest {
    let interaction: Value = serde_json::from_slice(body).unwrap_or_default();
    if kind(&interaction) == Some(InteractionType::Ping) {
        return DiscordRequest::Answer(to_json(&CreateInteractionResponse::Pong));
    }
    match read(&interaction, now) {
        Some(Read::Interaction(interaction, acknowledgement)) => {
            DiscordRequest::Interaction(interaction, acknowledgement)
        }
        Some(Read::Response(response)) => DiscordRequest::Answer(response),
        None => DiscordRequest::Answer(alone(notices::NOT_UNDERSTOOD)),
    }
}

/// Returns the response to an interaction that shows these words to the person only.
#[must_use]
pub fn alone(words: &str) -> Value {
    let message = CreateInteractionResponseMessage::new()
        .content(words)
        .ephemeral(true)
        .allowed_mentions(CreateAllowedMentions::new());
    to_json(&CreateInteractionResponse::Message(message))
}
