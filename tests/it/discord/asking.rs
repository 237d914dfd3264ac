//! All the ways to ask, and what people see.

use serde_json::{Value, json};

use super::{Talking, shown};
use crate::slack::{DENIED, NO_HOST, UNKNOWN};
use crate::world::discord::{CHANNEL, FakeDiscord};

#[tokio::test]
async fn the_deferred_reply_becomes_the_verdict_and_its_thread_has_the_details() {
    let chat = Talking::over_http().await;
    assert_eq!(
        chat.interact(&chat.command(NO_HOST)).await,
        json!({ "type": 5, "data": { "attachments": [] } })
    );
    let (verdict, details) = chat.answered().await;
    assert!(
        shown(&verdict).starts_with("**Not recorded:** Zoom saw no host in the call"),
        "{}",
        shown(&verdict)
    );
    assert!(shown(&verdict).contains("Acme \\<!channel\\> Notetaker"), "foreign text is escaped");
    let details = shown(&details);
    for words in [
        "Was the person who scheduled the meeting in the call?",
        "Inferred from the bot's history · The host can fix it",
        "Timeline",
        "<t:1795014000:t>",
        &format!("\"wnr:host_was_there:{NO_HOST}\""),
        &format!("\"wnr:host_was_not_there:{NO_HOST}\""),
        &format!("\"wnr:host_message:{NO_HOST}\""),
    ] {
        assert!(details.contains(words), "{words} in {details}");
    }
    chat.end().await;
}

#[tokio::test]
async fn several_bots_get_a_verdict_each_whoever_of_them_is_unknown() {
    let chat = Talking::over_http().await;
    chat.interact(&chat.command(&format!("{UNKNOWN} {NO_HOST} {DENIED}"))).await;
    let verdicts = |discord: &FakeDiscord| Some(discord.posted(CHANNEL)).filter(|posted| posted.len() == 2);
    let verdicts = chat.discord.until("two verdicts", verdicts).await;
    assert!(shown(&chat.told().await).contains("No bot with this ID"));
    chat.settled().await;
    assert!(verdicts.iter().all(|verdict| chat.discord.posted(&verdict.id).len() == 1));
    chat.end().await;
}

#[tokio::test]
async fn private_answers_and_short_ones_are_for_the_asker_alone() {
    for (what, alone_from_the_start, words) in [
        (format!("private {NO_HOST}"), true, "Was the person who scheduled the meeting in the call?"),
        ("help".to_owned(), true, "type /why-no-recording and its bot ID"),
        ("yesterday's".to_owned(), true, "I couldn't find a bot ID in that."),
        (UNKNOWN.to_owned(), false, "No bot with this ID"),
        ("explain meeting_locked".to_owned(), true, "Lock meeting"),
        ("explain @everyone".to_owned(), true, "@\u{200b}everyone"),
    ] {
        let chat = Talking::over_http().await;
        let acknowledged = chat.interact(&chat.command(&what)).await;
        assert_eq!(acknowledged["data"]["flags"] == 64, alone_from_the_start, "{what}");
        let told = shown(&chat.told().await);
        assert!(told.contains(words), "{what}: {told}");
        chat.settled().await;
        assert!(chat.discord.posted(CHANNEL).is_empty(), "{what}");
        chat.end().await;
    }
}

#[tokio::test]
async fn the_option_makes_an_answer_private() {
    let chat = Talking::over_http().await;
    let mut command = chat.command(DENIED);
    let private = json!({ "name": "private", "type": 5, "value": true });
    command["data"]["options"].as_array_mut().unwrap().push(private);
    chat.interact(&command).await;
    assert!(shown(&chat.told().await).contains("Timeline"));
    chat.end().await;
}

#[tokio::test]
async fn the_menu_of_a_message_finds_the_id_wherever_it_stands() {
    let chat = Talking::over_http().await;
    let link = format!("https://us-east-1.recall.ai/dashboard/explorer/bot/{DENIED}");
    let message =
        json!({ "id": "800000000000000001", "content": "Bot failed", "embeds": [{ "description": link }] });
    let data = json!({
        "id": "700000000000000002", "name": "Why no recording?", "type": 3, "target_id": "800000000000000001",
        "resolved": { "messages": { "800000000000000001": message } },
    });
    chat.interact(&chat.interaction(2, &data)).await;
    let (verdict, _) = chat.answered().await;
    assert!(shown(&verdict).contains("Recording to a computer is turned off"));
    chat.end().await;
}

#[tokio::test]
async fn asked_in_a_thread_everything_stays_there() {
    const THREAD: &str = "900000000000000001";
    let chat = Talking::over_http().await;
    chat.discord.thread(THREAD, 11, CHANNEL);
    chat.interact(&chat.command_in(THREAD, DENIED)).await;
    let both = |discord: &FakeDiscord| Some(discord.posted(THREAD)).filter(|posted| posted.len() == 2);
    chat.discord.until("verdict and details", both).await;
    chat.settled().await;
    assert!(chat.discord.posted(CHANNEL).is_empty());
    // Both go through the interaction, which takes no permission.
    assert_eq!(chat.discord.calls(&format!("POST /channels/{THREAD}/messages")), 0);
    chat.end().await;
}

