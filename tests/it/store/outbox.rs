//! The outbox as a state machine: what is sent when, what waits for what, and what becomes of it.

use jiff::Timestamp;
use why_no_recording::store::{
    LeasedOutboxRow, MessageClass, NewOutboxRow, OutboxState, Pause, Postponement, Retried, Store,
};

use super::{Kept, LEASE, at, enqueue, outgoing};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    headlines_go_before_edits_details_and_updates,
    a_message_that_waits_for_its_next_attempt_is_passed_over,
    messages_of_one_ordering_key_go_in_order_whatever_happens,
    the_clock_of_whoever_writes_is_not_asked_for_the_order,
    who_comes_back_after_the_lease_ended_changes_nothing,
    a_reply_waits_for_its_parent_and_learns_its_id,
    what_was_under_way_when_the_process_died_is_in_doubt,
    what_kills_the_process_again_and_again_is_given_up,
    what_kills_the_process_takes_no_other_along,
    what_is_given_up_takes_its_thread_along_and_holds_up_nobody,
    below_what_is_dead_or_missing_a_message_is_dead_from_the_beginning,
    a_dead_letter_is_retried_with_its_parents_and_what_hangs_on_it,
    what_is_replaced_is_gone_and_its_place_is_taken,
    a_pause_of_a_channel_or_a_platform_holds_for_everybody,
    a_clock_that_steps_back_locks_nothing,
    an_edit_changes_what_waits_and_edits_what_was_sent,
    an_edit_of_a_dead_letter_sends_it_after_all,
    edits_keep_their_names_apart_after_a_purge,
    where_there_can_be_no_thread_details_become_an_edit,
    a_closed_thread_ends_what_belongs_into_it_and_nothing_else,
    a_channel_that_refused_alerts_is_told_how_many_it_missed,
    orphans_are_found_and_said,
);

async fn put(store: &Store, rows: &[NewOutboxRow]) {
    enqueue(store, rows, at(0)).await;
}

async fn lease(store: &Store, now: Timestamp) -> Option<LeasedOutboxRow> {
    store.lease_outbox(now, LEASE).await.unwrap()
}

async fn must_lease(store: &Store, id: &str, now: Timestamp) -> LeasedOutboxRow {
    let leased = lease(store, now).await;
    let leased = leased.unwrap_or_else(|| panic!("{id} cannot be leased"));
    assert_eq!(leased.id(), id);
    leased
}

/// Sends the next message, which has to be this one, as `sent <id>`.
async fn send(store: &Store, id: &str, now: Timestamp) -> LeasedOutboxRow {
    let leased = must_lease(store, id, now).await;
    assert!(store.sent(&leased, Some(&format!("sent {id}")), &[], now).await.unwrap());
    leased
}

async fn postpone(store: &Store, leased: &LeasedOutboxRow, until: Timestamp, in_doubt: bool) -> bool {
    let later = Postponement { until, in_doubt, error: "busy".to_owned() };
    store.postpone_outbox(&leased.lease, &later, &[], at(0)).await.unwrap()
}

async fn state(store: &Store, id: &str) -> Option<OutboxState> {
    store.outbox_row(id).await.unwrap().map(|(row, _)| row.state)
}

fn of_class(id: &str, class: MessageClass) -> NewOutboxRow {
    NewOutboxRow { class, ..outgoing(id, "slack:C1", None) }
}

async fn headlines_go_before_edits_details_and_updates(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    put(
        store,
        &[
            of_class("update", MessageClass::Update),
            of_class("details", MessageClass::Details),
            of_class("edit", MessageClass::Edit),
            of_class("first", MessageClass::Headline),
            of_class("second", MessageClass::Headline),
        ],
    )
    .await;
    for id in ["first", "second", "edit", "details", "update"] {
        send(store, id, at(1)).await;
    }
    assert_eq!(lease(store, at(1)).await, None);
}

