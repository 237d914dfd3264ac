//! Single values as Recall.ai writes them: times and names.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::diagnosis::case_file::WhyMissing;
use crate::diagnosis::untrusted::printable;

/// Longest name of a bot or person that is kept; Recall.ai itself allows 100.
const NAME_CHARS_MAX: usize = 100;

/// The years 2000 to 2199. Other times are mistakes.
const PLAUSIBLE: Range<Timestamp> =
    Timestamp::constant(946_684_800, 0)..Timestamp::constant(7_258_118_400, 0);

/// A name that may be shown; `None` where nothing of it can be.
pub(super) fn name(raw: &str) -> Option<String> {
    Some(printable(raw, NAME_CHARS_MAX)).filter(|name| !name.is_empty())
}

/// A time, if it is one at which there can have been a meeting. Nothing that is reckoned from it overflows.
pub(super) fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.trim().parse().ok().filter(|at| PLAUSIBLE.contains(at))
}

/// Why a time is not known; `None` where it is.
pub(super) fn unreadable_time(raw: Option<&str>) -> Option<WhyMissing> {
    match raw {
        _ if time(raw).is_some() => None,
        Some(raw) if has_no_zone(raw) => Some(WhyMissing::NoTimeZone),
        _ => Some(WhyMissing::Unreadable),
    }
}

/// Whether this is a time that does not say in which zone.
pub(super) fn has_no_zone(text: &str) -> bool {
    let text = text.trim();
    text.parse::<Timestamp>().is_err() && text.parse::<DateTime>().is_ok()
}
