//! A webhook arrives: verified over its raw body, read, committed.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;

use super::{Watch, WatchedWorkspace};
use crate::recall::event::{BotEvent, EventKind, WebhookEvent, parse_webhook};
use crate::recall::webhook::{DeliveryId, NotVerified, WebhookKey, unsigned_id, verify};
use crate::store::{Accepted, NewEvent, NewWebhook};

/// How long the sender waits for the commit. Recall.ai allows fifteen seconds for everything.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(8);

/// Why a webhook is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookRejection {
    /// No secret is set, so no webhook can be verified.
    Off,
    /// The signature isn't Recall.ai's, or not that of the workspace in the path. An unknown workspace looks the
    /// same, so that names can't be guessed.
    NotVerified(NotVerified),
    /// It could not be stored; the sender is to send it again.
    NotStored,
}

impl Watch {
    /// Accepts a webhook. When this returns, its event is committed.
    ///
    /// `workspace` is the name in the path, if any; otherwise the signature identifies the workspace.
    ///
    /// # Errors
    /// Returns a [`WebhookRejection`] if the webhook must not be acknowledged.
    #[tracing::instrument(name = "receive webhook", skip_all, fields(otel.kind = "server"))]
    pub async fn receive(
        &self,
        workspace: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Accepted, WebhookRejection> {
        let (DeliveryId(id), workspace) = self.sender(workspace, headers, body, now)?;
        let heard = parse_webhook(body);
        let (event, family) = match &heard {
            WebhookEvent::Bot(event) => (event.name(), family_of(event)),
            WebhookEvent::Ignored(event) => (event.clone(), "ignored"),
            WebhookEvent::Unknown(event) => (event.clone().unwrap_or_default(), "unknown"),
        };
        let webhook = NewWebhook {
            id,
            workspace: workspace.to_owned(),
            event,
            body: matches!(heard, WebhookEvent::Unknown(_))
                .then(|| String::from_utf8_lossy(body).into_owned().into()),
            happening: match &heard {
                WebhookEvent::Bot(event) => Some(new_event(event)),
                WebhookEvent::Ignored(_) | WebhookEvent::Unknown(_) => None,
            },
            strangers: self.strangers.from(workspace),
        };
        let committed = tokio::time::timeout(COMMIT_TIMEOUT, self.store.accept_webhook(webhook, now)).await;
        let accepted = match committed {
            Ok(Ok(accepted)) => accepted,
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "Webhook not stored.");
                return Err(WebhookRejection::NotStored);
            }
            Err(_) => {
                tracing::error!("Webhook not stored in time.");
                return Err(WebhookRejection::NotStored);
            }
        };
        let result = match accepted {
            Accepted::New => "new",
            Accepted::Duplicate => "duplicate",
            Accepted::SetAside => "set_aside",
        };
        if let (Accepted::SetAside, WebhookEvent::Bot(event)) = (accepted, &heard) {
            self.set_aside.log(workspace, &event.bot.to_string(), now);
        }
        metrics::counter!("wnr_webhooks_total", "event" => family, "result" => result).increment(1);
        self.bots_due.notify_one();
        Ok(accepted)
    }

    /// The delivery ID, and the workspace that it comes from.
    fn sender(
        &self,
        workspace: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(DeliveryId, &str), WebhookRejection> {
        let is_meant = |one: &WatchedWorkspace| workspace.is_none_or(|name| name == one.name);
        let (meant, others): (Vec<_>, Vec<_>) = self.alerts.workspaces.iter().partition(|one| is_meant(one));
        // All keys are tried whatever the path says, so that neither the response nor its timing reveals which names
        // exist.
        let keys: Vec<(&WatchedWorkspace, &WebhookKey)> = meant
            .iter()
            .chain(&others)
            .flat_map(|workspace| workspace.keys.iter().map(move |key| (*workspace, key)))
            .collect();
        let unsigned = || match (workspace, meant.first()) {
            (_, Some(first)) => Ok((unsigned_id(headers, body), first.name.as_str())),
            (None, None) => Ok((unsigned_id(headers, body), "")),
            (Some(_), None) => Err(WebhookRejection::NotVerified(NotVerified::Forged)),
        };
        if keys.is_empty() {
            return if self.alerts.insecure { unsigned() } else { Err(WebhookRejection::Off) };
        }
        match verify(headers, body, &keys, now) {
            Ok((id, whose)) if is_meant(whose) => Ok((id, &whose.name)),
            Ok(_) => Err(WebhookRejection::NotVerified(NotVerified::Forged)),
            Err(NotVerified::Unsigned) if self.alerts.insecure => unsigned(),
            Err(why) => Err(WebhookRejection::NotVerified(why)),
        }
    }
}

fn family_of(event: &BotEvent) -> &'static str {
    match event.kind {
        EventKind::Status(_) | EventKind::NotJoined(_) => "bot",
        EventKind::Media { .. } => "media",
    }
}

/// Converts an event for the store.
pub(super) fn new_event(event: &BotEvent) -> NewEvent {
    NewEvent {
        bot: event.bot.to_string(),
        name: event.name(),
        body: serde_json::to_string(event).unwrap_or_default().into(),
    }
}
