//! All the ways to ask, and what people see.

use serde_json::json;

use super::{DENIED, NO_HOST, UNKNOWN, World, shown};
use why_no_recording::app;

#[tokio::test]
async fn a_command_gets_the_verdict_and_the_details_in_its_thread() {
    let chat = World::new().await.over_http().await;
    chat.ask(NO_HOST).await;
    let [verdict, details] = chat.posted(2).await.try_into().unwrap();
    assert_eq!(verdict.thread_ts, None);
    assert_eq!(details.thread_ts.as_deref(), Some(verdict.ts.as_str()));
    assert!(
        shown(&verdict.body).contains("*Not recorded:* Zoom saw no host in the call"),
        "{}",
        verdict.body
    );
    let text = verdict.body["text"].as_str().unwrap();
    assert!(text.contains(NO_HOST) && !text.contains('*'), "it stands alone in a notification: {text}");
    let details = shown(&details.body);
    for words in [
        "Was the person who scheduled the meeting in the call?",
        "Inferred from the bot's history · The host can fix it",
        "Timeline",
        "<!date^1795014000^",
        &format!("wnr:host_was_there:{NO_HOST}"),
        &format!("wnr:host_was_not_there:{NO_HOST}"),
        &format!("wnr:host_message:{NO_HOST}"),
    ] {
        assert!(details.contains(words), "{words} in {details}");
    }
    assert!(details.contains("Acme &lt;!channel&gt; Notetaker"), "foreign text cannot ping: {details}");
    chat.end().await;
}

#[tokio::test]
async fn command_mention_and_shortcut_get_the_same_answer() {
    let chat = World::new().await.over_http().await;
    chat.ask(DENIED).await;
    let by_command = shown(&chat.posted(2).await[1].body);

    let ts = chat.world.slack.says("C1", "Where is the recording?");
    chat.push(&chat.world.mention(DENIED, &ts, None)).await;
    let by_mention = chat.posted(4).await;
    assert!(by_mention[2..].iter().all(|posted| posted.thread_ts.as_deref() == Some(ts.as_str())));
    assert_eq!(shown(&by_mention[3].body), by_command);

    let alarm = json!({ "type": "message", "ts": "1795014000.9", "text": "Bot failed", "attachments": [
        { "fallback": format!("https://us-east-1.recall.ai/dashboard/explorer/bot/{DENIED}") },
    ] });
    chat.interact(&chat.world.shortcut(&alarm)).await;
    let by_shortcut = chat.posted(6).await;
    assert_eq!(by_shortcut[5].thread_ts.as_deref(), Some("1795014000.9"));
    assert_eq!(shown(&by_shortcut[5].body), by_command);
    chat.end().await;
}

#[tokio::test]
async fn several_bots_get_a_verdict_each_and_unknown_ones_a_word_to_the_asker() {
    let chat = World::new().await.over_http().await;
    let name = chat.ask(&format!("{NO_HOST} and {UNKNOWN}, also {DENIED}")).await;
    let posted = chat.posted(4).await;
    assert_eq!(posted.iter().filter(|posted| posted.thread_ts.is_none()).count(), 2);
    assert!(shown(&chat.told(&name).await.body).contains("No bot with this ID"));
    chat.end().await;
}

#[tokio::test]
async fn private_answers_and_short_ones_are_for_the_asker_alone() {
    let chat = World::new().await.over_http().await;
    let cases = [
        (format!("private {NO_HOST}"), "Was the person who scheduled the meeting in the call?"),
        (String::new(), "type /why-no-recording and its bot ID"),
        ("help".to_owned(), "Mention me there with the ID"),
        ("yesterday's".to_owned(), "I couldn't find a bot ID in that."),
        (UNKNOWN.to_owned(), "No bot with this ID"),
        ("explain meeting_locked".to_owned(), "Lock meeting"),
        ("explain meeting_lock".to_owned(), "Did you mean meeting_locked"),
        ("explain <http://evil.example|x>".to_owned(), "&lt;http://evil.example|x&gt;"),
    ];
    for (what, words) in cases {
        let name = chat.ask(&what).await;
        let told = chat.told(&name).await.body;
        assert!(shown(&told).contains(words), "{what}: {told}");
        assert_eq!(told["response_type"], "ephemeral");
    }
    assert!(chat.world.slack.posted("C1").is_empty());
    chat.end().await;
}

