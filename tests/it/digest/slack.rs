//! Charts of Slack's own, and what is sent where Slack doesn't draw them.

use secrecy::SecretString;
use serde_json::Value;
use url::Url;
use why_no_recording::chat::interaction::{ReplyHandle, Requester};
use why_no_recording::chat::slack::SlackMessenger;
use why_no_recording::chat::{Destination, Message, Messenger, SendRequest};

use super::samples;
use crate::world::slack::{BOT_TOKEN, FakeSlack, Fault};

fn messenger(slack: &FakeSlack) -> SlackMessenger {
    SlackMessenger::new(&Url::parse(&slack.api_url()).unwrap(), &SecretString::from(BOT_TOKEN))
}

fn week() -> Message {
    samples::messages("acme").remove(0).1
}

fn channel() -> Destination {
    Destination { channel: "C1".to_owned(), thread: None }
}

/// The types of a message's blocks.
fn types(body: &Value) -> Vec<&str> {
    body["blocks"].as_array().unwrap().iter().map(|block| block["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn slack_draws_two_charts() {
    let slack = FakeSlack::start().await;
    messenger(&slack).post(&channel(), &SendRequest::plain(&week(), "m")).await.unwrap();
    let posted = slack.posted("C1").remove(0);
    let charts = types(&posted.body).into_iter().filter(|kind| *kind == "data_visualization");
    assert_eq!(charts.count(), 2);
    assert_eq!(slack.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn where_slack_draws_none_there_are_bars_of_text() {
    let slack = FakeSlack::start().await;
    slack.draws_no_charts();
    let id = messenger(&slack).post(&channel(), &SendRequest::plain(&week(), "m")).await.unwrap();
    messenger(&slack).edit(&channel(), &id, &SendRequest::plain(&week(), "m")).await.unwrap();
    let posted = slack.posted("C1").remove(0);
    assert!(!types(&posted.body).contains(&"data_visualization"));
    let shown = posted.body["blocks"].to_string();
    assert!(shown.contains("██") && shown.contains("Who can fix it"), "{shown}");
    let alone = Requester {
        reply_handle: Some(ReplyHandle(slack.response_url("digest"))),
        ..Requester::new("U1".to_owned(), channel())
    };
    messenger(&slack).post_ephemeral(&alone, &SendRequest::plain(&week(), "m")).await.unwrap();
    let told = slack.told();
    assert_eq!(told.len(), 1);
    assert!(told[0].body["blocks"].to_string().contains("██"));
    assert_eq!(slack.violations(), Vec::<String>::new());
}

/// Blocks that are refused for another reason are refused without charts too.
#[tokio::test]
async fn at_last_there_is_the_text_alone() {
    let slack = FakeSlack::start().await;
    slack.fails("chat.postMessage", Fault::Refused("invalid_blocks"));
    slack.fails("chat.postMessage", Fault::Refused("invalid_blocks"));
    messenger(&slack).post(&channel(), &SendRequest::plain(&week(), "m")).await.unwrap();
    let posted = slack.posted("C1").remove(0);
    assert_eq!(posted.body["text"], "16–22 Nov: 361 of 389 bots recorded (92%)");
    assert!(posted.body["blocks"].as_array().is_none_or(Vec::is_empty), "{}", posted.body);
}
