//! `--webhooks`: what a log or a queue has of Recall.ai's webhooks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{DENIED, Folder, LOBBY, RECORDED, Said, id, webhook};

fn denied() -> Vec<Value> {
    let bot = id(DENIED);
    vec![
        webhook(&bot, "joining_call", None, "2026-11-18T15:00:00Z"),
        webhook(&bot, "in_call_not_recording", None, "2026-11-18T15:00:12Z"),
        webhook(
            &bot,
            "recording_permission_denied",
            Some("zoom_local_recording_disabled"),
            "2026-11-18T15:00:15Z",
        ),
        webhook(
            &bot,
            "call_ended",
            Some("timeout_exceeded_recording_permission_denied"),
            "2026-11-18T15:00:46Z",
        ),
        webhook(&bot, "done", None, "2026-11-18T15:00:52Z"),
    ]
}

fn lines(webhooks: &[Value]) -> String {
    webhooks.iter().map(|webhook| format!("{webhook}\n")).collect()
}

fn run(bytes: impl AsRef<[u8]>) -> Said {
    Folder::new().with("log", bytes).run(&["--webhooks", "log", "--format", "json"])
}

#[test]
fn webhooks_are_read_in_whatever_a_log_has_them() {
    let bodies = denied();
    let each = |wrap: fn(&Value) -> Value| lines(&bodies.iter().map(wrap).collect::<Vec<_>>());
    let mut backwards = bodies.clone();
    backwards.reverse();
    backwards.extend(bodies.clone());
    let logs = [
        lines(&bodies),
        lines(&bodies).replace('\n', "\r\n\r\n"),
        lines(&backwards),
        json!(bodies).to_string(),
        bodies.iter().map(|body| serde_json::to_string_pretty(body).unwrap()).collect(),
        each(|body| json!({ "headers": { "webhook-id": "msg_1" }, "body": body })),
        each(|body| json!({ "headers": {}, "body": body.to_string() })),
        each(|body| json!({ "body": STANDARD.encode(body.to_string()), "isBase64Encoded": true })),
        each(|body| json!({ "payload": body })),
        each(|body| json!({ "level": "info", "event": "webhook received", "payload": body.to_string() })),
        each(|body| json!({ "timestamp": 7, "message": format!("POST /webhooks/recall {body}") })),
        each(|body| json!({ "request": { "headers": {}, "body": { "data": body } } })),
        json!({ "webhooks": bodies }).to_string(),
        json!({ "Records": bodies.iter().map(|body| json!({ "body": body.to_string() })).collect::<Vec<_>>() }).to_string(),
        json!({ "data": bodies.iter().map(|body| json!({ "payload": body })).collect::<Vec<_>>(), "done": true }).to_string(),
        bodies.iter().map(|body| format!("2026-11-18T15:00:00Z INFO received {body}\n")).collect(),
    ];
    let expect = run(&logs[0]).json();
    assert_eq!(expect["cause"], "zoom_local_recording_disabled");
    assert_eq!(expect["bot_id"], id(DENIED));
    assert!(!expect["gaps"].to_string().contains("only a part"), "{expect}");
    for log in &logs {
        let said = run(log);
        assert_eq!(said.json(), expect, "{log:.120}");
        assert!(!said.err.contains("can't be read"), "{said:?}");
    }
}

#[test]
fn webhooks_of_several_bots_are_a_row_for_each() {
    let mut bodies = denied();
    bodies.push(webhook(
        &id(LOBBY),
        "call_ended",
        Some("timeout_exceeded_waiting_room"),
        "2026-11-18T15:20:00Z",
    ));
    bodies.push(json!({
        "event": "bot.status_change",
        "data": {
            "bot_id": id(RECORDED),
            "status": { "code": "fatal", "sub_code": "zoom_sdk_credentials_missing", "created_at": "2026-11-18T15:00:00Z" },
        },
    }));
    bodies.push(json!({ "event": "transcript.data", "data": { "data": { "words": [] }, "bot": { "id": id(LOBBY) } } }));
    let log = format!("{}not a webhook\n{{\"broken\n{{\"a\": 1}}\n", lines(&bodies));
    let said = Folder::new().with("log", &log).run(&["--webhooks", "log"]);
    assert_eq!(said.code, 0, "{said:?}");
    let expect =
        "log: 7 webhooks about 3 bots. 1 webhook says nothing about a recording. 3 lines can't be read.\n";
    assert_eq!(said.err, expect);
    assert_eq!(said.out.lines().count(), 4, "{said:?}");

    let answers = run(&log).json();
    let part = |name: &str| {
        let answer = answers.as_array().unwrap().iter().find(|one| one["bot_id"] == id(name)).unwrap();
        (
            answer["cause"].as_str().unwrap().to_owned(),
            answer["gaps"].to_string().contains("only one webhook"),
        )
    };
    assert_eq!(part(DENIED), ("zoom_local_recording_disabled".to_owned(), false));
    assert_eq!(part(LOBBY), ("timeout_exceeded_waiting_room".to_owned(), true));
    assert_eq!(part(RECORDED), ("zoom_sdk_credentials_missing".to_owned(), true));
}

#[test]
fn a_log_in_several_files_is_one_log() {
    let bodies = denied();
    let folder = Folder::new()
        .with("new.log", lines(&bodies[2..]))
        .with("old.log", lines(&bodies[..2]))
        .with("no.log", "nothing");
    let answer = folder.run(&["--webhooks", "new.log", "old.log", "--format", "json"]).json();
    assert_eq!(answer, run(lines(&bodies)).json());
    let said = folder.run(&["--webhooks", "new.log", "no.log"]);
    assert_eq!((said.code, said.out.lines().count()), (1, 3), "{said:?}");
}

#[test]
fn webhooks_that_begin_late_are_a_part_of_the_history() {
    let answer = run(lines(&denied()[2..])).json();
    assert_eq!(answer["cause"], "zoom_local_recording_disabled");
    assert!(answer["gaps"].to_string().contains("they start after its first status"), "{answer}");
}

#[test]
fn what_holds_no_webhook_is_said_to_be_what_it_is() {
    let aside = json!({ "event": "calendar.update", "data": {} }).to_string();
    let cases: &[(&[u8], &str)] = &[
        (b"", "the file is empty."),
        (b"{\"status_changes\": []}", "is a bot. Hand it in with --file instead of --webhooks."),
        (b"[]", "is a list without entries."),
        (b"just\nwords\n", "no line of the file is a webhook of Recall.ai."),
        (b"{\"a\": 1}\n{\"a\": 2}\n", "no line of the file is a webhook of Recall.ai."),
        (aside.as_bytes(), "none of them says anything about a recording."),
        (&[0x1F, 0x8B, 8, 0], "is compressed. Unpack it first."),
        (&[b'\n'; 8 * 1024 * 1024 + 1], "is larger than 8 MiB. Keep the lines of the bots"),
    ];
    for (bytes, words) in cases {
        let said = run(bytes);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{words}: {said:?}");
        assert!(said.err.starts_with("log: ") && said.err.contains(words), "{words}: {said:?}");
    }
}
