//! Whatever is written into a file of the catalogue is refused in words, and never with a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use why_no_recording::diagnosis::catalogue::Catalogue;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(error) = Catalogue::load(&[("fuzzed", text)]) {
        assert!(!error.to_string().is_empty());
    }
});
