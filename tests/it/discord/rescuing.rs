//! Asking the host again from Discord: a message for one person alone, with two buttons.

use serde_json::{Value, json};
use why_no_recording::clock;
use why_no_recording::report::rescue::{BEGUN, CANCELLED, MAY_NOT_ACT};

use super::{Talking, shown};
use crate::alerts::bot;
use crate::rescue::zoom_bot;
use crate::world::discord::{CHANNEL, FakeDiscord, Posted};
use crate::world::recall::Place;

const BUTTON: (&str, &str) = ("RESCUE_MODE", "button");
/// Who presses buttons here.
const PERSON: &str = "600000000000000001";
const SAM: (&str, &str) = ("DISCORD_ACTING_USERS", PERSON);
const ROLE: &str = "510000000000000009";
const LEADS: (&str, &str) = ("DISCORD_ACTING_ROLES", ROLE);

/// A service, and a bot whose host declined.
async fn asking(more: (&'static str, &str)) -> Talking {
    let chat = Talking::over_http_with(&[BUTTON, more]).await;
    chat.world.recall.set_clock(clock::now());
    chat.world.recall.join_meeting(zoom_bot(1, 300), Place::InCall);
    chat.world.recall.host_declined(&bot(1));
    chat
}

/// A bot whose host declined, and the details of an answer about it, which have the button.
async fn declined(more: (&'static str, &str)) -> (Talking, Posted) {
    let chat = asking(more).await;
    chat.interact(&chat.command(&bot(1))).await;
    let (_, details) = chat.answered().await;
    assert!(ids(&details).contains(&rescue_id()), "{:?}", ids(&details));
    (chat, details)
}

fn rescue_id() -> String {
    format!("wnr:rescue:{}", bot(1))
}

/// The ids of all buttons.
fn ids(posted: &Posted) -> Vec<String> {
    let rows = posted.body["components"].as_array().into_iter().flatten();
    let buttons = rows.flat_map(|row| row["components"].as_array().unwrap());
    buttons.filter_map(|button| button["custom_id"].as_str().map(ToOwned::to_owned)).collect()
}

fn reached(chat: &Talking) -> (usize, usize) {
    let recall = &chat.world.recall;
    assert!(recall.messages_to_everyone(&bot(1)).is_empty(), "others could read it");
    (recall.messages_to_host(&bot(1)).len(), recall.pop_ups(&bot(1)))
}

/// What the person alone sees, once it says this.
async fn told(chat: &Talking, words: &str) -> Posted {
    let says = |discord: &FakeDiscord| discord.told().into_iter().rfind(|told| shown(told).contains(words));
    chat.discord.until(words, says).await
}

async fn asked_again(chat: &Talking) -> String {
    let says = |discord: &FakeDiscord| {
        let verdict = discord.posted(CHANNEL).into_iter().next()?;
        let details = discord.posted(&verdict.id).into_iter().next()?;
        Some(shown(&details)).filter(|card| card.contains("Asked again by"))
    };
    chat.discord.until("the card", says).await
}

#[tokio::test]
async fn a_private_preview_shows_what_is_sent_and_sends_it_once() {
    let (chat, details) = declined(SAM).await;
    let acknowledged = chat.interact(&chat.press(&rescue_id(), &details)).await;
    assert_eq!(acknowledged, json!({ "type": 5, "data": { "flags": 64, "attachments": [] } }));
    let preview = told(&chat, "Ask the host again?").await;
    let [send, cancel] = ids(&preview).try_into().unwrap();
    assert!(
        send.starts_with("wnr:rescue_send:") && cancel.starts_with("wnr:rescue_cancel:"),
        "{send} {cancel}"
    );
    // Ids of messages have up to twenty digits.
    assert!(send.len() - details.id.len() + 20 <= 100, "{send}");
    let said = shown(&preview);
    for words in
        [&bot(1), "Acme Notetaker", "Zoom", "The bot has been in the call since <t:", "[Send and ask again]"]
    {
        assert!(said.contains(words), "{words} in {said}");
    }
    chat.settled().await;
    assert_eq!((reached(&chat), chat.discord.told().len()), ((0, 0), 1), "a preview sends nothing");

    let press = chat.press(&send, &preview);
    assert_eq!(chat.interact(&press).await, json!({ "type": 6, "data": null }));
    chat.post(&press.to_string()).await;
    let over = told(&chat, BEGUN).await;
    assert_eq!((&over.id, ids(&over).len()), (&preview.id, 0), "it takes the place of the preview");
    assert!(asked_again(&chat).await.contains(&format!("Asked again by <@{PERSON}>")));
    chat.settled().await;
    assert_eq!((reached(&chat), chat.discord.told().len()), ((1, 1), 1));
    let [sent] = chat.world.recall.messages_to_host(&bot(1)).try_into().unwrap();
    assert!(said.contains(&sent), "what is sent was shown: {sent} in {said}");
    chat.end().await;
}

#[tokio::test]
async fn who_cancels_sends_nothing() {
    let (chat, details) = declined(SAM).await;
    chat.interact(&chat.press(&rescue_id(), &details)).await;
    let preview = told(&chat, "Ask the host again?").await;
    let cancel = ids(&preview).pop().unwrap();
    chat.interact(&chat.press(&cancel, &preview)).await;
    assert_eq!(ids(&told(&chat, CANCELLED).await).len(), 0);
    chat.settled().await;
    assert_eq!((reached(&chat), chat.discord.told().len()), ((0, 0), 1));
    chat.end().await;
}

/// Such a card can't be edited any more, so its next state is another message for the person.
#[tokio::test]
async fn where_one_person_has_the_card_they_alone_learn_what_comes_of_it() {
    let chat = asking(SAM).await;
    chat.interact(&chat.command(&format!("private {}", bot(1)))).await;
    let card = chat.told().await;
    chat.interact(&chat.press(&rescue_id(), &card)).await;
    let preview = told(&chat, "Ask the host again?").await;
    chat.interact(&chat.press(&ids(&preview)[0], &preview)).await;
    let outcome = told(&chat, "Asked again by").await;
    assert!(shown(&outcome).contains("Waiting for the host."), "{}", shown(&outcome));
    chat.settled().await;
    assert_eq!((reached(&chat), chat.discord.posted(CHANNEL).len()), ((1, 1), 0));
    chat.end().await;
}

#[tokio::test]
async fn who_may_not_act_is_told_so_alone() {
    let (chat, details) = declined(("DISCORD_ACTING_USERS", "600000000000000099")).await;
    chat.interact(&chat.press(&rescue_id(), &details)).await;
    told(&chat, MAY_NOT_ACT).await;
    chat.settled().await;
    assert_eq!((reached(&chat), chat.discord.told().len()), ((0, 0), 1));
    chat.end().await;
}

/// A press of the button with these roles in it.
fn press_with(chat: &Talking, details: &Posted, roles: &[&str]) -> Value {
    let mut press = chat.press(&rescue_id(), details);
    press["member"]["roles"] = json!(roles);
    press
}

#[tokio::test]
async fn roles_are_those_of_this_moment_where_discord_says_them() {
    let (chat, details) = declined(LEADS).await;
    // The person lost the role, or left, since their program last heard of it.
    for (roles, in_press) in [(Some(&[][..]), &[ROLE][..]), (None, &[ROLE]), (Some(&["1"]), &[ROLE])] {
        chat.discord.member(PERSON, roles);
        let before = chat.discord.told().len();
        chat.interact(&press_with(&chat, &details, in_press)).await;
        let another = |discord: &FakeDiscord| discord.told().into_iter().nth(before);
        let answer = shown(&chat.discord.until("an answer", another).await);
        assert!(answer.contains(MAY_NOT_ACT), "{roles:?}: {answer}");
    }
    chat.discord.member(PERSON, Some(&[ROLE]));
    chat.interact(&press_with(&chat, &details, &[])).await;
    let preview = told(&chat, "Ask the host again?").await;
    // The role is taken away before the decision.
    chat.discord.member(PERSON, Some(&[]));
    let send = ids(&preview).remove(0);
    let before = chat.discord.told().len();
    chat.interact(&chat.press(&send, &preview)).await;
    let another = |discord: &FakeDiscord| discord.told().into_iter().nth(before);
    let answer = shown(&chat.discord.until("an answer", another).await);
    assert!(answer.contains(MAY_NOT_ACT), "{answer}");
    chat.settled().await;
    assert_eq!(reached(&chat), (0, 0));
    chat.end().await;
}

#[tokio::test]
async fn where_the_app_has_no_user_the_roles_in_the_press_count() {
    let (chat, details) = declined(LEADS).await;
    chat.discord.has_no_user();
    chat.interact(&press_with(&chat, &details, &["1"])).await;
    told(&chat, MAY_NOT_ACT).await;
    chat.interact(&press_with(&chat, &details, &["1", ROLE])).await;
    let preview = told(&chat, "Ask the host again?").await;
    let send = ids(&preview).remove(0);
    let mut press = chat.press(&send, &preview);
    press["member"]["roles"] = json!([ROLE]);
    chat.interact(&press).await;
    told(&chat, BEGUN).await;
    asked_again(&chat).await;
    chat.settled().await;
    assert_eq!(reached(&chat), (1, 1));
    chat.end().await;
}
