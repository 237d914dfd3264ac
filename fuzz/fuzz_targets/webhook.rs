//! Any bytes as webhooks of Recall.ai: parsed or kept, and a verdict from whatever was parsed, without a panic.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::recall::event::{BotEvent, WebhookEvent, parse_webhook};
use why_no_recording::recall::{case_file_from_events, read_webhooks};
use why_no_recording::report::compose;
use why_no_recording::watch::AlertConfig;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().expect("it is tested"));

// A line is a webhook, so that a story can be found.
fuzz_target!(|bytes: &[u8]| {
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let log = read_webhooks(bytes).map_err(|error| error.to_string());
    log.iter().flat_map(|log| log.case_files(now)).for_each(|case| {
        let _ = diagnose(&case, &CATALOGUE);
    });
    let parsed = bytes.split(|byte| *byte == b'\n').map(parse_webhook);
    let events: Vec<BotEvent> = parsed
        .filter_map(|parsed| match parsed {
            WebhookEvent::Bot(event) => Some(*event),
            WebhookEvent::Ignored(_) | WebhookEvent::Unknown(_) => None,
        })
        .collect();
    let Some(first) = events.first() else { return };
    let case = case_file_from_events(first.bot, &events, None, now);
    let diagnosis = diagnose(&case, &CATALOGUE);
    let policy = AlertConfig::default().policy;
    let assessed = policy.assess(&diagnosis);
    let _ = policy.next_update(&diagnosis, &assessed, compose(&diagnosis), None);
});
