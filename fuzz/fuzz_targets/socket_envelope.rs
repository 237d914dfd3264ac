//! Any JSON as what Socket Mode brings: the payload of a command, of a press and of an event.
#![no_main]

use libfuzzer_sys::fuzz_target;
use url::form_urlencoded::Serializer;
use why_no_recording::chat::slack::http::{Endpoint, parse};
use why_no_recording::chat::slack::identity::SlackIdentity;

fuzz_target!(|bytes: &[u8]| {
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let Ok(payload) = serde_json::from_slice::<serde_json::Value>(bytes) else { return };
    let us = SlackIdentity { team: "T1".to_owned(), enterprise: None, app: Some("A1".to_owned()), url: None };
    let form = |fields: Vec<(String, String)>| Serializer::new(String::new()).extend_pairs(fields).finish();
    let fields = payload.as_object().into_iter().flatten();
    let fields = fields.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let _ = parse(Endpoint::Commands, &form(fields.collect()), Some(&us), now);
    let press = form(vec![("payload".to_owned(), payload.to_string())]);
    let _ = parse(Endpoint::Interactions, &press, Some(&us), now);
    let _ = parse(Endpoint::Events, &payload.to_string(), Some(&us), now);
});
