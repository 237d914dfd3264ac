//! Discord fails, and people still get their answer.

use serde_json::{Value, json};

use super::{Talking, shown};
use crate::slack::{DENIED, UNKNOWN};
use crate::world::discord::{APPLICATION, CHANNEL, FakeDiscord, Fault};

/// The first call whose path ends so goes wrong, and the answer comes all the same, once.
async fn check(ending: &str, fault: Fault) {
    let chat = Talking::over_http().await;
    chat.discord.fails(ending, fault.clone());
    chat.interact(&chat.command(DENIED)).await;
    chat.answered().await;
    chat.settled().await;
    let verdicts = chat.discord.posted(CHANNEL);
    assert_eq!(verdicts.len(), 1, "{ending} {fault:?}");
    assert_eq!(chat.discord.posted(&verdicts[0].id).len(), 1, "{ending} {fault:?}");
    chat.end().await;
}

#[tokio::test]
async fn what_discord_did_not_take_is_said_again() {
    check("@original", Fault::Busy("0.2")).await;
    check("@original", Fault::Refused(500, 0)).await;
    check("/threads", Fault::Refused(502, 0)).await;
    check("/threads", Fault::Busy("0.2")).await;
}

#[tokio::test]
async fn what_discord_took_before_the_connection_broke_is_there_once() {
    check("@original", Fault::DoneAndReset).await;
    check("/threads", Fault::DoneAndReset).await;
    // The nonce makes Discord recognise the repetition.
    check("/messages", Fault::DoneAndReset).await;
}

#[tokio::test]
async fn without_the_permission_for_threads_the_answer_is_one_message() {
    let chat = Talking::over_http().await;
    chat.discord.fails("/threads", Fault::Refused(403, 50013));
    chat.interact(&chat.command(DENIED)).await;
    let whole = |discord: &FakeDiscord| {
        discord.posted(CHANNEL).into_iter().find(|posted| shown(posted).contains("What to do"))
    };
    chat.discord.until("the whole answer", whole).await;
    chat.settled().await;
    assert_eq!(chat.discord.posted(CHANNEL).len(), 1);
    chat.end().await;
}

#[tokio::test]
async fn an_interaction_that_is_over_is_answered_in_the_channel() {
    let chat = Talking::over_http().await;
    let mut command = chat.command(DENIED);
    command["token"] = "gone".into();
    // The acknowledgement was lost on its way, so Discord knows no reply to edit.
    chat.post(&command.to_string()).await;
    chat.answered().await;
    chat.settled().await;
    assert_eq!(chat.discord.calls(&format!("POST /channels/{CHANNEL}/messages")), 1);
    chat.end().await;
}

/// Discord may hear the answer before the acknowledgement, and then knows no place for it yet.
async fn check_quicker(what: &str, acknowledgement: Value, call: &str) {
    let chat = Talking::over_http().await;
    let command = chat.command(what);
    chat.post(&command.to_string()).await;
    let call = call.replace("TOKEN", command["token"].as_str().unwrap());
    let early = |discord: &FakeDiscord| (discord.calls(&call) > 0).then_some(());
    chat.discord.until("an answer that comes too early", early).await;
    chat.discord.acknowledged(&command, &acknowledgement).unwrap();
    chat.settled().await;
    let (posted, told) = (chat.discord.posted(CHANNEL).len(), chat.discord.told().len());
    assert_eq!(posted + told, 1, "{what}");
    assert_eq!(chat.discord.calls(&format!("POST /channels/{CHANNEL}/messages")), 0, "{what}");
    chat.end().await;
}

#[tokio::test]
async fn an_answer_that_is_quicker_than_its_acknowledgement_waits_for_it() {
    let (for_all, alone) = (json!({ "type": 5 }), json!({ "type": 5, "data": { "flags": 64 } }));
    let original = format!("/webhooks/{APPLICATION}/TOKEN/messages/@original");
    check_quicker(DENIED, for_all.clone(), &format!("PATCH {original}")).await;
    check_quicker(UNKNOWN, for_all, &format!("DELETE {original}")).await;
    check_quicker("help", alone, &format!("PATCH {original}")).await;
}
