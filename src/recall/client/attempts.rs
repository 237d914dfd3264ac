//! The attempts at one call: rate limits before each, and pauses between them.

use std::fmt::Display;
use std::time::Duration;

use governor::DefaultDirectRateLimiter;
use governor::clock::{Clock, DefaultClock};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use super::RecallClient;
use crate::recall::error::DEFAULT_RETRY_AFTER;
use crate::retry::Retry;

/// What the attempts at a call need to know about its errors.
pub(in crate::recall) trait CallError: Display + Sized {
    /// Returns the error of a call that our own limit, or a pause that Recall.ai asked for, keeps from being sent.
    fn rate_limited(workspace: &str, after: Duration) -> Self;

    /// Returns if and when another attempt within the same call can help.
    fn repeat(&self) -> Retry;

    /// Returns `Some` if Recall.ai asked for a pause, with its length if it named one.
    fn pause(&self) -> Option<Option<Duration>>;

    /// Returns the class of the error, for metrics; `None` if neither side failed.
    fn class(&self) -> Option<&'static str>;

    /// Returns this error as the outcome of a call of which an earlier attempt failed too.
    fn after(self, _earlier: &Self) -> Self {
        self
    }
}

/// What a call may use up.
pub(super) struct Allowance<'a> {
    /// The rate limiter of its address.
    pub(super) turns: &'a DefaultDirectRateLimiter,
    /// Most attempts.
    pub(super) tries: u32,
    /// Limit for all attempts and pauses together.
    pub(super) time: Duration,
}

impl RecallClient {
    /// Sends a request until there is a response, a refusal, or no time left. `now` is the start time. `send` is
    /// one attempt, with the time at which it has to end.
    #[tracing::instrument(
        name = "call Recall.ai",
        skip_all,
        fields(otel.kind = "client", workspace = self.name, otel.status_code = tracing::field::Empty)
    )]
    pub(super) async fn attempts<T, E: CallError, F: Future<Output = Result<T, E>>>(
        &self,
        allowance: Allowance<'_>,
        now: Timestamp,
        send: impl Fn(Instant) -> F,
    ) -> Result<T, E> {
        let begun = Instant::now();
        let deadline = begun + allowance.time;
        let mut attempt = 0;
        let mut pauses = self.limits.backoff.pauses();
        let mut earlier: Option<E> = None;
        let outcome = |error: E, earlier: Option<&E>| match earlier {
            Some(earlier) => error.after(earlier),
            None => error,
        };
        loop {
            if let Some(wait) = self.no_time_to_wait(allowance.turns, now, begun, deadline).await {
                return Err(outcome(E::rate_limited(&self.name, wait), earlier.as_ref()));
            }
            attempt += 1;
            let error = match send(deadline).await {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            if let Some(class) = error.class() {
                metrics::counter!("wnr_errors_total", "platform" => "recall", "class" => class).increment(1);
            }
            let pause = match error.repeat() {
                Retry::Now => Some(Duration::ZERO),
                Retry::After(pause) => Some(pause),
                Retry::Backoff => pauses.next(),
                Retry::Never => None,
            };
            let pause = pause.filter(|pause| attempt < allowance.tries && fits(*pause, deadline));
            // Counts from the arrival of the response, because the request may have taken a while.
            match (error.pause(), pause) {
                (Some(Some(after)), _) => self.pause.begin(later(now, begun), after).await,
                // The response named no pause, and retries did not help.
                (Some(None), None) => self.pause.begin(later(now, begun), DEFAULT_RETRY_AFTER).await,
                _ => {}
            }
            let Some(pause) = pause else {
                tracing::Span::current().record("otel.status_code", "ERROR");
                return Err(outcome(error, earlier.as_ref()));
            };
            tracing::debug!(workspace = self.name, attempt, %error, "Recall.ai request retried.");
            earlier = Some(outcome(error, earlier.as_ref()));
            sleep(pause).await;
        }
    }

    /// Waits for the end of a pause that Recall.ai asked for, and as our own rate limiter demands, so that it does
    /// not reject requests again and again. Returns the wait that there is no time for.
    async fn no_time_to_wait(
        &self,
        turns: &DefaultDirectRateLimiter,
        now: Timestamp,
        begun: Instant,
        deadline: Instant,
    ) -> Option<Duration> {
        while let Some(left) = self.pause.left(later(now, begun)).await {
            if !fits(left, deadline) {
                return Some(left);
            }
            sleep(left).await;
        }
        while let Err(not_yet) = turns.check() {
            let wait = not_yet.wait_time_from(DefaultClock::default().now());
            if !fits(wait, deadline) {
                return Some(wait);
            }
            sleep(wait).await;
        }
        None
    }
}

/// Returns the current time for an operation that started at `now`.
fn later(now: Timestamp, begun: Instant) -> Timestamp {
    let passed = SignedDuration::try_from(begun.elapsed()).unwrap_or(SignedDuration::ZERO);
    now.checked_add(passed).unwrap_or(now)
}

fn fits(wait: Duration, deadline: Instant) -> bool {
    wait < deadline.saturating_duration_since(Instant::now())
}
