//! What a check of the set-up found.

/// One line of a check-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub part: String,
    /// What was found, in words; with what to click where it is not good.
    pub words: String,
    /// Whether it is as it should be.
    pub grade: Grade,
}

/// Whether something is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// It is.
    Good,
    /// It is not.
    Bad,
    /// We may not look. A person can, and the words say where.
    Unknown,
}

impl Finding {
    /// It is as it should be.
    #[must_use]
    pub fn good(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self { part: part.into(), words: words.into(), grade: Grade::Good }
    }

    /// It is not, and the words say what to do.
    #[must_use]
    pub fn bad(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self { part: part.into(), words: words.into(), grade: Grade::Bad }
    }

    /// Nobody told us, and the words say why, and how to find out.
    #[must_use]
    pub fn unknown(part: impl Into<String>, words: impl Into<String>) -> Self {
        Self { part: part.into(), words: words.into(), grade: Grade::Unknown }
    }
}
