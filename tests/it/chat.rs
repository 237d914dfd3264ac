//! Conversations on the console, through the spine.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use serde_json::json;
use tempfile::TempDir;
use why_no_recording::answer::Answerer;
use why_no_recording::chat::console::Console;
use why_no_recording::chat::interaction::{ButtonOn, Interaction, InteractionKind, Requester};
use why_no_recording::chat::question::Question;
use why_no_recording::chat::{Chat, Destination, MessageId, Messenger, Messengers};
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::vocabulary::ParticipantNames;
use why_no_recording::pages::Pages;
use why_no_recording::recall::{ClientConfig, Fetcher, WorkspaceAccess};
use why_no_recording::rescue::Mode;
use why_no_recording::rights::Rights;
use why_no_recording::service::Service;
use why_no_recording::store::{Accepted, Backlog, Store};
use why_no_recording::watch::AlertConfig;

use crate::world::recall::{FakeRecall, KEY};

use crate::slack::{DENIED, NO_HOST as ID};

#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub struct Conversation {
    service: Service,
    console: Arc<Console<Screen>>,
    screen: Screen,
    delivery: AtomicUsize,
    _recall: FakeRecall,
    _folder: TempDir,
}

impl Conversation {
    /// With a Zoom bot that was in the call for an hour, and nobody there was the host.
    pub async fn start() -> Self {
        let recall = FakeRecall::start().await;
        recall.add_bot(json!({
            "id": ID,
            "meeting_url": { "platform": "zoom" },
            "status_changes": [
                { "code": "in_call_not_recording", "created_at": "2026-11-18T15:00:00Z" },
                { "code": "call_ended", "sub_code": "call_ended_by_host", "created_at": "2026-11-18T16:00:00Z" },
            ],
            "meeting_participants": [{ "id": 1, "is_host": false }],
        }));
        recall.add_bot(json!({
            "id": DENIED,
            "meeting_url": { "platform": "zoom" },
            "status_changes": [
                { "code": "in_call_not_recording", "created_at": "2026-11-18T15:00:00Z" },
                { "code": "recording_permission_denied", "sub_code": "zoom_local_recording_disabled",
                  "created_at": "2026-11-18T15:00:03Z" },
                { "code": "call_ended", "sub_code": "call_ended_by_host", "created_at": "2026-11-18T16:00:00Z" },
            ],
        }));
        let access = WorkspaceAccess {
            name: "acme".to_owned(),
            base_url: recall.base_url.clone(),
            api_key: SecretString::from(KEY.to_owned()),
        };
        let fetcher = Fetcher::new(vec![access], Vec::new(), ClientConfig::default()).unwrap();
        let screen = Screen::default();
        let answerer = Answerer {
            fetcher,
            catalogue: Catalogue::embedded().unwrap(),
            pages: Pages::shared().unwrap(),
            participant_names: ParticipantNames::Off,
            public_url: None,
            rescue: Mode::Off,
        };
        let folder = TempDir::new().unwrap();
        let database = format!("sqlite://{}", folder.path().join("test.db").display());
        let console = Arc::new(Console::new(screen.clone(), 80));
        let messengers = Messengers::from([(Chat::Console, console.clone() as Arc<dyn Messenger>)]);
        let store = Store::open(&database).await.unwrap();
        let service = Service::new(store, answerer, messengers, Rights::default(), AlertConfig::default());
        let delivery = AtomicUsize::new(0);
        Self { service, console, screen, delivery, _recall: recall, _folder: folder }
    }

