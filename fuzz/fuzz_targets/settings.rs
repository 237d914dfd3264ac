//! Any text as a settings file: taken or refused in words, without a panic and without a secret in what is printed.
#![no_main]

use std::path::PathBuf;

use libfuzzer_sys::fuzz_target;
use why_no_recording::settings::environment::Environment;
use why_no_recording::settings::{SettingsFile, Sources, load};

fuzz_target!(|text: &str| {
    let file = Some(SettingsFile { path: PathBuf::from("wnr.toml"), text: text.to_owned() });
    match load(&Sources { file, environment: Environment::default() }) {
        Ok(loaded) => drop(loaded.settings.ready_to_serve().map_err(|problems| problems.to_string())),
        Err(problems) => drop(problems.to_string()),
    }
});
