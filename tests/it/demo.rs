//! The demo, as somebody types and reads it.

use std::io::Write;
use std::time::Duration;

use anstream::adapter::strip_str;
use tokio::io::{AsyncWriteExt, BufReader, DuplexStream, duplex};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use why_no_recording::demo;

/// So long that no alert comes in a test.
const NEVER: Duration = Duration::from_secs(3_600);
/// After this, what is waited for is not coming.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was written, without colours, for whoever waits to read it.
struct Screen(watch::Sender<String>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(std::io::Error::other)?;
        let plain = strip_str(text).to_string();
        self.0.send_modify(|shown| shown.push_str(&plain));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Somebody before the terminal.
struct Person {
    keys: DuplexStream,
    screen: watch::Receiver<String>,
    read: usize,
    demo: JoinHandle<anyhow::Result<()>>,
}

impl Person {
    async fn sits_down(alert_after: Duration) -> Self {
        let (keys, input) = duplex(4_096);
        let (out, screen) = watch::channel(String::new());
        let demo = tokio::spawn(demo::chat(BufReader::new(input), Screen(out), 80, alert_after));
        Self { keys, screen, read: 0, demo }
    }

    async fn types(&mut self, line: &str) {
        self.keys.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// What is shown from where reading ended up to the next prompt after these words.
    async fn reads(&mut self, words: &str) -> String {
        let read = self.read;
        let end = |shown: &str| {
            let found = read + shown[read..].find(words)?;
            Some(found + shown[found..].find("\n> ")? + "\n> ".len())
        };
        let waiting = timeout(PATIENCE, self.screen.wait_for(|shown| end(shown).is_some())).await;
        assert!(waiting.is_ok(), "{words:?} is not shown");
        drop(waiting);
        let shown = self.screen.borrow().clone();
        self.read = end(&shown).unwrap();
        shown[read..self.read].to_owned()
    }

    /// All that was shown, when the demo ended well.
    async fn leaves(self) -> String {
        drop(self.keys);
        timeout(PATIENCE, self.demo).await.expect("it ends").unwrap().unwrap();
        let shown = self.screen.borrow().clone();
        assert!(!shown.contains("\n\n\n"), "blank lines are single: {shown}");
        shown
    }
}

#[tokio::test]
async fn somebody_asks_presses_and_leaves() {
    let mut person = Person::sits_down(NEVER).await;
    let list = person.reads("Sample bots:").await;
    assert!(list.contains("\n   1  d3a00001-0000-4000-8000-000000000001  Zoom, refused at once\n"), "{list}");
    assert!(list.contains("\n  12  d3a00012-") && list.contains("by its number or ID"), "{list}");

    person.types("/why-no-recording d3a00002-0000-4000-8000-000000000002").await;
    let answer = person.reads("[1] Yes, they were there   [2] No, they weren't").await;
    assert!(answer.contains("Zoom saw no host in the call"), "{answer}");
    person.types("1").await;
    let edited = person.reads("(edited) Not recorded: The host was in the call under a different").await;
    assert!(
        edited.contains("Alternative hosts") && edited.contains("You answered the question about the host."),
        "{edited}"
    );
    person.types("d3a00003-0000-4000-8000-000000000003").await;
    person.reads("This bot recorded the meeting").await;
    person.types("nonsense").await;
    let help = person.reads("(only you see this)").await;
    assert!(help.contains("3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417"), "an id is not broken: {help}");
    person.types("").await;
    person.types("quit").await;
    person.leaves().await;
}

/// A number is a button where there is one, and else a sample bot. What is neither is answered in words.
#[tokio::test]
async fn a_sample_bot_is_asked_about_by_its_number() {
    let mut person = Person::sits_down(NEVER).await;
    person.reads("Sample bots:").await;
    for (typed, answer) in [
        ("3", "This bot recorded the meeting"),
        ("/why-no-recording 3", "This bot recorded the meeting"),
        ("/why-no-recording private 12", "(only you see this)"),
        ("/why-no-recording 1 3", "This bot recorded the meeting"),
        ("13", "There is no button or sample bot 13. The sample bots are 1 to 12."),
        ("/why-no-recording 0", "There is no button or sample bot 0. The sample bots are 1 to 12."),
        ("/why-no-recording 2", "[1] Yes, they were there"),
        // There is a button 1 now, and still no button 12.
        ("1", "(edited) Not recorded: The host was in the call"),
        ("12", "Recording now"),
        ("/why-no-recording 1", "d3a00001-"),
        ("help", "Sample bots:"),
    ] {
        person.types(typed).await;
        person.reads(answer).await;
    }
    person.leaves().await;
}

#[tokio::test]
async fn an_alert_comes_by_itself_and_its_bot_can_be_asked_about() {
    let mut person = Person::sits_down(Duration::ZERO).await;
    let alert = person.reads("🟡 Act now").await;
    assert!(alert.contains("> \n\n🟡 Act now"), "it begins below what is typed: {alert}");
    let bot = alert.split_once("Acme Notetaker · Zoom · ").unwrap().1[..36].to_owned();
    let more = person.reads("(edited) 🟢 Resolved: the bot is recording now\n").await;
    assert!(more.contains("(edited) ⚪ Waiting: "), "{more}");
    assert!(!more.contains("Timeline ·"), "an edit says what changed: {more}");

    person.types(&format!("/why-no-recording {bot}")).await;
    let answer = person.reads("Recording now: It is recording right now (Acme Notetaker)").await;
    assert!(answer.contains(&format!("Acme Notetaker · Zoom · {bot}")), "{answer}");
    assert!(answer.contains("in the waiting room for 10 minutes"), "{answer}");
    person.leaves().await;
}

#[tokio::test]
async fn a_host_declines_and_is_asked_again() {
    let mut person = Person::sits_down(Duration::ZERO).await;
    let declined = person.reads("Another host has declined.").await;
    assert!(declined.contains("[1] Ask the host again…"), "{declined}");
    person.types("1").await;
    let preview = person.reads("[1] Send and ask again   [2] Cancel").await;
    assert!(preview.contains("(only you see this)") && preview.contains("\"Allow Recording\""), "{preview}");
    person.types("1").await;
    person.reads("Sent. The card shows what comes of it.").await;
    let resolved = person.reads("(edited) 🟢 Resolved: the bot is recording now").await;
    assert!(resolved.contains("Asked again by You, "), "{resolved}");
    assert!(resolved.contains("Recording since "), "{resolved}");
    person.leaves().await;
}

#[tokio::test]
async fn the_tour_says_each_thing_once() {
    let (out, screen) = watch::channel(String::new());
    demo::tour(Screen(out), 80).await.unwrap();
    let shown = screen.borrow().clone();
    assert!(!shown.contains("\n\n\n"), "blank lines are single: {shown}");
    // Three questions, the answer to one, and four alerts.
    assert_eq!(shown.matches("Timeline ·").count(), 8, "{shown}");
    assert!(shown.contains("Asked again by You, "), "{shown}");
    assert!(shown.contains("Aufzeichnen auf einem Computer"), "the page: {shown}");
    assert!(shown.contains("From the third on, one message counts them all"), "{shown}");
    assert!(!shown.contains("The bot ·"), "every bot has its name: {shown}");
}
