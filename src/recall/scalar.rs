//! Single values as Recall.ai writes them: times and names.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::diagnosis::case_file::WhyMissing;
use crate::diagnosis::untrusted::printable;

/// Longest name, in characters, of a bot or person that is kept. Recall.ai itself allows 100.
const NAME_CHARS_MAX: usize = 100;

/// The years 2000 to 2199. Times outside them are mistakes.
const PLAUSIBLE: Range<Timestamp> =
    Timestamp::constant(946_684_800, 0)..Timestamp::constant(7_258_118_400, 0);

/// Returns a name that may be shown; `None` if nothing of it can be shown.
pub(super) fn name(raw: &str) -> Option<String> {
    Some(printable(raw, NAME_CHARS_MAX)).filter(|name| !name.is_empty())
}

/// Parses a time, if a meeting can have been at it. Its range is narrow enough that calculations never
/// overflow.
pub(super) fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.trim().parse().ok().filter(|at| PLAUSIBLE.contains(at))
}

/// Returns why a time is unknown; `None` if it is known.
pub(super) fn unreadable_time(raw: Option<&str>) -> Option<WhyMissing> {
    match raw {
        _ if time(raw).is_some() => None,
        Some(raw) if has_no_zone(raw) => Some(WhyMissing::NoTimeZone),
        _ => Some(WhyMissing::Unreadable),
    }
}

/// Returns `true` if this is a time without a zone.
pub(super) fn has_no_zone(text: &str) -> bool {
    let text = text.trim();
    text.parse::<Timestamp>().is_err() && text.parse::<DateTime>().is_ok()
}
