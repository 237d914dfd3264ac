//! Several services on one database: every bot is told of once, and the numbers add up.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::join_all;
use why_no_recording::chat::Message;
use why_no_recording::service::Service;

use super::{alerts, at, bot, group, key, service_at, signed, status};
use crate::world::board::Board;
use crate::world::databases::Place;

/// Services that share a database and a chat.
async fn services(many: usize, board: &Arc<Board>) -> Option<Vec<Service>> {
    let url = Place::postgres().await?.url();
    Some(join_all((0..many).map(|_| service_at(&url, board, alerts(), None))).await)
}

/// Everything comes three times, each time to another service, while all of them work.
async fn tell(services: &[Service], happened: &[(String, i64, &str, &str)], now: i64) {
    let heard = happened.iter().enumerate().flat_map(|(number, (bot, seconds, code, sub_code))| {
        let body = status(bot, at(*seconds), code, sub_code).to_string();
        (0..3).map(move |time| (number, time, body.clone()))
    });
    let deliveries = heard.map(async |(number, time, body): (usize, usize, String)| {
        let headers = signed(&key(), &format!("{now}-{number}"), body.as_bytes(), at(now));
        let service = &services[(number + time) % services.len()];
        service.watch.receive(None, &headers, body.as_bytes(), at(now)).await.unwrap();
        service.wait_until_idle(at(now)).await.unwrap();
    });
    join_all(deliveries).await;
    wait_until_idle(services, now).await;
}

async fn wait_until_idle(services: &[Service], now: i64) {
    // Who finds nothing to do may be followed by one who makes something to do.
    for _ in 0..3 {
        join_all(services.iter().map(async |service| service.wait_until_idle(at(now)).await.unwrap())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_services_tell_of_each_bot_once() {
    let board = Arc::new(Board::default());
    let Some(services) = services(3, &board).await else { return };
    let causes = ["zoom_internal_error", "bot_errored", "meeting_not_found"];
    let failed: Vec<_> =
        (0..60).map(|number| (bot(number), 0, "fatal", causes[number % causes.len()])).collect();
    tell(&services, &failed, 1).await;
    for seconds in (2..60).step_by(3) {
        wait_until_idle(&services, seconds).await;
    }
    let said = board.channel("alerts");
    let own = said.iter().filter(|said| matches!(said.message, Message::Alert(_))).count();
    let grouped: u64 = said.iter().filter_map(group).map(|group| group.grouped).sum();
    assert_eq!(own + usize::try_from(grouped).unwrap(), 60, "{said:#?}");
    let marks: HashSet<String> = board.all().into_iter().map(|said| said.idempotency_key).collect();
    assert_eq!(marks.len(), board.all().len(), "nothing is said twice");
    assert!(services[0].store.undelivered(10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_ends_as_the_last_word_whoever_says_it() {
    let board = Arc::new(Board::default());
    let Some(services) = services(3, &board).await else { return };
    let each = |seconds, code: &'static str, sub_code: &'static str| -> Vec<_> {
        (0..4).map(|number| (bot(number), seconds, code, sub_code)).collect()
    };
    tell(
        &services,
        &each(0, "recording_permission_denied", "zoom_local_recording_request_denied_by_host"),
        1,
    )
    .await;
    tell(&services, &each(2, "recording_permission_allowed", ""), 3).await;
    tell(&services, &each(4, "in_call_recording", ""), 5).await;
    wait_until_idle(&services, 10).await;
    let said = board.channel("alerts");
    assert_eq!(said.len(), 4, "{said:#?}");
    for said in &said {
        assert!(super::line(said).starts_with("Resolved"), "{said:#?}");
        assert!(matches!(board.thread(said)[0].message, Message::Details { .. }));
    }
}
