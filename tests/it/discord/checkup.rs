//! Whether the app may post in a channel, as Discord reckons it.

use secrecy::SecretString;
use why_no_recording::chat::discord::DiscordApi;
use why_no_recording::chat::discord::checkup::{self, Setup, examine};
use why_no_recording::clock;
use why_no_recording::report::finding::{CheckStatus, Finding};

use crate::world::discord::{APP_ROLE, APP_USER, CHANNEL, FakeDiscord, Fault, GUILD, TOKEN};

const PERMISSIONS: u64 = checkup::PERMISSIONS.bits();
const VIEW: u64 = 1 << 10;
const SEND: u64 = 1 << 11;
const EMBED: u64 = 1 << 14;
const HISTORY: u64 = 1 << 16;
const BEGIN_THREADS: u64 = 1 << 35;
const SEND_IN_THREADS: u64 = 1 << 38;
const ADMINISTRATOR: u64 = 1 << 3;

/// What is found of one channel.
async fn found(discord: &FakeDiscord, channel: &str) -> Finding {
    let api = DiscordApi::new(&discord.origin, &SecretString::from(TOKEN)).unwrap();
    let channels = [(channel.to_owned(), "alerts.discord_channel".to_owned())];
    let mut found = Vec::new();
    examine(&api, &Setup::default(), &channels, clock::now(), &mut |finding| found.push(finding)).await;
    found.pop().unwrap()
}

/// With these roles of everybody and of the app, and these exceptions, so much is lacking.
async fn check(roles: (u64, u64), exceptions: &[(&str, u64, u64)], lacking: &[&str]) {
    let discord = FakeDiscord::start().await;
    discord.roles_allow(roles.0, roles.1);
    for (id, allow, deny) in exceptions {
        discord.excepts(CHANNEL, id, *allow, *deny);
    }
    let finding = found(&discord, CHANNEL).await;
    assert_eq!(finding.part, format!("Discord channel {CHANNEL} (alerts.discord_channel)"));
    if lacking.is_empty() {
        assert_eq!(finding.words, "the app can post in #recordings and start threads");
    } else {
        let words =
            format!("in #recordings the app lacks {}. Open the channel's settings", lacking.join(", "));
        assert!(finding.words.starts_with(&words), "{}", finding.words);
    }
    assert_eq!(finding.status == CheckStatus::Pass, lacking.is_empty());
}

#[tokio::test]
async fn roles_add_up_and_exceptions_of_the_channel_come_after_them() {
    assert_eq!(PERMISSIONS, VIEW | SEND | EMBED | HISTORY | BEGIN_THREADS | SEND_IN_THREADS);
    check((0, PERMISSIONS), &[], &[]).await;
    check((VIEW | SEND | HISTORY, EMBED | BEGIN_THREADS | SEND_IN_THREADS), &[], &[]).await;
    check((0, PERMISSIONS & !EMBED & !BEGIN_THREADS), &[], &["Embed Links", "Create Public Threads"]).await;
    // For everybody it is taken away, and given back to the app's role, or to the app.
    check((PERMISSIONS, 0), &[(GUILD, 0, VIEW | SEND)], &["View Channel", "Send Messages"]).await;
    check((PERMISSIONS, 0), &[(GUILD, 0, VIEW), (APP_ROLE, VIEW, 0)], &[]).await;
    check((PERMISSIONS, 0), &[(APP_USER, SEND, 0), (APP_ROLE, 0, SEND)], &[]).await;
    check((0, PERMISSIONS), &[(APP_USER, 0, SEND_IN_THREADS)], &["Send Messages in Threads"]).await;
    // What is said of other roles makes no difference.
    check((0, PERMISSIONS), &[("520000000000000001", 0, PERMISSIONS)], &[]).await;
    // Whoever may do everything is not bound by a channel's exceptions.
    check((0, ADMINISTRATOR), &[(GUILD, 0, PERMISSIONS), (APP_USER, 0, PERMISSIONS)], &[]).await;
}

#[tokio::test]
async fn only_channels_that_take_messages_and_threads_will_do() {
    for (kind, words) in [
        (0, "can post"),
        (5, "can post"),
        (2, "isn't a server's text channel"),
        (4, "isn't a server's text channel"),
        (11, "is a thread"),
        (13, "isn't a server's text channel"),
        (15, "is a forum"),
        (16, "is a forum"),
    ] {
        let discord = FakeDiscord::start().await;
        discord.roles_allow(0, PERMISSIONS);
        discord.channel(CHANNEL, kind);
        let finding = found(&discord, CHANNEL).await;
        assert!(finding.words.contains(words), "{kind}: {}", finding.words);
        assert_eq!(finding.status == CheckStatus::Pass, words == "can post", "{kind}");
    }
}

#[tokio::test]
async fn a_channel_that_is_gone_or_hidden_says_what_to_click() {
    let discord = FakeDiscord::start().await;
    let gone = found(&discord, "290000000000000001").await;
    assert!(
        gone.status == CheckStatus::Fail && gone.words.contains("copy the channel ID again"),
        "{}",
        gone.words
    );
    discord.fails(&format!("/channels/{CHANNEL}"), Fault::Refused(403, 50001));
    let hidden = found(&discord, CHANNEL).await;
    assert!(
        hidden.status == CheckStatus::Fail && hidden.words.contains("turn on View Channel"),
        "{}",
        hidden.words
    );
}
