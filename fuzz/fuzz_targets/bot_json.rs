//! Whatever is read as a bot is diagnosed and told: from bytes to a report, without a panic.
//!
//! What follows a zero byte is the participants download.
#![no_main]

use std::sync::LazyLock;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::recall::case_file_from_json;
use why_no_recording::report::compose;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::embedded().expect("it is tested to load"));
static NOW: LazyLock<Timestamp> = LazyLock::new(|| "2026-11-23T12:00:00Z".parse().expect("it is a time"));

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let (bot, participants) = (parts.next().unwrap_or_default(), parts.next());
    let Ok(mut case) = case_file_from_json(bot, participants, *NOW) else { return };
    for answer in [None, Some(true), Some(false)] {
        case.host_was_present = answer;
        let diagnosis = diagnose(&case, &CATALOGUE);
        assert!(!diagnosis.fixable_now || diagnosis.live);
        let report = compose(&diagnosis);
        assert!(!report.title.is_empty() && !report.steps.is_empty());
    }
});
