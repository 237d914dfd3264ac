//! Whose bot it is: the secret of a workspace writes the bots of that workspace and no others.

use std::sync::Arc;

use futures_util::future::join_all;
use secrecy::SecretString;
use serde_json::{Value, json};
use why_no_recording::answer::Answerer;
use why_no_recording::chat::{Chat, Messenger, Messengers};
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::vocabulary::ParticipantNames;
use why_no_recording::pages::Pages;
use why_no_recording::recall::webhook::{NotVerified, WebhookKey};
use why_no_recording::recall::{Fetcher, WorkspaceAccess};
use why_no_recording::rescue::Mode;
use why_no_recording::rights::Rights;
use why_no_recording::service::Service;
use why_no_recording::store::{Accepted, Store};
use why_no_recording::watch::{AlertConfig, WatchedWorkspace, WebhookRejection};

use super::{alerts, at, bot, key, limits, line, signed, status};
use crate::world::board::Board;
use crate::world::databases::{Place, on_each_database};
use crate::world::recall::{FakeRecall, KEY};

on_each_database!(
    a_secret_writes_no_bot_that_is_known_as_somebody_elses,
    of_a_burst_the_first_word_says_whose_bot_it_is,
    a_bot_that_was_claimed_is_given_back_when_recall_says_whose_it_is,
    a_bot_takes_the_webhooks_that_are_meant_for_it,
);

/// Two workspaces on one database.
struct Stage {
    service: Service,
    board: Arc<Board>,
    place: Place,
}

fn key_of(name: &str) -> WebhookKey {
    match name {
        "ours" => key(),
        _ => {
            let secret = "whsec_YW5vdGhlci1zZWNyZXQtdGhhdC1pcy1ub3QtcmVhbA";
            WebhookKey::of(&SecretString::from(secret.to_owned())).unwrap()
        }
    }
}

fn watched(name: &str, keys: &[&str]) -> WatchedWorkspace {
    WatchedWorkspace {
        name: name.to_owned(),
        base_url: "https://us-east-1.recall.ai".to_owned(),
        keys: keys.iter().map(|name| key_of(name)).collect(),
    }
}

fn both() -> Vec<WatchedWorkspace> {
    vec![watched("ours", &["ours"]), watched("theirs", &["theirs"])]
}

impl Stage {
    async fn on(place: Place, workspaces: Vec<WatchedWorkspace>, recalls: &[(&str, &FakeRecall)]) -> Self {
        let access = recalls.iter().map(|(name, recall)| WorkspaceAccess {
            name: (*name).to_owned(),
            base_url: recall.base_url.clone(),
            api_key: SecretString::from(KEY.to_owned()),
        });
        let answerer = Answerer {
            fetcher: Fetcher::new(access.collect(), Vec::new(), limits()).unwrap(),
            catalogue: Catalogue::embedded().unwrap(),
            pages: Pages::shared().unwrap(),
            participant_names: ParticipantNames::Off,
            public_url: None,
            rescue: Mode::Off,
        };
        let board = Arc::new(Board::default());
        let messengers = Messengers::from([(Chat::Console, board.clone() as Arc<dyn Messenger>)]);
        let store = Store::open(&place.url()).await.unwrap();
        let alerts = AlertConfig { workspaces, ..alerts() };
        let service = Service::new(store, answerer, messengers, Rights::default(), alerts);
        Self { service, board, place }
    }

    /// A webhook with the secret of this workspace, which names the workspace in its path or does not.
    async fn send(
        &self,
        secret: &str,
        in_path: Option<&str>,
        body: &Value,
        seconds: i64,
    ) -> Result<Accepted, WebhookRejection> {
        let body = body.to_string();
        let id = uuid::Uuid::new_v4().to_string();
        let headers = signed(&key_of(secret), &id, body.as_bytes(), at(seconds));
        self.service.watch.receive(in_path, &headers, body.as_bytes(), at(seconds)).await
    }

    async fn pass(&self, seconds: i64) {
        self.service.wait_until_idle(at(seconds)).await.unwrap();
    }

    fn lines(&self) -> Vec<String> {
        self.board.channel("alerts").iter().map(line).collect()
    }
}

fn fatal(seconds: i64) -> Value {
    status(&bot(1), at(seconds), "fatal", "meeting_not_found")
}

async fn a_secret_writes_no_bot_that_is_known_as_somebody_elses(place: Place) {
    let stage = Stage::on(place, both(), &[]).await;
    let recording = status(&bot(1), at(0), "in_call_recording", "");
    assert_eq!(stage.send("ours", None, &recording, 0).await, Ok(Accepted::New));
    stage.pass(1).await;
    for path in [None, Some("theirs")] {
        // Success, or the sender would switch the endpoint off for all of its bots.
        let taken = stage.send("theirs", path, &fatal(1), 2).await;
        assert_eq!(taken, Ok(Accepted::SetAside), "{path:?}");
        stage.pass(30).await;
        assert_eq!(stage.lines(), Vec::<String>::new(), "{path:?}");
    }
    assert_eq!(stage.service.store.events_of(&bot(1)).await.unwrap().len(), 1);
    let kept = stage.place.texts("SELECT body FROM webhooks WHERE body IS NOT NULL").await;
    assert_eq!(kept.len(), 2, "what was set aside can be looked at");
    // What they said cannot keep the same word of ours from being heard either.
    assert_eq!(stage.send("ours", None, &fatal(1), 40).await, Ok(Accepted::New));
    stage.pass(50).await;
    assert_eq!(stage.lines().len(), 1);
}