#[tokio::test]
async fn where_the_app_is_not_in_the_channel_the_asker_gets_the_whole_answer_alone() {
    let chat = World::new().await.over_http().await;
    let mut command = chat.world.command(NO_HOST, "elsewhere");
    command["channel_id"] = "C2".into();
    chat.send_command(&command).await;
    let told = shown(&chat.told("elsewhere").await.body);
    assert!(
        told.contains("/invite") && told.contains("Was the person who scheduled the meeting in the call?"),
        "{told}"
    );
    chat.settled().await;
    assert_eq!(chat.world.slack.told().len(), 1);
    assert!(chat.world.slack.posted("C2").is_empty());
    chat.end().await;
}

#[tokio::test]
async fn the_answer_to_the_question_edits_the_details_and_the_verdict_above() {
    let chat = World::new().await.over_http().await;
    chat.ask(NO_HOST).await;
    let details = chat.posted(2).await.remove(1);
    chat.interact(&chat.world.press(&format!("wnr:host_was_there:{NO_HOST}"), &details)).await;
    let edited = |slack: &crate::world::slack::FakeSlack| {
        Some(slack.posted("C1")).filter(|posted| posted.iter().all(|posted| posted.edits == 1))
    };
    let [verdict, details] = chat.world.slack.until("both are edited", edited).await.try_into().unwrap();
    assert!(shown(&verdict.body).contains("different Zoom account"), "{}", verdict.body);
    let text = shown(&details.body);
    assert!(
        text.contains("<@U2> answered the question about the host.") && text.contains("Alternative hosts"),
        "{text}"
    );
    assert!(!text.contains("wnr:host_was_there"), "the question is answered: {text}");
    chat.end().await;
}

#[tokio::test]
async fn a_button_below_a_private_answer_edits_that_answer() {
    let chat = World::new().await.over_http().await;
    let private = crate::world::slack::Posted {
        channel: "C2".to_owned(),
        ts: "1".to_owned(),
        thread_ts: None,
        body: json!({ "text": "" }),
        edits: 0,
        at: std::time::Instant::now(),
    };
    let mut press = chat.world.press(&format!("wnr:host_was_not_there:{NO_HOST}"), &private);
    press["container"]["is_ephemeral"] = true.into();
    chat.interact(&press).await;
    let told = chat.told("press").await.body;
    assert_eq!(told["replace_original"], true);
    assert!(shown(&told).contains("The host was not in the meeting"), "{told}");
    chat.end().await;
}

#[tokio::test]
async fn the_message_for_the_host_is_told_to_whoever_asks_for_it() {
    let chat = World::new().await.over_http().await;
    chat.ask(DENIED).await;
    let details = chat.posted(2).await.remove(1);
    chat.interact(&chat.world.press(&format!("wnr:host_message:{DENIED}"), &details)).await;
    let told = chat.told("press").await.body;
    assert!(shown(&told).starts_with("Hi! Our notetaker"), "{told}");
    assert_eq!(told["replace_original"], false);
    assert_eq!(chat.world.slack.calls("chat.update"), 0);
    chat.end().await;
}

