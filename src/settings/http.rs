//! `[http]`: where to listen.

use std::net::SocketAddr;

use super::form;
use super::reader::SettingsReader;

/// `[http]`.
#[derive(Debug, Clone)]
pub struct Http {
    /// For webhooks, Slack, Discord and health; for metrics unless they have their own.
    pub listen: SocketAddr,
    /// For metrics alone.
    pub metrics_listen: Option<SocketAddr>,
}

impl Http {
    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let listen = reader.plain("http.listen", form::listen);
        let metrics_listen = reader.plain("http.metrics_listen", form::listen);
        Some(Self { listen: listen?, metrics_listen })
    }
}
