//! Any text as a family of the catalogue: taken or refused, without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use why_no_recording::diagnosis::catalogue::Catalogue;

fuzz_target!(|text: &str| {
    let _ = Catalogue::load(&[("fuzzed", text)]);
});
