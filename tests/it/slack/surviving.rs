//! The real program is killed, and people still get their answer, once.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use reqwest::StatusCode;
use serde_json::Value;

use super::{DENIED, World, form, sign};
use crate::world::recall;
use crate::world::slack::Fault;
use why_no_recording::clock;

/// The program, running. It is killed without warning when it is dropped.
pub struct Program {
    child: Child,
    pub address: String,
    /// Reads what is logged once it listens, until it ends.
    log: JoinHandle<Vec<String>>,
}

impl Program {
    pub fn start(world: &World) -> Self {
        Self::start_with(world, &[])
    }

    pub fn start_with(world: &World, more: &[(&'static str, &str)]) -> Self {
        Self::start_as(Command::new(binary()), world, more)
    }

    /// No file that it writes may grow beyond so many kibibytes, as on a disk that is full.
    #[cfg(target_os = "linux")]
    pub fn start_on_a_small_disk(world: &World, kibibytes: u32, more: &[(&'static str, &str)]) -> Self {
        let mut shell = Command::new("sh");
        let limited = format!("trap '' XFSZ; ulimit -S -f {}; exec \"$0\" \"$@\"", kibibytes * 2);
        shell.args(["-c", &limited, &binary()]);
        Self::start_as(shell, world, more)
    }

    /// Somebody makes room on the disk.
    #[cfg(target_os = "linux")]
    pub fn gets_room(&self) {
        let pid = self.child.id().to_string();
        let raised = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status().unwrap();
        assert!(raised.success());
    }

    fn start_as(mut command: Command, world: &World, more: &[(&'static str, &str)]) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut child = command
            .arg("serve")
            .env_clear()
            .env("PATH", path)
            .envs(world.variables())
            .envs(more.iter().copied())
            .current_dir(world.folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let listening = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, address) = line.split_once("address=")?;
            Some(address.trim().to_owned())
        });
        let log = std::thread::spawn(move || lines.map_while(Result::ok).collect());
        Self { child, address: listening.expect("it listens"), log }
    }

    pub async fn ask(&self, world: &World, what: &str) {
        self.send(&world.command(what, "kill")).await;
    }

    pub async fn send(&self, command: &Value) {
        assert!(self.post_command(command).await.is_success());
    }

    /// A command as Slack signs it, and what the service answers.
    pub async fn post_command(&self, command: &Value) -> StatusCode {
        let body = form(command);
        let timestamp = clock::now().as_second().to_string();
        let request = reqwest::Client::new()
            .post(format!("http://{}/slack/commands", self.address))
            .header("x-slack-request-timestamp", &timestamp)
            .header("x-slack-signature", sign(&timestamp, &body))
            .body(body);
        request.send().await.unwrap().status()
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, by its name.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let told = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// Tells it to stop, and ends when it has, with what it logged since it listened.
    #[cfg(unix)]
    pub async fn stop(self) -> Vec<String> {
        self.stop_by("TERM").await
    }

    /// The same by another signal.
    #[cfg(unix)]
    pub async fn stop_by(mut self, signal: &str) -> Vec<String> {
        self.signal(signal);
        let ended = tokio::task::spawn_blocking(move || {
            let nothing = std::thread::spawn(Vec::new);
            (self.child.wait().unwrap(), std::mem::replace(&mut self.log, nothing).join().unwrap())
        });
        let (status, log) = ended.await.unwrap();
        assert!(status.success());
        log
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Figures are worth more of a program that was built as it is shipped.
#[expect(clippy::disallowed_methods, reason = "it says how to test, and is no setting")]
fn binary() -> String {
    std::env::var("WNR_MEASURED_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_why-no-recording").to_owned())
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn two_messages(world: &World) {
    world.slack.until("the answer", |slack| (slack.posted("C1").len() >= 2).then_some(())).await;
}

#[tokio::test]
async fn killed_between_acknowledgement_and_answer() {
    let world = World::new().await;
    world.recall.fail_always(recall::Fault::Silence);
    let program = Program::start(&world);
    program.ask(&world, DENIED).await;
    program.kill();
    assert!(world.slack.posted("C1").is_empty());
    world.recall.recover();
    let program = Program::start(&world);
    two_messages(&world).await;
    program.kill();
    let _program = Program::start(&world);
    assert_eq!(world.slack.posted("C1").len(), 2);
}

#[tokio::test]
async fn killed_between_post_and_record() {
    let world = World::new().await;
    world.slack.grant("channels:history");
    world.slack.fails("chat.postMessage", Fault::DoneAndSilent);
    let program = Program::start(&world);
    program.ask(&world, DENIED).await;
    world.slack.until("the first post", |slack| (slack.posted("C1").len() == 1).then_some(())).await;
    program.kill();
    let _program = Program::start(&world);
    two_messages(&world).await;
    let posted = world.slack.posted("C1");
    assert_eq!(posted.len(), 2);
    assert_eq!(posted[1].thread_ts.as_ref(), Some(&posted[0].ts));
}

#[cfg(unix)]
#[tokio::test]
async fn told_to_stop_it_stops_by_itself() {
    let world = World::new().await;
    Program::start(&world).stop().await;
}