async fn a_message_that_waits_for_its_next_attempt_is_passed_over(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    put(store, &[outgoing("a", "c", None), outgoing("b", "c", None), outgoing("c", "other", None)]).await;
    let a = must_lease(store, "a", at(1)).await;
    // One of a channel at a time, and other channels are not held up.
    let c = must_lease(store, "c", at(1)).await;
    assert_eq!(lease(store, at(1)).await, None);
    assert!(postpone(store, &a, at(100), false).await);
    assert!(store.sent(&c, None, &[], at(2)).await.unwrap());
    send(store, "b", at(2)).await;
    assert_eq!(lease(store, at(99)).await, None);
    send(store, "a", at(100)).await;
}

async fn messages_of_one_ordering_key_go_in_order_whatever_happens(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    let in_order = |id: &str, class| NewOutboxRow { ordering_key: "k".to_owned(), ..of_class(id, class) };
    put(store, &[in_order("a", MessageClass::Update), in_order("b", MessageClass::Headline)]).await;
    let a = must_lease(store, "a", at(1)).await;
    assert!(postpone(store, &a, at(100), true).await);
    assert_eq!(lease(store, at(2)).await, None, "b goes after a");
    let a = must_lease(store, "a", at(100)).await;
    assert!(store.dead_letter_outbox(&a.lease, "refused", at(100)).await.unwrap());
    send(store, "b", at(101)).await;
}

async fn the_clock_of_whoever_writes_is_not_asked_for_the_order(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    // The parent is from an instance whose clock is ahead, or from before the clock stepped back.
    enqueue(store, &[outgoing("parent", "c", None)], at(7)).await;
    enqueue(store, &[outgoing("child", "c", Some("parent"))], at(0)).await;
    send(store, "parent", at(1)).await;
    send(store, "child", at(1)).await;
}

async fn who_comes_back_after_the_lease_ended_changes_nothing(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    put(store, &[outgoing("a", "c", None), outgoing("b", "c", None)]).await;
    let slow = must_lease(store, "a", at(0)).await;
    let other = must_lease(store, "a", at(60)).await;
    assert_eq!((slow.in_doubt, other.in_doubt), (false, true));
    assert!(!postpone(store, &slow, at(61), false).await);
    assert!(!store.dead_letter_outbox(&slow.lease, "refused", at(61)).await.unwrap());
    assert!(!store.supersede(&slow.lease, &[], &[], "replaced", at(61)).await.unwrap());
    assert!(!store.redirect(&slow.lease, "elsewhere", "note").await.unwrap());
    assert!(!store.sent(&slow, Some("m"), &[], at(61)).await.unwrap());
    assert_eq!(lease(store, at(62)).await, None, "the channel is still the other's");
    assert!(store.sent(&other, Some("n"), &[], at(62)).await.unwrap());
    assert!(!store.sent(&other, Some("m"), &[], at(62)).await.unwrap(), "once is enough");
    send(store, "b", at(62)).await;
}

async fn a_reply_waits_for_its_parent_and_learns_its_id(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    put(store, &[outgoing("a", "c", None), outgoing("b", "c", Some("a"))]).await;
    let a = must_lease(store, "a", at(1)).await;
    assert_eq!(lease(store, at(1)).await, None);
    assert!(store.sent(&a, Some("message 7"), &[], at(2)).await.unwrap());
    let b = must_lease(store, "b", at(3)).await;
    assert_eq!((b.thread.as_deref(), b.thread_parent.as_deref()), (Some("message 7"), Some("a")));
    assert_eq!(store.verdict_at("c", "message 7").await.unwrap().as_deref(), Some("bot"));
}

async fn what_was_under_way_when_the_process_died_is_in_doubt(place: Place) {
    let kept = Kept::new(place).await;
    put(&kept.store, &[outgoing("a", "c", None)]).await;
    assert!(!must_lease(&kept.store, "a", at(1)).await.in_doubt);
    let kept = kept.reopened().await;
    kept.store.release_leases().await.unwrap();
    let a = must_lease(&kept.store, "a", at(2)).await;
    assert!(a.in_doubt);
    // The platform said that it did nothing.
    assert!(postpone(&kept.store, &a, at(3), false).await);
    assert!(!must_lease(&kept.store, "a", at(4)).await.in_doubt);
}