#[tokio::test]
async fn where_there_can_be_no_thread_the_answer_is_one_message() {
    const DIRECT: &str = "210000000000000001";
    let chat = Talking::over_http().await;
    chat.discord.channel(DIRECT, 1);
    chat.interact(&chat.command_in(DIRECT, NO_HOST)).await;
    let whole = |discord: &FakeDiscord| {
        discord
            .posted(DIRECT)
            .into_iter()
            .find(|posted| shown(posted).contains("Was the person who scheduled the meeting in the call?"))
    };
    let whole = shown(&chat.discord.until("the whole answer", whole).await);
    assert!(whole.starts_with("**Not recorded:**"), "{whole}");
    chat.settled().await;
    assert_eq!(chat.discord.posted(DIRECT).len(), 1);
    chat.end().await;
}

#[tokio::test]
async fn the_answer_to_the_question_edits_the_details_and_the_verdict_above() {
    let chat = Talking::over_http().await;
    chat.interact(&chat.command(NO_HOST)).await;
    let (_, details) = chat.answered().await;
    let press = chat.press(&format!("wnr:host_was_there:{NO_HOST}"), &details);
    assert_eq!(chat.interact(&press).await, json!({ "type": 6, "data": null }));
    chat.settled().await;
    let (verdict, details) = chat.answered().await;
    assert!(shown(&verdict).contains("different Zoom account"), "{}", shown(&verdict));
    let details = shown(&details);
    assert!(
        details.contains("<@600000000000000001> answered the question about the host.")
            && details.contains("Alternative hosts"),
        "{details}"
    );
    assert!(!details.contains("wnr:host_was_there"), "{details}");
    chat.end().await;
}

#[tokio::test]
async fn the_message_for_the_host_is_told_to_whoever_asks_for_it() {
    let chat = Talking::over_http().await;
    chat.interact(&chat.command(DENIED)).await;
    let (_, details) = chat.answered().await;
    let acknowledged = chat.interact(&chat.press(&format!("wnr:host_message:{DENIED}"), &details)).await;
    assert_eq!(acknowledged, json!({ "type": 5, "data": { "flags": 64, "attachments": [] } }));
    assert!(shown(&chat.told().await).starts_with("```\nHi! Our notetaker"));
    chat.end().await;
}

#[tokio::test]
async fn the_message_for_the_host_changes_its_language_in_place() {
    let chat = Talking::over_http().await;
    chat.interact(&chat.command(DENIED)).await;
    let (_, details) = chat.answered().await;
    assert!(shown(&details).contains("Message in another language"), "{}", shown(&details));
    chat.interact(&chat.press(&format!("wnr:host_message:{DENIED}"), &details)).await;
    let mut told = chat.told().await;
    for (language, words) in [
        ("ja", "```\nこんにちは。お客様の Zoom 設定で"),
        ("fr", "```\nBonjour ! Notre assistant de prise de notes « Acme Notetaker »"),
    ] {
        let action = format!("wnr:host_message:{DENIED}:{language}");
        assert!(shown(&told).contains(&action), "{}", shown(&told));
        let acknowledged = chat.interact(&chat.press(&action, &told)).await;
        assert_eq!(acknowledged, json!({ "type": 6, "data": null }));
        let edited =
            |discord: &FakeDiscord| discord.told().into_iter().find(|told| shown(told).starts_with(words));
        told = chat.discord.until("the other language", edited).await;
        let shown = shown(&told);
        assert!(!shown.contains(&action) && shown.contains(&format!("{DENIED}:en")), "{shown}");
    }
    assert_eq!(chat.discord.told().len(), 1, "it is one message");
    chat.end().await;
}

#[tokio::test]
async fn a_repetition_is_answered_once() {
    let chat = Talking::over_http().await;
    let command = chat.command(DENIED);
    chat.interact(&command).await;
    chat.answered().await;
    let (_, again) = chat.post(&command.to_string()).await;
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again, json!({ "type": 5, "data": { "attachments": [] } }));
    chat.settled().await;
    assert_eq!(chat.discord.posted(CHANNEL).len(), 1);
    chat.end().await;
}

#[tokio::test]
async fn those_who_are_not_on_the_list_are_told_so_kindly() {
    let chat = Talking::over_http_with(&[("DISCORD_ALLOWED_USERS", "600000000000000099")]).await;
    chat.interact(&chat.command(DENIED)).await;
    assert!(shown(&chat.told().await).contains("allowlist"));
    chat.settled().await;
    assert!(chat.discord.posted(CHANNEL).is_empty());
    chat.end().await;
}
