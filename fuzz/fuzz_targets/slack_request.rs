//! Any bytes as requests of Slack, signed with the right secret: read or left alone, without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use why_no_recording::chat::question::Question;
use why_no_recording::chat::slack::http::{Endpoint, parse};

fuzz_target!(|text: &str| {
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    for endpoint in [Endpoint::Commands, Endpoint::Interactions, Endpoint::Events] {
        let _ = parse(endpoint, text, None, now);
    }
    let _ = Question::parse_command(text);
});
