//! The findings of a setup check.

use jiff::Timestamp;

/// Seconds of clock difference that count as a failure. Signatures are valid for five minutes, so the clock
/// can be set before they fail.
const CLOCK_OFF_MAX_SECS: i64 = 60;

/// Compares our clock with that of a platform, by the time in one of its responses.
#[must_use]
pub fn clock(whose: &str, theirs: Timestamp, now: Timestamp) -> Finding {
    let off = now.duration_since(theirs).as_secs();
    if off.abs() <= CLOCK_OFF_MAX_SECS {
        return Finding::pass("Clock", format!("agrees with {whose}"));
    }
    let words = "Turn on time synchronisation (`timedatectl set-ntp true`). At five minutes, valid requests are refused";
    Finding::fail("Clock", format!("{} seconds off compared with {whose}. {words}", off.abs()))
}

/// One line of a setup check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub part: String,
    /// The finding in words. If the check failed, it includes how to fix it.
    pub words: String,
    /// The result of the check.
    pub status: CheckStatus,
}

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckStatus {
    /// The check passed.
    Pass,
    /// The check failed.
    Fail,
    /// The service has no access to check it. The words say where a person can.
    Skipped,
}

impl Finding {
    /// Returns a passed check.
    #[must_use]
    pub fn pass(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self { part: part.into(), words: words.into(), status: CheckStatus::Pass }
    }

    /// Returns a failed check, whose words say how to fix it.
    #[must_use]
    pub fn fail(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self { part: part.into(), words: words.into(), status: CheckStatus::Fail }
    }

    /// Returns a skipped check, whose words say why, and how to find out.
    #[must_use]
    pub fn skipped(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self { part: part.into(), words: words.into(), status: CheckStatus::Skipped }
    }
}
