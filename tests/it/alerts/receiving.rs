//! Webhooks: who is believed, what is understood, and what counts once.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::{Just, ProptestConfig, Strategy, proptest};
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::SecretString;
use serde_json::{Value, json};
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::recall::case_file_from_events;
use why_no_recording::recall::event::{BotEvent, WebhookEvent, parse_webhook};
use why_no_recording::recall::webhook::{NotVerified, WebhookKey, unsigned_id, verify};
use why_no_recording::report::compose;
use why_no_recording::store::Accepted;

use super::{Stage, at, bot, key, signed, status};

/// Recall.ai's own descriptions of all its events, with an example each.
const CATALOGUE_OF_EVENTS: &str = include_str!("../../reference/recall-webhook-examples.json");

fn other_key() -> WebhookKey {
    WebhookKey::of(&SecretString::from("whsec_YW5vdGhlci1zZWNyZXQtdGhhdC1pcy1ub3QtcmVhbA".to_owned()))
        .unwrap()
}

/// Who a request is believed to come from: the first or the second key, or why it is not believed.
fn check(headers: &HeaderMap, body: &[u8], now: Timestamp, expect: Result<&str, NotVerified>) {
    let (old, new) = (key(), other_key());
    let keys = [(&"old", &old), (&"new", &new)];
    let verified = verify(headers, body, &keys, now).map(|(_, whose)| *whose);
    assert_eq!(verified, expect, "{headers:?}");
}

#[test]
fn a_signature_holds_for_its_bytes_its_time_and_its_secret() {
    let (body, now) = (b"{\"event\":\"bot.done\"}".as_slice(), at(0));
    let later = |seconds: i64| now + SignedDuration::from_secs(seconds);
    let good = signed(&key(), "msg_1", body, now);
    check(&good, body, now, Ok("old"));
    check(&signed(&other_key(), "msg_1", body, now), body, now, Ok("new"));
    check(&good, body, later(300), Ok("old"));
    check(&good, body, later(301), Err(NotVerified::Stale));
    check(&good, body, later(-301), Err(NotVerified::Stale));
    check(&good, b"{\"event\":\"bot.fatal\"}", now, Err(NotVerified::Forged));
    check(&HeaderMap::new(), body, now, Err(NotVerified::Unsigned));

    let with = |name: &'static str, value: &str| {
        let mut headers = good.clone();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        headers
    };
    check(&with("webhook-id", "msg_2"), body, now, Err(NotVerified::Forged));
    check(&with("webhook-timestamp", "soon"), body, now, Err(NotVerified::Stale));
    check(&with("webhook-timestamp", "99999999999999999"), body, now, Err(NotVerified::Stale));
    let signature = good["webhook-signature"].to_str().unwrap().to_owned();
    check(&with("webhook-signature", &format!("v1,bm9wZQ== v2,x {signature}")), body, now, Ok("old"));
    check(&with("webhook-signature", &signature[..20]), body, now, Err(NotVerified::Forged));
    check(&with("webhook-signature", &signature.replace("v1,", "v2,")), body, now, Err(NotVerified::Forged));
    check(&with("webhook-signature", "v1,"), body, now, Err(NotVerified::Forged));
    let after = |many: usize| format!("{}{signature}", "v1,bm9wZQ== ".repeat(many));
    check(&with("webhook-signature", &after(9)), body, now, Ok("old"));
    check(&with("webhook-signature", &after(10)), body, now, Err(NotVerified::Forged));
    let mut incomplete = good.clone();
    incomplete.remove("webhook-id");
    check(&incomplete, body, now, Err(NotVerified::Unsigned));
}

#[test]
fn both_families_of_headers_are_read() {
    let (body, now) = (b"{}".as_slice(), at(0));
    let mut older = HeaderMap::new();
    for (name, value) in &signed(&key(), "msg_1", body, now) {
        let name = name.as_str().replace("webhook", "svix");
        older.insert(reqwest::header::HeaderName::try_from(name).unwrap(), value.clone());
    }
    check(&older, body, now, Ok("old"));
    assert_eq!(unsigned_id(&older, body).0, "msg_1");
    assert_eq!(unsigned_id(&HeaderMap::new(), body), unsigned_id(&HeaderMap::new(), body));
}

