//! A verdict, as it is logged and counted.

use std::fmt::Display;

use crate::diagnosis::Diagnosis;

/// What led to a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A person asked.
    Question,
    /// A webhook, a timer or the list of bots.
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

/// Tells of the verdict about a bot: one line of the log, one step of its cause's counter, and every code that
/// the catalogue does not know.
pub fn verdict(bot: impl Display, diagnosis: &Diagnosis<'_>, trigger: Trigger) {
    let (cause, confidence) = (diagnosis.cause.id.as_str(), diagnosis.confidence.as_str());
    let trigger = trigger.as_str();
    tracing::info!(bot.id = %bot, cause, confidence, trigger, "Diagnosed.");
    for code in &diagnosis.unknown_codes {
        tracing::warn!(bot.id = %bot, code, "A code that is not in our list.");
    }
    let unknown = diagnosis.unknown_codes.len() as u64;
    metrics::counter!("wnr_verdicts_total", "cause" => cause.to_owned(), "trigger" => trigger).increment(1);
    metrics::counter!("wnr_unknown_codes_total").increment(unknown);
}
