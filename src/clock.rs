//! The only place that reads the time, so that everything else can be tested with any time.

use jiff::Timestamp;

/// The present time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the place that reads the time")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
