//! The budget of requests for background lookups, with the clock passed in.

use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// The fraction of a minute's requests, one tenth, that may be sent at once.
const BURST_SHARE: u32 = 10;

/// A request budget that refills evenly, with bursts of up to a tenth. It never allows more than its limit
/// within any minute.
#[derive(Debug)]
pub struct Budget {
    /// The time after which one more request is allowed.
    interval: SignedDuration,
    /// The time by which a burst may be ahead of the even pace.
    burst: SignedDuration,
    /// When the budget is full again.
    restored_at: Mutex<Timestamp>,
}

impl Budget {
    /// Creates a budget of this number of requests in any minute.
    #[must_use]
    pub fn per_minute(requests: NonZeroU32) -> Self {
        Self::with_burst(requests, (requests.get() / BURST_SHARE).max(1))
    }

    /// Creates a budget of this number of requests in any minute, so many of them at once.
    #[must_use]
    pub fn with_burst(requests: NonZeroU32, at_once: u32) -> Self {
        // A full burst and the refill of a minute are the whole budget together.
        let evenly = requests.get().saturating_sub(at_once).max(1);
        let interval = SignedDuration::from_mins(1) / i32::try_from(evenly).unwrap_or(i32::MAX);
        let burst = interval.saturating_mul(i32::try_from(at_once - 1).unwrap_or(i32::MAX));
        Self { interval, burst, restored_at: Mutex::new(Timestamp::UNIX_EPOCH) }
    }

    /// Returns `true` if a request may be sent at this time. This spends nothing.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ahead(*self.lock(), now) <= self.burst
    }

    /// Spends a request.
    pub fn spend(&self, now: Timestamp) {
        let mut restored_at = self.lock();
        let ahead = self.ahead(*restored_at, now).saturating_add(self.interval);
        *restored_at = now.checked_add(ahead).unwrap_or(now);
    }

    fn lock(&self) -> MutexGuard<'_, Timestamp> {
        self.restored_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how long it takes until the budget is full again. A value above the possible maximum means
    /// that the clock stepped back, and counts as zero. A few requests too many are better than none for a
    /// while.
    fn ahead(&self, restored_at: Timestamp, now: Timestamp) -> SignedDuration {
        let most = self.burst.saturating_add(self.interval);
        let ahead = restored_at.duration_since(now).max(SignedDuration::ZERO);
        if ahead > most { SignedDuration::ZERO } else { ahead }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use jiff::{SignedDuration, Timestamp};

    use super::Budget;

    fn spent(budget: &Budget, from_ms: i64, to_ms: i64) -> usize {
        let moments =
            (from_ms..to_ms).step_by(50).map(|ms| Timestamp::UNIX_EPOCH + SignedDuration::from_millis(ms));
        moments.filter(|now| budget.is_open(*now)).inspect(|now| budget.spend(*now)).count()
    }

    #[test]
    fn no_minute_gets_more_than_it_allows() {
        for per_minute in [1, 2, 30, 150] {
            let budget = Budget::per_minute(NonZeroU32::new(per_minute).unwrap());
            let first = spent(&budget, 0, 60_000);
            let second = spent(&budget, 60_000, 120_000);
            assert!(first <= per_minute as usize + 1, "{first} of {per_minute}");
            assert!(second <= first && second * 10 >= first * 8, "{first}, then {second}");
        }
    }

    #[test]
    fn a_clock_that_steps_back_does_not_close_it() {
        let budget = Budget::per_minute(NonZeroU32::new(60).unwrap());
        assert!(spent(&budget, 3_600_000, 3_660_000) > 50);
        assert!(spent(&budget, 0, 60_000) > 45, "an hour earlier");
    }
}
