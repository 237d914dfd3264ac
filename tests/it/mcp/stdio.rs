//! The program, as an agent starts it: one message a line.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::recurring::{COUNTING, fails_for_acme};
use super::{HANDSHAKE, STATELESS, text};
use crate::alerts::bot;
use crate::alerts::serving::{denied, post};
use crate::slack::{DENIED, World};
use crate::world::recall::KEY;
use crate::world::slack::FakeSlack;

/// The program, running. Standard output ends with it.
struct Agent {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    number: u32,
}

impl Agent {
    fn start(world: &World, more: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
        command
            .arg("mcp")
            .env_clear()
            .env("RECALL_API_KEY", KEY)
            .env("RECALL_BASE_URL", &world.recall.base_url);
        command.envs(more.iter().copied()).current_dir(world.folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, to, from, number: 0 }
    }

    fn tell(&mut self, message: &Value) {
        writeln!(self.to, "{message}").unwrap();
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.number += 1;
        self.tell(&json!({ "jsonrpc": "2.0", "id": self.number, "method": method, "params": params }));
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        assert_eq!(answer["id"], self.number, "{answer}");
        answer
    }

    fn shake_hands(&mut self) {
        let client = json!({ "name": "test", "version": "1" });
        let hello = json!({ "protocolVersion": HANDSHAKE, "capabilities": {}, "clientInfo": client });
        assert_eq!(self.ask("initialize", &hello)["result"]["protocolVersion"], HANDSHAKE);
        self.tell(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        self.ask("tools/call", &json!({ "name": tool, "arguments": arguments }))["result"].clone()
    }

    /// Ends its input; returns the rest of its output and its log.
    fn end(self) -> (String, String) {
        let Self { mut child, to, mut from, .. } = self;
        drop(to);
        let (mut rest, mut log) = (String::new(), String::new());
        from.read_to_string(&mut rest).unwrap();
        child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(child.wait().unwrap().success(), "{log}");
        (rest, log)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_answers_on_standard_output_logs_on_standard_error_and_ends_with_its_input() {
    let world = World::new().await;
    tokio::task::block_in_place(|| {
        let mut agent = Agent::start(&world, &[]);
        agent.shake_hands();
        let tools = agent.ask("tools/list", &json!({}));
        assert_eq!(tools["result"]["tools"].as_array().unwrap().len(), 4);
        let result = agent.call("diagnose_bot", &json!({ "bot": DENIED }));
        assert_eq!(result["structuredContent"]["cause"], "zoom_local_recording_disabled", "{result}");
        let (rest, log) = agent.end();
        assert_eq!(rest, "");
        assert!(log.contains("MCP call answered.") && log.contains("stdio"), "{log}");
        assert!(!log.contains(KEY), "{log}");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_needs_no_handshake_from_a_client_of_the_latest_revision() {
    let world = World::new().await;
    tokio::task::block_in_place(|| {
        let mut agent = Agent::start(&world, &[]);
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": STATELESS,
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let found = agent.ask("server/discover", &json!({ "_meta": meta }));
        assert!(
            found["result"]["supportedVersions"].as_array().unwrap().contains(&json!(STATELESS)),
            "{found}"
        );
        let call = json!({ "name": "explain_cause", "arguments": { "code": "zoom_local_recording_disabled" }, "_meta": meta });
        let result = agent.ask("tools/call", &call);
        assert_eq!(result["result"]["isError"], false, "{result}");
        agent.end();
    });
}

/// The files in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_database_it_says_what_to_set_and_makes_none() {
    let world = World::new().await;
    tokio::task::block_in_place(|| {
        let mut agent = Agent::start(&world, &[]);
        agent.shake_hands();
        for (tool, arguments) in [("recent_failures", json!({})), ("recurrence", json!({ "bot": DENIED }))] {
            let result = agent.call(tool, &arguments);
            assert_eq!(result["isError"], true, "{tool}");
            let words = text(&result);
            assert!(
                words.contains("There is no database at") && words.contains("set database.url"),
                "{words}"
            );
        }
        // A diagnosis needs none.
        let result = agent.call("diagnose_bot", &json!({ "bot": DENIED }));
        assert_eq!(result["structuredContent"]["recurrence"], Value::Null, "{result}");
        agent.end();
        assert_eq!(names(world.folder.path()), Vec::<String>::new());
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_reads_the_database_of_the_service_and_writes_nothing_there() {
    let world = World::new().await;
    world.slack.join("C9");
    let running = why_no_recording::app::start(&world.settings(&COUNTING)).await.unwrap();
    let sent = post(&running.address.to_string(), "a", &denied(1)).send().await.unwrap();
    assert!(sent.status().is_success());
    world.slack.until("the alert", |slack| (slack.posted("C9").len() == 2).then_some(())).await;
    for number in 2..=3 {
        fails_for_acme(&running.address.to_string(), number).await;
        let told = |slack: &FakeSlack| (slack.posted("C9").len() == number * 2).then_some(());
        world.slack.until("the alert", told).await;
    }
    tokio::task::block_in_place(|| {
        let more =
            [("DATABASE_URL", world.database.url()), ("ALERTS_RECURRENCE_KEYS", "customer".to_owned())];
        let more = more.each_ref().map(|(name, value)| (*name, value.as_str()));
        let mut agent = Agent::start(&world, &more);
        agent.shake_hands();
        let result = agent.call("recent_failures", &json!({}));
        assert_eq!(result["structuredContent"]["failures"][0]["bot_id"], bot(3), "{result}");
        let of = |agent: &mut Agent, number: usize| {
            agent.call("recurrence", &json!({ "bot": bot(number) }))["structuredContent"].clone()
        };
        assert_eq!(of(&mut agent, 2)["state"], "first_time");
        let third = of(&mut agent, 3);
        assert_eq!((&third["state"], &third["recurrence"]["count"]), (&json!("again"), &json!(2)), "{third}");
        assert_eq!(third["recurrence"]["key"], "customer = acme");
        agent.end();
    });
    assert_eq!(world.database.texts("SELECT action FROM audit").await, Vec::<String>::new());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_key_it_starts_and_says_which_one_is_missing() {
    let world = World::new().await;
    tokio::task::block_in_place(|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
        command.arg("mcp").env_clear().current_dir(world.folder.path());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut agent = Agent { child, to, from, number: 0 };
        agent.shake_hands();
        let result = agent.call("diagnose_bot", &json!({ "bot": DENIED }));
        assert!(text(&result).contains("RECALL_API_KEY"), "{result}");
        agent.end();
    });
}
