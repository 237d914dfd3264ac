//! Limits of what is kept of foreign words, and of how lengths are said.

use jiff::SignedDuration;
use serde_json::json;
use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::report::format_duration;

use super::{HOUR, bot, case_file, check, with};

#[test]
fn of_codes_and_names_a_hundred_characters_are_kept() {
    let kept = |case: &dyn Fn(String) -> CaseFile, of: &dyn Fn(&CaseFile) -> &str| {
        check(100, ["99 whole", "100 whole", "101 cut"], |chars| {
            let case = case("q".repeat(usize::try_from(chars).unwrap()));
            let word = of(&case);
            format!("{} {}", word.chars().count(), if word.ends_with('…') { "cut" } else { "whole" })
        });
    };
    kept(&|code| case_file(&bot("zoom", &format!("0 {code}")), 0), &|case| {
        case.status_changes[0].code.as_str()
    });
    kept(&|code| case_file(&bot("zoom", &format!("0 fatal {code}")), 0), &|case| {
        case.status_changes[0].sub_code.as_ref().unwrap().as_str()
    });
    kept(&|name| case_file(&with(bot("zoom", ""), "bot_name", json!(name)), 0), &|case| {
        case.bot_name.as_deref().unwrap()
    });
}

#[test]
fn lengths_change_their_unit() {
    let said = |secs| format_duration(SignedDuration::from_secs(secs));
    check(0, ["less than a second", "less than a second", "1 second"], said);
    check(120, ["119 seconds", "2 minutes", "2 minutes"], said);
    check(HOUR, ["59 minutes", "1 hour", "1 hour"], said);
    check(HOUR + 60, ["1 hour", "1 hour 1 minute", "1 hour 1 minute"], said);
    check(48 * HOUR, ["47 hours 59 minutes", "2 days", "2 days"], said);
    check(49 * HOUR, ["2 days", "2 days 1 hour", "2 days 1 hour"], said);
}
