//! What each tool answers, to calls that are right and to calls that are wrong.

use std::process::Command;

use reqwest::StatusCode;
use serde_json::{Value, json};
use why_no_recording::clock;
use why_no_recording::diagnosis::catalogue::Catalogue;

use super::{HANDSHAKE, OTHER, Served, TOKEN, text};
use crate::alerts::serving::{HEARING, denied, post};
use crate::alerts::{bot, status};
use crate::slack::{DENIED, NO_HOST, UNKNOWN, World};
use crate::world::recall::{Fault, KEY};

/// What the program prints.
async fn printed(world: &World, arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    command.args(arguments).args(["--format", "json"]).env_clear().current_dir(world.folder.path());
    command.env("RECALL_API_KEY", KEY).env("RECALL_BASE_URL", &world.recall.base_url);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

/// Holds a result against the schema of its tool, which has to describe each field of it.
pub async fn check_schema(served: &Served, tool: &str, found: &Value) {
    let tools = served.ask(HANDSHAKE, "tools/list", json!({})).await;
    let tools = tools["result"]["tools"].as_array().unwrap();
    let schema = &tools.iter().find(|one| one["name"] == tool).unwrap()["outputSchema"];
    if let Err(error) = jsonschema::validate(schema, found) {
        panic!("{tool}: {error}: {found}");
    }
    let known: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    for field in found.as_object().unwrap().keys() {
        assert!(known.contains(&field), "{tool} has the field {field}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_diagnosis_is_the_machine_output_and_the_words_of_the_card() {
    let served = Served::start().await;
    let link = format!("https://us-west-2.recall.ai/dashboard/explorer/bot/{DENIED}");
    for (asked, id) in [(DENIED, DENIED), (&link, DENIED), (NO_HOST, NO_HOST)] {
        let result = served.call("diagnose_bot", json!({ "bot": asked })).await;
        assert_eq!(result["isError"], false);
        let found = &result["structuredContent"];
        assert_eq!(*found, printed(&served.world, &["diagnose", id]).await);
        check_schema(&served, "diagnose_bot", found).await;
        let text = text(&result);
        assert!(text.contains(found["title"].as_str().unwrap()), "{text}");
        assert!(text.contains("⟦Acme"), "{text}");
    }
    served.end().await;
}

#[tokio::test]
async fn the_answer_of_a_person_changes_the_diagnosis() {
    let served = Served::start().await;
    let mut causes = Vec::new();
    for answer in [Value::Null, json!(true), json!(false)] {
        let result = served.call("diagnose_bot", json!({ "bot": NO_HOST, "host_was_present": answer })).await;
        if answer == Value::Null {
            assert!(text(&result).contains("call `diagnose_bot` again"), "{result}");
            causes.push(result["structuredContent"]["question"]["answers"]["yes"].clone());
        }
        causes.push(result["structuredContent"]["cause"].clone());
    }
    assert_eq!(causes[0], causes[2], "yes leads to the cause that the question names");
    assert_ne!(causes[2], causes[3]);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cause_is_explained_by_its_id_or_a_code() {
    let served = Served::start().await;
    let catalogue = Catalogue::embedded().unwrap();
    // A sub code, and a cause that has none.
    for code in ["zoom_local_recording_disabled", "host_not_present"] {
        let expect = catalogue.find(code).unwrap().id.to_string();
        let result = served.call("explain_cause", json!({ "code": code })).await;
        let found = &result["structuredContent"];
        assert_eq!(found["id"], expect);
        assert_eq!(*found, printed(&served.world, &["explain", code]).await);
        check_schema(&served, "explain_cause", found).await;
        assert!(text(&result).starts_with(&format!("## `{expect}`")), "{result}");
    }
    served.end().await;
}

#[tokio::test]
async fn what_failed_lately_is_listed_and_what_was_resolved_is_not() {
    let world = World::new().await;
    world.slack.join("C9");
    let served = Served::start_with(world, &HEARING).await;
    let none = served.call("recent_failures", json!({})).await;
    assert_eq!(none["structuredContent"]["failures"], json!([]));
    assert!(text(&none).starts_with("No bot failed to record in the last 24 hours"), "{none}");
    let address = served.running.address.to_string();
    for number in 1..=3 {
        // The third has ended; the others can still be saved.
        let body = match number {
            3 => status(&bot(3), clock::now(), "fatal", "zoom_invalid_join_token"),
            _ => denied(number),
        };
        let sent = post(&address, &format!("m{number}"), &body).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::NO_CONTENT);
        let told =
            |slack: &crate::world::slack::FakeSlack| (slack.posted("C9").len() == number * 2).then_some(());
        served.world.slack.until("the alert", told).await;
    }
    // The first one records after all.
    let recording = status(&bot(1), clock::now(), "in_call_recording", "");
    assert!(post(&address, "r", &recording).send().await.unwrap().status().is_success());
    let resolved = |slack: &crate::world::slack::FakeSlack| {
        let posted = slack.posted("C9");
        posted
            .iter()
            .any(|one| one.body["text"].as_str().is_some_and(|text| text.contains("Resolved")))
            .then_some(())
    };
    served.world.slack.until("resolved", resolved).await;

    let result = served.call("recent_failures", json!({ "since_hours": 1 })).await;
    let found = &result["structuredContent"];
    check_schema(&served, "recent_failures", found).await;
    let failures = found["failures"].as_array().unwrap();
    let of =
        |number: usize| failures.iter().find(|one| one["bot_id"] == bot(number)).map(|one| &one["state"]);
    assert_eq!([of(1), of(2), of(3)], [None, Some(&json!("warning")), Some(&json!("failed"))], "{found}");
    assert_eq!(failures.len(), 2);
    assert_eq!(failures[0]["bot_id"], bot(3), "the latest first");
    assert_eq!(failures[1]["cause"], "zoom_local_recording_disabled");
    assert_eq!(found["more"], false);
    let text = text(&result);
    assert!(text.starts_with("2 bots in the last hour") && text.contains(&bot(3)), "{text}");

    let one = served.call("recent_failures", json!({ "limit": 1 })).await;
    assert_eq!(one["structuredContent"]["failures"].as_array().unwrap().len(), 1);
    assert_eq!(one["structuredContent"]["more"], true);
    served.end().await;
}

#[tokio::test]
async fn a_call_that_is_wrong_says_how_it_is_right() {
    let served = Served::start().await;
    for (tool, arguments, words) in [
        ("diagnose_bot", json!({}), "I couldn't find a bot ID in `bot`. Give one"),
        ("diagnose_bot", json!({ "bot": "the one from yesterday" }), "Give one bot ID, such as"),
        (
            "diagnose_bot",
            json!({ "bot": format!("{DENIED} {NO_HOST}") }),
            "`bot` has 2 bot IDs. I can diagnose one",
        ),
        ("diagnose_bot", json!({ "bot": 7 }), "`bot` must be a text."),
        (
            "diagnose_bot",
            json!({ "bot": DENIED, "host_was_present": "yes" }),
            "`host_was_present` must be true or false.",
        ),
        ("diagnose_bot", json!({ "id": DENIED }), "no argument `id`. It has `bot` and `host_was_present`."),
        ("diagnose_bot", json!({ "bot": UNKNOWN }), "No bot with this ID"),
        ("explain_cause", json!({}), "`code` must be a cause or a sub code"),
        (
            "explain_cause",
            json!({ "code": "zoom_local_recording_disabledd" }),
            "Did you mean zoom_local_recording_disabled",
        ),
        ("explain_cause", json!({ "code": "⚠️ \u{1b}[31m sing" }), "`⚠️ [31m sing`"),
        ("recent_failures", json!({ "limit": 0 }), "`limit` must be a whole number from 1 to 100."),
        (
            "recent_failures",
            json!({ "since_hours": 169 }),
            "`since_hours` must be a whole number from 1 to 168.",
        ),
        ("recent_failures", json!({ "since_hours": 1.5 }), "`since_hours` must be a whole number"),
        ("recurrence", json!({}), "I couldn't find a bot ID in `bot`."),
        ("recurrence", json!({ "bot": DENIED, "since_hours": 1 }), "It has `bot`."),
        ("recent_failures", json!({ "bot": DENIED }), "It has `since_hours` and `limit`."),
    ] {
        let result = served.call(tool, arguments.clone()).await;
        assert_eq!(result["isError"], true, "{tool} {arguments}");
        assert_eq!(result["structuredContent"], Value::Null);
        assert!(text(&result).contains(words), "{tool} {arguments}: {}", text(&result));
    }
    served.end().await;
}

#[tokio::test]
async fn a_recall_that_fails_is_an_answer_that_says_what_to_do() {
    let served = Served::start().await;
    served.world.recall.fail_always(Fault::Status(401));
    let result = served.call("diagnose_bot", json!({ "bot": DENIED })).await;
    assert_eq!(result["isError"], true);
    assert!(text(&result).contains("recall.api_key"), "{result}");
    served.end().await;
}

#[tokio::test]
async fn each_call_is_in_the_audit_and_changes_nothing_else() {
    let served = Served::start().await;
    let before = served.stored().await;
    let secret = "what-somebody-typed";
    for (token, method, params) in [
        (TOKEN, "tools/call", json!({ "name": "diagnose_bot", "arguments": { "bot": DENIED } })),
        (OTHER, "tools/call", json!({ "name": "diagnose_bot", "arguments": { "bot": UNKNOWN } })),
        (
            OTHER,
            "tools/call",
            json!({ "name": "explain_cause", "arguments": { "code": "zoom_local_recording_disabled" } }),
        ),
        (OTHER, "tools/call", json!({ "name": "explain_cause", "arguments": { "code": secret } })),
        (TOKEN, "tools/call", json!({ "name": "recent_failures" })),
        (TOKEN, "tools/call", json!({ "name": "recurrence", "arguments": { "bot": DENIED } })),
        (TOKEN, "resources/read", json!({ "uri": "why-no-recording://catalogue" })),
        (TOKEN, "prompts/get", json!({ "name": "write_to_the_host", "arguments": { "bot": DENIED } })),
        (TOKEN, "tools/list", json!({})),
    ] {
        let message = served.message(method, &params);
        assert_eq!(served.send(HANDSHAKE, token, &message).await.0, StatusCode::OK);
    }
    let audit = served.audit().await;
    let audit: Vec<&str> = audit.iter().map(|line| line.trim_end()).collect();
    assert_eq!(
        audit,
        [
            format!("mcp triage diagnose_bot {DENIED}"),
            format!("mcp oncall diagnose_bot {UNKNOWN}"),
            "mcp oncall explain_cause zoom_local_recording_disabled".to_owned(),
            // What was typed is left out.
            "mcp oncall explain_cause".to_owned(),
            "mcp triage recent_failures".to_owned(),
            format!("mcp triage recurrence {DENIED}"),
            "mcp triage resource".to_owned(),
            format!("mcp triage write_to_the_host {DENIED}"),
        ]
    );
    assert_eq!(served.stored().await, before);
    let forgotten = served.running.service.store.forget(DENIED).await.unwrap();
    assert!(forgotten.contains(&("entries of the audit", 3)), "{forgotten:?}");
    served.end().await;
}

#[tokio::test]
async fn without_an_audit_entry_there_is_no_answer() {
    let served = Served::start().await;
    served.running.service.store.close().await;
    let result = served.call("diagnose_bot", json!({ "bot": DENIED })).await;
    assert_eq!(result["isError"], true);
    assert!(text(&result).contains("couldn't write the audit entry"), "{result}");
    let asked = served.world.recall.seen().into_iter().filter(|seen| seen.path.contains(DENIED)).count();
    assert_eq!(asked, 0);
    served.end().await;
}
