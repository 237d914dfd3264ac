//! What happened last, in a channel and to a person.

use serde_json::json;
use why_no_recording::store::{AlertGroupRow, AuditEntry, NewAlertRow, Store};

use super::{at, open};
use crate::world::databases::{Place, on_each_database};

const DAY_SECS: i64 = 86_400;

on_each_database!(the_last_alerts_of_a_channel_are_read, what_a_person_did_is_read_and_no_more,);

async fn alerted(store: &Store, number: i64, channel: &str, group: Option<&str>) {
    let mut tx = store.begin_alerts().await.unwrap();
    let alert = NewAlertRow {
        bot: format!("bot {number}"),
        channel: channel.to_owned(),
        cause: "cause".to_owned(),
        group_id: group.map(ToOwned::to_owned),
        mention: None,
        muted_by: None,
    };
    tx.insert_alerts(&[&alert], at(number)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn the_last_alerts_of_a_channel_are_read(place: Place) {
    let store = open(&place).await;
    for number in 0..30 {
        alerted(&store, number, "slack:C1", None).await;
    }
    alerted(&store, 40, "slack:C2", None).await;
    alerted(&store, 41, "slack:C1", Some("group")).await;
    let groups: Vec<AlertGroupRow> = (0..3)
        .map(|number: i64| AlertGroupRow {
            id: format!("group {number}"),
            channel: "slack:C1".to_owned(),
            cause: (number == 2).then(|| "cause".to_owned()),
            body: json!({}).to_string().into(),
            single: 5,
            grouped: number,
            resolved: 0,
            since: at(number).as_millisecond(),
            last_at: at(number).as_millisecond(),
        })
        .collect();
    let mut tx = store.begin_alerts().await.unwrap();
    tx.open_groups(&groups.iter().collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();

    let alerts = store.recent_alerts("slack:C1", 3).await.unwrap();
    let bots: Vec<(&str, _)> = alerts.iter().map(|alert| (alert.bot.as_str(), alert.at)).collect();
    assert_eq!(bots, [("bot 29", at(29)), ("bot 28", at(28)), ("bot 27", at(27))]);
    let groups = store.recent_groups("slack:C1", 2).await.unwrap();
    let read: Vec<_> = groups.iter().map(|group| (group.bots, group.cause.as_deref())).collect();
    assert_eq!(read, [(2, Some("cause")), (1, None)]);
    assert!(store.recent_alerts("slack:C3", 3).await.unwrap().is_empty());
}

async fn what_a_person_did_is_read_and_no_more(place: Place) {
    let store = open(&place).await;
    for (number, user, action, allowed) in [
        (0, "U1", "ask old", true),
        (1, "U1", "ask new", true),
        (2, "U2", "ask other", true),
        (3, "U1", "unfurl x", true),
        (4, "U1", "ask denied", false),
        (5, "U1", "help", true),
    ] {
        let entry = AuditEntry {
            delivery_id: format!("d{number}"),
            chat: "slack",
            user_id: user.to_owned(),
            channel: format!("C{number}"),
            action: action.to_owned(),
            allowed,
        };
        store.record(&entry, at(if number == 0 { -40 * DAY_SECS } else { number })).await.unwrap();
    }
    let used = store.used_app("slack", "U1", at(-30 * DAY_SECS)).await.unwrap();
    let read: Vec<_> = used.iter().map(|used| (used.channel.as_str(), used.action.as_str())).collect();
    assert_eq!(read, [("C5", "help"), ("C1", "ask new")]);
    assert!(store.used_app("discord", "U1", at(-30 * DAY_SECS)).await.unwrap().is_empty());
}
