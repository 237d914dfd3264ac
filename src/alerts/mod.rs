//! Alert policy: which bots deserve an alert, when, where, and how many alerts become one message.
//!
//! Pure: no clock, no database, no chat. [`assess`] reads a diagnosis, [`route`] finds the channels, [`lifecycle`]
//! updates an alert as more becomes known, and [`grouping`] keeps many alerts from flooding a channel.

pub mod assess;
pub mod channel_table;
pub mod grouping;
pub mod lifecycle;
pub mod route;

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::diagnosis::vocabulary::AlertLevel;
use grouping::Grouping;
use route::Route;

/// A channel of a chat platform, as the outbox names it. Opaque here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChannelRef(pub String);

/// Which alerts are sent, when and where.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Minimum level that triggers an alert.
    pub min_level: AlertLevel,
    /// How long a bot may wait, or be in the call without recording, before a warning is sent.
    pub waiting: SignedDuration,
    /// Events older than this are marked as late.
    pub stale: SignedDuration,
    /// When many become one.
    pub grouping: Grouping,
    /// Where alerts go; the first route that matches wins.
    pub routes: Vec<Route>,
    /// Channels for alerts that no route matches.
    pub default_channels: Vec<ChannelRef>,
}

impl Policy {
    /// Every channel to which an alert may go by a route or by default, each once. Those of a [`channel_table`] are
    /// too many, so they are found by the metadata of a bot.
    #[must_use]
    pub fn channels(&self) -> BTreeSet<&ChannelRef> {
        self.routes.iter().flat_map(|route| &route.channels).chain(&self.default_channels).collect()
    }
}
