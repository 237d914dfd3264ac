//! When the digest is posted: once a week, at a full hour in a time zone.
//!
//! An hour that a day doesn't have, because clocks are put forward, is the first moment after the gap. Of an hour that
//! a day has twice, the first one counts.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// How long after its time a digest is still posted, by a service that was down then.
pub const STILL_POSTED: SignedDuration = SignedDuration::from_hours(24);

/// The days of the week.
pub const WEEKDAYS: &[Weekday] = &[
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// When the digest is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The day of the week.
    pub weekday: Weekday,
    /// The hour, from 0 to 23.
    pub hour: i8,
    /// Where it is that hour.
    pub time_zone: TimeZone,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { weekday: Weekday::Monday, hour: 9, time_zone: TimeZone::UTC }
    }
}

impl Schedule {
    /// Returns the last time at or before now at which a digest was due.
    #[must_use]
    pub fn latest(&self, now: Timestamp) -> Timestamp {
        let today = now.to_zoned(self.time_zone.clone()).date();
        let back = i64::from(today.weekday().since(self.weekday));
        [0, 7, 14]
            .into_iter()
            .filter_map(|weeks_ago| {
                let day = today.checked_sub((back + weeks_ago).days()).ok()?;
                let at = day.at(self.hour, 0, 0, 0).to_zoned(self.time_zone.clone()).ok()?.timestamp();
                (at <= now).then_some(at)
            })
            .next()
            .unwrap_or(Timestamp::MIN)
    }

    /// Returns the first time after now at which a digest is due.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Timestamp {
        // A week has at least six days and 22 hours, and at most seven days and two hours, whatever clocks do.
        let later = now.checked_add(SignedDuration::from_hours(7 * 24 + 3)).unwrap_or(Timestamp::MAX);
        let latest = self.latest(later);
        let earlier =
            latest.checked_sub(SignedDuration::from_hours(6 * 24)).map_or(latest, |at| self.latest(at));
        if earlier > now { earlier } else { latest }
    }
}

/// Returns the name of a day, as settings spell it.
#[must_use]
pub const fn word(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}
