//! Messages that count: opened when there are many, written again every few seconds, closed when it is over.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Watch;
use super::parcels::Unaddressed;
use super::think::Telling;
use crate::alerts::Place;
use crate::alerts::fold::Fold;
use crate::chat::Message;
use crate::diagnosis::vocabulary::{Actor, Platform};
use crate::report::storm::{LISTED_MAX, ListedBot, Storm};
use crate::store::{Desk, SaidLately, StoreError, StormRow};

/// A message that counts is written again at most so often.
const BETWEEN_EDITS: SignedDuration = SignedDuration::from_secs(5);
/// The list in its thread goes on at most so often.
const BETWEEN_LISTS: SignedDuration = SignedDuration::from_secs(2);
/// Messages that are written again in one transaction.
const TOGETHER_MAX: i64 = 8;

/// What a storm says beside its numbers.
#[derive(Debug, Serialize, Deserialize)]
struct Face {
    title: Option<String>,
    actor: Actor,
    platform: Platform,
    since: Timestamp,
    mention: Option<String>,
}

impl Watch {
    /// The message that counts one more alert: the one that is there, or a new one.
    pub(super) async fn storm(
        &self,
        desk: &mut Desk,
        place: &Place,
        fold: Fold,
        said: &SaidLately,
        telling: &Telling<'_>,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let Telling { saying, diagnosis, mention, .. } = telling;
        let of_one_cause = fold == Fold::WithItsCause;
        let open = if of_one_cause { &said.storm_of_this_cause } else { &said.storm_of_all };
        if let Some(open) = open {
            return Ok(open.clone());
        }
        let cause = of_one_cause.then(|| saying.told.cause.clone());
        let face = Face {
            title: of_one_cause.then(|| saying.told.title.clone()),
            actor: if of_one_cause { diagnosis.actor } else { Actor::Unknown },
            platform: diagnosis.platform,
            since: said.first_of_this_cause.filter(|_| of_one_cause).unwrap_or(now),
            mention: mention.clone(),
        };
        let storm = StormRow {
            id: format!(
                "storm/{}/{}/{}",
                place.0,
                cause.as_deref().unwrap_or("various"),
                now.as_millisecond()
            ),
            place: place.0.clone(),
            cause,
            body: serde_json::to_string(&face).unwrap_or_default(),
            own: if of_one_cause { i64::from(said.of_this_cause) } else { 0 },
            folded: 0,
            good: 0,
            since: now.as_millisecond(),
            last_at: now.as_millisecond(),
        };
        desk.open_storm(&storm).await?;
        metrics::counter!("wnr_storms_total").increment(1);
        let counted = StormRow { folded: 1, ..storm.clone() };
        self.post(desk, &message(&counted, place, false), now).await?;
        Ok(storm.id)
    }

    pub(super) async fn count(
        &self,
        desk: &mut Desk,
        storm: &str,
        folded: i64,
        good: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        desk.count_in(storm, folded, good, now + BETWEEN_EDITS, now).await
    }

    /// Writes the messages again whose numbers have changed, and goes on with their lists. Says whether there
    /// were any.
    pub(super) async fn write_storms(&self, desk: &mut Desk, now: Timestamp) -> Result<bool, StoreError> {
        let due = desk.due_storms(now, TOGETHER_MAX).await?;
        for storm in &due {
            let over = self.is_over(storm, now);
            let place = Place(storm.place.clone());
            let again = message(storm, &place, over);
            if let (Some(new), Some(change)) = (self.new_message(&again), self.change(&again)) {
                desk.amend(&storm.id, &new.body, &change, now).await?;
            }
            let all_listed = self.go_on_with_the_list(desk, storm, &place, now).await?;
            let next = if !all_listed {
                Some(now + BETWEEN_LISTS)
            } else if over {
                None
            } else {
                let last = Timestamp::from_millisecond(storm.last_at).unwrap_or(now);
                Some(last + self.unasked.policy.folding.window + SignedDuration::from_secs(1))
            };
            desk.storm_due(&storm.id, next).await?;
        }
        Ok(!due.is_empty())
    }

    fn is_over(&self, storm: &StormRow, now: Timestamp) -> bool {
        let last = Timestamp::from_millisecond(storm.last_at).unwrap_or(now);
        now.duration_since(last) > self.unasked.policy.folding.window
    }

    /// Lists some more bots in the thread. Whether that were all.
    async fn go_on_with_the_list(
        &self,
        desk: &mut Desk,
        storm: &StormRow,
        place: &Place,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let limit = i64::try_from(LISTED_MAX).unwrap_or(i64::MAX);
        let bots = desk.take_unlisted(&storm.id, limit).await?;
        let listed: Vec<ListedBot> =
            bots.into_iter().filter_map(|(bot, at)| Some(ListedBot { bot: bot.parse().ok()?, at })).collect();
        let Some(first) = listed.first() else { return Ok(true) };
        let id = format!("{}/list/{}", storm.id, first.bot);
        let all = listed.len() < LISTED_MAX;
        let list = Unaddressed {
            id,
            place,
            subject: "",
            message: Message::Bots(listed),
            mention: None,
            heard_at: None,
        };
        if let Some(parcel) = self.new_message(&list) {
            desk.post_below(&storm.id, parcel, now).await?;
        }
        Ok(all)
    }
}

fn message<'a>(row: &StormRow, place: &'a Place, over: bool) -> Unaddressed<'a> {
    let opened = Timestamp::from_millisecond(row.since).unwrap_or(Timestamp::UNIX_EPOCH);
    let face = serde_json::from_str(&row.body).unwrap_or(Face {
        title: None,
        actor: Actor::Unknown,
        platform: Platform::Unknown,
        since: opened,
        mention: None,
    });
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let storm = Storm {
        title: face.title,
        with_own_message: count(row.own),
        folded: count(row.folded),
        resolved: count(row.good),
        actor: face.actor,
        platform: face.platform,
        since: face.since,
        last: Timestamp::from_millisecond(row.last_at).unwrap_or(opened),
        over,
    };
    Unaddressed {
        id: row.id.clone(),
        place,
        subject: "",
        message: Message::Storm(Box::new(storm)),
        mention: face.mention,
        heard_at: None,
    }
}
