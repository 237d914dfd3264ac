//! The digest: how bots are counted, when it is posted, and what it says.

mod asking;
mod counting;
mod million;
mod posting;
pub mod samples;
mod schedule;
mod slack;
mod words;

use jiff::SignedDuration;
use why_no_recording::chat::{Chat, Message};
use why_no_recording::digest::period::Period;
use why_no_recording::digests::{DigestConfig, View, read};
use why_no_recording::report::digest::Digest;
use why_no_recording::watch::AlertConfig;

use crate::alerts::{Stage, alerts, at, bot};

pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;
/// The Monday after the Wednesday of the tests, at nine.
pub const MONDAY: i64 = 5 * DAY - HOUR;
pub const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// With a digest channel.
pub fn weekly() -> AlertConfig {
    let digest =
        DigestConfig { channels: vec![(Chat::Console, "digest".to_owned())], ..DigestConfig::default() };
    AlertConfig { digest, recurrence_keys: vec!["customer".to_owned()], ..alerts() }
}

/// A bot records for half an hour.
pub async fn records(stage: &Stage, number: usize, seconds: i64) {
    for (code, after) in [
        ("joining_call", 0),
        ("in_call_not_recording", 10),
        ("in_call_recording", 20),
        ("call_ended", 1_800),
        ("done", 1_810),
    ] {
        let sub_code = if code == "call_ended" { "call_ended_by_host" } else { "" };
        stage.hear(&bot(number), seconds + after, code, sub_code).await;
    }
}

/// A bot fails as soon as it joins.
pub async fn fails(stage: &Stage, number: usize, seconds: i64, sub_code: &str) {
    stage.hear(&bot(number), seconds - 5, "joining_call", "").await;
    stage.hear(&bot(number), seconds, "fatal", sub_code).await;
}

/// The digest of all bots for the days before this time.
pub async fn counted(stage: &Stage, days: u8, seconds: i64) -> Option<Digest> {
    let catalogue = &stage.service.answerer.catalogue;
    let period = Period::until(at(seconds), days);
    read(&stage.service.store, catalogue, View::Service, period, KEPT, at(seconds)).await.unwrap()
}

/// What was posted in the digest channel.
pub fn posted(stage: &Stage) -> Vec<Digest> {
    let digest = |message| match message {
        Message::Digest(digest) => *digest,
        other => panic!("{other:?} stands in the digest channel"),
    };
    stage.board.channel("digest").into_iter().map(|said| digest(said.message)).collect()
}
