//! The state of Socket Mode: if Slack's requests arrive, and otherwise since when not, and why.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

/// The state of Socket Mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketState {
    /// Slack has greeted us on at least one connection.
    Connected,
    /// What people do in Slack does not arrive.
    Deaf {
        /// The time since when.
        since: Timestamp,
        /// The reason.
        why: String,
    },
}

/// A callback that receives every change of the state.
type Tell = Box<dyn Fn(&SocketState) + Send + Sync>;

/// The state of all connections together.
pub(super) struct Hearing {
    known: Mutex<Known>,
    clock: fn() -> Timestamp,
    tell: Tell,
}

struct Known {
    /// The number of connections that Slack has greeted.
    open: usize,
    since: Timestamp,
    /// The reason why there is no connection.
    why: String,
    /// The reason why Slack no longer accepts the token, although there are connections.
    refused: Option<String>,
}

/// A guard for a connection that Slack has greeted, which counts it until it is dropped.
pub(super) struct Open(Arc<Hearing>);

impl Hearing {
    pub(super) fn new(clock: fn() -> Timestamp, tell: Tell) -> Arc<Self> {
        let known = Known { open: 0, since: clock(), why: "not connected yet".to_owned(), refused: None };
        let hearing = Self { known: Mutex::new(known), clock, tell };
        hearing.say(&hearing.known());
        Arc::new(hearing)
    }

    /// Counts a connection that Slack has greeted.
    pub(super) fn open(self: &Arc<Self>) -> Open {
        let mut known = self.known();
        known.open += 1;
        if known.refused.take().is_some() || known.open == 1 {
            self.say(&known);
        }
        drop(known);
        Open(self.clone())
    }

    /// Records why a connection ended. The reason is reported once there is none left.
    pub(super) fn because(&self, why: &str) {
        let mut known = self.known();
        why.clone_into(&mut known.why);
        if known.open == 0 {
            self.say(&known);
        }
    }

    /// Records if Slack still accepts the token while there are connections.
    pub(super) fn token_is(&self, refused: Option<String>) {
        let mut known = self.known();
        if known.refused.is_none() && refused.is_some() && known.open > 0 {
            known.since = (self.clock)();
        }
        if known.refused != refused {
            known.refused = refused;
            self.say(&known);
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.known().open > 0
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, known: &Known) {
        let why = known.refused.as_ref().or((known.open == 0).then_some(&known.why));
        metrics::gauge!("wnr_connected", "chat" => "slack").set(if why.is_none() { 1.0 } else { 0.0 });
        (self.tell)(&match why {
            None => SocketState::Connected,
            Some(why) => SocketState::Deaf { since: known.since, why: why.clone() },
        });
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut known = self.0.known();
        known.open -= 1;
        if known.open == 0 {
            if known.refused.is_none() {
                known.since = (self.0.clock)();
            }
            self.0.say(&known);
        }
    }
}
