//! The real program is killed while it mutes, and each mute is said once.

use std::time::Duration;

use crate::alerts::serving::post;
use crate::alerts::{SECRET, bot, status};
use crate::slack::rendering::CATALOGUE;
use crate::slack::surviving::Program;
use crate::slack::{World, shown};
use crate::world::slack::FakeSlack;
use why_no_recording::clock;

const CAUSES: [&str; 6] = [
    "zoom_internal_error",
    "bot_errored",
    "meeting_not_found",
    "meeting_locked",
    "meeting_not_started",
    "zoom_local_recording_disabled",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_muted_when_the_program_is_killed_is_said_once_and_holds() {
    let world = World::new().await;
    world.slack.grant("channels:history");
    let more = [("RECALL_WEBHOOK_SECRET", SECRET), ("ALERTS_SLACK_CHANNEL", "C1")];
    for (round, cause) in CAUSES.iter().enumerate() {
        let program = Program::start_with(&world, &more);
        for hours in [1, 2] {
            let command = world.command(&format!("mute {cause} {hours}h"), &format!("mute-{round}-{hours}"));
            program.send(&command).await;
        }
        // Anywhere between the first acknowledgement and the last record.
        tokio::time::sleep(Duration::from_millis(round as u64 * 7919 % 190)).await;
        program.kill();
    }
    let program = Program::start_with(&world, &more);
    let title = |cause: &str| {
        slack_escaped(&CATALOGUE.causes().find(|known| known.id.as_str() == cause).unwrap().title)
    };
    let announced = |slack: &FakeSlack, cause: &str| {
        let posted = slack.posted("C1").into_iter().filter(|posted| posted.thread_ts.is_none());
        posted
            .filter(|posted| shown(&posted.body).contains(&format!("\"{}\"", title(cause))))
            .collect::<Vec<_>>()
    };
    let both = |slack: &FakeSlack| {
        let extended =
            |ts: &String| slack.posted("C1").iter().any(|posted| posted.thread_ts.as_ref() == Some(ts));
        CAUSES
            .iter()
            .all(|cause| announced(slack, cause).first().is_some_and(|head| extended(&head.ts)))
            .then_some(())
    };
    world.slack.until_within(Duration::from_secs(60), "each mute, and that it lasts longer", both).await;
    let body = status(&bot(1), clock::now(), "fatal", CAUSES[0]);
    assert!(post(&program.address, "m1", &body).send().await.unwrap().status().is_success());
    let body = status(&bot(2), clock::now(), "fatal", "zoom_account_deactivated_or_unknown");
    assert!(post(&program.address, "m2", &body).send().await.unwrap().status().is_success());
    let heard = |slack: &FakeSlack| {
        slack.posted("C1").iter().any(|posted| shown(&posted.body).contains(&bot(2))).then_some(())
    };
    world.slack.until("what is not muted", heard).await;
    let posted = world.slack.posted("C1");
    assert!(posted.iter().all(|posted| !shown(&posted.body).contains(&bot(1))), "what is muted stays so");
    for cause in CAUSES {
        let heads = announced(&world.slack, cause);
        assert_eq!(heads.len(), 1, "{cause}");
        let below = posted.iter().filter(|posted| posted.thread_ts.as_ref() == Some(&heads[0].ts));
        assert_eq!(below.count(), 1, "{cause}");
    }
}

fn slack_escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
