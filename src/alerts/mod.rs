//! What deserves to be told without anybody having asked: when, where, and how a storm is folded.
//!
//! Pure: no clock, no database, no chat. [`standing`] reads a diagnosis, [`route`] finds the places,
//! [`living`] says what becomes of a message that stands already, and [`fold`] keeps a storm from
//! flooding a channel.

pub mod fold;
pub mod living;
pub mod route;
pub mod standing;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::diagnosis::vocabulary::AlertLevel;
use fold::Folding;
use route::Route;

/// A channel of a chat platform, as whoever delivers names it. Opaque here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place(pub String);

/// What is told, when and where.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The least urgent level that is told.
    pub minimum: AlertLevel,
    /// How long a bot may wait, or sit in the call without recording, before it is told.
    pub waiting: SignedDuration,
    /// What happened longer ago than this is told as late.
    pub stale: SignedDuration,
    /// When many become one.
    pub folding: Folding,
    /// Where alerts go; the first route that matches wins.
    pub routes: Vec<Route>,
    /// Where they go where none matches.
    pub otherwise: Vec<Place>,
}
