//! A verdict, as it is logged and counted.

use std::fmt::Display;

use crate::diagnosis::Diagnosis;

/// Tells of the verdict about a bot: one line of the log, one step of its cause's counter, and every code that the catalogue
/// does not know.
pub fn verdict(bot: impl Display, diagnosis: &Diagnosis<'_>, asked: bool) {
    let (cause, confidence) = (diagnosis.cause.id.as_str(), diagnosis.confidence.as_str());
    tracing::info!(bot.id = %bot, cause, confidence, asked, "Diagnosed.");
    for code in &diagnosis.unknown_codes {
        tracing::warn!(bot.id = %bot, code, "A code that is not in our list.");
    }
    let (unknown, asked) = (diagnosis.unknown_codes.len() as u64, if asked { "yes" } else { "no" });
    metrics::counter!("wnr_verdicts_total", "cause" => cause.to_owned(), "asked" => asked).increment(1);
    metrics::counter!("wnr_unknown_codes_total").increment(unknown);
}
