//! Any bytes as an interaction of Discord, signed with the right key: read or refused in words, without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use why_no_recording::chat::discord::http::parse;

fuzz_target!(|bytes: &[u8]| {
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let _ = parse(bytes, now);
});
