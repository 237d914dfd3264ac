//! The question about the host, and the two commands that answer it: they can be copied as they are.

use std::process::{Command, Stdio};

use super::{Folder, Said, corpus, id};
use crate::world::recall::{FakeRecall, KEY};

/// Whether the host was there is all that is asked about it.
const ABSENT: &str = "19-host-absent";

/// The commands below the question, each on a line of its own: with yes, and with no.
fn commands(said: &Said) -> [String; 2] {
    assert_eq!(said.code, 0, "{said:?}");
    ["  yes:  ", "  no:   "].map(|begins| {
        let mut lines = said.out.lines().filter_map(|line| line.strip_prefix(begins));
        lines.next().unwrap_or_else(|| panic!("{said:?}")).to_owned()
    })
}

/// Runs a command line as a shell does, in this folder.
fn shell(folder: &Folder, line: &str, variables: &[(&str, &str)]) -> Said {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_why-no-recording"));
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).env_clear().env("PATH", program.parent().unwrap());
    command.envs(variables.iter().copied()).current_dir(folder.0.path()).stdin(Stdio::null());
    Said::of(&command.output().unwrap())
}

#[cfg(unix)]
#[test]
fn the_commands_name_the_files_as_they_were_given() {
    let folder = Folder::new()
        .with("bot of o'neil $HOME.json", corpus(ABSENT).to_string())
        .with("people.json", r#"[{ "id": 1, "name": "Sam", "is_host": false }]"#)
        .with("other.toml", "[privacy]\nparticipant_names = \"full\"\n");
    let given = [
        "--config",
        "other.toml",
        "--file",
        "bot of o'neil $HOME.json",
        "--participants",
        "people.json",
        "--now",
        "2026-11-30T00:00:00Z",
    ];
    let [yes, no] = commands(&folder.run(&given));
    for words in ["--config other.toml", "--participants people.json", "--now 2026-11-30T00:00:00Z"] {
        assert!(yes.contains(words), "{yes}");
    }
    let answered = [&yes, &no].map(|line| shell(&folder, &format!("{line} --format json"), &[]).json());
    assert_eq!(answered[0]["cause"], "host_signed_into_other_account", "{yes}");
    assert_eq!(answered[1]["cause"], "host_not_present", "{no}");
    assert!(answered.iter().all(|answer| answer["question"].is_null()));

    let said = folder.run(&["bot of o'neil $HOME.json"]);
    assert!(shell(&folder, &commands(&said)[0], &[]).out.contains("under a different"), "{said:?}");
    let page = folder.run(&[&given[..], &["--format", "markdown"]].concat());
    assert!(page.out.contains(&format!("```sh\n{yes}\n{no}\n```")), "{page:?}");
    // What is answered is not asked.
    assert!(!folder.run(&[&given[..], &["--host-was-present", "no"]].concat()).out.contains("yes:  "));
}

#[test]
fn what_came_through_a_pipe_comes_through_it_again() {
    let said = Folder::new().run_with_input(&["--file", "-"], corpus(ABSENT).to_string().as_bytes());
    let expect = "… | why-no-recording diagnose --file - --host-was-present yes";
    assert_eq!(commands(&said)[0], expect);
}

#[test]
fn a_name_that_steers_a_terminal_is_not_repeated() {
    let name = "red\u{1b}[31m.json";
    let said = Folder::new().with(name, corpus(ABSENT).to_string()).run(&["--file", name]);
    assert!(!said.out.contains('\u{1b}') && commands(&said)[0].contains("red"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_becomes_the_id_that_is_in_it() {
    let recall = FakeRecall::start().await;
    recall.add_bot(corpus(ABSENT));
    let link = format!("https://us-east-1.recall.ai/dashboard/explorer/bot/{}", id(ABSENT));
    let expect = format!("why-no-recording diagnose {} --host-was-present yes", id(ABSENT));
    let variables = [("RECALL_API_KEY", KEY.to_owned()), ("RECALL_BASE_URL", recall.base_url.clone())];
    let asked = tokio::task::spawn_blocking(move || {
        let folder = Folder::new();
        let run = |arguments: &[&str]| {
            let mut command = folder.command(arguments);
            command.envs(variables.iter().map(|(name, value)| (*name, value.as_str())));
            Said::of(&command.stdin(Stdio::null()).output().unwrap())
        };
        [run(&[&link]), run(&["--watch", &link])]
    });
    for said in asked.await.unwrap() {
        assert_eq!(commands(&said)[0], expect);
    }
}
