//! Many failures at once: few messages, and every bot counted.

use std::collections::HashSet;

use futures_util::future::join_all;
use jiff::SignedDuration;
use proptest::prelude::{ProptestConfig, proptest};
use why_no_recording::alerts::grouping::Grouping;
use why_no_recording::chat::Message;
use why_no_recording::report::alert::{BodyLine, Span};

use super::{Stage, alerts, at, bot, group, status};

/// How many bots the channel tells of: those with their own message, and those that are counted.
fn told(stage: &Stage) -> (usize, u64) {
    let said = stage.alerts();
    let own = said.iter().filter(|said| matches!(said.message, Message::Alert(_))).count();
    (own, said.iter().filter_map(group).map(|group| group.grouped).sum())
}

fn listed(stage: &Stage) -> Vec<String> {
    let lists = stage.board.all().into_iter().filter_map(|said| match said.message {
        Message::Bots(bots) => Some((said.thread, bots)),
        _ => None,
    });
    lists
        .flat_map(|(thread, bots)| {
            assert!(thread.is_some(), "a list stands in the thread of its group");
            bots.into_iter().map(|listed| listed.bot.to_string())
        })
        .collect()
}

#[tokio::test]
async fn the_sixth_of_a_cause_begins_to_count() {
    let stage = Stage::new().await;
    for number in 1..=8 {
        let seconds = i64::try_from(number).unwrap();
        stage.hear(&bot(number), seconds, "fatal", "zoom_internal_error").await;
    }
    stage.pass(30).await;
    let said = stage.alerts();
    assert_eq!(said.len(), 6, "{:?}", stage.lines());
    let counting = group(&said[5]).unwrap();
    assert_eq!((counting.with_own_message, counting.grouped), (5, 3));
    assert!(counting.notification_text().starts_with("8 bots: "), "{}", counting.notification_text());
    let side = BodyLine(vec![Span::Words(
        "This is probably on Zoom's side. Hosts don't need to do anything.".to_owned(),
    )]);
    assert!(counting.body_lines(false).contains(&side), "{counting:?}");
    assert_eq!(listed(&stage), [bot(6), bot(7), bot(8)]);

    // One of the counted ones records after all; then it is quiet for long.
    stage.hear(&bot(7), 40, "in_call_recording", "").await;
    stage.pass(60).await;
    assert_eq!(group(&stage.alerts()[5]).unwrap().resolved, 0, "a bot that ended with an error stays failed");
    stage.pass(700).await;
    assert!(group(&stage.alerts()[5]).unwrap().over);
    stage.hear(&bot(9), 701, "fatal", "zoom_internal_error").await;
    assert_eq!(stage.alerts().len(), 7, "what comes after the group is told on its own");
}

#[tokio::test]
async fn ten_thousand_failures_make_twelve_messages_at_most_and_none_is_missing() {
    let stage = Stage::new().await;
    let causes = ["zoom_internal_error", "bot_errored", "meeting_not_found", "zoom_connection_failed"];
    // Ten minutes: a hundred every six seconds.
    for step in 0..100_i64 {
        let burst = (0..100).map(async |number| {
            let number = usize::try_from(step).unwrap() * 100 + number;
            let body = status(&bot(number), at(step * 6), "fatal", causes[number % causes.len()]);
            stage.deliver(&format!("m{number}"), &body, at(step * 6)).await.unwrap();
        });
        join_all(burst).await;
        stage.pass(step * 6).await;
        stage.pass(step * 6 + 3).await;
    }
    for seconds in (600..1_400).step_by(2) {
        stage.pass(seconds).await;
    }
    let said = stage.alerts();
    assert!(said.len() <= 12, "{:#?}", stage.lines());
    let (own, grouped) = told(&stage);
    assert_eq!(u64::try_from(own).unwrap() + grouped, 10_000, "{:#?}", stage.lines());
    let listed = listed(&stage);
    assert_eq!(listed.len(), usize::try_from(grouped).unwrap());
    assert_eq!(listed.iter().collect::<HashSet<_>>().len(), listed.len(), "none is listed twice");
    assert!(stage.service.store.undelivered(10).await.unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]
    #[test]
    fn the_counts_add_up(
        gaps in proptest::collection::vec((0_i64..40, 0_usize..3), 1..60),
        after in 1_u32..6,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut alerts = alerts();
            alerts.policy.grouping = Grouping { after, window: SignedDuration::from_secs(120) };
            // Five of other causes, and the one that counts the rest.
            let most = usize::try_from(after).unwrap() + 6;
            let stage = Stage::with(alerts, None).await;
            let causes = ["zoom_internal_error", "bot_errored", "meeting_not_found"];
            let mut seconds = 0;
            for (number, (gap, cause)) in gaps.iter().enumerate() {
                seconds += gap;
                stage.hear(&bot(number), seconds, "fatal", causes[*cause]).await;
            }
            stage.pass(seconds + 10).await;
            stage.pass(seconds + 400).await;
            let (own, grouped) = told(&stage);
            assert_eq!(own + usize::try_from(grouped).unwrap(), gaps.len(), "{:#?}", stage.lines());
            assert_eq!(listed(&stage).len(), usize::try_from(grouped).unwrap());
            if seconds < 120 {
                assert!(stage.alerts().len() <= most, "{:#?}", stage.lines());
            }
        });
    }
}
