//! The spinner, as a terminal gets it: there while something takes long, gone without a trace, and never in a pipe.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;

use crate::world::recall::{FakeRecall, Fault, KEY};

const BOT: &str = "5215cf1e-bc6e-54c0-983d-7d8b2052615d";
const OTHER: &str = "3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417";

/// Both ends of a terminal: what is written to the second can be read from the first.
fn terminal() -> (File, OwnedFd) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    (File::from(ours), theirs)
}

/// What the program wrote to standard output and to standard error, which is a terminal or a pipe. Recall.ai wants to
/// be left alone for two seconds first, so the answer takes longer than one.
async fn run(arguments: &'static [&'static str], is_terminal: bool) -> (String, String) {
    let recall = FakeRecall::start().await;
    for bot in [BOT, OTHER] {
        let ended =
            json!({ "code": "fatal", "sub_code": "meeting_not_found", "created_at": "2026-11-18T15:00:52Z" });
        recall.add_bot(json!({ "id": bot, "status_changes": [ended] }));
    }
    recall.fail_next([Fault::RetryAfter(429, "2")]);
    let folder = tempfile::TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    command.args(arguments).env_clear().env("TERM", "xterm-256color").current_dir(&folder);
    command.env("RECALL_API_KEY", KEY).env("RECALL_BASE_URL", &recall.base_url);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    tokio::task::spawn_blocking(move || {
        let mut drawn = Vec::new();
        let screen = is_terminal.then(|| {
            let (ours, theirs) = terminal();
            command.stderr(theirs);
            ours
        });
        let child = command.spawn().unwrap();
        // The command holds the other end as well.
        drop(command);
        if let Some(mut screen) = screen {
            // Ends with an error where the last one who could write has left.
            let _ = screen.read_to_end(&mut drawn);
        }
        let output = child.wait_with_output().unwrap();
        drawn.extend(output.stderr);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(drawn))
    })
    .await
    .unwrap()
}

/// The lines that stand on a terminal in the end.
fn screen(drawn: &str) -> Vec<String> {
    let (mut lines, mut rest) = (vec![String::new()], drawn);
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        match letter {
            '\u{1b}' => {
                let end = rest.find(|letter: char| letter.is_ascii_alphabetic()).unwrap();
                assert_eq!(&rest[..=end], "[2K", "it clears its line and does nothing else: {drawn:?}");
                lines.last_mut().unwrap().clear();
                rest = &rest[end + 1..];
            }
            '\r' => {}
            '\n' => lines.push(String::new()),
            letter => lines.last_mut().unwrap().push(letter),
        }
    }
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_long_is_shown_on_a_terminal_and_leaves_nothing() {
    let cases: [(&[&str], &str, &str); 4] = [
        (&["diagnose", BOT], " Asking Recall.ai", "Not recorded"),
        (&["diagnose", BOT, OTHER], " Asking Recall.ai about bot 1 of 2", OTHER),
        (&["diagnose", "--watch", BOT], " Asking Recall.ai", "Not recorded"),
        (&["doctor"], " Checking Recall.ai", "ok    Recall.ai workspace default: the key is valid"),
    ];
    let checks = cases.map(|(arguments, waits, answer)| async move {
        let (out, drawn) = run(arguments, true).await;
        assert!(drawn.contains(waits), "{arguments:?}: {drawn:?}");
        assert_eq!(screen(&drawn), [""], "{arguments:?}: {drawn:?}");
        assert!(out.contains(answer), "{arguments:?}: {out}");
        let (_, drawn) = run(arguments, false).await;
        assert_eq!(drawn, "", "{arguments:?}: no spinner in a pipe");
    });
    futures_util::future::join_all(checks).await;
}
