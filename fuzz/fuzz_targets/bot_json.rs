//! Any bytes as a bot or several, with the download of its participants behind a line that is empty: read, diagnosed, told and rendered for every chat, without a panic.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use why_no_recording::chat::Message;
use why_no_recording::chat::{console, slack};
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::recall::{bots_from_json, check_participants};
use why_no_recording::report::compose;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::embedded().expect("the tests hold it to load"));

fuzz_target!(|bytes: &[u8]| {
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let end = bytes.windows(2).position(|two| two == b"\n\n");
    let (bot, participants) = end.map_or((bytes, None), |end| (&bytes[..end], Some(&bytes[end + 2..])));
    let _ = participants.map(|file| check_participants(file).map_err(|error| error.to_string()));
    let Ok(file) = bots_from_json(bot, participants, now).map_err(|error| error.to_string()) else { return };
    for case in file.cases {
        let report = compose(&diagnose(&case, &CATALOGUE));
        let _ = console::render::report(&report, 80, "");
        let _ = slack::render::render(&Message::Details { report: Box::new(report), note: None });
    }
});
