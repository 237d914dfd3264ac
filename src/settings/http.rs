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
    /// For webhooks, Slack, Discord, pages for hosts and health; for metrics unless they have their own.
    pub listen: SocketAddr,
    /// For metrics alone.
    pub metrics_listen: Option<SocketAddr>,
    /// Where people reach this service, without a slash at its end; pages for hosts are linked there.
    pub public_url: Option<String>,
    /// How long requests are served after SIGTERM, while `/readyz` returns 503.
    pub drain: Duration,
}

impl Http {
    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let listen = reader.plain("http.listen", form::listen);
        let metrics_listen = reader.plain("http.metrics_listen", form::listen);
        let public_url = reader.plain("http.public_url", form::public_url);
        let drain_secs = reader.plain("http.drain_secs", form::whole(0..=MOST_DRAIN_SECS));
        Some(Self {
            listen: listen?,
            metrics_listen,
            public_url,
            drain: Duration::from_secs(drain_secs?.into()),
        })
    }
}
