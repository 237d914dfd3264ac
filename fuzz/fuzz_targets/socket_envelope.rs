//! Any bytes as what Socket Mode brings: read by Slack's library first and then by us, as in the service.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use slack_morphism::prelude::{SlackCommandEvent, SlackInteractionEvent, SlackPushEventCallback};
use url::form_urlencoded::Serializer;
use why_no_recording::chat::slack::http::{Endpoint, parse};

/// What the library reads, as it writes it again.
fn again<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Option<serde_json::Value> {
    serde_json::to_value(serde_json::from_slice::<T>(bytes).ok()?).ok()
}

fuzz_target!(|bytes: &[u8]| {
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let form = |fields: Vec<(String, String)>| Serializer::new(String::new()).extend_pairs(fields).finish();
    if let Some(serde_json::Value::Object(command)) = again::<SlackCommandEvent>(bytes) {
        let fields = command.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
        let _ = parse(Endpoint::Commands, &form(fields.collect()), now);
    }
    if let Some(interaction) = again::<SlackInteractionEvent>(bytes) {
        let body = form(vec![("payload".to_owned(), interaction.to_string())]);
        let _ = parse(Endpoint::Interactions, &body, now);
    }
    if let Some(push) = again::<SlackPushEventCallback>(bytes) {
        let _ = parse(Endpoint::Events, &push.to_string(), now);
    }
});
