//! Any headers above any body, on each platform: none passes without the secret, and none is a panic. The first line says
//! whose request it is, each of the following ones is a header, and what stands behind an empty line is the body.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use why_no_recording::chat::discord::http::DiscordRequests;
use why_no_recording::chat::slack::http::{Endpoint, SlackRequests};
use why_no_recording::recall::webhook::{WebhookKey, verify};

static KEY: LazyLock<WebhookKey> =
    LazyLock::new(|| WebhookKey::of(&SecretString::from("whsec_ZXhhbXBsZS1vbmx5".to_owned())).expect("a secret"));
static SLACK: LazyLock<SlackRequests> =
    LazyLock::new(|| SlackRequests::new(&SecretString::from("example-only".to_owned()), Default::default()));
// The point of the curve that everybody knows, and nobody's key.
static DISCORD: LazyLock<DiscordRequests> = LazyLock::new(|| {
    DiscordRequests::new("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a").expect("a key")
});

fuzz_target!(|bytes: &[u8]| {
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let end = bytes.windows(2).position(|two| two == b"\n\n");
    let (head, body) = end.map_or((bytes, &b"{}"[..]), |end| (&bytes[..end], &bytes[end + 2..]));
    let mut lines = head.split(|byte| *byte == b'\n');
    let whose = lines.next().unwrap_or_default();
    let text = |line: Option<&[u8]>| String::from_utf8_lossy(line.unwrap_or_default()).into_owned();
    match whose {
        b"slack" => {
            let (signature, timestamp) = (text(lines.next()), text(lines.next()));
            for endpoint in [Endpoint::Commands, Endpoint::Interactions, Endpoint::Events] {
                let read = SLACK.read(endpoint, &signature, &timestamp, body, now);
                assert!(read.is_err(), "nobody guesses a signature");
            }
        }
        b"discord" => {
            let (signature, timestamp) = (text(lines.next()), text(lines.next()));
            assert!(DISCORD.read(&signature, &timestamp, body, now).is_err(), "nobody guesses a signature");
        }
        _ => {
            let names =
                ["webhook-id", "webhook-timestamp", "webhook-signature", "svix-id", "svix-timestamp", "svix-signature"];
            let headers: HeaderMap = names
                .iter()
                .zip(lines.map(HeaderValue::from_bytes))
                .filter_map(|(name, value)| Some((name.parse().ok()?, value.ok()?)))
                .collect();
            assert!(verify(&headers, body, &[(&(), &*KEY)], now).is_err(), "nobody guesses a signature");
        }
    }
});
