//! The delays between connections, and between new sessions.

use std::time::Duration;

use tokio::time::Instant;

use crate::retry::Backoff;

/// The delays between connections.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Delay between two identifications while no connection holds. Discord accepts one in five seconds, and
    /// a thousand a day: <https://docs.discord.com/developers/events/gateway#session-start-limit-object>
    pub identify: Backoff,
    /// Delay before the second attempt in a row, and those after it. The first has none.
    pub backoff: Backoff,
    /// Duration after which a connection counts as stable, so that the next one is opened at once.
    pub steady_after: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            identify: Backoff::IDENTIFICATION,
            backoff: Backoff::CONNECTION,
            steady_after: Duration::from_secs(60),
        }
    }
}

type Growing = Box<dyn Iterator<Item = Duration> + Send>;

/// The current delays, which depend on the failures in a row.
pub(super) struct Pauses {
    pace: Pace,
    ended: u32,
    connections: Growing,
    sessions: Growing,
    /// When the next session may start.
    turn: Instant,
}

impl Pauses {
    pub(super) fn new(pace: Pace) -> Self {
        let (connections, sessions) = (Box::new(pace.backoff.pauses()), Box::new(pace.identify.pauses()));
        Self { pace, ended: 0, connections, sessions, turn: Instant::now() }
    }

    /// Records the end of an attempt, with its start. Returns `true` if the connection was stable.
    pub(super) fn after(&mut self, begun: Instant, identified: Option<Instant>) -> bool {
        let held = begun.elapsed() >= self.pace.steady_after;
        if held {
            *self = Self { turn: self.turn, ..Self::new(self.pace) };
        }
        if let Some(identified) = identified {
            self.turn = identified + self.sessions.next().unwrap_or(self.pace.identify.longest);
        }
        self.ended += 1;
        held
    }

    /// Returns the delay before the next attempt, which starts a session or resumes one.
    pub(super) fn pause(&mut self, begins: bool) -> Duration {
        let pause = if self.ended == 1 { Some(Duration::ZERO) } else { self.connections.next() };
        let turn = if begins { self.turn.saturating_duration_since(Instant::now()) } else { Duration::ZERO };
        pause.unwrap_or(self.pace.backoff.longest).max(turn)
    }
}
