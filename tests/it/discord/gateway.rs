//! The gateway.

use serde_json::json;

use super::{Talking, shown};
use crate::slack::DENIED;
use crate::world::discord::{CHANNEL, FakeDiscord};

#[tokio::test]
async fn an_interaction_is_kept_then_acknowledged_then_answered() {
    let chat = Talking::over_gateway().await;
    let command = chat.command(DENIED);
    chat.discord.dispatch("INTERACTION_CREATE", &command).await;
    let id = command["id"].as_str().unwrap().to_owned();
    let acknowledged = chat.discord.until("the acknowledgement", |discord| discord.callback(&id)).await;
    assert_eq!(acknowledged, json!({ "type": 5 }));
    let (verdict, _) = chat.answered().await;
    assert!(shown(&verdict).contains("Recording to the computer is switched off"));
    chat.end().await;
}

#[tokio::test]
async fn asked_to_reconnect_it_resumes_and_answers_again() {
    let chat = Talking::over_gateway().await;
    chat.discord.until("a connection", |discord| (discord.identified() == 1).then_some(())).await;
    chat.discord.gateway_says(&json!({ "op": 7, "d": null }));
    chat.discord.until("a resumed connection", |discord| (discord.resumed() == 1).then_some(())).await;
    chat.discord.dispatch("INTERACTION_CREATE", &chat.command(DENIED)).await;
    let answered = |discord: &FakeDiscord| (!discord.posted(CHANNEL).is_empty()).then_some(());
    chat.discord.until("the answer", answered).await;
    chat.end().await;
}
