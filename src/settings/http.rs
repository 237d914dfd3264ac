//! `[http]`: where to listen.

use std::net::SocketAddr;
use std::time::Duration;

use super::form;
use super::reader::SettingsReader;

/// The longest drain: whoever stops a process seldom waits longer before it is killed.
const MOST_DRAIN_SECS: u32 = 60;

/// `[http]`.
#[derive(Debug, Clone)]
pub struct Http {
    /// For webhooks, Slack, Discord and health; for metrics unless they have their own.
    pub listen: SocketAddr,
    /// For metrics alone.
    pub metrics_listen: Option<SocketAddr>,
    /// How long requests are still served after SIGTERM, while the service says that it is not ready.
    pub drain: Duration,
}

impl Http {
    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let listen = reader.plain("http.listen", form::listen);
        let metrics_listen = reader.plain("http.metrics_listen", form::listen);
        let drain_secs = reader.plain("http.drain_secs", form::whole(0..=MOST_DRAIN_SECS));
        Some(Self { listen: listen?, metrics_listen, drain: Duration::from_secs(drain_secs?.into()) })
    }
}
