//! `diagnose`, through the binary: files that people really have, several bots, and a bot that is followed.

mod files;
mod following_up;
mod participants;
mod several;
mod watching;
mod webhooks;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Bots of the corpus: what each is called there.
const DENIED: &str = "01-local-recording-disabled";
const RECORDED: &str = "66-recorded-fine";
const LOBBY: &str = "42-lobby-timeout-zoom";

/// A bot of the corpus.
fn corpus(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(format!("{name}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn id(name: &str) -> String {
    corpus(name)["id"].as_str().unwrap().to_owned()
}

/// A folder in which the program runs, without any settings.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
        command.arg("diagnose").args(arguments).env_clear().current_dir(self.0.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        Said::of(&self.command(arguments).stdin(Stdio::null()).output().unwrap())
    }

    fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Said {
        let mut command = self.command(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Said::of(&child.wait_with_output().unwrap())
    }
}

/// What the program said, and how it ended.
#[derive(Debug)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    #[track_caller]
    fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }
}

/// The body of a webhook about a bot of the corpus.
fn webhook(bot: &str, code: &str, sub_code: Option<&str>, at: &str) -> Value {
    json!({
        "event": format!("bot.{code}"),
        "data": {
            "data": { "code": code, "sub_code": sub_code, "updated_at": at },
            "bot": { "id": bot, "metadata": {} },
        },
    })
}