/// The example of Standard Webhooks' own specification: another implementation made this signature.
#[test]
fn a_signature_of_somebody_elses_making_holds() {
    let key =
        WebhookKey::of(&SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned())).unwrap();
    let sent = Timestamp::from_second(1_614_265_330).unwrap();
    let body = br#"{"test": 2432232314}"#;
    assert_eq!(
        key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", sent, body),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
}

#[tokio::test]
async fn every_event_of_recall_is_taken_and_none_breaks_anything() {
    let stage = Stage::new().await;
    let examples: Vec<Value> = serde_json::from_str(CATALOGUE_OF_EVENTS).unwrap();
    assert!(examples.len() >= 53, "{} events", examples.len());
    for (number, example) in examples.iter().enumerate() {
        let accepted = stage.deliver(&format!("msg_{number}"), example, at(0)).await;
        assert!(accepted.is_ok(), "{example}: {accepted:?}");
        let heard = parse_webhook(example.to_string().as_bytes());
        assert!(!matches!(heard, WebhookEvent::Unknown(_)), "{example}");
        stage.wait_until_idle(at(number.try_into().unwrap())).await;
    }
}

#[tokio::test]
async fn what_nobody_knows_is_kept_and_acknowledged() {
    let stage = Stage::new().await;
    for (number, body) in [
        json!({ "event": "bot.quantum_leap" }),
        json!({ "event": "hologram.done", "data": { "bot": { "id": bot(1) } } }),
        json!({ "something": "else" }),
        json!([1, 2, 3]),
        json!({ "event": "bot.fatal", "data": { "bot": "not an id", "data": { "code": "fatal" } } }),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(stage.deliver(&format!("m{number}"), body, at(0)).await, Ok(Accepted::New), "{body}");
    }
    stage.pass(10).await;
    assert!(stage.board.all().is_empty());
}

#[tokio::test]
async fn the_same_event_counts_once_however_it_comes() {
    let (stage, bot) = (Stage::new().await, bot(1));
    let body = status(&bot, at(0), "fatal", "meeting_not_found");
    assert_eq!(stage.deliver("a", &body, at(1)).await, Ok(Accepted::New));
    for _ in 0..10 {
        assert_eq!(stage.deliver("a", &body, at(2)).await, Ok(Accepted::Duplicate), "the same delivery");
    }
    assert_eq!(stage.deliver("b", &body, at(2)).await, Ok(Accepted::Duplicate), "another delivery of it");
    let older = json!({
        "event": "bot.status_change",
        "data": {
            "bot_id": bot,
            "status": { "code": "fatal", "sub_code": "meeting_not_found", "created_at": at(0).to_string() },
        },
    });
    assert_eq!(stage.deliver("c", &older, at(2)).await, Ok(Accepted::Duplicate), "and in the older envelope");
    stage.pass(10).await;
    assert_eq!(stage.only().edits, 0);
}

/// What webhooks tell of a story: seconds after ten, status code, sub code.
pub fn events(story: &[(i64, &str, &str)]) -> Vec<BotEvent> {
    story
        .iter()
        .map(|(seconds, code, sub_code)| {
            match parse_webhook(status(&bot(1), at(*seconds), code, sub_code).to_string().as_bytes()) {
                WebhookEvent::Bot(event) => *event,
                other => panic!("{other:?}"),
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
    #[test]
    fn any_order_of_the_events_leads_to_the_same_verdict(
        order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle(),
        again in 0_usize..8,
    ) {
        let story = events(&[
            (0, "joining_call", ""),
            (4, "in_waiting_room", ""),
            (60, "in_call_not_recording", ""),
            (70, "recording_permission_denied", "zoom_local_recording_request_denied_by_host"),
            (71, "in_call_not_recording", ""),
            (90, "recording_permission_denied", "zoom_local_recording_disabled"),
            (120, "call_ended", "timeout_exceeded_recording_permission_denied"),
            (125, "done", ""),
        ]);
        let catalogue = Catalogue::embedded().unwrap();
        let verdict = |events: &[BotEvent]| {
            let case = case_file_from_events(bot(1).parse().unwrap(), events, None, at(300));
            compose(&diagnose(&case, &catalogue))
        };
        let mut shuffled: Vec<BotEvent> = order.iter().map(|place| story[*place].clone()).collect();
        shuffled.push(story[again].clone());
        assert_eq!(verdict(&shuffled), verdict(&story));
    }
}
