//! Links to posted messages, as each platform opens them.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;
use why_no_recording::chat::discord::{DiscordApi, DiscordMessenger};
use why_no_recording::chat::slack::SlackMessenger;
use why_no_recording::chat::slack::identity::{LearnedIdentity, SlackIdentity};
use why_no_recording::chat::{MessageId, Messenger};

use crate::world::discord::{CHANNEL, FakeDiscord, GUILD, TOKEN};

fn id(text: &str) -> MessageId {
    MessageId(text.to_owned())
}

#[tokio::test]
async fn of_slack() {
    let identity = LearnedIdentity::default();
    let api_url = Url::parse("http://127.0.0.1:9/api/").unwrap();
    let token = SecretString::from("xoxb-example".to_owned());
    let slack = SlackMessenger::new(&api_url, &token).with_identity(identity.clone());
    let message = id("1795014000.000100");
    assert_eq!(slack.permalink("C9", &message).await, None, "the workspace isn't known yet");
    let url = Some("https://acme.slack.com/".to_owned());
    identity.set(SlackIdentity { team: "T1".to_owned(), enterprise: None, app: None, url }).unwrap();
    let expect = "https://acme.slack.com/archives/C9/p1795014000000100";
    assert_eq!(slack.permalink("C9", &message).await.as_deref(), Some(expect));
    // To a channel that is known by its name, messages are stored with its ID.
    let by_name = slack.permalink("#alerts", &id("C9/1795014000.000100")).await;
    assert_eq!(by_name.as_deref(), Some(expect));
    for (channel, message) in [("#alerts", "1795014000.000100"), ("C9", "1795014000"), ("C9", "x|y.z")] {
        assert_eq!(slack.permalink(channel, &id(message)).await, None, "{channel} {message}");
    }
}

#[tokio::test]
async fn of_discord() {
    let discord = FakeDiscord::start().await;
    let api = Arc::new(DiscordApi::new(&discord.origin, &SecretString::from(TOKEN)).unwrap());
    let messenger = DiscordMessenger::new(api, || Timestamp::UNIX_EPOCH);
    let expect = format!("https://discord.com/channels/{GUILD}/{CHANNEL}/1234");
    for _ in 0..2 {
        assert_eq!(messenger.permalink(CHANNEL, &id("1234")).await.as_ref(), Some(&expect));
    }
    assert_eq!(messenger.permalink("400000000000000404", &id("1234")).await, None, "no such channel");
}
