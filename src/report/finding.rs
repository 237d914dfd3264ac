//! What a check of the set-up found.

use jiff::Timestamp;

/// Signatures are valid for five minutes; a clock that is this far off is worth setting before it matters.
const CLOCK_OFF_MAX_SECS: i64 = 60;

/// Whether our clock agrees with that of a platform, by the time in one of its answers.
#[must_use]
pub fn clock(whose: &str, theirs: Timestamp, now: Timestamp) -> Finding {
    let off = now.duration_since(theirs).as_secs();
    if off.abs() <= CLOCK_OFF_MAX_SECS {
        return Finding::pass("Clock", format!("agrees with {whose}"));
    }
    let words = "Turn on time synchronisation (`timedatectl set-ntp true`). At five minutes, valid requests are refused";
    Finding::fail("Clock", format!("{} seconds off compared with {whose}. {words}", off.abs()))
}

/// One line of a check-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub part: String,
    /// What was found, in words; with what to click where it is not good.
    pub words: String,
    /// Whether it is as it should be.
    pub status: CheckStatus,
}

/// Whether something is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckStatus {
    /// It is.
    Pass,
    /// It is not.
    Fail,
    /// We may not look. A person can, and the words say where.
    Skipped,
}

impl Finding {
    /// It is as it should be.
    #[must_use]
    pub fn pass(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self { part: part.into(), words: words.into(), status: CheckStatus::Pass }
    }

    /// It is not, and the words say what to do.
    #[must_use]
    pub fn fail(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self { part: part.into(), words: words.into(), status: CheckStatus::Fail }
    }

    /// Nobody told us, and the words say why, and how to find out.
    #[must_use]
    pub fn skipped(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self { part: part.into(), words: words.into(), status: CheckStatus::Skipped }
    }
}