async fn what_kills_the_process_again_and_again_is_given_up(place: Place) {
    let mut kept = Kept::new(place).await;
    put(&kept.store, &[outgoing("a", "c", None), outgoing("b", "c", Some("a")), outgoing("c", "c", None)])
        .await;
    let mut now = 0;
    while let Some(leased) = lease(&kept.store, at(now)).await
        && leased.id() == "a"
    {
        assert!(now < 20, "it is sent without end");
        // The process dies, or hangs until the lease is over.
        kept = kept.reopened().await;
        kept.store.release_leases().await.unwrap();
        now += 1;
    }
    assert!(now > 2, "a restart or two is no fault of the message");
    assert_eq!(state(&kept.store, "a").await, Some(OutboxState::Dead));
    assert_eq!(state(&kept.store, "b").await, Some(OutboxState::Dead));
    assert_eq!(state(&kept.store, "c").await, Some(OutboxState::Leased), "and the next one has its turn");
}

/// Many messages are under way whenever the process dies, and one of them is the reason.
async fn what_kills_the_process_takes_no_other_along(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    let all: Vec<String> = (0..9).map(|number| format!("{number}")).collect();
    put(store, &all.iter().map(|id| outgoing(id, &format!("slack:{id}"), None)).collect::<Vec<_>>()).await;
    for round in 0.. {
        assert!(round < 30, "it never ends");
        let mut under_way = Vec::new();
        while let Some(leased) = lease(store, at(1)).await {
            under_way.push(leased);
        }
        if under_way.iter().any(|leased| leased.id() == "4") {
            store.release_leases().await.unwrap();
            continue;
        }
        if under_way.is_empty() {
            break;
        }
        for leased in &under_way {
            assert!(store.sent(leased, None, &[], at(1)).await.unwrap());
        }
    }
    for id in &all {
        let expected = if id == "4" { OutboxState::Dead } else { OutboxState::Sent };
        assert_eq!(state(store, id).await, Some(expected), "{id}");
    }
}

async fn what_is_given_up_takes_its_thread_along_and_holds_up_nobody(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    put(
        store,
        &[
            outgoing("a", "c", None),
            outgoing("a/details", "c", Some("a")),
            outgoing("b", "c", None),
            outgoing("b/details", "c", Some("b")),
        ],
    )
    .await;
    let a = must_lease(store, "a", at(1)).await;
    assert!(store.dead_letter_outbox(&a.lease, "no such channel", at(2)).await.unwrap());
    // What comes later for the dead one waits for nothing either.
    let mut tx = store.begin_alerts().await.unwrap();
    tx.enqueue_reply("a", outgoing("a/update", "c", None), at(3)).await.unwrap();
    tx.enqueue_edit("a/details", "more", &outgoing("a/details", "c", None), at(3)).await.unwrap();
    tx.commit().await.unwrap();
    for id in ["b", "b/details"] {
        send(store, id, at(4)).await;
    }
    assert_eq!(lease(store, at(5)).await, None);
    for id in ["a", "a/details", "a/update"] {
        assert_eq!(state(store, id).await, Some(OutboxState::Dead), "{id}");
    }
}

async fn below_what_is_dead_or_missing_a_message_is_dead_from_the_beginning(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    let edit = NewOutboxRow { edits: Some("nothing".to_owned()), ..outgoing("e", "c", None) };
    put(store, &[outgoing("r", "c", Some("nothing")), edit, outgoing("a", "c", None)]).await;
    for id in ["r", "e"] {
        let (row, _) = store.outbox_row(id).await.unwrap().unwrap();
        assert_eq!((row.state, row.last_error.is_some()), (OutboxState::Dead, true), "{id}");
    }
    send(store, "a", at(1)).await;
    assert_eq!(store.outbox_backlog().await.unwrap().dead, 2);
}