async fn of_a_burst_the_first_word_says_whose_bot_it_is(place: Place) {
    let stage = Stage::on(place, both(), &[]).await;
    let recording = status(&bot(1), at(0), "in_call_recording", "");
    stage.send("ours", None, &recording, 0).await.unwrap();
    let burst = (0..40).map(async |number: i64| {
        let secret = if number % 2 == 0 { "ours" } else { "theirs" };
        let code = if secret == "ours" { "in_call_recording" } else { "fatal" };
        stage.send(secret, None, &status(&bot(1), at(number), code, ""), 40).await.unwrap()
    });
    join_all(burst).await;
    stage.pass(60).await;
    assert_eq!(stage.lines(), Vec::<String>::new());
    let events = stage.service.store.events_of(&bot(1)).await.unwrap();
    assert!(events.iter().all(|event| event.contains("in_call_recording")), "{events:#?}");
}

async fn a_bot_that_was_claimed_is_given_back_when_recall_says_whose_it_is(place: Place) {
    let (ours, theirs) = (FakeRecall::start().await, FakeRecall::start().await);
    ours.add_bot(json!({
        "id": bot(1), "bot_name": "Acme Notetaker", "meeting_url": { "platform": "zoom" },
        "status_changes": [{ "code": "in_call_recording", "created_at": at(0).to_string() }],
    }));
    let stage = Stage::on(place, both(), &[("theirs", &theirs), ("ours", &ours)]).await;
    // They are the first to say something about it.
    assert_eq!(stage.send("theirs", None, &fatal(1), 2).await, Ok(Accepted::New));
    stage.pass(5).await;
    stage.pass(10).await;
    assert_eq!(stage.service.store.events_of(&bot(1)).await.unwrap(), Vec::<String>::new());
    let workspace = stage.place.texts("SELECT workspace FROM bots").await;
    assert_eq!(workspace, ["ours"]);
    // What stands in the channel was their word alone.
    assert!(stage.lines().iter().all(|line| line.starts_with("Resolved")), "{:?}", stage.lines());
    let later = status(&bot(1), at(20), "fatal", "bot_errored");
    assert_eq!(stage.send("theirs", None, &later, 20).await, Ok(Accepted::SetAside));
    assert_eq!(stage.service.store.events_of(&bot(1)).await.unwrap(), Vec::<String>::new());
    let ended = status(&bot(1), at(30), "call_ended", "call_ended_by_host");
    assert_eq!(stage.send("ours", None, &ended, 30).await, Ok(Accepted::New));
}

async fn a_bot_takes_the_webhooks_that_are_meant_for_it(place: Place) {
    for (how, before, after, secret) in [
        ("a workspace has another name now", vec![watched("old", &["ours"])], both(), "ours"),
        (
            "a workspace has no secret of its own, so its webhooks come with another",
            vec![watched("theirs", &["theirs"])],
            vec![watched("ours", &["ours"]), watched("theirs", &[])],
            "ours",
        ),
        (
            "two workspaces share a secret",
            vec![watched("theirs", &["theirs"])],
            vec![watched("ours", &["ours", "theirs"]), watched("theirs", &["theirs"])],
            "theirs",
        ),
        (
            "anybody may write",
            vec![watched("theirs", &["theirs"])],
            vec![watched("ours", &[]), watched("theirs", &["theirs"])],
            "theirs",
        ),
    ] {
        let place = place.another().await;
        let first = Stage::on(place, before.clone(), &[]).await;
        let sender = if before[0].name == "old" { "ours" } else { "theirs" };
        let recording = status(&bot(1), at(0), "in_call_recording", "");
        first.send(sender, None, &recording, 0).await.unwrap();
        first.service.store.close().await;
        let stage = Stage::on(first.place, after, &[]).await;
        assert_eq!(stage.send(secret, None, &fatal(1), 2).await, Ok(Accepted::New), "{how}");
        stage.pass(30).await;
        assert_eq!(stage.service.store.events_of(&bot(1)).await.unwrap().len(), 2, "{how}");
    }
}

/// Whatever is wrong with the name and the secret, the answer is the same.
#[tokio::test]
async fn a_path_that_nobody_has_is_answered_like_one_with_another_secret() {
    let workspaces = vec![watched("ours", &["ours"]), watched("theirs", &["theirs"]), watched("quiet", &[])];
    let stage = Stage::on(Place::sqlite(), workspaces, &[]).await;
    let forged = Err(WebhookRejection::NotVerified(NotVerified::Forged));
    for (secret, path) in [("theirs", "ours"), ("ours", "nobody"), ("theirs", "nobody"), ("ours", "quiet")] {
        assert_eq!(stage.send(secret, Some(path), &fatal(1), 2).await, forged, "{secret} to {path}");
    }
    assert_eq!(stage.send("theirs", Some("theirs"), &fatal(1), 2).await, Ok(Accepted::New));
}
