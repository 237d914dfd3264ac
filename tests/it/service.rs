//! A question that breaks, and the others.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use why_no_recording::chat::arrival::{Arrival, Reader, Wish};
use why_no_recording::chat::question::Question;
use why_no_recording::chat::{
    Chat, DeliveryError, Destination, Letter, Message, MessageId, Messenger, Messengers,
};
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::vocabulary::ParticipantNames;
use why_no_recording::flow::Answering;
use why_no_recording::gate::Gate;
use why_no_recording::recall::{Fetcher, Limits};
use why_no_recording::service::Service;
use why_no_recording::store::Store;
use why_no_recording::watch::Unasked;

/// Panics where it is asked for the beginning of a thread, and writes down what it tells.
#[derive(Default)]
struct Broken(Mutex<Vec<String>>);

#[async_trait::async_trait]
impl Messenger for Broken {
    async fn post(&self, _: &Destination, _: &Letter<'_>) -> Result<MessageId, DeliveryError> {
        unreachable!("nothing is posted here")
    }

    async fn find(&self, _: &Destination, _: &str, _: Timestamp) -> Result<Option<MessageId>, DeliveryError> {
        Ok(None)
    }

    async fn edit(&self, _: &Destination, _: &MessageId, _: &Letter<'_>) -> Result<(), DeliveryError> {
        Ok(())
    }

    async fn tell(&self, _: &Reader, letter: &Letter<'_>) -> Result<(), DeliveryError> {
        let Message::Notice(text) = letter.message else { panic!("only notices are told here") };
        self.0.lock().unwrap().push(text.clone());
        Ok(())
    }

    async fn replace(&self, _: &Reader, _: &Letter<'_>) -> Result<(), DeliveryError> {
        Ok(())
    }

    async fn thread_start(&self, _: &Destination) -> Result<Option<String>, DeliveryError> {
        panic!("on purpose")
    }
}

fn arrival(delivery_id: &str, question: Question, at: Timestamp) -> Arrival {
    let place = Destination { channel: "c".to_owned(), thread: None };
    Arrival {
        delivery_id: delivery_id.to_owned(),
        chat: Chat::Console,
        at,
        reader: Reader { person: "Sam".to_owned(), place, handle: None },
        wish: Wish::Ask { question, privately: false },
    }
}

#[tokio::test]
async fn a_question_that_panics_is_tried_again_and_then_given_up_with_a_word() {
    let messenger = Arc::new(Broken::default());
    let messengers = Messengers::from([(Chat::Console, messenger.clone() as Arc<dyn Messenger>)]);
    let folder = TempDir::new().unwrap();
    let store = Store::open(&format!("sqlite://{}", folder.path().join("s.db").display())).await.unwrap();
    let answering = Answering {
        fetcher: Fetcher::new(Vec::new(), Vec::new(), Limits::default()).unwrap(),
        catalogue: Catalogue::embedded().unwrap(),
        participant_names: ParticipantNames::Off,
    };
    let service = Service::new(store, answering, messengers, Gate::default(), Unasked::default());
    let begin: Timestamp = "2026-11-18T12:00:00Z".parse().unwrap();
    service.inbox.accept(&arrival("broken", Question::ThreadStart, begin)).await.unwrap();
    service.inbox.accept(&arrival("fine", Question::Help, begin)).await.unwrap();

    service.settle(begin).await.unwrap();
    let told = messenger.0.lock().unwrap().clone();
    assert!(told.len() == 1 && told[0].starts_with("Ask with"), "the other one is answered: {told:?}");

    for minute in 1..=5 {
        service.settle(begin + SignedDuration::from_mins(minute)).await.unwrap();
    }
    let told = messenger.0.lock().unwrap().clone();
    assert!(told.len() == 2 && told[1].contains("Something went wrong on our side"), "{told:?}");
    let backlog = service.store.inbox_backlog().await.unwrap();
    assert_eq!((backlog.waiting, backlog.buried), (0, 1));
}
