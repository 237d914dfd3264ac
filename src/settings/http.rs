//! `[http]`: addresses to listen on.

use std::net::SocketAddr;
use std::time::Duration;

use super::form;
use super::reader::SettingsReader;

/// The longest drain: process managers seldom wait longer before they kill a process.
const MOST_DRAIN_SECS: u32 = 60;

/// `[http]`.
#[derive(Debug, Clone)]
pub struct Http {
    /// For webhooks, Slack, Discord and health; for metrics unless they have their own.
    pub listen: SocketAddr,
    /// For metrics alone.
    pub metrics_listen: Option<SocketAddr>,
    /// How long requests are served after SIGTERM, while `/readyz` returns 503.
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
