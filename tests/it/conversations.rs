//! One table of conversations for all platforms, so that they cannot drift apart.

use crate::slack::{DENIED, NO_HOST, UNKNOWN};
use crate::{chat, discord, slack};

/// What is heard after a question: by everybody, and by the asker alone.
#[derive(Debug, Default)]
struct WebhookEvent {
    posted: String,
    told: String,
}

/// What was asked; what everybody hears, in words that have to be in it; what the asker alone hears.
fn table() -> Vec<(String, Vec<&'static str>, Vec<&'static str>)> {
    vec![
        (
            NO_HOST.to_owned(),
            vec![
                "Not recorded",
                "Zoom saw no host in the call",
                "Was the person who scheduled the meeting in the call?",
                "Inferred from the bot's history · The host can fix it",
            ],
            vec![],
        ),
        (
            format!("why {DENIED}?"),
            vec!["Recording to a computer is turned off", "Confirmed by Recall.ai", "unlock it"],
            vec![],
        ),
        (format!("private {NO_HOST}"), vec![], vec!["Zoom saw no host in the call", "Was the person who"]),
        (
            format!("{UNKNOWN} {DENIED}"),
            vec!["Recording to a computer is turned off"],
            vec!["No bot with this ID"],
        ),
        (UNKNOWN.to_owned(), vec![], vec!["No bot with this ID"]),
        (String::new(), vec![], vec!["type /why-no-recording and its bot ID", "up to 5 bots"]),
        ("help".to_owned(), vec![], vec!["type /why-no-recording and its bot ID"]),
        ("the one from yesterday".to_owned(), vec![], vec!["I couldn't find a bot ID in that."]),
        ("explain meeting_locked".to_owned(), vec![], vec!["Lock meeting"]),
        ("explain Meeting Locked".to_owned(), vec![], vec!["Lock meeting"]),
        ("explain quantum".to_owned(), vec![], vec!["I don't know \"quantum\""]),
        (
            (0..6).map(|n| format!("3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c41{n} ")).collect(),
            vec![],
            vec!["That's 6 bots. I can check up to 5 at a time."],
        ),
    ]
}

/// Takes out what platforms add to say the same: marks, escapes, ends of lines.
fn plain(text: &str) -> String {
    let text = text.replace("&gt;", ">").replace(['\\', '*', '│', '|'], "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(platform: &str, what: &str, heard: &WebhookEvent, posted: &[&str], told: &[&str]) {
    for (everybody, text, words) in [(true, &heard.posted, posted), (false, &heard.told, told)] {
        let text = plain(text);
        assert_eq!(
            text.is_empty(),
            words.is_empty(),
            "{platform}, {what:?}, for everybody {everybody}: {text}"
        );
        for word in words {
            assert!(text.contains(word), "{platform}, {what:?}: {word} in {text}");
        }
    }
}

#[tokio::test]
async fn the_console_says_it() {
    for (what, posted, told) in table() {
        let conversation = chat::Conversation::start().await;
        let screen = conversation.ask(&what, None).await;
        // On a terminal all stands below each other; what is for one alone is marked.
        let marked = screen.contains("(only you see this)");
        assert_eq!(marked, !told.is_empty(), "{what:?}: {screen}");
        assert!(!posted.is_empty() || screen.starts_with("(only you see this)"), "{what:?}: {screen}");
        let words: Vec<&str> = posted.iter().chain(&told).copied().collect();
        check("console", &what, &WebhookEvent { posted: screen, told: String::new() }, &words, &[]);
    }
}

#[tokio::test]
async fn slack_says_it() {
    for (what, posted, told) in table() {
        let talking = slack::World::new().await.over_http().await;
        talking.ask(&what).await;
        talking.settled().await;
        let bodies = talking.world.slack.posted("C1").into_iter().map(|posted| slack::shown(&posted.body));
        let alone = talking.world.slack.told().into_iter().map(|told| slack::shown(&told.body));
        check(
            "slack",
            &what,
            &WebhookEvent { posted: bodies.collect(), told: alone.collect() },
            &posted,
            &told,
        );
        talking.end().await;
    }
}

#[tokio::test]
async fn discord_says_it() {
    for (what, posted, told) in table() {
        let talking = discord::Talking::over_http().await;
        talking.interact(&talking.command(&what)).await;
        talking.settled().await;
        let heard = WebhookEvent {
            posted: talking.said(),
            told: talking.discord.told().iter().map(discord::shown).collect(),
        };
        check("discord", &what, &heard, &posted, &told);
        talking.end().await;
    }
}
