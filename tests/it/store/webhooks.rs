//! Webhooks that come at the same time are committed together, and are as if each had come alone.

use std::collections::{BTreeSet, HashSet};

use futures_util::future::join_all;
use why_no_recording::store::{Accepted, Evaluation, NewEvent, NewWebhook, Store, StoreError};

use super::{at, backfill, open};
use crate::world::databases::{Place, on_each_database};

on_each_database!(
    what_comes_together_counts_as_if_it_came_alone,
    one_that_cannot_be_stored_takes_no_other_with_it,
    what_a_list_tells_counts_once_and_makes_due_once,
    what_two_processes_hear_at_the_same_time_counts_once,
);

fn event(bot: &str, name: &str) -> NewEvent {
    NewEvent { bot: bot.to_owned(), name: name.to_owned(), body: format!("{bot} {name}").into() }
}

fn webhook(id: &str, happening: Option<NewEvent>) -> NewWebhook {
    NewWebhook { id: id.to_owned(), workspace: "w".to_owned(), happening, ..NewWebhook::default() }
}

/// Puts all bots that are due away, and says which they were.
async fn due(store: &Store) -> BTreeSet<String> {
    let mut tx = store.begin_alerts().await.unwrap();
    let due = tx.due_bots(at(1000), 1000).await.unwrap();
    let evaluations: Vec<_> =
        due.iter().map(|due| Evaluation { bot: due.bot.clone(), ..Evaluation::default() }).collect();
    tx.save_evaluations(&evaluations, at(1000)).await.unwrap();
    tx.commit().await.unwrap();
    due.into_iter().map(|bot| bot.bot).collect()
}

async fn what_comes_together_counts_as_if_it_came_alone(place: Place) {
    let store = open(&place).await;
    let (mut ids, mut told) = (HashSet::new(), HashSet::new());
    for round in 0..4_usize {
        // Ids and events repeat within a round and from round to round, also each without the other, and some are
        // as no database keeps them.
        let webhooks: Vec<_> = (0..60_usize)
            .map(|number| {
                let (id, bot, name) = (number * 7 % 50 + round * 30, number % 9, (number + round) % 4);
                let event = (number % 10 < 8).then(|| event(&format!("b{bot}\0"), &format!("{name}\0\"")));
                webhook(&format!("m{id}\0"), event)
            })
            .collect();
        let answers =
            join_all(webhooks.iter().map(|webhook| store.accept_webhook(webhook.clone(), at(0)))).await;
        let (mut new_ids, mut news, mut expect_due) = (0, 0, BTreeSet::new());
        for webhook in &webhooks {
            if !ids.insert(webhook.id.clone()) {
                continue;
            }
            new_ids += 1;
            news += usize::from(webhook.happening.is_none());
            if let Some(event) = &webhook.happening
                && told.insert((event.bot.clone(), event.name.clone()))
            {
                news += 1;
                expect_due.insert(event.bot.replace('\0', "\u{fffd}"));
            }
        }
        let accepted =
            answers.into_iter().filter(|answer| *answer.as_ref().unwrap() == Accepted::New).count();
        assert_eq!((round, accepted), (round, news));
        assert!(new_ids > 0 && new_ids < 60, "{new_ids}");
        assert_eq!(due(&store).await, expect_due);
    }
    for bot in 0..9 {
        let bodies = store.events_of(&format!("b{bot}\0")).await.unwrap();
        assert_eq!(bodies.len(), told.iter().filter(|(told, _)| *told == format!("b{bot}\0")).count());
    }
}

async fn one_that_cannot_be_stored_takes_no_other_with_it(place: Place) {
    let store = open(&place).await;
    let refusal = match place {
        Place::Sqlite(_) => {
            "CREATE TRIGGER refusal BEFORE INSERT ON webhooks WHEN NEW.id = 'm3'
             BEGIN SELECT RAISE(ABORT, 'no'); END"
        }
        Place::Postgres(_) => "ALTER TABLE webhooks ADD CONSTRAINT refusal CHECK (id <> 'm3')",
    };
    place.execute(refusal).await;
    let webhooks =
        (0..10).map(|number| webhook(&format!("m{number}"), Some(event(&format!("b{number}"), "e"))));
    let answers = join_all(webhooks.map(|webhook| store.accept_webhook(webhook, at(0)))).await;
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer.is_ok(), number != 3, "{number}: {answer:?}");
    }
    assert!(matches!(answers[3], Err(StoreError::Statement(_))));
    assert_eq!(due(&store).await.len(), 9);
    assert!(store.events_of("b3").await.unwrap().is_empty());
}

async fn what_a_list_tells_counts_once_and_makes_due_once(place: Place) {
    let store = open(&place).await;
    let events = [event("b", "1"), event("b", "2"), event("b", "1"), event("c", "1")];
    assert_eq!(backfill(&store, &events, at(0)).await, 3);
    assert_eq!(due(&store).await, ["b", "c"].map(str::to_owned).into());
    assert_eq!(backfill(&store, &events, at(1)).await, 0);
    assert_eq!(backfill(&store, &[], at(1)).await, 0);
    assert!(due(&store).await.is_empty());
}

/// Each hears everything, in another order and in other batches, by webhooks and from a list.
async fn what_two_processes_hear_at_the_same_time_counts_once(place: Place) {
    const MANY: usize = 300;
    let stores = [open(&place).await, open(&place).await];
    let heard = |store: Store, step: usize| async move {
        let webhook = |number: usize| {
            let number = number * step % MANY;
            webhook(
                &format!("m{number}"),
                Some(event(&format!("b{}", number % 50), &format!("{}", number / 50))),
            )
        };
        let answers = join_all((0..MANY).map(|number| store.accept_webhook(webhook(number), at(0)))).await;
        answers.into_iter().filter(|answer| *answer.as_ref().unwrap() == Accepted::New).count()
    };
    let listed: Vec<_> = (0..50).map(|number| event(&format!("b{number}"), "0")).collect();
    let tasks = [tokio::spawn(heard(stores[0].clone(), 7)), tokio::spawn(heard(stores[1].clone(), 11))];
    let mut new = backfill(&stores[0], &listed, at(0)).await;
    for task in tasks {
        new += task.await.unwrap();
    }
    assert_eq!(new, MANY);
    assert_eq!(due(&stores[0]).await.len(), 50);
}
