//! Whatever is muted and unmuted in between: no alert is lost, and none is told twice.

use proptest::prelude::*;
use why_no_recording::chat::Message;

use super::{command, mutes, others, perform};
use crate::alerts::{Stage, bot, group};

/// What happens next.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A bot fails for the cause with this number.
    Fails(usize),
    /// A bot waits to be let in.
    Waits,
    /// This is muted, for so many minutes.
    Mute(usize, i64),
    /// The mute that was set last ends.
    Unmute,
    /// Minutes pass.
    Pass(i64),
}

const CAUSES: [&str; 3] = ["zoom_internal_error", "bot_errored", "meeting_not_found"];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..CAUSES.len()).prop_map(Step::Fails),
        2 => Just(Step::Waits),
        2 => (0..=CAUSES.len(), 1_i64..20).prop_map(|(what, minutes)| Step::Mute(what, minutes)),
        1 => Just(Step::Unmute),
        2 => (1_i64..12).prop_map(Step::Pass),
    ]
}

/// Plays a story, and counts: alerts with a message of their own, alerts in groups, alerts that are kept back.
async fn play(steps: &[Step], with_mutes: bool) -> (usize, u64, usize) {
    let stage = Stage::new().await;
    let (mut now, mut bots) = (0, 0);
    for step in steps {
        now += 1;
        match step {
            Step::Fails(cause) => {
                stage.hear(&bot(bots), now, "fatal", CAUSES[*cause]).await;
                bots += 1;
            }
            Step::Waits => {
                stage.hear(&bot(bots), now, "in_waiting_room", "").await;
                bots += 1;
            }
            Step::Mute(what, minutes) if with_mutes => {
                let what = CAUSES.get(*what).unwrap_or(&"channel");
                let words = format!("mute {what} {minutes}m");
                perform(&stage.service, &command("sam", "alerts", now, &words)).await;
            }
            Step::Unmute if with_mutes => {
                if let Some(id) = mutes(&stage).iter().rev().find_map(|(_, notice)| notice.unmute.clone()) {
                    perform(&stage.service, &command("sam", "alerts", now, &format!("unmute {id}"))).await;
                }
            }
            Step::Mute(..) | Step::Unmute => {}
            Step::Pass(minutes) => now += 60 * minutes,
        }
        stage.pass(now).await;
    }
    // By then each that waited was told, whatever was muted meanwhile, and each group is complete.
    now += 30 * 60;
    stage.pass(now).await;
    stage.pass(now + 60).await;
    let heard = others(&stage);
    let own = heard.iter().filter(|said| matches!(said.message, Message::Alert(_))).count();
    let grouped = heard.iter().filter_map(group).map(|group| group.grouped).sum();
    let alerts = stage.service.store.latest_alerts(&["console:alerts".to_owned()], 1_000).await.unwrap();
    let kept_back = alerts.iter().filter(|alert| alert.muted).count();
    assert!(stage.service.store.undelivered(9).await.unwrap().is_empty());
    assert_eq!(alerts.len(), bots, "each bot has one alert");
    for (said, notice) in mutes(&stage) {
        assert_eq!(notice.unmute, None, "each mute has ended");
        let ends = stage
            .board
            .thread(&said)
            .iter()
            .filter(|below| format!("{:?}", super::mute(below).unwrap().lines).contains("muted."))
            .count();
        assert!(ends <= 1);
    }
    (own, grouped, kept_back)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_and_what_is_muted_is_what_would_be_told(steps in prop::collection::vec(step(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let count = |with_mutes| {
            let (own, grouped, kept_back) = runtime.block_on(play(&steps, with_mutes));
            (own + usize::try_from(grouped).unwrap() + kept_back, kept_back)
        };
        let (without, none) = count(false);
        let (with, _) = count(true);
        prop_assert_eq!((with, none), (without, 0));
    }
}
