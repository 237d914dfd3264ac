//! A person asks for a digest, and sees what they can read there anyway.

use why_no_recording::chat::interaction::{Interaction, InteractionKind, Requester};
use why_no_recording::chat::question::Question;
use why_no_recording::chat::{Chat, Destination, Message};
use why_no_recording::report::digest::DigestScope;

use super::{DAY, fails, records, weekly};
use crate::alerts::{Stage, at};
use crate::mutes::{command, perform, say};
use crate::world::databases::{Place, on_each_database};

on_each_database!(a_digest_shows_what_can_be_read_in_the_channel, what_is_muted_is_in_the_digest,);

/// What a person who asks in this channel is told, alone.
async fn told(stage: &Stage, channel: &str, days: Option<u8>, seconds: i64) -> Message {
    let destination = Destination { channel: channel.to_owned(), thread: None };
    let interaction = Interaction {
        delivery_id: format!("{channel}-{days:?}-{seconds}"),
        chat: Chat::Console,
        at: at(seconds),
        requester: Requester::new("Sam".to_owned(), destination),
        kind: InteractionKind::Ask { question: Question::Digest(days), privately: false },
    };
    let before = stage.board.all().len();
    stage.service.inbox.accept(&interaction).await.unwrap();
    stage.pass(seconds).await;
    assert_eq!(stage.board.all().len(), before, "only the person sees it");
    stage.board.ephemeral().pop().unwrap()
}

async fn a_digest_shows_what_can_be_read_in_the_channel(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    records(&stage, 1, 0).await;
    fails(&stage, 2, 1_900, "zoom_internal_error").await;
    stage.pass(2_600).await;
    let Message::Digest(all) = told(&stage, "digest", Some(7), DAY).await else { panic!("no digest") };
    assert_eq!((all.scope, all.totals.recorded, all.totals.not_recorded), (DigestScope::Service, 1, 1));
    let Message::Digest(own) = told(&stage, "alerts", Some(7), DAY).await else { panic!("no digest") };
    assert_eq!((own.scope, own.totals.recorded, own.totals.not_recorded), (DigestScope::Channel, 0, 1));
    assert_eq!(own.title(), "12–18 Nov: 1 recording lost among the alerts here");
    let Message::Notice(none) = told(&stage, "elsewhere", Some(7), DAY).await else { panic!("no notice") };
    assert!(none.contains("no alerts in this channel"), "{none}");
    let Message::Notice(wrong) = told(&stage, "digest", None, DAY).await else { panic!("no notice") };
    assert_eq!(wrong, "I can count 1 to 90 days. Example: digest 7d");
    let Message::Notice(empty) = told(&stage, "digest", Some(1), 5 * DAY).await else { panic!("no notice") };
    assert_eq!(empty, "No bot ended on 22 Nov (UTC). Today isn't counted yet.");
    // Which alerts a channel had is known for as long as records are kept.
    stage.service.store.purge(at(40 * DAY), super::KEPT).await.unwrap();
    let Message::Digest(all) = told(&stage, "digest", Some(60), 40 * DAY).await else { panic!("no digest") };
    assert_eq!((all.totals.recorded, all.totals.not_recorded), (1, 1));
    assert_eq!(all.keys_since.unwrap().to_string(), "2026-11-29");
    let Message::Notice(none) = told(&stage, "alerts", Some(60), 40 * DAY).await else { panic!("no notice") };
    assert!(none.contains("no alerts in this channel"), "{none}");
}

async fn what_is_muted_is_in_the_digest(place: Place) {
    let stage = Stage::on_with(place, weekly(), None).await;
    fails(&stage, 1, 100, "zoom_join_timeout").await;
    say(&stage, 200, "mute zoom_internal_error 7d Zoom knows").await;
    say(&stage, 201, "mute channel 1h").await;
    perform(&stage.service, &command("sam", "elsewhere", 202, "mute channel 1h")).await;
    for number in 2..5 {
        fails(&stage, number, 300, "zoom_internal_error").await;
    }
    stage.pass(4_000).await;
    let Message::Digest(own) = told(&stage, "alerts", Some(7), DAY).await else { panic!("no digest") };
    let muted: Vec<&str> = own.muted.iter().map(|muted| muted.what.as_str()).collect();
    let title = "Something failed on Zoom's side, and the bot could not continue";
    assert_eq!(muted, [format!("Alerts about \"{title}\" in this channel")], "the other is over");
    assert_eq!((own.muted_alerts, own.totals.lost()), (3, 4), "muted ones are counted");
    let Message::Digest(all) = told(&stage, "digest", Some(7), DAY).await else { panic!("no digest") };
    assert_eq!(all.muted.len(), 1);
    assert_eq!(all.muted[0].what, format!("Alerts about \"{title}\" in one channel"));
    assert_eq!(all.muted_alerts, 3);
}
