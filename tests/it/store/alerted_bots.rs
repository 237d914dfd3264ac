//! The bots that alerts were about, in both databases.

use why_no_recording::store::AlertedBot;

use super::{Kept, at};
use crate::world::databases::{Place, on_each_database};

on_each_database!(bots_come_the_latest_first_and_slice_by_slice);

/// Five bots, one second apart; the second was never alerted, and the last two had their event at the same time.
const BOTS: &str = "INSERT INTO bots (bot, workspace, last_event_at, last_alert) VALUES
    ('a', 'eu', 1763460001000, '{}'), ('b', 'eu', 1763460002000, NULL), ('c', 'us', 1763460003000, '{\"c\": 1}'),
    ('d', 'us', 1763460004000, '{}'), ('e', 'us', 1763460004000, '{}')";

async fn bots_come_the_latest_first_and_slice_by_slice(place: Place) {
    let kept = Kept::new(place).await;
    kept.place.execute(BOTS).await;
    let store = &kept.store;
    let names = |bots: &[AlertedBot]| bots.iter().map(|bot| bot.bot.clone()).collect::<Vec<_>>();
    let since = jiff::Timestamp::from_millisecond(1_763_460_001_000).unwrap();
    let all = store.alerted_bots(since, None, 9).await.unwrap();
    assert_eq!(names(&all), ["e", "d", "c", "a"]);
    let c = &all[2];
    assert_eq!((c.workspace.as_str(), &*c.last_alert), ("us", "{\"c\": 1}"));
    assert_eq!(c.last_event_at.as_millisecond(), 1_763_460_003_000);

    let (mut sliced, mut last) = (Vec::new(), None);
    loop {
        let slice = store.alerted_bots(since, last.as_ref(), 1).await.unwrap();
        let Some(bot) = slice.into_iter().next() else { break };
        sliced.push(bot.bot.clone());
        last = Some(bot);
    }
    assert_eq!(sliced, names(&all));
    assert_eq!(names(&store.alerted_bots(all[2].last_event_at, None, 9).await.unwrap()), ["e", "d", "c"]);
    assert_eq!(store.alerted_bots(at(1_000_000_000), None, 9).await.unwrap(), []);
}
