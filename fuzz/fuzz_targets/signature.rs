//! Any headers above a webhook: none of them passes without the secret, and none is a panic.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use why_no_recording::recall::webhook::{WebhookKey, verify};

static KEY: LazyLock<WebhookKey> =
    LazyLock::new(|| WebhookKey::of(&SecretString::from("whsec_ZXhhbXBsZS1vbmx5".to_owned())).expect("a secret"));

// A line is a header.
fuzz_target!(|bytes: &[u8]| {
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature", "svix-id", "svix-timestamp", "svix-signature"];
    let values = bytes.split(|byte| *byte == b'\n').map(HeaderValue::from_bytes);
    let headers: HeaderMap = names
        .iter()
        .zip(values)
        .filter_map(|(name, value)| Some((name.parse().ok()?, value.ok()?)))
        .collect();
    assert!(verify(&headers, b"{}", &[(&(), &*KEY)], now).is_err(), "nobody guesses a signature");
});
