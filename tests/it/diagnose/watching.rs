//! `--watch`: a bot that is followed until it has ended.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::Instant;
use why_no_recording::cli::diagnose::watch::{Pauses, Watch, WatchError};
use why_no_recording::clock;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::recall::{FetchError, case_file_from_json};
use why_no_recording::report::{Report, compose};

use super::{DENIED, Folder, corpus, id};
use crate::slack::rendering::CATALOGUE;
use crate::world::recall::{FakeRecall, Fault, KEY};

fn start() -> Timestamp {
    "2026-11-18T15:00:00Z".parse().unwrap()
}

/// What Recall.ai says next.
#[derive(Clone)]
enum Says {
    /// A bot that has got as far as the last of these statuses.
    Bot(&'static [&'static str]),
    Fails(FetchError),
}

const JOINING: Says = Says::Bot(&["joining_call"]);
const LOBBY: Says = Says::Bot(&["joining_call", "in_waiting_room"]);
const ENDED: Says = Says::Bot(&["joining_call", "in_waiting_room", "call_ended", "done"]);

fn workspace() -> String {
    "acme".to_owned()
}

fn unreachable() -> Says {
    Says::Fails(FetchError::TimedOut { workspace: workspace() })
}

fn report(statuses: &[&str], now: Timestamp) -> Report {
    let change = |(place, code): (usize, &&str)| {
        let at = start() + SignedDuration::from_secs(i64::try_from(place).unwrap());
        let sub_code = (*code == "call_ended").then_some("timeout_exceeded_waiting_room");
        json!({ "code": code, "sub_code": sub_code, "created_at": at.to_string() })
    };
    let changes: Vec<Value> = statuses.iter().enumerate().map(change).collect();
    let bot = json!({ "id": id(DENIED), "meeting_url": { "platform": "zoom" }, "status_changes": changes });
    let case = case_file_from_json(bot.to_string().as_bytes(), None, now).unwrap();
    compose(&diagnose(&case, &CATALOGUE))
}

/// Follows a bot of which Recall.ai says this, with a clock that moves only while nobody does anything: the lines, the
/// seconds at which it was asked, and how it ended.
async fn followed(says: &[Says]) -> (Vec<String>, Vec<u64>, Result<(), String>) {
    let says = Mutex::new(VecDeque::from(says.to_vec()));
    let asked = Mutex::new(Vec::new());
    let begun = Instant::now();
    let now = || start() + SignedDuration::try_from(begun.elapsed()).unwrap();
    let mut out = Vec::new();
    let mut watch = Watch::new(&mut out, Pauses::default());
    let ask = async |now: Timestamp| {
        asked.lock().unwrap().push(begun.elapsed().as_secs());
        match says.lock().unwrap().pop_front().expect("it is not asked after the end") {
            Says::Bot(statuses) => Ok(report(statuses, now)),
            Says::Fails(error) => Err(error),
        }
    };
    let ended = watch.until_it_ends(ask, now).await.map_err(|error| error.to_string());
    let lines = anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string();
    assert!(says.lock().unwrap().is_empty());
    (lines.lines().map(str::to_owned).collect(), asked.into_inner().unwrap(), ended)
}