    /// What appears on the screen, and is read at once.
    fn read(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.screen.0.lock().unwrap())).unwrap()
    }

    pub async fn ask(&self, what: &str, thread: Option<&str>) -> String {
        let thread = thread.map(|id| MessageId(id.to_owned()));
        let (question, privately) = Question::parse_command(what);
        self.kind(InteractionKind::Ask { question, privately }, thread).await
    }

    async fn press(&self, number: usize) -> String {
        let (action, at, message) = self.console.choice(number).unwrap();
        self.kind(InteractionKind::Press { action, on: ButtonOn::Posted(message) }, at.thread).await
    }

    async fn kind(&self, kind: InteractionKind, thread: Option<MessageId>) -> String {
        let now = "2026-11-18T17:00:00Z".parse().unwrap();
        let place = Destination { channel: "recordings".to_owned(), thread };
        let interaction = Interaction {
            delivery_id: format!("test:{}", self.delivery.fetch_add(1, Ordering::Relaxed)),
            chat: Chat::Console,
            at: now,
            requester: Requester::new("Sam".to_owned(), place),
            kind,
        };
        assert_eq!(self.service.inbox.accept(&interaction).await.unwrap(), Accepted::New);
        assert_eq!(self.service.inbox.accept(&interaction).await.unwrap(), Accepted::Duplicate);
        self.service.wait_until_idle(now).await.unwrap();
        assert_eq!(self.service.store.outbox_backlog().await.unwrap(), Backlog::default());
        self.read()
    }
}

#[tokio::test]
async fn the_verdict_is_posted_and_the_details_are_in_its_thread() {
    let chat = Conversation::start().await;
    let said = chat.ask(ID, None).await;
    let (verdict, details) = said.split_once('\n').unwrap();
    assert!(verdict.contains("Zoom saw no host in the call"), "{verdict}");
    assert!(details.lines().all(|line| line.starts_with("  │")), "{details}");
    assert!(
        details.contains("[1] Yes, they were there   [2] No, they weren't   [3] Message for the host"),
        "{details}"
    );
}

#[tokio::test]
async fn the_answer_to_the_question_edits_the_details_and_names_who_answered() {
    let chat = Conversation::start().await;
    chat.ask(ID, None).await;
    let there = chat.press(1).await;
    assert!(there.contains("(edited)") && there.contains("different Zoom account"), "{there}");
    assert!(
        there.contains("Alternative hosts") && there.contains("Sam answered the question about the host."),
        "{there}"
    );
    assert!(chat.console.choice(2).is_none(), "the question is answered");

    let verdict = there.lines().filter(|line| !line.starts_with("  │")).collect::<String>();
    assert!(verdict.contains("(edited)") && verdict.contains("different"), "the verdict above: {verdict}");

    chat.ask(ID, None).await;
    let absent = chat.press(2).await;
    assert!(absent.contains("The host was not in the meeting"), "{absent}");
}

#[tokio::test]
async fn the_message_for_the_host_is_for_the_asker_alone() {
    let chat = Conversation::start().await;
    chat.ask(ID, None).await;
    let told = chat.press(3).await;
    assert!(told.starts_with("  │ (only you see this)\n  │ Hi! Our notetaker"), "{told}");
    let languages = "[1] Deutsch   [2] Français   [3] Español   [4] Português (Brasil)   [5] 日本語";
    assert!(told.contains(languages), "{told}");
    let told = chat.press(1).await;
    assert!(told.starts_with("  │ (only you see this)\n  │ Guten Tag! Unser Notetaker"), "{told}");
    assert!(told.contains("[1] English   [2] Français"), "{told}");
}

#[tokio::test]
async fn what_cannot_be_answered_is_told_to_the_asker_alone() {
    let chat = Conversation::start().await;
    let cases = [
        ("", "type /why-no-recording and its bot ID"),
        ("yesterday's", "I couldn't find a bot ID in that."),
        ("3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417", "No bot with this ID"),
        ("explain zoom_local_recording_disable", "Did you mean zoom_local_recording_disabled"),
        ("explain meeting_locked", "Lock meeting"),
    ];
    for (what, words) in cases {
        let told = chat.ask(what, None).await;
        assert!(told.starts_with("(only you see this)\n"), "{told}");
        assert!(told.replace('\n', " ").contains(words), "{told}");
    }
}

#[tokio::test]
async fn asked_in_a_thread_everything_stays_there() {
    let chat = Conversation::start().await;
    let said = chat.ask(ID, Some("7")).await;
    assert!(said.lines().all(|line| line.starts_with("  │")), "{said}");
}
