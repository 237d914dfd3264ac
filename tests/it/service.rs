//! A question that breaks, and the others.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;
use why_no_recording::answer::Answerer;
use why_no_recording::chat::interaction::{Interaction, InteractionKind, Requester};
use why_no_recording::chat::question::Question;
use why_no_recording::chat::{
    Chat, DeliveryError, Destination, InteractionSink, Message, MessageId, Messenger, Messengers, SendRequest,
};
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::vocabulary::ParticipantNames;
use why_no_recording::pages::Pages;
use why_no_recording::recall::{ClientConfig, Fetcher};
use why_no_recording::rescue::Mode;
use why_no_recording::rights::Rights;
use why_no_recording::service::Service;
use why_no_recording::store::Store;
use why_no_recording::watch::AlertConfig;

/// Panics where it is asked for the beginning of a thread, and writes down what it tells.
#[derive(Default)]
struct Broken(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl Messenger for Broken {
    async fn post(&self, _: &Destination, _: &SendRequest<'_>) -> Result<MessageId, DeliveryError> {
        unreachable!("nothing is posted here")
    }

    async fn find(&self, _: &Destination, _: &str, _: Timestamp) -> Result<Option<MessageId>, DeliveryError> {
        Ok(None)
    }

    async fn edit(&self, _: &Destination, _: &MessageId, _: &SendRequest<'_>) -> Result<(), DeliveryError> {
        Ok(())
    }

    async fn post_ephemeral(&self, _: &Requester, request: &SendRequest<'_>) -> Result<(), DeliveryError> {
        let Message::Notice(text) = request.message else { panic!("only notices are told here") };
        self.0.lock().unwrap().push(text.clone());
        Ok(())
    }

    async fn edit_ephemeral(&self, _: &Requester, _: &SendRequest<'_>) -> Result<(), DeliveryError> {
        Ok(())
    }

    async fn thread_start(&self, _: &Destination) -> Result<Option<String>, DeliveryError> {
        panic!("on purpose")
    }
}

fn interaction(delivery_id: &str, question: Question, at: Timestamp) -> Interaction {
    let place = Destination { channel: "c".to_owned(), thread: None };
    Interaction {
        delivery_id: delivery_id.to_owned(),
        chat: Chat::Console,
        at,
        requester: Requester::new("Sam".to_owned(), place),
        kind: InteractionKind::Ask { question, privately: false },
    }
}

/// A service with this messenger for the console, and its folder.
async fn service(messengers: Messengers) -> (Service, TempDir) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&format!("sqlite://{}", folder.path().join("s.db").display())).await.unwrap();
    let answerer = Answerer {
        fetcher: Fetcher::new(Vec::new(), Vec::new(), ClientConfig::default()).unwrap(),
        catalogue: Catalogue::embedded().unwrap(),
        pages: Pages::shared().unwrap(),
        participant_names: ParticipantNames::Off,
        public_url: None,
        rescue: Mode::Off,
    };
    let service = Service::new(store, answerer, messengers, Rights::default(), AlertConfig::default());
    (service, folder)
}

fn noon() -> Timestamp {
    "2026-11-18T12:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn a_question_that_panics_is_tried_again_and_then_given_up_with_a_word() {
    let messenger = Arc::new(Broken::default());
    let messengers = Messengers::from([(Chat::Console, messenger.clone() as Arc<dyn Messenger>)]);
    let ((service, _folder), begin) = (service(messengers).await, noon());
    service.inbox.accept(&interaction("broken", Question::ThreadStart, begin)).await.unwrap();
    service.inbox.accept(&interaction("fine", Question::Help, begin)).await.unwrap();

    service.wait_until_idle(begin).await.unwrap();
    let told = messenger.0.lock().unwrap().clone();
    assert!(told.len() == 1 && told[0].starts_with("To find out why"), "the other one is answered: {told:?}");

    for minute in 1..=5 {
        service.wait_until_idle(begin + SignedDuration::from_mins(minute)).await.unwrap();
    }
    let told = messenger.0.lock().unwrap().clone();
    assert!(told.len() == 2 && told[1].contains("Something went wrong and I couldn't answer"), "{told:?}");
    let backlog = service.store.inbox_backlog().await.unwrap();
    assert_eq!((backlog.waiting, backlog.dead), (0, 1));
}

/// The process ends while it answers, so nothing is caught: only the lease counts the attempt.
#[tokio::test]
async fn a_question_that_ends_the_process_is_given_up_with_a_word() {
    let messenger = Arc::new(Broken::default());
    let messengers = Messengers::from([(Chat::Console, messenger.clone() as Arc<dyn Messenger>)]);
    let ((service, _folder), begin) = (service(messengers).await, noon());
    service.inbox.accept(&interaction("fatal", Question::Help, begin)).await.unwrap();
    for attempt in 1..=5 {
        let item = service.inbox.lease(begin).await.unwrap().unwrap();
        assert_eq!(item.attempts, attempt);
        service.store.release_leases().await.unwrap();
    }
    service.wait_until_idle(begin).await.unwrap();
    let told = messenger.0.lock().unwrap().clone();
    assert!(told.len() == 1 && told[0].contains("Something went wrong and I couldn't answer"), "{told:?}");
    let backlog = service.store.inbox_backlog().await.unwrap();
    assert_eq!((backlog.waiting, backlog.dead), (0, 1));
}

#[tokio::test]
async fn a_question_for_a_platform_that_was_switched_off_is_kept_with_the_reason() {
    let ((service, _folder), begin) = (service(Messengers::new()).await, noon());
    service.inbox.accept(&interaction("late", Question::Help, begin)).await.unwrap();
    service.wait_until_idle(begin).await.unwrap();
    let backlog = service.store.inbox_backlog().await.unwrap();
    assert_eq!((backlog.waiting, backlog.dead), (0, 1));
    let [question] = &service.store.dead_questions(9).await.unwrap()[..] else { panic!("one question") };
    assert_eq!((question.id.as_str(), question.last_error.as_deref()), ("late", Some("its platform is off")));
    assert_eq!(service.store.undelivered(9).await.unwrap(), []);
}

/// The disk is so slow that the question is acknowledged first, and the service is told to stop meanwhile.
#[tokio::test]
async fn an_acknowledged_question_is_stored_before_the_service_ends() {
    let messenger = Arc::new(Broken::default());
    let messengers = Messengers::from([(Chat::Console, messenger as Arc<dyn Messenger>)]);
    let (service, folder) = service(messengers).await;
    let url = format!("sqlite://{}", folder.path().join("s.db").display());
    let mut slow = SqliteConnection::connect(&url).await.unwrap();
    slow.execute("BEGIN IMMEDIATE").await.unwrap();
    service.inbox.receive(interaction("slow", Question::Help, noon())).await.unwrap();
    let stored = service.inbox.until_stored();
    tokio::pin!(stored);
    assert!(futures_util::poll!(&mut stored).is_pending(), "it is acknowledged, and not stored yet");
    let mut late = service.inbox.late();
    late.wait_for(|many| *many == 1).await.unwrap();
    slow.execute("ROLLBACK").await.unwrap();
    stored.await;
    assert_eq!(*late.borrow(), 0);
    assert_eq!(service.store.inbox_backlog().await.unwrap().waiting, 1);
}