#[tokio::test(start_paused = true)]
async fn a_line_is_written_for_each_change_with_its_time() {
    let (lines, asked, ended) = followed(&[JOINING, JOINING, LOBBY, LOBBY, ENDED]).await;
    assert_eq!(ended, Ok(()));
    assert_eq!(asked, [0, 15, 45, 60, 90]);
    let begins = [
        "15:00:00 UTC  joining_call  Not recorded yet: ",
        "15:00:45 UTC  in_waiting_room  Not recorded yet: ",
        "15:01:30 UTC  done  Not recorded: ",
    ];
    assert_eq!(lines.len(), begins.len(), "{lines:?}");
    assert!(lines.iter().zip(begins).all(|(line, begin)| line.starts_with(begin)), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn the_pauses_grow_to_a_minute() {
    let says = [vec![LOBBY; 6], vec![ENDED]].concat();
    let (_, asked, _) = followed(&says).await;
    assert_eq!(asked, [0, 15, 45, 105, 165, 225, 285]);
}

#[tokio::test(start_paused = true)]
async fn what_is_out_of_reach_is_said_once_and_ends_nothing() {
    let away = vec![unreachable(); 5];
    let says = [vec![LOBBY], away.clone(), vec![LOBBY], away, vec![ENDED]].concat();
    let (lines, _, ended) = followed(&says).await;
    assert_eq!(ended, Ok(()));
    let words: Vec<&str> = lines.iter().map(|line| line.split_once("UTC  ").unwrap().1).collect();
    let out = "Recall.ai does not answer (acme: no answer in time). Still trying.";
    assert_eq!(words[1..5], [out, "Recall.ai answers again.", out, "Recall.ai answers again."]);
    assert_eq!(words.len(), 6);
}

#[tokio::test(start_paused = true)]
async fn it_waits_as_long_as_recall_asks_for() {
    let limited = |secs| {
        let after = Some(Duration::from_secs(secs));
        Says::Fails(FetchError::RateLimited { workspace: workspace(), after })
    };
    let (_, asked, _) = followed(&[LOBBY, limited(120), limited(3), ENDED]).await;
    assert_eq!(asked, [0, 15, 135, 195]);
}

#[tokio::test(start_paused = true)]
async fn what_asking_again_cannot_change_ends_it() {
    let refused = |error: FetchError| Says::Fails(error);
    let gone = || refused(FetchError::NotFound { searched: vec![workspace()] });
    let garbled = || refused(FetchError::Unexpected { workspace: workspace(), status: 404 });
    for says in [vec![gone()], vec![LOBBY, gone()], vec![garbled()]] {
        assert!(followed(&says).await.2.is_err());
    }
    // A page of something in between passes.
    let (lines, _, ended) = followed(&[LOBBY, garbled(), ENDED]).await;
    assert_eq!((ended, lines.len()), (Ok(()), 4));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_went_away_ends_it() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut watch = Watch::new(Closed, Pauses::default());
    let ended = watch.until_it_ends(async |now| Ok(report(&["joining_call"], now)), start).await;
    assert!(matches!(ended, Err(WatchError::NotWritten(_))), "{ended:?}");
}

/// A bot that is in the waiting room at this moment.
fn waiting() -> Value {
    let at = clock::now().to_string();
    json!({
        "id": id(DENIED),
        "meeting_url": { "platform": "zoom", "meeting_id": "84731728293" },
        "recording_config": {},
        "status_changes": [
            { "code": "joining_call", "created_at": at },
            { "code": "in_waiting_room", "created_at": at },
        ],
    })
}

fn watch(folder: &Folder, recall: &FakeRecall, arguments: &[&str]) -> std::process::Command {
    let mut command = folder.command(&["--watch", &id(DENIED)]);
    command.args(arguments).env("RECALL_API_KEY", KEY).env("RECALL_BASE_URL", &recall.base_url);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_that_has_ended_is_told_at_once() {
    let recall = FakeRecall::start().await;
    recall.add_bot(corpus(DENIED));
    recall.fail_next([Fault::Status(503)]);
    let folder = Folder::new();
    let run = |arguments: &[&str]| {
        let mut command = watch(&folder, &recall, arguments);
        tokio::task::spawn_blocking(move || super::Said::of(&command.output().unwrap()))
    };
    let said = run(&[]).await.unwrap();
    assert_eq!(said.code, 0, "{said:?}");
    let (line, answer) = said.out.split_once("\n\n").unwrap();
    assert!(line.contains(" UTC  done  Not recorded: Recording to a computer"), "{said:?}");
    assert!(answer.contains("Timeline ·"), "{said:?}");

    // The answer alone is for a program.
    let said = run(&["--format", "json"]).await.unwrap();
    assert_eq!(said.json()["cause"], "zoom_local_recording_disabled");
    assert!(said.err.contains(" UTC  done  "), "{said:?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_ends_it_with_what_is_known() {
    let recall = FakeRecall::start().await;
    recall.add_bot(waiting());
    let folder = Folder::new();
    let mut child = watch(&folder, &recall, &[]).spawn().unwrap();
    let ended = tokio::task::spawn_blocking(move || {
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let told = std::process::Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status();
        assert!(told.unwrap().success());
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        (child.wait().unwrap(), line, rest)
    });
    let (status, line, rest) = ended.await.unwrap();
    assert!(status.success(), "{status}: {line}{rest}");
    assert!(line.contains(" UTC  in_waiting_room  Not recorded yet: "), "{line}");
    assert!(rest.contains("What to do now"), "{rest}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_cannot_follow_is_said() {
    let recall = FakeRecall::start().await;
    let folder = Folder::new().with("bot.json", corpus(DENIED).to_string());
    let run = |arguments: &'static [&'static str]| {
        let mut command = watch(&folder, &recall, arguments);
        tokio::task::spawn_blocking(move || super::Said::of(&command.output().unwrap()))
    };
    let unknown = run(&[]).await.unwrap();
    assert_eq!(unknown.code, 1, "{unknown:?}");
    assert!(unknown.err.contains("No bot with this ID"), "{unknown:?}");
    for more in [&["bot.json"][..], &["3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417"]] {
        let said = run(more).await.unwrap();
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.contains("--watch follows one bot. Give it one bot ID"), "{said:?}");
    }
    assert_eq!(run(&["--file", "bot.json"]).await.unwrap().code, 2);
}
