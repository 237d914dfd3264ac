//! The real binary, as a person runs it.

#[cfg(unix)]
mod spinner;

use std::process::{Command, Output};

use serde_json::{Value, json};
use why_no_recording::chat::console::render;
use why_no_recording::report::Explanation;

use crate::slack::rendering::CATALOGUE;
use crate::world::recall::{FakeRecall, KEY};

const ID: &str = "5215cf1e-bc6e-54c0-983d-7d8b2052615d";
const OTHER: &str = "3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417";

/// Runs the binary against a Recall.ai that has one refused bot.
async fn run(arguments: &[&str], key: &str) -> Output {
    let recall = FakeRecall::start().await;
    recall.add_bot(json!({
        "id": ID,
        "bot_name": "Acme \u{1b}[31mNotetaker",
        "meeting_url": { "meeting_id": "84731728293", "meeting_password": "a1B2c3", "platform": "zoom" },
        "status_changes": [
            { "code": "in_call_not_recording", "created_at": "2026-11-18T15:00:12Z" },
            { "code": "recording_permission_denied", "sub_code": "zoom_local_recording_disabled", "created_at": "2026-11-18T15:00:15Z" },
            { "code": "done", "created_at": "2026-11-18T15:00:52Z" },
        ],
    }));
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    command.args(arguments).env_clear().env("RECALL_API_KEY", key).env("RECALL_BASE_URL", &recall.base_url);
    command.current_dir(std::env::temp_dir());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_is_diagnosed_by_its_id_or_by_a_link_to_it() {
    let link = format!("https://us-west-2.recall.ai/dashboard/explorer/bot/{ID}");
    for bot in [ID, &link] {
        let output = run(&["diagnose", bot, "--format", "json"], KEY).await;
        assert!(output.status.success(), "{output:?}");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer["version"], 1);
        assert_eq!(answer["cause"], "zoom_local_recording_disabled");
        assert_eq!(answer["bot_id"], ID);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_passcodes_nor_terminal_escapes_are_passed_on() {
    for format in ["text", "markdown", "json"] {
        let output = run(&["diagnose", ID, "--format", format], KEY).await;
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("Notetaker"), "{text}");
        assert!(
            !text.contains("a1B2c3") && !text.contains("84731728293") && !text.contains('\u{1b}'),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_went_wrong_has_its_exit_code_and_says_what_to_do() {
    let cases = [
        (OTHER, KEY, 1, "No bot with this ID"),
        (ID, "another-key", 1, "rejected the API key"),
        ("nonsense", KEY, 2, "A bot ID is a UUID"),
    ];
    for (bot, key, code, words) in cases {
        let output = run(&["diagnose", bot], key).await;
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert!(told.contains(words), "{told}");
        assert!(output.stdout.is_empty());
    }
}

/// Of any entry of the catalogue: a text with a slot in it would be sent to a host as it is.
#[test]
fn what_is_explained_has_no_slots_left_in_it() {
    for cause in CATALOGUE.causes() {
        let text = render::explanation(&Explanation::of(cause), 100);
        assert!(!text.contains(['{', '}']), "{}: {text}", cause.id);
    }
    let output = Command::new(env!("CARGO_BIN_EXE_why-no-recording"))
        .args(["explain", "zoom_local_recording_disabledd"])
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("no cause or sub code `zoom_local_recording_disabledd`. Did you mean"), "{said}");
}

#[test]
fn the_demo_without_a_terminal_is_a_tour() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    command.arg("demo").env_clear().current_dir(std::env::temp_dir()).stdin(std::process::Stdio::null());
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let told = [
        "turned off in the host's Zoom settings",
        "[1] Yes, they were there",
        "(edited)",
        "Alternative hosts",
        "This bot recorded the meeting",
        "🟡 Act now, leaves at ",
        "🟢 Resolved: the bot is recording now",
        "🔴 3 bots: ",
        "🔴 12 bots: Something failed on Zoom's side",
    ];
    let mut rest = said.as_str();
    for words in told {
        rest = rest
            .split_once(words)
            .unwrap_or_else(|| panic!("no {words:?} after the words before it in:\n{said}"))
            .1;
    }
}
