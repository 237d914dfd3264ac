//! Discord fails, and people still get their answer.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use why_no_recording::chat::discord::http::{DiscordRequest, parse};
use why_no_recording::chat::discord::{DiscordApi, DiscordMessenger};
use why_no_recording::chat::{DeliveryError, Message, Messenger, SendRequest};

use super::{Talking, command, shown};
use crate::slack::{DENIED, UNKNOWN};
use crate::world::discord::{CHANNEL, FakeDiscord, Fault, TOKEN};

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
        discord.posted(CHANNEL).into_iter().find(|posted| shown(posted).contains("Timeline"))
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

fn at_once() -> Timestamp {
    Timestamp::from_second(1_795_014_001).unwrap()
}

fn later() -> Timestamp {
    Timestamp::from_second(1_795_014_004).unwrap()
}

/// Says something for this command, which was made three seconds before [`later`].
async fn say(
    discord: &FakeDiscord,
    command: &Value,
    clock: fn() -> Timestamp,
    for_all: bool,
) -> Result<(), DeliveryError> {
    let asked_at = Timestamp::from_second(1_795_014_000).unwrap();
    let DiscordRequest::Interaction(interaction, _) = parse(command.to_string().as_bytes(), asked_at) else {
        panic!("a command is an interaction")
    };
    let api = Arc::new(DiscordApi::new(&discord.origin, &SecretString::from(TOKEN)).unwrap());
    let messenger = DiscordMessenger::new(api, clock);
    let (message, requester) = (Message::Notice("words".to_owned()), interaction.requester);
    let request = SendRequest {
        asker: Some(&requester),
        replaces_placeholder: true,
        ..SendRequest::plain(&message, "m")
    };
    if for_all {
        messenger.post(&requester.destination, &request).await.map(drop)
    } else {
        messenger.post_ephemeral(&requester, &request).await
    }
}

/// Discord may hear the answer before the acknowledgement, and then knows no place for it yet.
#[tokio::test]
async fn an_answer_that_is_quicker_than_its_acknowledgement_waits_for_it() {
    let (for_all, alone) = (json!({ "type": 5 }), json!({ "type": 5, "data": { "flags": 64 } }));
    for (number, (what, acknowledgement, to_all)) in
        [(DENIED, &for_all, true), (UNKNOWN, &for_all, false), ("help", &alone, false)]
            .into_iter()
            .enumerate()
    {
        let discord = FakeDiscord::start().await;
        let command = command(number, what);
        let early = say(&discord, &command, at_once, to_all).await;
        assert!(matches!(early, Err(DeliveryError::Busy(_))), "{what}: {early:?}");
        discord.acknowledged(&command, acknowledgement).unwrap();
        say(&discord, &command, at_once, to_all).await.unwrap();
        assert_eq!(discord.posted(CHANNEL).len() + discord.told().len(), 1, "{what}");
        assert_eq!(
            (discord.thinking(), discord.calls(&format!("POST /channels/{CHANNEL}/messages"))),
            (0, 0)
        );
    }
}

#[tokio::test]
async fn an_acknowledgement_that_never_came_is_not_waited_for_longer_than_discord_does() {
    let discord = FakeDiscord::start().await;
    say(&discord, &command(0, DENIED), later, true).await.unwrap();
    assert_eq!(discord.posted(CHANNEL).len(), 1, "there is still the channel");
    let private = say(&discord, &command(1, "help"), later, false).await;
    assert!(matches!(private, Err(DeliveryError::NotThere(_))), "{private:?}");
}
