//! The channels file of a real process: read at the start, and again on SIGHUP.

#![cfg(unix)]

use serde_json::{Value, json};

use super::serving::{denied, post};
use super::{SECRET, bot};
use crate::slack::World;
use crate::slack::surviving::Program;
use crate::world::slack::FakeSlack;

/// Ends when `/readyz` says of the file what is wanted, and of the service that it is ready.
async fn until_ready_says(program: &Program, wanted: impl Fn(&str) -> bool) -> String {
    let saying = async {
        loop {
            let ready = reqwest::get(format!("http://{}/readyz", program.address)).await.unwrap();
            assert!(ready.status().is_success(), "people are still served");
            let ready: Value = ready.json().await.unwrap();
            let mut tasks = ready["tasks"].as_array().unwrap().iter();
            let state =
                tasks.find(|task| task["task"] == "channels file").unwrap()["state"].as_str().unwrap();
            if wanted(state) {
                return state.to_owned();
            }
            tokio::task::yield_now().await;
        }
    };
    let saying = tokio::time::timeout(std::time::Duration::from_secs(30), saying);
    saying.await.expect("/readyz says it in time")
}

async fn fails(program: &Program, number: usize) {
    let mut body = denied(number);
    body["data"]["bot"]["metadata"] = json!({ "customer": "acme" });
    let sent = post(&program.address, &format!("m{number}"), &body).send().await.unwrap();
    assert!(sent.status().is_success());
}

async fn alerted(world: &World, channel: &str, number: usize) {
    let there = |slack: &FakeSlack| {
        let posted = slack.posted(channel);
        posted.iter().any(|posted| posted.body["text"].as_str().unwrap().contains(&bot(number))).then_some(())
    };
    world.slack.until(&format!("an alert in {channel}"), there).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_reads_it_again_and_a_bad_one_changes_nothing() {
    let world = World::new().await;
    for channel in ["C9", "CA", "CB"] {
        world.slack.join(channel);
    }
    let file = world.folder.path().join("channels.csv");
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    write("value,slack_channel\nacme,CA\n");
    let more = [
        ("RECALL_WEBHOOK_SECRET", SECRET),
        ("ALERTS_SLACK_CHANNEL", "C9"),
        ("ALERTS_CHANNELS_FILE", "channels.csv"),
        ("ALERTS_CHANNELS_KEY", "customer"),
    ];
    let program = Program::start_with(&world, &more);
    fails(&program, 1).await;
    alerted(&world, "CA", 1).await;

    write("value,slack_channel\nacme,CB\nacme,CA\n");
    program.signal("HUP");
    let said = until_ready_says(&program, |state| state.contains("the earlier table is still used")).await;
    assert!(said.contains("channels.csv, line 3: the value is the same as in line 2"), "{said}");
    fails(&program, 2).await;
    alerted(&world, "CA", 2).await;

    write("value,slack_channel\nacme,CB\n");
    program.signal("HUP");
    until_ready_says(&program, |state| state == "ok").await;
    fails(&program, 3).await;
    alerted(&world, "CB", 3).await;
    assert!(world.slack.posted("C9").is_empty());

    let log = program.stop().await;
    let has = |words: &str| log.iter().any(|line| line.contains(words));
    assert!(has("Channels file not reloaded; the earlier table is still used."), "{log:#?}");
    assert!(has("Channels file reloaded. rows=1"), "{log:#?}");
}
