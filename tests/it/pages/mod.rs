//! The pages for hosts: their texts, how they are served, linked and exported, and what a browser makes of them.

mod browser;
mod exported;
mod linked;
mod messages;
mod previews;
mod served;
mod texts;

use std::sync::LazyLock;

use why_no_recording::pages::{Language, Links, Pages};

/// The causes that hosts meet most, which every language has.
const COMMONEST: [&str; 10] = [
    "zoom_local_recording_disabled",
    "zoom_local_recording_request_disabled",
    "zoom_local_recording_request_denied_by_host",
    "no_recognised_host",
    "host_not_present",
    "host_signed_into_other_account",
    "timeout_exceeded_waiting_room",
    "bot_kicked_from_waiting_room",
    "moved_back_to_waiting_room",
    "meeting_not_started",
];

static PAGES: LazyLock<&Pages> = LazyLock::new(|| Pages::shared().unwrap());

/// Every page in every language that it has: its cause, its language and its HTML.
fn every_page() -> Vec<(String, Language, String)> {
    let mut all = Vec::new();
    for cause in PAGES.causes() {
        let id = cause.id.as_str();
        for language in PAGES.languages(id) {
            all.push((id.to_owned(), language, PAGES.page(id, language, Links::Files).unwrap().1));
        }
    }
    all
}

#[test]
fn the_message_for_the_host_can_be_had_in_each_language() {
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
        command.arg("explain").args(arguments).env_clear().output().unwrap()
    };
    for (language, text) in [
        ("de", "wählen Sie bitte \"Aufzeichnung zulassen\", sobald Zoom fragt."),
        ("pt", "selecione \"Permitir gravação\" quando o Zoom perguntar."),
        ("en", "please allow it when Zoom asks."),
    ] {
        let output =
            run(&["zoom_local_recording_request_denied_by_host", "--lang", language, "--format", "markdown"]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(text), "{said}");
    }
    let output = run(&["host_not_present", "--lang", "fr", "--format", "markdown"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("\"Options\" (Options) > \"Alternative Hosts\" (Hôtes alternatifs)"), "{said}");
    for (arguments, words) in [
        (["meeting_full", "--lang", "de"].as_slice(), "isn't translated into de. It is in English only."),
        (&["host_not_present", "--lang", "tlh"], "one of en, de, fr, es, pt-BR, ja"),
        (&["host_not_present", "--lang", "de", "--format", "json"], "JSON is in English."),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(words), "{said}");
    }
}