#[tokio::test]
async fn the_message_for_the_host_changes_its_language_in_place() {
    let world = World::new().await;
    let settings = world.settings(&[("HTTP_PUBLIC_URL", "https://wnr.example.com")]);
    let running = app::start(&settings).await.unwrap();
    let chat = super::Talking { world, running };
    chat.ask(DENIED).await;
    let details = chat.posted(2).await.remove(1);
    let card = shown(&details.body);
    assert!(card.contains("Send this to the host") && card.contains("Message in another language"), "{card}");
    chat.interact(&chat.world.press(&format!("wnr:host_message:{DENIED}"), &details)).await;
    let english = shown(&chat.told("press").await.body);
    assert!(english.contains("wnr.example.com/h/zoom_local_recording_disabled"), "{english}");
    assert!(!english.contains("?lang=") && !english.contains(&format!("{DENIED}:en")), "{english}");
    for (language, words) in [
        ("de", "Guten Tag! Unser Notetaker „Acme Notetaker“ konnte Ihr Zoom-Meeting nicht aufzeichnen"),
        ("pt-BR", "Olá! Nosso assistente de anotações “Acme Notetaker”"),
        ("en", "Hi! Our notetaker"),
    ] {
        let action = format!("wnr:host_message:{DENIED}:{language}");
        assert!(english.contains(&action) || language == "en", "{english}");
        let mut press = chat.world.press(&action, &details);
        press["container"]["is_ephemeral"] = true.into();
        press["response_url"] = chat.world.slack.response_url(language).into();
        chat.interact(&press).await;
        let told = chat.told(language).await.body;
        assert_eq!(told["replace_original"], true);
        let told = shown(&told);
        assert!(told.starts_with(words), "{told}");
        assert!(told.contains(&format!("zoom_local_recording_disabled?lang={language}")), "{told}");
        assert!(!told.contains(&action), "{told}");
        let others = ["en", "de", "fr", "es", "pt-BR", "ja"].into_iter().filter(|other| *other != language);
        for other in others {
            assert!(told.contains(&format!("wnr:host_message:{DENIED}:{other}")), "{language}: {told}");
        }
    }
    assert_eq!(chat.world.slack.calls("chat.update"), 0);
    assert_eq!(chat.world.slack.calls("chat.postEphemeral"), 0);
    chat.end().await;
}

/// Slack edits no message for one person without the address of the press.
#[tokio::test]
async fn a_language_is_told_anew_where_the_address_of_the_press_is_gone() {
    let chat = World::new().await.over_http().await;
    chat.ask(DENIED).await;
    let details = chat.posted(2).await.remove(1);
    let mut press = chat.world.press(&format!("wnr:host_message:{DENIED}:ja"), &details);
    press["container"]["is_ephemeral"] = true.into();
    press.as_object_mut().unwrap().remove("response_url");
    chat.interact(&press).await;
    let told = shown(&chat.told("chat.postEphemeral").await.body);
    assert!(told.contains("ノートテイカー「Acme Notetaker」は"), "{told}");
    chat.end().await;
}

#[tokio::test]
async fn a_repetition_is_answered_once() {
    let chat = World::new().await.over_http().await;
    let command = chat.world.command(DENIED, "once");
    for _ in 0..3 {
        chat.send_command(&command).await;
    }
    let mention = chat.world.mention(DENIED, "1795014000.5", None);
    for _ in 0..3 {
        chat.push(&mention).await;
    }
    chat.posted(4).await;
    chat.settled().await;
    assert_eq!(chat.world.slack.calls("chat.postMessage"), 4);
    chat.end().await;
}

#[tokio::test]
async fn a_mention_without_an_id_reads_the_thread_where_it_may() {
    let chat = World::new().await.over_http().await;
    let start = chat.world.slack.says("C1", &format!("No recording from {DENIED}?"));
    chat.push(&chat.world.mention("", "1795014000.7", Some(&start))).await;
    let told = shown(&chat.told("chat.postEphemeral").await.body);
    assert!(told.contains("Mention me again with the bot ID"), "{told}");

    chat.world.slack.grant("channels:history");
    chat.push(&chat.world.mention("", "1795014000.8", Some(&start))).await;
    let posted = chat.posted(2).await;
    assert!(posted.iter().all(|posted| posted.thread_ts.as_deref() == Some(start.as_str())));
    chat.end().await;
}

#[tokio::test]
async fn those_who_are_not_on_the_list_are_told_so_kindly() {
    let world = World::new().await;
    let running = app::start(&world.settings(&[("SLACK_ALLOWED_USERS", "U1")])).await.unwrap();
    let chat = super::Talking { world, running };
    chat.ask(DENIED).await;
    let details = chat.posted(2).await.remove(1);
    // U2 presses.
    chat.interact(&chat.world.press(&format!("wnr:host_message:{DENIED}"), &details)).await;
    let told = shown(&chat.told("press").await.body);
    assert!(told.contains("allowlist"), "{told}");
    chat.end().await;
}
