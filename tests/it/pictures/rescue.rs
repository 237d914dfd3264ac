//! Asking the host again: the card before and after, and what is shown in between.

use why_no_recording::chat::action::{Action, Decision};
use why_no_recording::chat::form::{Form, OpenedBy};
use why_no_recording::chat::interaction::{ButtonOn, InteractionKind};
use why_no_recording::chat::slack::modal;
use why_no_recording::chat::slack::render::{Payload, render_request};
use why_no_recording::chat::{Message, MessageId, SendRequest, Shown, discord as to_discord};
use why_no_recording::report::rescue::Preview;
use why_no_recording::rescue::Mode;

use super::{appearance, discord, says, slack};
use crate::alerts::{at, bot};
use crate::generated::check;
use crate::rescue::Stage;
use crate::world::recall::Host;

/// Who asks, as both platforms may name them.
const SAM: &str = "U2";

/// A host has declined 25 seconds ago.
async fn declined() -> Stage {
    let stage = Stage::new(Mode::Button).await;
    stage.joins(1, 300).await;
    stage.pass(20).await;
    stage.declined(1).await;
    stage.pass(25).await;
    stage
}

/// Sam presses a button.
async fn presses(stage: &Stage, action: Action) {
    let mut press = stage.interaction(SAM, 1, action);
    press.requester.roles = vec!["leads".to_owned()];
    stage.accept(&press).await;
    stage.settle().await;
}

async fn preview(stage: &Stage) -> Preview {
    presses(stage, Action::Rescue(bot(1).parse().unwrap())).await;
    let Some(Message::Preview { preview, .. }) = stage.board.ephemeral().pop() else { panic!("no preview") };
    *preview
}

fn card(stage: &Stage) -> Payload {
    let card = stage.card(1);
    render_request(&SendRequest::plain(&card.message, "m"), Shown::Posted)
}

#[tokio::test]
async fn on_the_card_in_slack() {
    let stage = declined().await;
    let before = card(&stage);
    let preview = preview(&stage).await;
    stage.recall.host_will(&bot(1), Host::Allows, 20);
    let card_id = Some(MessageId(stage.card(1).id));
    presses(&stage, Action::Send(Decision { bot: preview.bot, digest: preview.digest, card: card_id })).await;
    stage.pass(25).await;
    stage.hear(1).await;
    let after = card(&stage);
    let messages = [
        slack::Shown { above: Some("1 reply"), at: "10:00 AM", blocks: &slack::blocks(&before), replies: 0 },
        slack::Shown {
            above: Some("The same message, a minute later"),
            at: "10:00 AM",
            blocks: &slack::blocks(&after),
            replies: 0,
        },
    ];
    let says = says("The card with a button, and the same card later", &[&before.text, &after.text]);
    let drawn =
        slack::draw("Asking the host again in Slack", &says, ["Thread", "# recording-alerts"], &messages);
    check("docs/pictures/rescue.svg", &drawn);
    check("docs/pictures/rescue-dark.svg", &appearance::other(&drawn, appearance::SLACK_DARK));
}

#[tokio::test]
async fn before_anything_is_sent_in_slack() {
    let stage = declined().await;
    let preview = preview(&stage).await;
    let press = stage.interaction(SAM, 1, Action::Rescue(preview.bot));
    let InteractionKind::Press { on: on @ ButtonOn::Posted(_), .. } = &press.kind else {
        panic!("{press:?}")
    };
    let view = modal::view(Form::Preview(&preview), OpenedBy { requester: &press.requester, on });
    let view = serde_json::to_value(view).unwrap();
    let says = says("What is sent, before it is sent", &[preview.consequence()]);
    let drawn = slack::draw_modal("The preview in Slack", &says, &view);
    check("docs/pictures/rescue-preview.svg", &drawn);
    check("docs/pictures/rescue-preview-dark.svg", &appearance::other(&drawn, appearance::SLACK_DARK));
}

#[tokio::test]
async fn before_anything_is_sent_in_discord() {
    let preview = preview(&declined().await).await;
    let says = says("What is sent, before it is sent", &[preview.consequence()]);
    let message = Message::Preview { preview: Box::new(preview), card: None };
    let body = discord::drawable(&to_discord::render::render(&message));
    let shown = discord::Shown { asked: None, at: "Today at 10:00", body: &body, thread: None };
    let drawn = discord::draw_alone("The preview in Discord", &says, "recording-alerts", &shown, at(45));
    check("docs/pictures/rescue-discord.svg", &drawn);
    check("docs/pictures/rescue-discord-light.svg", &appearance::other(&drawn, appearance::DISCORD_LIGHT));
}
