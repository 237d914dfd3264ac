//! A digest as JSON, version 1. Fields are only ever added.

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::report::digest::{Digest, DigestScope, Totals};

/// Returns the digest as one object.
#[must_use]
pub fn digest(digest: &Digest) -> Value {
    let days = digest.days.iter().map(|day| {
        let mut day_of = totals(&day.totals);
        day_of["from"] = day.first_day.to_string().into();
        day_of
    });
    json!({
        "version": 1,
        "first_day": digest.first_day.to_string(),
        "last_day": digest.last_day.to_string(),
        "totals": totals(&digest.totals),
        "days": days.collect::<Vec<_>>(),
        "causes": digest.causes.iter().map(|losses| json!({
            "cause": losses.cause, "title": losses.title, "bots": losses.bots,
        })).collect::<Vec<_>>(),
        "other_causes": digest.other_causes,
        "actors": digest.actors.iter().map(|losses| json!({
            "actor": losses.actor.as_str(), "bots": losses.bots,
        })).collect::<Vec<_>>(),
        "saved": { "after_alert": digest.saved_by_alert, "by_rescue": digest.saved_by_rescue },
        "keys": digest.keys.iter().map(|losses| json!({
            "key": losses.key.for_machines(), "bots": losses.bots,
        })).collect::<Vec<_>>(),
        "keys_since": digest.keys_since.map(|day| day.to_string()),
        "muted_alerts": digest.muted_alerts,
        "muted": digest.muted.iter().map(|muted| json!({
            "what": muted.what, "until": muted.until.to_string(),
        })).collect::<Vec<_>>(),
        "before": digest.before.as_ref().map(totals),
    })
}

/// Returns the same object for days in which no bot ended.
#[must_use]
pub fn nothing(first_day: Date, last_day: Date) -> Value {
    digest(&Digest {
        scope: DigestScope::Service,
        first_day,
        last_day,
        totals: Totals::default(),
        days: Vec::new(),
        causes: Vec::new(),
        other_causes: 0,
        actors: Vec::new(),
        saved_by_alert: 0,
        saved_by_rescue: 0,
        keys: Vec::new(),
        keys_since: None,
        muted_alerts: 0,
        muted: Vec::new(),
        before: None,
    })
}

fn totals(totals: &Totals) -> Value {
    json!({
        "recorded": totals.recorded,
        "partly_recorded": totals.partly_recorded,
        "not_recorded": totals.not_recorded,
        "unknown": totals.unknown,
        "nothing_to_record": totals.nothing_to_record,
    })
}
