//! What is muted, in a terminal.

use std::process::Command;

use crate::alerts::at;
use crate::world::databases::{Place, on_each_database};
use why_no_recording::clock;
use why_no_recording::store::{MuteRow, SetMute, Store};

on_each_database!(mutes_are_listed_and_ended);

fn run(place: &Place, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
    command.args(arguments).env_clear().env("DATABASE_URL", place.url());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

async fn mutes_are_listed_and_ended(place: Place) {
    let store = Store::open(&place.url()).await.unwrap();
    let (code, out, _) = run(&place, &["mutes", "list"]);
    assert!(code == 0 && out.contains("Nothing is muted."), "{out}");
    let now = clock::now();
    let mute = |id: &str, channel: &str, minutes: i64| MuteRow {
        id: id.to_owned(),
        channel: channel.to_owned(),
        scope: "cause".to_owned(),
        value: "bot_errored".to_owned(),
        title: "The bot crashed".to_owned(),
        author: "U1".to_owned(),
        reason: Some("known".to_owned()),
        created_at: at(0),
        ends_at: now + jiff::SignedDuration::from_mins(minutes),
    };
    let mut tx = store.begin_alerts().await.unwrap();
    for mute in [mute("0000000001", "slack:C0123456789", 60), mute("0000000002", "discord:7", 30)] {
        assert!(matches!(tx.set_mute(&mute, &mute.id, now).await.unwrap(), SetMute::New(_)));
    }
    tx.commit().await.unwrap();
    let (code, out, _) = run(&place, &["mutes", "list"]);
    let lines: Vec<&str> = out.lines().filter(|line| line.contains("until")).collect();
    assert_eq!((code, lines.len()), (0, 2), "{out}");
    assert!(lines[0].starts_with("0000000002") && lines[0].contains("discord:7          by U1"), "{out}");
    assert!(lines[1].ends_with("alerts about \"The bot crashed\" in this channel: known"), "{out}");

    let (code, out, _) = run(&place, &["mutes", "end", "0000000001"]);
    assert!(code == 0 && out.contains("say so in slack:C0123456789"), "{out}");
    for id in ["0000000001", "0000000009", "everything"] {
        let (code, _, error) = run(&place, &["mutes", "end", id]);
        assert!(code == 1 && error.contains(&format!("no active mute {id}")), "{error}");
    }
    let (_, out, _) = run(&place, &["mutes", "list"]);
    assert_eq!(out.lines().filter(|line| line.contains("until")).count(), 1, "{out}");
    let said = store.undelivered(9).await.unwrap();
    assert!(said.iter().any(|row| row.id == "mute/0000000001/ended"), "{said:?}");
}
