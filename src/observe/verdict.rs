//! A verdict, as it is logged and counted.

use std::fmt::Display;

use crate::diagnosis::Diagnosis;

/// What led to a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A person asked.
    Question,
    /// A webhook, a timer or the bot list.
    Alert,
}

impl Trigger {
    /// Its one spelling in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Alert => "alert",
        }
    }
}

/// What is logged and counted of a diagnosis, possibly later than the diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    cause: String,
    confidence: &'static str,
    unknown_codes: Vec<String>,
}

impl Verdict {
    /// That of this diagnosis.
    #[must_use]
    pub fn of(diagnosis: &Diagnosis<'_>) -> Self {
        Self {
            cause: diagnosis.cause.id.as_str().to_owned(),
            confidence: diagnosis.confidence.as_str(),
            unknown_codes: diagnosis.unknown_codes.iter().map(ToString::to_string).collect(),
        }
    }

    /// One line of the log, one step of its cause's counter, and every code that the catalogue does not know.
    pub fn count(&self, bot: impl Display, trigger: Trigger) {
        let Self { cause, confidence, unknown_codes } = self;
        let trigger = trigger.as_str();
        tracing::info!(bot.id = %bot, cause, confidence, trigger, "Bot diagnosed.");
        for code in unknown_codes {
            tracing::warn!(bot.id = %bot, code, "Unknown code.");
        }
        let unknown = unknown_codes.len() as u64;
        metrics::counter!("wnr_verdicts_total", "cause" => cause.clone(), "trigger" => trigger).increment(1);
        metrics::counter!("wnr_unknown_codes_total").increment(unknown);
    }
}
