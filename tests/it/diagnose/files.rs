//! `--file`: bots in whatever people have them in, and what is no bot.

use serde_json::{Value, json};

use super::{DENIED, Folder, LOBBY, RECORDED, corpus, id, webhook};

/// Diagnoses a file as JSON.
#[track_caller]
fn diagnosed(bytes: impl AsRef<[u8]>) -> Value {
    Folder::new().with("file", bytes).run(&["--file", "file", "--format", "json"]).json()
}

#[test]
fn a_bot_that_a_tool_has_wrapped_is_that_bot() {
    let bot = corpus(DENIED);
    let expect = diagnosed(bot.to_string());
    assert_eq!(expect["cause"], "zoom_local_recording_disabled");
    let wrapped = [
        json!({ "data": bot }),
        json!({ "bot": bot }),
        json!({ "status": 200, "headers": {}, "data": bot }),
        json!({ "count": 1, "next": null, "previous": null, "results": [bot] }),
        json!([bot]),
    ];
    for file in wrapped {
        assert_eq!(diagnosed(file.to_string()), expect, "{file:.60}");
    }
}

#[test]
fn each_bot_of_a_list_is_diagnosed() {
    let bots = [corpus(DENIED), corpus(RECORDED), corpus(LOBBY)];
    let lists = [
        json!(bots).to_string(),
        json!({ "next": null, "previous": null, "results": bots }).to_string(),
        json!({ "bots": bots }).to_string(),
        bots.iter().map(|bot| format!("{bot}\n")).collect(),
    ];
    for list in lists {
        let answers = diagnosed(&list);
        let causes: Vec<&Value> = answers.as_array().unwrap().iter().map(|one| &one["cause"]).collect();
        assert_eq!(causes, ["zoom_local_recording_disabled", "recorded", "timeout_exceeded_waiting_room"]);
    }
}

#[test]
fn what_is_left_out_of_a_list_is_told() {
    let page = json!({ "next": "https://us-east-1.recall.ai/x", "results": [corpus(DENIED), 7, { "detail": "Not found." }, corpus(LOBBY)] });
    let said = Folder::new().with("page.json", page.to_string()).run(&["--file", "page.json"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("page.json: 2 entries of the list aren't bots, and left out."), "{said:?}");
    assert!(said.err.contains("Save its next page"), "{said:?}");
    assert_eq!(said.out.lines().count(), 3, "{said:?}");
}

#[test]
fn a_list_that_is_too_long_says_how_many_are_left_out() {
    let bots = vec![json!({ "id": id(DENIED), "status_changes": [] }); 502];
    let said = Folder::new().with("bots", json!(bots).to_string()).run(&["--file", "bots"]);
    assert!(said.err.contains("bots: 2 bots were left out, because the list is too long."), "{said:?}");
    assert_eq!(said.out.lines().count(), 501);
}

#[test]
fn one_webhook_is_diagnosed_as_far_as_it_tells() {
    let body = webhook(&id(DENIED), "fatal", Some("zoom_sdk_credentials_missing"), "2026-11-18T15:00:00Z");
    let logged = json!({ "headers": { "webhook-id": "msg_1" }, "body": body.to_string() });
    for file in [body.clone(), logged] {
        let answer = diagnosed(file.to_string());
        assert_eq!(answer["bot_id"], id(DENIED));
        assert_eq!(answer["cause"], "zoom_sdk_credentials_missing");
        assert!(answer["gaps"].to_string().contains("I have only one webhook about it"), "{answer}");
    }
}

#[test]
fn what_is_no_bot_is_said_to_be_what_it_is() {
    let aside =
        json!({ "event": "participant_events.join", "data": { "bot": { "id": id(DENIED) } } }).to_string();
    let two = format!("{0}\n{0}", webhook(&id(DENIED), "done", None, "2026-11-18T15:00:00Z"));
    let event = json!({ "id": "e", "calendar_id": "c", "meeting_url": "https://x", "bots": [] }).to_string();
    let outlook = json!({ "value": 1, "iCalUId": "x", "subject": "Weekly" }).to_string();
    let recording = json!({ "id": "r", "started_at": null, "media_shortcuts": {} }).to_string();
    let transcript = json!([{ "speaker": "Dana", "words": [] }]).to_string();
    let mut video = b"\0\0\0\x20".to_vec();
    video.extend(b"ftypisom");
    let cases: &[(&[u8], &str)] = &[
        (b"", "the file is empty."),
        (b"<!DOCTYPE html>", "is a web page and not JSON. It should hold the answer of Retrieve Bot"),
        (&[0x1F, 0x8B, 8, 0], "is compressed. Unpack it first."),
        (b"PK\x03\x04", "is compressed."),
        (b"%PDF-1.7", "is a PDF."),
        (&video, "is a video or a sound."),
        (&[0xFF, 0xFE, b'{', 0], "is in UTF-16, as PowerShell's `>` writes it. Save it as UTF-8."),
        (b"BEGIN:VCALENDAR", "is an event of a calendar."),
        (b"1\n00:00:01,000 --> 00:00:02,000\nHello", "is a transcript."),
        (transcript.as_bytes(), "is a transcript."),
        (event.as_bytes(), "The ids of its bots are in its member `bots`."),
        (outlook.as_bytes(), "is an event of a calendar."),
        (recording.as_bytes(), "is a recording and not a bot."),
        (aside.as_bytes(), "is a webhook. It tells nothing about a recording."),
        (two.as_bytes(), "holds several webhooks. Hand it in with --webhooks instead of --file."),
        (br#"[{"id": 1, "is_host": true}]"#, "Hand it in with --participants"),
        (br#"[{"action": "join", "participant": {}}]"#, "Hand it in with --participants"),
        (b"[]", "is a list without entries."),
        (br#"{"detail": "Not found."}"#, "Check the id, the region and the key"),
        (b"{\"why\": 1}", "is not a bot"),
        (b"\x1b[31mred", "is not JSON (line 1, column 1)"),
        (b"\n\n {\"id\": 1,,}", "is not JSON (line 3, column 11)"),
        (b"\"red\"", "not an object"),
        (&[b' '; 8 * 1024 * 1024 + 1], "is larger than 8 MiB."),
    ];
    for (bytes, words) in cases {
        let said = Folder::new().with("file", bytes).run(&["--file", "file"]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{words}: {said:?}");
        assert!(said.err.starts_with("file: the file ") && said.err.contains(words), "{words}: {said:?}");
        assert!(!said.err.contains('\u{1b}'));
    }
}

#[test]
fn a_file_that_is_not_there_is_told_with_its_name() {
    let said = Folder::new().run(&["--file", "missing.json"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.starts_with("missing.json: can't be read: No such file"), "{said:?}");
}

#[test]
fn standard_input_is_read_once() {
    let folder = Folder::new();
    let bot = corpus(DENIED).to_string();
    let answer = folder.run_with_input(&["--file", "-", "--format", "json"], bot.as_bytes()).json();
    assert_eq!(answer["bot_id"], id(DENIED));
    let said = folder.run_with_input(&["--file", "-"], b"[");
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with("standard input: the file ends too early"), "{said:?}");
    let said = folder.run(&["--file", "-", "--webhooks", "-"]);
    assert_eq!(said.code, 2, "{said:?}");
}
