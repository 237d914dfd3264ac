//! `--participants`: both downloads, and what is taken for them.

use serde_json::json;

use super::{Folder, corpus};

/// A bot that Zoom refused for one of several reasons: whether the host was there decides.
const HOST_DECIDES: &str = "25-no-permission-event-v111-no-recordings";

fn folder() -> Folder {
    Folder::new().with("bot.json", corpus(HOST_DECIDES).to_string())
}

fn event(action: &str, id: u64, is_host: bool, at: &str) -> serde_json::Value {
    json!({
        "id": id,
        "action": action,
        "participant": { "id": id, "name": "Dana", "is_host": is_host, "platform": null, "extra_data": null },
        "timestamp": { "absolute": at, "relative": 1.5 },
        "data": null,
    })
}

#[test]
fn the_events_download_is_used_like_the_participants_download() {
    let people = json!([{ "id": 1, "name": "Dana", "is_host": false }]);
    let events = json!([
        event("join", 1, false, "2026-11-18T15:00:30Z"),
        event("speech_on", 1, false, "2026-11-18T15:01:00Z"),
        event("leave", 1, false, "2026-11-18T15:05:00Z"),
    ]);
    let folder = folder().with("people.json", people.to_string()).with("events.json", events.to_string());
    let diagnosed = |participants: &str| {
        folder.run(&["--file", "bot.json", "--participants", participants, "--format", "json"]).json()
    };
    let by_people = diagnosed("people.json");
    assert!(!by_people["gaps"].to_string().contains("who was in the meeting"), "{by_people}");
    assert_eq!(diagnosed("events.json"), by_people);

    // A list of one bot is that bot.
    let folder = folder.with("bot.json", json!([corpus(HOST_DECIDES)]).to_string());
    let said = folder.run(&["--file", "bot.json", "--participants", "events.json", "--format", "json"]);
    assert_eq!(said.json(), by_people);
}

#[test]
fn times_without_a_zone_are_told() {
    let events = json!([event("leave", 1, true, "2026-11-18T15:05:00")]);
    let folder = folder().with("events.json", events.to_string());
    let said = folder.run(&["--file", "bot.json", "--participants", "events.json"]);
    let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("when some people joined and left, because the times have no time zone"),
        "{words}"
    );
}

#[test]
fn what_is_neither_is_refused_with_what_it_is() {
    let transcript =
        json!([{ "participant": { "id": 1, "name": "Dana" }, "words": [{ "text": "Hello" }] }]).to_string();
    let timeline =
        json!([{ "participant": { "id": 1 }, "start_timestamp": {}, "end_timestamp": {} }]).to_string();
    let links =
        json!({ "id": "x", "status": {}, "data": { "participants_download_url": "https://x" } }).to_string();
    let bot = corpus(HOST_DECIDES).to_string();
    let cases: &[(&str, &[u8], &str)] = &[
        ("transcript", transcript.as_bytes(), "is a transcript"),
        ("timeline", timeline.as_bytes(), "is the list of who spoke when"),
        ("subtitles", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello", "is a transcript"),
        ("links", links.as_bytes(), "Open the link in participants_download_url"),
        ("bot", bot.as_bytes(), "is a bot. Hand it in with --file."),
        ("page", b"<!DOCTYPE html><title>Sign in</title>", "is a web page"),
        ("expired", b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "is a web page"),
        ("nothing", b"", "is empty"),
        ("broken", b"[{\"id\": 1", "ends too early (line 1, column 9)"),
        ("zipped", &[0x1F, 0x8B, 8, 0], "is compressed. Unpack it first."),
        ("error", br#"{"detail": "Not found."}"#, "is an error that Recall.ai answered with"),
    ];
    for (name, bytes, words) in cases {
        let folder = folder().with(name, bytes);
        let said = folder.run(&["--file", "bot.json", "--participants", name]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{name}: {said:?}");
        assert!(said.err.starts_with(&format!("{name}: the file ")) && said.err.contains(words), "{said:?}");
    }
}

#[test]
fn participants_belong_to_one_bot() {
    let list = json!([corpus(HOST_DECIDES), corpus(HOST_DECIDES)]).to_string();
    let folder = folder().with("people.json", "[]").with("list.json", list);
    for files in [&["--file", "bot.json", "bot.json"][..], &["--file", "list.json"]] {
        let said = folder.run(&[files, &["--participants", "people.json"]].concat());
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.contains("--participants is about one bot"), "{said:?}");
    }
}
