//! When to try again: what a failure means for the next attempt, and pauses that grow.
//!
//! One policy for all retries: tasks, questions, connections, requests. A pause is random between half and all of its
//! nominal length, so that failures at the same time aren't retried at the same time.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

/// More failures than this change nothing any more: the longest pause was reached long before.
const FAILURES_MAX: usize = 64;

/// What a failure means for the next attempt, ordered by how soon that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Retry {
    /// At once.
    Now,
    /// Not before this time has passed: the other side asked for it.
    After(Duration),
    /// After a pause that grows with each failure.
    Backoff,
    /// Not until an operator has changed something.
    Never,
}

/// Exponential backoff: the first pause, the growth, and the longest pause.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// The nominal pause after the first failure.
    pub first: Duration,
    /// How many times longer each is than the one before.
    pub factor: f32,
    /// No pause is longer.
    pub longest: Duration,
}

impl Backoff {
    /// A task of the service that ended.
    pub const TASK: Self = Self::new(Duration::from_secs(1), Duration::from_secs(60));
    /// Registrations with another service, whose limits are low.
    pub const REGISTRATION: Self = Self::new(Duration::from_secs(2), Duration::from_secs(600));
    /// A question that failed; its requester is waiting.
    pub const QUESTION: Self = Self::new(Duration::from_secs(2), Duration::from_secs(32));
    /// A request to Recall.ai; a person is looking at a screen.
    pub const REQUEST: Self = Self::new(Duration::from_millis(250), Duration::from_secs(5));
    /// A message that a platform did not take.
    pub const DELIVERY: Self = Self::new(Duration::from_secs(2), Duration::from_secs(300));
    /// A connection that did not hold.
    pub const CONNECTION: Self = Self::new(Duration::from_secs(1), Duration::from_secs(60));
    /// A session with Discord that did not hold. Discord takes one in five seconds, so the shortest is five; and a
    /// thousand a day, so a day of the longest costs a tenth of them.
    pub const IDENTIFICATION: Self = Self::new(Duration::from_secs(10), Duration::from_secs(20 * 60));

    /// Pauses that double from the first to the longest.
    #[must_use]
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, factor: 2.0, longest }
    }

    /// The pause after the first failure, the second and so on, without end. For a loop.
    pub fn pauses(self) -> impl Iterator<Item = Duration> + Send + use<> {
        self.capped(self.builder())
    }

    /// The pause after the nth failure, counted from 1. For attempts that are counted in a database. The same
    /// seed gives the same pauses.
    #[must_use]
    pub fn pause_after(self, failures: i64, seed: u64) -> Duration {
        let before = usize::try_from(failures.saturating_sub(1)).unwrap_or(0).min(FAILURES_MAX);
        let mut pauses = self.capped(self.builder().with_jitter_seed(seed));
        pauses.nth(before).unwrap_or(self.longest)
    }

    /// The builder adds up to as much again to each pause, so it starts with halves.
    fn builder(self) -> ExponentialBuilder {
        ExponentialBuilder::new()
            .with_min_delay(self.first / 2)
            .with_factor(self.factor)
            .with_max_delay(self.longest / 2)
            .with_jitter()
            .without_max_times()
    }

    /// Halves are rounded, and what is drawn is a float.
    fn capped(self, builder: ExponentialBuilder) -> impl Iterator<Item = Duration> + Send + use<> {
        builder.build().map(move |pause| pause.min(self.longest))
    }
}

/// A seed for [`Backoff::pause_after`] from a name: each name has pauses of its own.
#[must_use]
pub fn seed(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}
