//! Composes a digest from counts.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::period::Period;
use super::tally::{CountedOutcome, SavedBy, Tally};
use crate::diagnosis::vocabulary::Actor;
use crate::report::digest::{
    ActorLosses, CauseLosses, DayTotals, Digest, DigestScope, KeyLosses, MutedScope, Totals,
};

/// Most causes that are named; the others are counted together.
const CAUSES_MAX: usize = 5;
/// Most days that are shown one by one. Slack's charts have at most 20 points.
const DAYS_SHOWN_MAX: u8 = 14;

/// Some bots of a day that count alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCount {
    /// The day.
    pub day: Date,
    /// How each of them counts.
    pub tally: Tally,
    /// How many they are.
    pub bots: u64,
}

/// Everything that a digest is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material<'a> {
    /// Whose bots are counted.
    pub scope: DigestScope,
    /// The days.
    pub period: Period,
    /// The counts of these days.
    pub counts: &'a [DayCount],
    /// The counts of as many days before; empty if they aren't known.
    pub before: &'a [DayCount],
    /// The customers, hosts or meetings with most failures, the most first.
    pub keys: Vec<KeyLosses>,
    /// The first day of which `keys` knows, if that isn't the first of the period.
    pub keys_since: Option<Date>,
    /// Alerts of these days that were muted.
    pub muted_alerts: u64,
    /// What is muted now.
    pub muted: Vec<MutedScope>,
}

/// Returns the digest; `None` if no bot ended in these days. `title` names a cause.
#[must_use]
pub fn compose(material: Material<'_>, title: impl Fn(&str) -> String) -> Option<Digest> {
    let Material { scope, period, counts, before, keys, keys_since, muted_alerts, muted } = material;
    let totals = totals(counts.iter());
    if totals == Totals::default() {
        return None;
    }
    let mut causes: BTreeMap<&str, u64> = BTreeMap::new();
    let mut actors: BTreeMap<Actor, u64> = BTreeMap::new();
    for DayCount { tally, bots, .. } in counts {
        if let Some((actor, cause)) = &tally.loss {
            *causes.entry(cause).or_default() += bots;
            *actors.entry(*actor).or_default() += bots;
        }
    }
    let mut causes: Vec<(&str, u64)> = causes.into_iter().collect();
    causes.sort_by_key(|(cause, bots)| (Reverse(*bots), *cause));
    // A single other cause is shorter by its name.
    let named = if causes.len() > CAUSES_MAX + 1 { CAUSES_MAX } else { causes.len() };
    let others = causes.split_off(named);
    let mut actors: Vec<ActorLosses> =
        actors.into_iter().map(|(actor, bots)| ActorLosses { actor, bots }).collect();
    actors.sort_by_key(|losses| (Reverse(losses.bots), losses.actor));
    let saved = |by| sum(counts.iter().filter(|count| count.tally.saved_by == Some(by)));
    let before = self::totals(before.iter());
    Some(Digest {
        scope,
        first_day: period.first,
        last_day: period.last(),
        totals,
        days: days(period, counts),
        causes: causes
            .into_iter()
            .map(|(cause, bots)| CauseLosses { title: title(cause), cause: cause.to_owned(), bots })
            .collect(),
        other_causes: others.iter().map(|(_, bots)| bots).sum(),
        actors,
        saved_by_alert: saved(SavedBy::Alert),
        saved_by_rescue: saved(SavedBy::Rescue),
        keys,
        keys_since,
        muted_alerts,
        muted,
        before: (before != Totals::default()).then_some(before),
    })
}

fn sum<'a>(counts: impl Iterator<Item = &'a DayCount>) -> u64 {
    counts.map(|count| count.bots).sum()
}

fn totals<'a>(counts: impl Iterator<Item = &'a DayCount>) -> Totals {
    let mut totals = Totals::default();
    for DayCount { tally, bots, .. } in counts {
        *match tally.outcome {
            CountedOutcome::Recorded => &mut totals.recorded,
            CountedOutcome::PartlyRecorded => &mut totals.partly_recorded,
            CountedOutcome::NotRecorded => &mut totals.not_recorded,
            CountedOutcome::Unknown => &mut totals.unknown,
            CountedOutcome::NothingToRecord => &mut totals.nothing_to_record,
        } += bots;
    }
    totals
}

/// Returns the counts of each day, or of each seven days if there are many.
fn days(period: Period, counts: &[DayCount]) -> Vec<DayTotals> {
    let step = if period.days > DAYS_SHOWN_MAX { 7 } else { 1 };
    let after_last = period.last().saturating_add(1.day());
    let mut days = Vec::new();
    let mut first = period.first;
    while first < after_last {
        let next = first.saturating_add(i64::from(step).days()).min(after_last);
        let within = counts.iter().filter(|count| count.day >= first && count.day < next);
        days.push(DayTotals { first_day: first, totals: totals(within) });
        if next == first {
            break;
        }
        first = next;
    }
    days
}