async fn a_dead_letter_is_retried_with_its_parents_and_what_hangs_on_it(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    put(store, &[outgoing("a", "c", None), outgoing("b", "c", Some("a")), outgoing("d", "c", Some("a"))])
        .await;
    let a = must_lease(store, "a", at(1)).await;
    assert!(store.dead_letter_outbox(&a.lease, "no such channel", at(2)).await.unwrap());
    assert_eq!(store.undelivered(10).await.unwrap().len(), 3);
    assert_eq!(store.retry_dead_letter("b").await.unwrap(), Retried::Due(3));
    assert_eq!(store.retry_dead_letter("b").await.unwrap(), Retried::NotDead);
    assert_eq!(store.retry_dead_letter("nothing").await.unwrap(), Retried::Unknown);
    for id in ["a", "b", "d"] {
        send(store, id, at(3)).await;
    }
    put(store, &[outgoing("orphan", "c", Some("long gone"))]).await;
    assert_eq!(store.retry_dead_letter("orphan").await.unwrap(), Retried::ParentGone);
}

async fn what_is_replaced_is_gone_and_its_place_is_taken(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    let rows = [outgoing("d/00", "c", None), outgoing("d/01", "c", Some("d/00"))];
    put(store, &rows).await;
    let leased = must_lease(store, "d/00", at(1)).await;
    let stuck = store.with_its_thread("d/00").await.unwrap();
    assert_eq!(stuck, rows.map(|row| (row.id, row.body.as_str().to_owned())));
    let ids: Vec<String> = stuck.into_iter().map(|(id, _)| id).collect();
    let instead = [outgoing("d/00/ephemeral", "U1", None)];
    assert!(store.supersede(&leased.lease, &ids, &instead, "no such channel", at(2)).await.unwrap());
    send(store, "d/00/ephemeral", at(3)).await;
    let (replaced, body) = store.outbox_row("d/01").await.unwrap().unwrap();
    assert_eq!(
        (replaced.state, replaced.last_error.as_deref()),
        (OutboxState::Superseded, Some("no such channel"))
    );
    assert_eq!((replaced.created_at, body.as_str()), (at(0), ""));
}

async fn a_pause_of_a_channel_or_a_platform_holds_for_everybody(place: Place) {
    let kept = Kept::new(place).await;
    let all = ["slack:C1", "slack:C2", "discord:1"];
    put(&kept.store, &all.map(|channel| outgoing(&format!("first {channel}"), channel, None))).await;
    put(&kept.store, &all.map(|channel| outgoing(channel, channel, None))).await;
    for (of, until) in [("slack:C1", 30), ("slack:C2", 1), ("discord", 60)] {
        let leased = lease(&kept.store, at(0)).await.unwrap();
        let pause = Pause { of: of.to_owned(), until: at(until) };
        assert!(kept.store.sent(&leased, None, &[pause], at(0)).await.unwrap());
    }
    // Another worker, after a restart.
    let kept = kept.reopened().await;
    kept.store.release_leases().await.unwrap();
    assert_eq!(lease(&kept.store, at(0)).await, None);
    send(&kept.store, "slack:C2", at(1)).await;
    assert_eq!(lease(&kept.store, at(29)).await, None);
    send(&kept.store, "slack:C1", at(30)).await;
    assert_eq!(lease(&kept.store, at(59)).await, None);
    send(&kept.store, "discord:1", at(60)).await;
}

async fn a_clock_that_steps_back_locks_nothing(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    let rows = ["a", "b", "c", "d"].map(|id| outgoing(id, &format!("slack:{id}"), None));
    // All of it an hour ahead: the messages, a lease, an attempt, a pause.
    enqueue(store, &rows, at(3600)).await;
    let a = must_lease(store, "a", at(3600)).await;
    let later = Postponement { until: at(3700), in_doubt: false, error: "busy".to_owned() };
    assert!(store.postpone_outbox(&a.lease, &later, &[], at(3600)).await.unwrap());
    let b = must_lease(store, "b", at(3600)).await;
    let pause = Pause { of: "slack:c".to_owned(), until: at(3700) };
    let later = Postponement { until: at(3600), in_doubt: false, error: "busy".to_owned() };
    assert!(store.postpone_outbox(&b.lease, &later, &[pause], at(3600)).await.unwrap());
    must_lease(store, "b", at(3600)).await;
    // Now the clock is set right, and nothing waits for an hour.
    let mut sent = Vec::new();
    while let Some(leased) = lease(store, at(0)).await {
        assert!(store.sent(&leased, None, &[], at(0)).await.unwrap());
        sent.push(leased.id().to_owned());
    }
    sent.sort();
    assert_eq!(sent, ["a", "b", "c", "d"]);
}

