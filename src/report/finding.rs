//! What a check of the set-up found.

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
