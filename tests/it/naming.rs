//! Who was in the call, as far as `privacy.participant_names` lets people be named.

use std::process::Command;

use serde_json::{Value, json};

use crate::slack::{DENIED, World, shown};

const PEOPLE: [(&str, Option<bool>, &str); 3] =
    [("Dana <@U1> Reyes", Some(false), "a"), ("alex", Some(false), ""), ("", Some(false), "c")];

fn people() -> Value {
    PEOPLE
        .iter()
        .enumerate()
        .map(|(id, (name, is_host, user))| {
            let name = Some(*name).filter(|name| !name.is_empty());
            json!({ "id": id, "name": name, "is_host": is_host, "extra_data": { "zoom": { "conf_user_id": user } } })
        })
        .collect()
}

/// The notes of a diagnosis from files, with this setting.
fn notes(last: &str, names: &str) -> String {
    let folder = tempfile::TempDir::new().unwrap();
    let bot = json!({
        "id": DENIED, "meeting_url": { "platform": "zoom" },
        "status_changes": [
            { "code": "in_call_not_recording", "created_at": "2026-11-18T15:00:00Z" },
            { "code": last, "created_at": "2026-11-18T15:00:03Z" },
            { "code": "call_ended", "sub_code": "call_ended_by_host", "created_at": "2026-11-18T16:00:00Z" },
            { "code": "done", "created_at": "2026-11-18T16:00:05Z" },
        ],
    });
    std::fs::write(folder.path().join("bot.json"), bot.to_string()).unwrap();
    std::fs::write(folder.path().join("people.json"), people().to_string()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    command
        .args(["diagnose", "--file", "bot.json", "--participants", "people.json", "--format", "json"])
        .env_clear()
        .env("PRIVACY_PARTICIPANT_NAMES", names)
        .current_dir(&folder);
    let answer: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    answer["notes"].to_string()
}

#[test]
fn people_are_named_as_the_setting_says_and_only_where_something_is_missing() {
    let none = "In the call, none of them as the host: ";
    for (last, names, expect) in [
        ("in_waiting_room", "off", None),
        ("in_waiting_room", "initials", Some("D. U. R., A. (not signed in), and one more.")),
        ("in_waiting_room", "full", Some("Dana <@U1> Reyes, alex (not signed in), and one more.")),
        ("in_call_recording", "full", None),
    ] {
        let notes = notes(last, names);
        match expect {
            Some(expect) => assert!(notes.contains(&format!("{none}{expect}")), "{names}: {notes}"),
            None => assert!(!notes.contains("In the call"), "{names}: {notes}"),
        }
    }
}

#[tokio::test]
async fn in_slack_a_name_is_text_and_pings_nobody() {
    let world = World::new().await;
    world.recall.add_bot(json!({
        "id": DENIED, "meeting_url": { "platform": "zoom" },
        "status_changes": [
            { "code": "in_call_not_recording", "created_at": "2026-11-18T15:00:00Z" },
            { "code": "call_ended", "sub_code": "call_ended_by_host", "created_at": "2026-11-18T16:00:00Z" },
        ],
        "meeting_participants": people(),
    }));
    let running =
        why_no_recording::app::start(&world.settings(&[("PRIVACY_PARTICIPANT_NAMES", "full")])).await;
    let chat = crate::slack::Talking { world, running: running.unwrap() };
    chat.ask(DENIED).await;
    let details = &chat.posted(2).await[1];
    let shown = shown(&details.body);
    assert!(shown.contains("Dana &lt;@U1&gt; Reyes, alex"), "{shown}");
    chat.end().await;
}