async fn edit(store: &Store, id: &str, body: &str) {
    let mut tx = store.begin_alerts().await.unwrap();
    let edit = NewOutboxRow {
        body: format!("edit: {body}").into(),
        class: MessageClass::Edit,
        ..outgoing(id, "c", None)
    };
    tx.enqueue_edit(id, body, &edit, at(0)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn an_edit_changes_what_waits_and_edits_what_was_sent(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    put(store, &[outgoing("a", "c", None)]).await;
    edit(store, "a", "second").await;
    let a = must_lease(store, "a", at(1)).await;
    assert_eq!(a.body, "second", "it was not sent yet, so it is changed itself");
    for text in ["third", "fourth"] {
        edit(store, "a", text).await;
    }
    assert_eq!(lease(store, at(1)).await, None, "an edit waits for what it edits");
    assert!(store.sent(&a, Some("m"), &[], at(2)).await.unwrap());
    let edited = lease(store, at(2)).await.unwrap();
    assert_eq!(
        (edited.edited.as_deref(), edited.body.as_str()),
        (Some("m"), "edit: fourth"),
        "one edit waits"
    );
    edit(store, "a", "fifth").await;
    assert!(store.sent(&edited, None, &[], at(3)).await.unwrap());
    assert_eq!(lease(store, at(3)).await.unwrap().body, "edit: fifth");
    assert_eq!(lease(store, at(3)).await, None);
}

async fn an_edit_of_a_dead_letter_sends_it_after_all(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    put(store, &[outgoing("a", "c", None), outgoing("b", "c", Some("a"))]).await;
    let a = must_lease(store, "a", at(1)).await;
    assert!(store.dead_letter_outbox(&a.lease, "not in the channel", at(2)).await.unwrap());
    edit(store, "a", "news").await;
    assert_eq!(send(store, "a", at(3)).await.body, "news");
    send(store, "b", at(3)).await;
}

async fn edits_keep_their_names_apart_after_a_purge(place: Place) {
    let kept = Kept::new(place).await;
    put(&kept.store, &[outgoing("a", "c", None)]).await;
    send(&kept.store, "a", at(1)).await;
    for number in 1..=4 {
        if number == 4 {
            // The oldest is purged, so there are fewer than there have been.
            let oldest = "DELETE FROM outbox WHERE seq = (SELECT MIN(seq) FROM outbox WHERE edits = 'a')";
            kept.place.execute(oldest).await;
        }
        edit(&kept.store, "a", &format!("change {number}")).await;
        let leased = lease(&kept.store, at(2)).await.unwrap_or_else(|| panic!("change {number} is lost"));
        assert_eq!(leased.body.as_str(), format!("edit: change {number}"));
        assert!(kept.store.sent(&leased, None, &[], at(2)).await.unwrap());
    }
}

async fn where_there_can_be_no_thread_details_become_an_edit(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    let details =
        |id: &str| NewOutboxRow { kind: "details", class: MessageClass::Details, ..outgoing(id, "c", None) };
    let below = |row: NewOutboxRow| NewOutboxRow { thread_parent: Some("a".to_owned()), ..row };
    put(
        store,
        &[
            outgoing("a", "c", None),
            below(details("a/details")),
            below(of_class("a/list", MessageClass::Update)),
        ],
    )
    .await;
    send(store, "a", at(1)).await;
    let leased = must_lease(store, "a/details", at(1)).await;
    assert!(!leased.threadless);
    assert!(store.without_thread(&leased, "a", "no permission", at(2)).await.unwrap());
    let merged = must_lease(store, "a/details", at(2)).await;
    assert_eq!((merged.edited.as_deref(), merged.threadless), (Some("sent a"), true));
    assert!(store.sent(&merged, None, &[], at(2)).await.unwrap());
    assert_eq!(state(store, "a/list").await, Some(OutboxState::Superseded));
    // From now on everything about it is one message.
    let mut tx = store.begin_alerts().await.unwrap();
    tx.enqueue_reply("a", of_class("a/update", MessageClass::Update), at(3)).await.unwrap();
    tx.enqueue_edit("a/details", "more", &details("a/details"), at(3)).await.unwrap();
    tx.commit().await.unwrap();
    edit(store, "a", "resolved").await;
    let edited = lease(store, at(3)).await.unwrap();
    assert_eq!((edited.body.as_str(), edited.threadless), ("edit: resolved", true));
    assert!(store.sent(&edited, None, &[], at(3)).await.unwrap());
    assert_eq!(lease(store, at(3)).await, None);
}

async fn a_closed_thread_ends_what_belongs_into_it_and_nothing_else(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    put(
        store,
        &[
            outgoing("a", "c", None),
            outgoing("a/1", "c", Some("a")),
            outgoing("a/2", "c", Some("a")),
            outgoing("b", "c", None),
            outgoing("b/1", "c", Some("b")),
        ],
    )
    .await;
    send(store, "a", at(1)).await;
    let leased = must_lease(store, "a/1", at(1)).await;
    assert!(store.end_thread(&leased.lease, "a", "the thread is locked", at(1)).await.unwrap());
    for id in ["a/1", "a/2"] {
        assert_eq!(state(store, id).await, Some(OutboxState::Dead), "{id}");
    }
    edit(store, "a", "news").await;
    for id in ["b", "b/1"] {
        send(store, id, at(2)).await;
    }
    assert_eq!(lease(store, at(2)).await.unwrap().body, "edit: news");
}

async fn a_channel_that_refused_alerts_is_told_how_many_it_missed(place: Place) {
    let kept = Kept::new(place).await;
    let store = &kept.store;
    for id in ["a", "b"] {
        put(
            store,
            &[
                outgoing(id, "c", None),
                NewOutboxRow {
                    class: MessageClass::Details,
                    ..outgoing(&format!("{id}/details"), "c", Some(id))
                },
            ],
        )
        .await;
        let leased = must_lease(store, id, at(1)).await;
        assert_eq!(leased.missed, if id == "a" { 0 } else { 1 });
        store.mark_unavailable("c", "not in the channel", at(1)).await.unwrap();
        assert!(store.dead_letter_outbox(&leased.lease, "not in the channel", at(2)).await.unwrap());
    }
    assert_eq!(store.unavailable_channels(at(0)).await.unwrap().len(), 1);
    put(store, &[outgoing("c", "c", None), outgoing("d", "c", None)]).await;
    assert_eq!(send(store, "c", at(3)).await.missed, 2);
    assert_eq!(send(store, "d", at(4)).await.missed, 0, "it is said once");
    assert!(store.unavailable_channels(at(0)).await.unwrap().is_empty());
}

async fn orphans_are_found_and_said(place: Place) {
    let kept = Kept::new(place).await;
    put(
        &kept.store,
        &[outgoing("a", "c", None), outgoing("b", "c", Some("a")), outgoing("d", "c", Some("b"))],
    )
    .await;
    assert_eq!(kept.store.repair_outbox(at(1)).await.unwrap(), 0);
    // Nothing of ours does this.
    kept.place.execute("DELETE FROM outbox WHERE id = 'a'").await;
    assert_eq!(lease(&kept.store, at(1)).await, None);
    assert_eq!(kept.store.repair_outbox(at(1)).await.unwrap(), 2);
    assert_eq!(kept.store.outbox_backlog().await.unwrap().waiting, 0);
}
