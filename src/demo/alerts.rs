//! The demo's alerts: real webhooks, sent to the real endpoint.

use std::sync::Arc;

use anyhow::Context;
use reqwest::Url;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::alerts::ChannelRef;
use crate::chat::Chat;
use crate::chat::outbox_message::channel_key;
use crate::health::Health;
use crate::http::{Details, Endpoints, router};
use crate::listener::{self, ConnectionLimits};
use crate::observe;
use crate::recall::webhook::WebhookKey;
use crate::service::Service;
use crate::simulate::{SCENARIOS, Scenario, Sender, Step};
use crate::watch::{AlertConfig, WatchedWorkspace};

/// Returns a secret that is valid for the duration of the demo.
pub(super) fn key() -> anyhow::Result<WebhookKey> {
    let secret = format!("whsec_{}", Uuid::new_v4().simple());
    WebhookKey::of(&SecretString::from(secret)).context("the demo makes a secret of its own")
}

/// Returns settings that route alerts to the demo's only channel.
pub(super) fn alerts(base_url: &str, key: &WebhookKey, channel: &str) -> AlertConfig {
    let mut alerts = AlertConfig {
        workspaces: vec![WatchedWorkspace {
            name: "demo".to_owned(),
            base_url: base_url.to_owned(),
            keys: vec![key.clone()],
        }],
        ..AlertConfig::default()
    };
    // The limit is below the default, so that the tour has fewer repetitions.
    alerts.policy.grouping.after = 2;
    alerts.policy.default_channels = vec![ChannelRef(channel_key(Chat::Console, channel))];
    alerts
}

/// Serves the endpoints and the pages, and returns a sender of webhooks to them.
pub(super) fn serve(
    service: &Service,
    listener: TcpListener,
    public_url: &str,
    key: WebhookKey,
) -> anyhow::Result<Sender> {
    let metrics = observe::start_metrics().map_err(anyhow::Error::msg)?;
    let router = router(Arc::new(Endpoints::of(service, Health::default(), metrics)), Details::Elsewhere);
    // It ends with the process, which is when the demo ends.
    let stop = CancellationToken::new();
    tokio::spawn(listener::serve(listener, router, ConnectionLimits::default(), stop));
    Ok(Sender::new(Url::parse(&format!("{public_url}/webhooks/recall"))?, Some(key))?)
}

/// Returns a scenario of `simulate`, as steps to show one after the other.
pub(super) fn scenario(id: &str, bots: usize) -> Vec<Step> {
    let Some(scenario) = SCENARIOS.iter().find(|scenario| scenario.id == id) else { return Vec::new() };
    Scenario { bots: scenario.bots.min(bots), ..*scenario }.steps()
}
