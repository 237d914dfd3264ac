//! How fast connections follow each other, and the sessions that are begun through them.

use std::time::Duration;

use tokio::time::Instant;

use crate::retry::Backoff;

/// How fast connections follow each other.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// From one identification to the next, while no connection holds. Discord takes one in five seconds, and a
    /// thousand a day: <https://docs.discord.com/developers/events/gateway#session-start-limit-object>
    pub identify: Backoff,
    /// Before the second attempt in a row, and those after it. The first is made at once.
    pub backoff: Backoff,
    /// A connection that held for this long was a good one, and the next is opened at once.
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

/// How long to wait, by what has failed in a row.
pub(super) struct Pauses {
    pace: Pace,
    ended: u32,
    connections: Growing,
    sessions: Growing,
    /// When the next session may be begun.
    turn: Instant,
}

impl Pauses {
    pub(super) fn new(pace: Pace) -> Self {
        let (connections, sessions) = (Box::new(pace.backoff.pauses()), Box::new(pace.identify.pauses()));
        Self { pace, ended: 0, connections, sessions, turn: Instant::now() }
    }

    /// An attempt has ended that was begun then, and whether it was a good one.
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

    /// The wait for the next attempt, which begins a session or goes on with one.
    pub(super) fn pause(&mut self, begins: bool) -> Duration {
        let pause = if self.ended == 1 { Some(Duration::ZERO) } else { self.connections.next() };
        let turn = if begins { self.turn.saturating_duration_since(Instant::now()) } else { Duration::ZERO };
        pause.unwrap_or(self.pace.backoff.longest).max(turn)
    }
}
