//! Slack's envelopes, and their acknowledgement.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::chat::InteractionSink;
use crate::chat::slack::http::{Endpoint, SlackRequest};
use crate::chat::slack::identity::LearnedIdentity;
use crate::chat::slack::reading::read;
use crate::report::notices;

/// Receives envelopes: stores their content, and then acknowledges them.
#[derive(Clone)]
pub struct Receiver {
    /// Receives the interactions.
    pub sink: Arc<dyn InteractionSink>,
    /// The app's identity, once it is known.
    pub identity: LearnedIdentity,
    /// Reads the time.
    pub clock: fn() -> Timestamp,
}

impl Receiver {
    /// Stores the content of an envelope. Returns the acknowledgement, if there is one. Slack repeats what is
    /// not acknowledged, except for commands.
    pub(super) async fn take(self, envelope: Value) -> Option<Value> {
        let id = envelope["envelope_id"].as_str()?;
        let endpoint = match envelope["type"].as_str() {
            Some("slash_commands") => Endpoint::Commands,
            Some("interactive") => Endpoint::Interactions,
            Some("events_api") => Endpoint::Events,
            _ => {
                metrics::counter!("wnr_unparsed_requests_total", "chat" => "slack").increment(1);
                return Some(json!({ "envelope_id": id }));
            }
        };
        let kept = match read(endpoint, &envelope["payload"], self.identity.get(), (self.clock)()) {
            SlackRequest::Interaction(interaction) => self.sink.receive(*interaction).await,
            SlackRequest::NotForUs => {
                metrics::counter!("wnr_requests_refused_total", "reason" => "foreign").increment(1);
                Ok(())
            }
            SlackRequest::Response(response) => {
                return Some(json!({ "envelope_id": id, "payload": response }));
            }
            SlackRequest::Challenge(_) | SlackRequest::Nothing => Ok(()),
        };
        match (kept, endpoint) {
            (Ok(()), _) => Some(json!({ "envelope_id": id })),
            // Slack does not repeat a command, so the person is asked to.
            (Err(_), Endpoint::Commands) => {
                let told = json!({ "response_type": "ephemeral", "text": notices::NOT_STORED });
                Some(json!({ "envelope_id": id, "payload": told }))
            }
            (Err(_), Endpoint::Interactions | Endpoint::Events) => None,
        }
    }
}
