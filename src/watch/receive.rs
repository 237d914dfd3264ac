//! A webhook arrives: verified over its raw body, read, committed.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;

use super::{Watch, Watched};
use crate::recall::event::{BotEvent, Happening, Heard, hear};
use crate::recall::webhook::{DeliveryId, NotVerified, WebhookKey, unsigned_id, verify};
use crate::store::{Accepted, NewEvent, NewWebhook};

/// How long the sender waits for the commit. Recall.ai allows fifteen seconds for everything.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(8);

/// Why a webhook is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There is no secret, so nothing can be told from a forgery.
    Off,
    /// No workspace has this name.
    UnknownWorkspace,
    /// It is not Recall.ai's, as far as can be told.
    NotVerified(NotVerified),
    /// It could not be stored; the sender is to send it again.
    NotKept,
}

impl Watch {
    /// Takes a webhook. When this returns, what it says is remembered.
    ///
    /// `workspace` is the name in the path, where there is one; without it the signature tells.
    ///
    /// # Errors
    /// Where it is not to be acknowledged.
    #[tracing::instrument(name = "hear", skip_all, fields(otel.kind = "server"))]
    pub async fn receive(
        &self,
        workspace: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Accepted, Refused> {
        let (DeliveryId(id), workspace) = self.sender(workspace, headers, body, now)?;
        let heard = hear(body);
        let (event, family) = match &heard {
            Heard::Bot(event) => (event.name(), family_of(event)),
            Heard::Aside(event) => (event.clone(), "aside"),
            Heard::Unknown(event) => (event.clone().unwrap_or_default(), "unknown"),
        };
        let webhook = NewWebhook {
            id,
            workspace: workspace.to_owned(),
            event,
            body: matches!(heard, Heard::Unknown(_)).then(|| String::from_utf8_lossy(body).into_owned()),
            happening: match &heard {
                Heard::Bot(event) => Some(new_event(event)),
                Heard::Aside(_) | Heard::Unknown(_) => None,
            },
        };
        let committed = tokio::time::timeout(COMMIT_TIMEOUT, self.store.accept_webhook(webhook, now)).await;
        let accepted = match committed {
            Ok(Ok(accepted)) => accepted,
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "A webhook could not be stored.");
                return Err(Refused::NotKept);
            }
            Err(_) => {
                tracing::error!("A webhook could not be stored in time.");
                return Err(Refused::NotKept);
            }
        };
        let result = if accepted == Accepted::New { "new" } else { "known" };
        metrics::counter!("wnr_webhooks_total", "event" => family, "result" => result).increment(1);
        self.heard.notify_one();
        Ok(accepted)
    }

    /// The id of the delivery, and the workspace that it comes from.
    fn sender(
        &self,
        workspace: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(DeliveryId, &str), Refused> {
        let named: Vec<&Watched> = match workspace {
            Some(name) => vec![self.watched(name).ok_or(Refused::UnknownWorkspace)?],
            None => self.unasked.workspaces.iter().collect(),
        };
        let keys: Vec<(&Watched, &WebhookKey)> = named
            .iter()
            .flat_map(|workspace| workspace.keys.iter().map(move |key| (*workspace, key)))
            .collect();
        if keys.is_empty() && self.unasked.insecure {
            let name = named.first().map_or("", |workspace| workspace.name.as_str());
            return Ok((unsigned_id(headers, body), name));
        }
        if keys.is_empty() {
            return Err(Refused::Off);
        }
        match verify(headers, body, &keys, now) {
            Ok((id, whose)) => Ok((id, &whose.name)),
            Err(NotVerified::Unsigned) if self.unasked.insecure => {
                Ok((unsigned_id(headers, body), &keys[0].0.name))
            }
            Err(why) => Err(Refused::NotVerified(why)),
        }
    }
}

fn family_of(event: &BotEvent) -> &'static str {
    match event.what {
        Happening::Status(_) => "bot",
        Happening::Media { .. } => "media",
    }
}

/// What happened, as the store keeps it.
pub(super) fn new_event(event: &BotEvent) -> NewEvent {
    NewEvent {
        bot: event.bot.to_string(),
        name: event.name(),
        body: serde_json::to_string(event).unwrap_or_default(),
    }
}
