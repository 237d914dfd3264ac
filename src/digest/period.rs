//! Whole days that a digest is about, in UTC.
//!
//! Days are those of UTC and not of the digest's time zone. Counts outlive the bots they came from, and can't be cut
//! again if the setting changes.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Days in the digest that is posted every week.
pub const WEEK: u8 = 7;
/// Most days in a digest that a person asks for.
pub const DAYS_MAX: u8 = 90;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Consecutive whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// How many days there are.
    pub days: u8,
}

impl Period {
    /// Returns the last days that are complete at this time. Today isn't.
    #[must_use]
    pub fn until(now: Timestamp, days: u8) -> Self {
        let days = days.clamp(1, DAYS_MAX);
        Self { first: day_of(now).saturating_sub(i64::from(days).days()), days }
    }

    /// Returns as many days before these.
    #[must_use]
    pub fn before(self) -> Self {
        Self { first: self.first.saturating_sub(i64::from(self.days).days()), ..self }
    }

    /// Returns the last day.
    #[must_use]
    pub fn last(self) -> Date {
        self.first.saturating_add((i64::from(self.days) - 1).days())
    }

    /// Returns the numbers of the first and the last day.
    #[must_use]
    pub fn numbers(self) -> (i64, i64) {
        let first = number_of(self.first);
        (first, first + i64::from(self.days) - 1)
    }

    /// Returns when the first day begins, and when the last has ended.
    #[must_use]
    pub fn times(self) -> (Timestamp, Timestamp) {
        let begins = start_of(self.first);
        (begins, begins.checked_add(DAY * i32::from(self.days)).unwrap_or(Timestamp::MAX))
    }
}

/// Returns the UTC day of a time.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Returns the number of a day: days since 1970-01-01.
#[must_use]
pub fn number_of(day: Date) -> i64 {
    start_of(day).as_second().div_euclid(DAY.as_secs())
}

/// Returns the day with this number; `None` if there is no such day.
#[must_use]
pub fn day_with(number: i64) -> Option<Date> {
    Timestamp::from_second(number.checked_mul(DAY.as_secs())?).ok().map(day_of)
}

fn start_of(day: Date) -> Timestamp {
    // UTC has no gaps, so this fails at the ends of time alone.
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH)
}
