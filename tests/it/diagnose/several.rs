//! Several bots: a table, an array, and the exit code.

use serde_json::{Value, json};

use super::{DENIED, Folder, LOBBY, RECORDED, Said, corpus, id};
use crate::world::recall::{FakeRecall, KEY};

fn folder() -> Folder {
    let named = |name: &str| corpus(name).to_string();
    Folder::new()
        .with("denied.json", named(DENIED))
        .with("recorded.json", named(RECORDED))
        .with("lobby.json", named(LOBBY))
        .with("broken.json", "{")
}

/// Every way to name two files.
const TWO_FILES: &[&[&str]] = &[
    &["--file", "denied.json", "--file", "recorded.json"],
    &["--file", "denied.json", "recorded.json"],
    &["denied.json", "recorded.json"],
];

#[test]
fn several_files_are_a_table_with_who_acts_on_what() {
    for files in TWO_FILES {
        let said = folder().run(files);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
        let lines: Vec<Vec<&str>> = said.out.lines().map(|line| line.split("  ").collect()).collect();
        let cells = |line: usize| -> Vec<&str> {
            lines[line].iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect()
        };
        assert_eq!(cells(0), ["BOT", "OUTCOME", "WHO ACTS", "CAUSE"]);
        let title = "Recording to a computer is turned off in the host's Zoom settings";
        assert_eq!(cells(1), [&id(DENIED), "Not recorded", "host", title]);
        assert_eq!(cells(2)[..3], [&id(RECORDED), "Recorded", "nobody"]);
        assert_eq!(lines.len(), 3);
    }
}

#[test]
fn several_bots_are_an_array_of_what_one_would_be() {
    let folder = folder();
    let alone = |file: &str| folder.run(&["--file", file, "--format", "json"]).json();
    let together = folder.run(&["--file", "denied.json", "recorded.json", "--format", "json"]).json();
    let mut expect = vec![alone("denied.json"), alone("recorded.json")];
    for (entry, name) in expect.iter_mut().zip([DENIED, RECORDED]) {
        entry["source"] = json!(id(name));
    }
    assert_eq!(together, Value::from(expect));
    let page = folder.run(&["--file", "denied.json", "recorded.json", "--format", "markdown"]);
    assert!(page.out.starts_with("| bot | outcome | who acts | cause |\n|---|---|---|---|\n"), "{page:?}");
    assert!(page.out.contains(&format!("| {} | Recorded | nobody | ", id(RECORDED))), "{page:?}");
}

#[test]
fn one_that_cannot_be_diagnosed_costs_itself_and_the_exit_code() {
    let folder = folder();
    let said = folder.run(&["--file", "denied.json", "broken.json", "missing.json", "lobby.json"]);
    assert_eq!(said.code, 1, "{said:?}");
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.len(), 5, "{said:?}");
    assert!(lines[2].starts_with("broken.json") && lines[2].contains("Not diagnosed"), "{said:?}");
    assert!(
        lines[3].starts_with("missing.json") && lines[3].contains("can't be read: No such file"),
        "{said:?}"
    );

    let said = folder.run(&["--file", "denied.json", "broken.json", "--format", "json"]);
    assert_eq!(said.code, 1, "{said:?}");
    let answers: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(answers[0]["cause"], "zoom_local_recording_disabled");
    assert_eq!((&answers[1]["source"], &answers[1]["bot_id"]), (&json!("broken.json"), &Value::Null));
    assert!(answers[1]["error"].as_str().unwrap().contains("ends too early"), "{answers}");
}

/// Ids stay whole, and names of files keep the end that tells them apart.
#[test]
fn a_table_is_no_wider_for_the_names_of_files() {
    let name = format!("{}.json", "long-".repeat(20));
    let folder = folder().with(&name, "{");
    let said = folder.run(&["--file", "denied.json", &name]);
    let line = said.out.lines().nth(2).unwrap();
    let shown: String = line.chars().take_while(|letter| *letter != ' ').collect();
    assert_eq!(shown.chars().count(), id(DENIED).len(), "{line}");
    assert!(shown.starts_with('…') && name.ends_with(shown.trim_start_matches('…')), "{line}");
}

#[test]
fn an_answer_about_the_host_is_about_one_bot() {
    let said = folder().run(&["--file", "denied.json", "lobby.json", "--host-was-present", "yes"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("--host-was-present is about one bot"), "{said:?}");
}

#[test]
fn what_is_neither_an_id_nor_a_file_is_said_before_anything_is_asked() {
    let said = folder().run(&["denied.json", "denied.jsn"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
    assert!(said.err.contains("denied.jsn: not a bot ID"), "{said:?}");
}

/// Runs the binary against a Recall.ai that has two bots.
async fn asked(arguments: &'static [&'static str]) -> Said {
    let recall = FakeRecall::start().await;
    recall.add_bot(corpus(DENIED));
    recall.add_bot(corpus(RECORDED));
    let folder = folder();
    let ids = [
        id(DENIED),
        format!("https://us-east-1.recall.ai/dashboard/explorer/bot/{}", id(RECORDED)),
        id(LOBBY),
    ];
    let arguments: Vec<String> = arguments
        .iter()
        .map(|argument| match *argument {
            "DENIED" => ids[0].clone(),
            "RECORDED" => ids[1].clone(),
            "LOBBY" => ids[2].clone(),
            other => other.to_owned(),
        })
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = folder.command(&arguments);
    command.env("RECALL_API_KEY", KEY).env("RECALL_BASE_URL", &recall.base_url);
    Said::of(&tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_ids_and_files_can_be_asked_about_together() {
    let said = asked(&["DENIED", "RECORDED", "DENIED", "--file", "lobby.json", "--format", "json"]).await;
    let answers = said.json();
    let sources: Vec<&Value> = answers.as_array().unwrap().iter().map(|one| &one["bot_id"]).collect();
    assert_eq!(sources, [&json!(id(DENIED)), &json!(id(RECORDED)), &json!(id(LOBBY))]);

    let said = asked(&["DENIED", "LOBBY"]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.contains("No bot with this ID"), "{said:?}");
}
