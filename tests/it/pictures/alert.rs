//! An alert in a channel: what webhooks lead to, from the warning to the end.

use why_no_recording::alerts::ChannelRef;
use why_no_recording::alerts::route::Route;
use why_no_recording::chat::slack::render::{Payload, render_request};
use why_no_recording::chat::{SendRequest, Shown};

use super::sample::{DENIED, ID, bot};
use super::{appearance, says, slack};
use crate::alerts::{Stage, alerts};
use crate::generated::check;
use crate::world::recall::FakeRecall;

/// What stands in the channel now, and how many messages are in its thread.
fn standing(stage: &Stage) -> (Payload, usize) {
    let said = stage.only();
    let request = SendRequest {
        mention: said.mention.as_deref(),
        redirect_note: said.redirect_note.as_deref(),
        ..SendRequest::plain(&said.message, &said.idempotency_key)
    };
    (render_request(&request, Shown::Posted), stage.board.thread(&said).len())
}

#[tokio::test]
async fn in_a_channel_of_slack() {
    let mut alerts = alerts();
    alerts.policy.routes = vec![Route {
        channels: vec![ChannelRef("console:alerts".to_owned())],
        mention: Some("<!subteam^S012345|on-call>".to_owned()),
        ..Route::default()
    }];
    let recall = FakeRecall::start().await;
    let stage = Stage::with(alerts, Some(&recall)).await;
    let mut seen = Vec::new();
    for (index, (code, sub_code, seconds)) in DENIED.iter().enumerate() {
        recall.add_bot(bot(&DENIED[..=index]));
        stage.hear(ID, *seconds, code, sub_code).await;
        if *code == "recording_permission_denied" {
            stage.pass(seconds + 5).await;
            seen.push(standing(&stage));
        }
    }
    stage.pass(60).await;
    seen.push(standing(&stage));
    let [(warning, early), (failed, late)] = seen.try_into().unwrap();
    let messages = [
        slack::Shown { above: None, at: "10:00 AM", blocks: &slack::blocks(&warning), replies: early },
        slack::Shown {
            above: Some("The same message, half a minute later"),
            at: "10:00 AM",
            blocks: &slack::blocks(&failed),
            replies: late,
        },
    ];
    let says = says("One message that is kept up to date", &[&warning.text, &failed.text]);
    let drawn = slack::draw("An alert in a channel of Slack", &says, ["# recording-alerts", ""], &messages);
    check("docs/pictures/alert.svg", &drawn);
    check("docs/pictures/alert-dark.svg", &appearance::other(&drawn, appearance::SLACK_DARK));
}
