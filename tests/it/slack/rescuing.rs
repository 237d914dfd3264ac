//! Asking the host again from Slack: the form, its submission, and what is told where there is no form.

use serde_json::{Value, json};
use why_no_recording::app;
use why_no_recording::clock;
use why_no_recording::report::rescue::{BEGUN, CANCELLED, MAY_NOT_ACT};

use super::{Talking, World, shown};
use crate::alerts::bot;
use crate::rescue::zoom_bot;
use crate::world::recall::Place;
use crate::world::slack::{APP_TOKEN, Connection, FakeSlack, Posted};

const BUTTON: (&str, &str) = ("RESCUE_MODE", "button");
/// Who presses buttons here.
const SAM: (&str, &str) = ("SLACK_ACTING_USERS", "U2");

/// How Slack's requests come.
enum By {
    Http,
    Socket(Connection),
}

impl By {
    async fn deliver(&self, chat: &Talking, payload: &Value) {
        match self {
            Self::Http => chat.interact(payload).await,
            Self::Socket(connection) => {
                let id = format!("e{}", chat.world.number());
                connection.deliver("interactive", &id, payload).await;
            }
        }
    }
}

/// A bot whose host declined, and the details of an answer about it, which have the button.
async fn declined(more: &[(&'static str, &str)]) -> (Talking, Posted) {
    declined_in(World::new().await, more).await
}

async fn declined_in(world: World, more: &[(&'static str, &str)]) -> (Talking, Posted) {
    world.recall.set_clock(clock::now());
    world.recall.join_meeting(zoom_bot(1, 300), Place::InCall);
    world.recall.host_declined(&bot(1));
    let running = app::start(&world.settings(&[&[BUTTON], more].concat())).await.unwrap();
    let chat = Talking { world, running };
    let body = super::form(&chat.world.command(&bot(1), "asked"));
    let (status, _) = chat.post("/slack/commands", &body).await;
    // With Socket Mode there is no other way in.
    if !status.is_success() {
        let connection = chat.world.slack.connections(1).await.remove(0);
        connection.deliver("slash_commands", "asked", &chat.world.command(&bot(1), "asked")).await;
    }
    let details = chat.posted(2).await.remove(1);
    let card = shown(&details.body);
    assert!(card.contains("Ask the host again…") && card.contains(&rescue_id()), "{card}");
    (chat, details)
}

fn rescue_id() -> String {
    format!("wnr:rescue:{}", bot(1))
}

/// What reached the meeting: messages to the host, and pop-ups.
fn reached(chat: &Talking) -> (usize, usize) {
    let recall = &chat.world.recall;
    assert!(recall.messages_to_everyone(&bot(1)).is_empty(), "others could read it");
    (recall.messages_to_host(&bot(1)).len(), recall.pop_ups(&bot(1)))
}

async fn view(chat: &Talking, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let found = |slack: &FakeSlack| slack.views().into_iter().find(|view| wanted(view));
    chat.world.slack.until(what, found).await
}

/// The card, once it says this.
async fn card(chat: &Talking, of: &Posted, words: &str) -> String {
    let says = |slack: &FakeSlack| {
        let card = slack.posted("C1").into_iter().find(|posted| posted.ts == of.ts)?;
        Some(shown(&card.body)).filter(|card| card.contains(words))
    };
    chat.world.slack.until(words, says).await
}

async fn a_form_shows_what_is_sent_and_sends_it_once(chat: Talking, details: Posted, by: By) {
    let joined =
        chat.world.recall.bot(&bot(1))["status_changes"][0]["created_at"].as_str().unwrap().to_owned();
    let joined: jiff::Timestamp = joined.parse().unwrap();
    // Recall.ai takes its time, and Slack doesn't wait for it.
    let slow = chat.world.recall.hold().await;
    by.deliver(&chat, &chat.world.press(&rescue_id(), &details)).await;
    let waiting = view(&chat, "a form", |_| true).await;
    assert!(shown(&waiting).contains("Checking the bot…"), "{waiting}");
    assert_eq!((&waiting["submit"], &waiting["close"]["text"]), (&Value::Null, &json!("Close")));
    drop(slow);

    let preview = view(&chat, "a preview", |view| view["submit"].is_object()).await;
    assert_eq!(preview["id"], waiting["id"], "it is the same form");
    let (told, since) = (shown(&preview), format!("since <!date^{}^", joined.as_second()));
    for words in
        [&bot(1), "Acme Notetaker", "Zoom", "The bot has been in the call ", &since, "It leaves by itself"]
    {
        assert!(told.contains(words), "{words} in {told}");
    }
    let labels = ["submit", "close"].map(|part| preview[part]["text"].as_str().unwrap());
    assert_eq!(labels, ["Send and ask again", "Cancel"]);
    assert_eq!(reached(&chat), (0, 0), "a preview sends nothing");

    let submission = chat.world.slack.submission(&preview, &[]);
    assert_eq!(submission["response_urls"], json!([]), "there is no address for an answer");
    by.deliver(&chat, &submission).await;
    // Slack didn't hear the acknowledgement.
    by.deliver(&chat, &submission).await;
    assert_eq!(shown(&chat.told("chat.postEphemeral").await.body).trim(), BEGUN);
    let over = card(&chat, &details, "Asked again by <@U2>").await;
    assert!(over.contains("Waiting for the host.") && !over.contains(&rescue_id()), "{over}");
    chat.settled().await;
    assert_eq!(reached(&chat), (1, 1));
    let [sent] = chat.world.recall.messages_to_host(&bot(1)).try_into().unwrap();
    assert!(told.contains(&sent), "what is sent was shown: {sent} in {told}");
    assert_eq!(chat.world.slack.told().iter().filter(|told| told.through == "chat.postEphemeral").count(), 1);
    chat.end().await;
}

#[tokio::test]
async fn over_http_a_form_shows_what_is_sent_and_sends_it_once() {
    let (chat, details) = declined(&[SAM]).await;
    a_form_shows_what_is_sent_and_sends_it_once(chat, details, By::Http).await;
}

#[tokio::test]
async fn through_sockets_a_form_shows_what_is_sent_and_sends_it_once() {
    let (chat, details) = declined(&[SAM, ("SLACK_APP_TOKEN", APP_TOKEN)]).await;
    let connection = chat.world.slack.connections(1).await.remove(0);
    a_form_shows_what_is_sent_and_sends_it_once(chat, details, By::Socket(connection)).await;
}

#[tokio::test]
async fn a_form_says_so_if_there_is_nothing_to_ask_any_more() {
    let (chat, details) = declined(&[SAM]).await;
    chat.world.recall.end_meeting(&bot(1));
    chat.interact(&chat.world.press(&rescue_id(), &details)).await;
    let told = view(&chat, "a notice", |view| !shown(view).contains("Checking")).await;
    assert!(shown(&told).contains("There is nothing to ask any more"), "{told}");
    assert_eq!(told["submit"], Value::Null);
    assert_eq!(reached(&chat), (0, 0));
    chat.end().await;
}

/// A button of the message for one person alone.
fn alone(chat: &Talking, action: &str, on: &Posted, name: &str) -> Value {
    let mut press = chat.world.press(action, on);
    press["container"]["is_ephemeral"] = true.into();
    press["response_url"] = chat.world.slack.response_url(name).into();
    press.as_object_mut().unwrap().remove("message");
    press
}

#[tokio::test]
async fn where_the_time_for_a_form_is_over_a_message_has_the_buttons() {
    let (chat, details) = declined(&[SAM]).await;
    for (button, told_for_it, reaches) in
        [("rescue_cancel", CANCELLED, (0, 0)), ("rescue_send", BEGUN, (1, 1))]
    {
        let mut press = chat.world.press(&rescue_id(), &details);
        chat.world.slack.trigger_expires(press["trigger_id"].as_str().unwrap());
        press["response_url"] = chat.world.slack.response_url(&format!("preview-{button}")).into();
        chat.interact(&press).await;
        let preview = chat.told(&format!("preview-{button}")).await.body;
        assert_eq!(
            (&preview["response_type"], &preview["replace_original"]),
            (&json!("ephemeral"), &json!(false))
        );
        let preview = shown(&preview);
        let actions: Vec<&str> = preview.lines().filter(|line| line.starts_with("wnr:")).collect();
        let [send, cancel] = actions[..] else { panic!("{preview}") };
        assert!(
            send.starts_with("wnr:rescue_send:") && cancel.starts_with("wnr:rescue_cancel:"),
            "{preview}"
        );
        assert!(actions.iter().all(|id| id.len() <= 100), "{preview}");
        let action = actions.iter().find(|id| id.contains(button)).unwrap();
        chat.interact(&alone(&chat, action, &details, button)).await;
        let told = chat.told(button).await.body;
        assert_eq!(told["replace_original"], true, "it takes the place of the preview");
        assert_eq!(shown(&told).trim(), told_for_it);
        if button == "rescue_send" {
            card(&chat, &details, "Asked again by <@U2>").await;
        }
        chat.settled().await;
        assert_eq!(reached(&chat), reaches, "{button}");
    }
    assert!(chat.world.slack.views().is_empty());
    chat.end().await;
}

/// Such a card can't be edited any more, so its next state is another message for the person.
#[tokio::test]
async fn where_one_person_has_the_card_they_alone_learn_what_comes_of_it() {
    let (chat, details) = declined(&[SAM]).await;
    let edits = |chat: &Talking| chat.world.slack.calls("chat.update");
    let name = chat.ask(&format!("private {}", bot(1))).await;
    assert!(shown(&chat.told(&name).await.body).contains(&rescue_id()));
    chat.interact(&alone(&chat, &rescue_id(), &details, "pressed")).await;
    let preview = view(&chat, "a preview", |view| view["submit"].is_object()).await;
    assert_eq!(chat.submit(&preview, &[]).await, []);
    let outcome = |slack: &FakeSlack| {
        slack
            .told()
            .into_iter()
            .map(|told| shown(&told.body))
            .find(|told| told.contains("Asked again by <@U2>"))
    };
    chat.world.slack.until("what came of it", outcome).await;
    chat.settled().await;
    assert_eq!((reached(&chat), edits(&chat)), ((1, 1), 0));
    chat.end().await;
}

#[tokio::test]
async fn who_may_not_act_is_told_so_alone_and_nothing_is_opened() {
    let (chat, details) = declined(&[("SLACK_ACTING_USERS", "U9")]).await;
    chat.interact(&chat.world.press(&rescue_id(), &details)).await;
    let told = chat.told("press").await.body;
    assert_eq!((shown(&told).trim(), &told["response_type"]), (MAY_NOT_ACT, &json!("ephemeral")));
    chat.settled().await;
    assert_eq!((chat.world.slack.calls("views.open"), reached(&chat)), (0, (0, 0)));
    chat.end().await;
}

/// The right is checked again: a form that was open before the person lost it is of no use.
#[tokio::test]
async fn a_form_of_another_person_sends_nothing() {
    let (chat, details) = declined(&[SAM]).await;
    chat.interact(&chat.world.press(&rescue_id(), &details)).await;
    let preview = view(&chat, "a preview", |view| view["submit"].is_object()).await;
    let mut submission = chat.world.slack.submission(&preview, &[]);
    submission["user"]["id"] = "U3".into();
    chat.interact(&submission).await;
    assert_eq!(shown(&chat.told("chat.postEphemeral").await.body).trim(), MAY_NOT_ACT);
    chat.settled().await;
    assert_eq!(reached(&chat), (0, 0));
    chat.end().await;
}

#[tokio::test]
async fn a_user_group_is_asked_for_and_grants_nothing_while_slack_does_not_say() {
    let world = World::new().await;
    world.slack.group("S1", &["U1", "U9"]);
    let (chat, details) = declined_in(world, &[("SLACK_ACTING_GROUPS", "S0,S1")]).await;
    let press = |name: &str| {
        let mut press = chat.world.press(&rescue_id(), &details);
        press["response_url"] = chat.world.slack.response_url(name).into();
        press
    };
    // The app was installed before it needed this scope.
    chat.interact(&press("without-scope")).await;
    let told = shown(&chat.told("without-scope").await.body);
    assert!(told.contains("I couldn't check if you may act") && told.contains("missing_scope"), "{told}");

    // One of the groups is gone, and the other one doesn't have the person.
    chat.world.slack.grant("usergroups:read");
    chat.interact(&press("gone")).await;
    let told = shown(&chat.told("gone").await.body);
    assert!(told.contains("I couldn't check if you may act") && told.contains("no_such_subteam"), "{told}");
    chat.world.slack.group("S0", &[]);
    chat.interact(&press("not-in-it")).await;
    assert_eq!(shown(&chat.told("not-in-it").await.body).trim(), MAY_NOT_ACT);
    assert_eq!(chat.world.slack.calls("views.open"), 0);

    // Whoever is in the one that is there needs no other.
    chat.world.slack.no_group("S0");
    chat.world.slack.group("S1", &["U2"]);
    chat.interact(&press("in-it")).await;
    let preview = view(&chat, "a preview", |view| view["submit"].is_object()).await;
    assert_eq!(chat.submit(&preview, &[]).await, []);
    card(&chat, &details, "Asked again by <@U2>").await;
    chat.settled().await;
    assert_eq!(reached(&chat), (1, 1));
    chat.end().await;
}
