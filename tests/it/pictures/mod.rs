//! The pictures of the README, drawn from what is really printed and sent.

mod advance;
mod alert;
mod appearance;
mod discord;
mod every_message;
mod mute;
mod payload;
mod rescue;
mod runs;
mod sample;
mod sheet;
mod slack;
mod terminal;

use std::process::Command;

use why_no_recording::chat::{HostMessage, Message, discord as to_discord, slack as to_slack};
use why_no_recording::pages::Language;

use crate::alerts::at;
use crate::digest::samples::messages as digests;
use crate::generated::check;
use crate::slack::rendering::CATALOGUE;
use crate::world::recall::{FakeRecall, KEY};
use sample::{ID, NO_HOST, RECALL};

/// What is left of a picture for whoever cannot see it: what a notification says.
fn says(title: &str, texts: &[&str]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| slack::plain_text(text)).collect();
    format!("{title}. {}", texts.join(". "))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_terminal() {
    let recall = FakeRecall::start().await;
    recall.add_bot(sample::bot(NO_HOST));
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    command.args(["diagnose", ID]).env_clear().current_dir(std::env::temp_dir());
    command.env("RECALL_API_KEY", KEY).env("RECALL_BASE_URL", &recall.base_url).env("CLICOLOR_FORCE", "1");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap().replace(&recall.base_url, RECALL);
    let drawn =
        terminal::draw("A diagnosis in a terminal", &format!("why-no-recording diagnose {ID}"), &printed);
    check("docs/pictures/terminal.svg", &drawn);
}

#[test]
fn in_slack() {
    let [verdict, details] = sample::answer().map(|message| to_slack::render::render(&message));
    let messages = [
        slack::Shown { above: None, at: "11:05 AM", blocks: &slack::blocks(&verdict), replies: 0 },
        slack::Shown { above: Some("1 reply"), at: "11:05 AM", blocks: &slack::blocks(&details), replies: 0 },
    ];
    let says = says("The verdict, and the details in its thread", &[&verdict.text]);
    let drawn = slack::draw("An answer in Slack", &says, ["Thread", "# recordings"], &messages);
    check("docs/pictures/slack.svg", &drawn);
    check("docs/pictures/slack-dark.svg", &appearance::other(&drawn, appearance::SLACK_DARK));
}

/// A link to a bot, with its outcome below it, and a person's home.
#[test]
fn of_what_stands_below_a_link_and_in_a_home() {
    let [verdict, _] = sample::answer();
    let unfurl = serde_json::to_value(to_slack::render::home::unfurl(verdict.report().unwrap())).unwrap();
    let home = serde_json::to_value(to_slack::render::home::view(&sample::home())).unwrap();
    for (name, title, place, blocks) in [
        ("unfurl", "A link to a bot in Slack", ["# recordings", ""], &unfurl),
        ("home", "The home in Slack", ["Why no recording", "Home"], &home["blocks"]),
    ] {
        let shown = slack::Shown { above: None, at: "", blocks: blocks.as_array().unwrap(), replies: 0 };
        let drawn = slack::draw(title, title, place, &[shown]);
        check(&format!("docs/pictures/{name}.svg"), &drawn);
        check(&format!("docs/pictures/{name}-dark.svg"), &appearance::other(&drawn, appearance::SLACK_DARK));
    }
}

/// The message for the host, as the person who selected a language sees it.
#[test]
fn in_another_language() {
    let report = sample::in_language(Language::De);
    let message = Message::HostMessage(HostMessage::of(&report).unwrap());
    let payload = to_slack::render::render(&message);
    let shown = slack::Shown { above: None, at: "11:06 AM", blocks: &slack::blocks(&payload), replies: 0 };
    let says = says("The message for the host in German, with its other languages", &[&payload.text]);
    let title = "The message for the host in Slack";
    let drawn = slack::draw(title, &says, ["Thread", "# recordings"], &[shown]);
    check("docs/pictures/host-message.svg", &drawn);
    check("docs/pictures/host-message-dark.svg", &appearance::other(&drawn, appearance::SLACK_DARK));
}

/// The digest of a week, as each platform draws it.
#[test]
fn the_digest_of_a_week() {
    let (_, Message::Digest(mut week)) = digests("acme").remove(0) else { panic!("no digest") };
    // What stands there for any foreign text is what the catalogue says.
    let known = |id: &str| CATALOGUE.by_id(id).unwrap().title.clone();
    week.causes
        .iter_mut()
        .filter(|losses| losses.cause == "acme")
        .for_each(|losses| losses.title = known("meeting_locked"));
    let title = known("zoom_internal_error");
    week.muted.iter_mut().for_each(|muted| muted.what = format!("Alerts about \"{title}\" in one channel"));
    let week = Message::Digest(week);
    let payload = to_slack::render::render(&week);
    let shown = slack::Shown { above: None, at: "9:00 AM", blocks: &slack::blocks(&payload), replies: 0 };
    let says = says("How many bots recorded, and why the others didn't", &[&payload.text]);
    let drawn = slack::draw("The digest of a week in Slack", &says, ["# recordings", ""], &[shown]);
    check("docs/pictures/digest.svg", &drawn);
    check("docs/pictures/digest-dark.svg", &appearance::other(&drawn, appearance::SLACK_DARK));
    let body = discord::drawable(&to_discord::render::render(&week));
    let shown = [discord::Shown { asked: None, at: "Today at 09:00", body: &body, thread: None }];
    let drawn = discord::draw("The digest of a week in Discord", &says, "recordings", &shown, at(3_900));
    check("docs/pictures/digest-discord.svg", &drawn);
}

#[test]
fn in_discord() {
    let messages = sample::answer();
    let [verdict, details] =
        messages.each_ref().map(|message| discord::drawable(&to_discord::render::render(message)));
    let thread = messages[0].title().unwrap();
    let asked = Some(["sam", "/why-no-recording"]);
    let shown = [
        discord::Shown { asked, at: "Today at 11:05", body: &verdict, thread: Some(&thread) },
        discord::Shown { asked: None, at: "Today at 11:05", body: &details, thread: None },
    ];
    let text = to_slack::render::render(&messages[0]).text;
    let says = says("The verdict, and the details in its thread", &[&text]);
    let drawn = discord::draw("An answer in Discord", &says, "recordings", &shown, at(3_900));
    check("docs/pictures/discord.svg", &drawn);
    check("docs/pictures/discord-light.svg", &appearance::other(&drawn, appearance::DISCORD_LIGHT));
}
