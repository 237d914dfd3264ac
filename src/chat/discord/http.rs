//! Discord's interactions over HTTP: verified over time and raw body, then read. Knows no server.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use serenity::all::InteractionType;
use serenity::builder::{CreateAllowedMentions, CreateInteractionResponse, CreateInteractionResponseMessage};
use serenity::interactions_endpoint::Verifier;

use super::api::to_json;
use super::inbound::{Read, kind, read};
use crate::chat::interaction::Interaction;
use crate::report::notices;

/// A request that is older, or comes from the future by more than this, is not taken.
const TIME_OFF_MAX: SignedDuration = SignedDuration::from_mins(5);

/// Verifies interactions with the application's public key.
pub struct DiscordRequests {
    verifier: Verifier,
}

/// What a request is after it was verified.
#[derive(Debug, PartialEq)]
pub enum DiscordRequest {
    /// A person wishes something, and this is the answer to give at once.
    Interaction(Box<Interaction>, Value),
    /// Nothing to keep: this is the whole answer.
    Answer(Value),
}

/// The request is not Discord's, is too old, or was changed on its way.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the signature or its time does not hold")]
pub struct NotVerified;

impl DiscordRequests {
    /// With the public key of the application, 64 hexadecimal digits.
    ///
    /// # Errors
    /// Where it is no key.
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

    /// Verifies a request and reads it.
    ///
    /// # Errors
    /// Where the signature does not hold for these bytes, or its time is more than five minutes away.
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

/// Reads a request that was verified.
#[must_use]
pub fn parse(body: &[u8], now: Timestamp) -> DiscordRequest {
    let interaction: Value = serde_json::from_slice(body).unwrap_or_default();
    if kind(&interaction) == Some(InteractionType::Ping) {
        return DiscordRequest::Answer(to_json(&CreateInteractionResponse::Pong));
    }
    match read(&interaction, now) {
        Some(Read { interaction, acknowledgement }) => {
            DiscordRequest::Interaction(Box::new(interaction), acknowledgement)
        }
        None => DiscordRequest::Answer(alone(notices::NOT_UNDERSTOOD)),
    }
}

/// A few words to the person alone, as the answer to an interaction.
#[must_use]
pub fn alone(words: &str) -> Value {
    let message = CreateInteractionResponseMessage::new()
        .content(words)
        .ephemeral(true)
        .allowed_mentions(CreateAllowedMentions::new());
    to_json(&CreateInteractionResponse::Message(message))
}
