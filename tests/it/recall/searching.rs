//! Several workspaces, equal questions, and the bots of a meeting.

use std::time::Duration;

use serde_json::json;
use why_no_recording::diagnosis::status::EventCode;
use why_no_recording::recall::{ClientConfig, FetchError, Fetcher};

use super::{ID, access, bot, fetcher, id, limits, now};
use crate::world::recall::{FakeRecall, Fault};

fn both(east: &FakeRecall, west: &FakeRecall, limits: ClientConfig) -> Fetcher {
    let workspaces = vec![access("east", &east.base_url), access("west", &west.base_url)];
    Fetcher::new(workspaces, Vec::new(), limits).unwrap()
}

#[tokio::test]
async fn the_workspace_that_has_the_bot_answers() {
    let (east, west) = (FakeRecall::start().await, FakeRecall::start().await);
    west.add_bot(bot());
    let case = both(&east, &west, limits()).case_file(id(), now()).await.unwrap();
    assert!(case.dashboard_url.unwrap().starts_with(&west.base_url));
}

#[tokio::test]
async fn a_workspace_that_fails_does_not_hide_the_bot_of_another() {
    let (east, west) = (FakeRecall::start().await, FakeRecall::start().await);
    east.fail_always(Fault::Status(401));
    west.add_bot(bot());
    both(&east, &west, limits()).case_file(id(), now()).await.unwrap();
}

#[tokio::test]
async fn the_workspace_is_remembered_until_the_bot_is_gone_from_it() {
    let (east, west) = (FakeRecall::start().await, FakeRecall::start().await);
    west.add_bot(bot());
    let fetcher = both(&east, &west, ClientConfig { answers_kept_for: Duration::ZERO, ..limits() });
    fetcher.case_file(id(), now()).await.unwrap();
    let asked_east = east.seen().len();
    fetcher.case_file(id(), now()).await.unwrap();
    assert_eq!((east.seen().len(), west.seen().len()), (asked_east, 2));

    west.remove_bot(ID);
    east.add_bot(bot());
    let case = fetcher.case_file(id(), now()).await.unwrap();
    assert!(case.dashboard_url.unwrap().starts_with(&east.base_url));
}

#[tokio::test]
async fn a_bot_that_is_nowhere_names_where_it_was_looked_for() {
    let (east, west) = (FakeRecall::start().await, FakeRecall::start().await);
    let error = both(&east, &west, limits()).case_file(id(), now()).await.unwrap_err();
    assert_eq!(
        error.advice(),
        "No bot with this ID in workspaces east, west. \
         Check the ID, and whether the bot is in another region or workspace."
    );
}

#[tokio::test]
async fn a_workspace_that_could_not_be_asked_is_named() {
    let (east, west) = (FakeRecall::start().await, FakeRecall::start().await);
    west.fail_always(Fault::Status(401));
    let error = both(&east, &west, limits()).case_file(id(), now()).await.unwrap_err();
    assert!(
        matches!(&error, FetchError::PartlySearched { searched, .. } if searched == &["east"]),
        "{error}"
    );
    assert!(error.advice().contains("rejected the API key of workspace west"), "{}", error.advice());

    east.fail_always(Fault::Status(402));
    let error = both(&east, &west, limits()).case_file(id(), now()).await.unwrap_err();
    assert!(matches!(&error, FetchError::PartlySearched { searched, .. } if searched.is_empty()), "{error}");
}

#[tokio::test]
async fn without_a_key_it_says_which_to_set() {
    let fetcher = Fetcher::new(Vec::new(), Vec::new(), limits()).unwrap();
    let error = fetcher.case_file(id(), now()).await.unwrap_err();
    assert!(error.advice().contains("RECALL_API_KEY"), "{}", error.advice());
}

#[tokio::test]
async fn equal_questions_share_one_answer() {
    let recall = FakeRecall::start().await;
    recall.add_bot(bot());
    let fetcher = fetcher(&recall, limits());
    let later = now() + Duration::from_secs(60);
    let (first, second) = tokio::join!(fetcher.case_file(id(), now()), fetcher.case_file(id(), later));
    assert_eq!((first.unwrap().now, second.unwrap().now), (now(), later));
    fetcher.case_file(id(), now()).await.unwrap();
    assert_eq!(recall.seen().len(), 1);
}

#[tokio::test]
async fn an_error_is_not_kept() {
    let recall = FakeRecall::start().await;
    let fetcher = fetcher(&recall, limits());
    fetcher.case_file(id(), now()).await.unwrap_err();
    recall.add_bot(bot());
    fetcher.case_file(id(), now()).await.unwrap();
}

#[tokio::test]
async fn bots_of_a_meeting_are_listed() {
    let recall = FakeRecall::start().await;
    recall.add_bot(bot());
    let found =
        fetcher(&recall, limits()).bots_of_meeting("https://zoom.us/j/1?pwd=x&y=z", now()).await.unwrap();
    assert_eq!(found.bots.len(), 1);
    assert_eq!(found.bots[0].id, id());
    assert_eq!(found.bots[0].workspace, "acme");
    assert_eq!(found.bots[0].latest.as_ref().unwrap().0, EventCode::PermissionDenied);
    assert!(!found.more && found.failed.is_empty());
    assert_eq!(recall.seen()[0].query, "meeting_url=https%3A%2F%2Fzoom.us%2Fj%2F1%3Fpwd%3Dx%26y%3Dz&page=1");
}

#[tokio::test]
async fn a_list_without_end_is_left_off() {
    let recall = FakeRecall::start().await;
    let page = json!({ "results": [bot()], "next": "https://us-east-1.recall.ai/api/v1/bot/?page=2" });
    recall.fail_always(Fault::Text(page.to_string()));
    let found = fetcher(&recall, limits()).bots_of_meeting("https://zoom.us/j/1", now()).await.unwrap();
    assert_eq!((found.bots.len(), found.more, recall.seen().len()), (3, true, 3));
}

#[tokio::test]
async fn errors_of_a_list_do_not_tell_the_meeting_link() {
    let (east, west) = (FakeRecall::start().await, FakeRecall::start().await);
    east.fail_always(Fault::Status(503));
    west.fail_always(Fault::Text("[]".to_owned()));
    let error =
        both(&east, &west, limits()).bots_of_meeting("https://zoom.us/j/1?pwd=x", now()).await.unwrap_err();
    let told = format!("{error} {error:?} {}", error.advice());
    assert!(!told.contains("zoom.us"), "{told}");
}
