//! The policy as tables.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use why_no_recording::alerts::Place;
use why_no_recording::alerts::fold::{Fold, Folding, Lately};
use why_no_recording::alerts::route::{Route, Traits};
use why_no_recording::diagnosis::vocabulary::{Actor, Platform};
use why_no_recording::watch::Unasked;

fn place(name: &str) -> Place {
    Place(format!("slack:{name}"))
}

fn routes() -> Unasked {
    let mut unasked = Unasked::default();
    let to = |name: &str, route: Route| Route { places: vec![place(name)], ..route };
    unasked.policy.routes = vec![
        Route { metadata: BTreeMap::from([("env".to_owned(), "test".to_owned())]), ..Route::default() },
        to("EU", Route { workspaces: vec!["europe".to_owned()], ..Route::default() }),
        to(
            "ZOOM",
            Route {
                platforms: vec![Platform::Zoom],
                actors: vec![Actor::Host],
                mention: Some("<!subteam^S1>".to_owned()),
                ..Route::default()
            },
        ),
        to("FATAL", Route { causes: vec!["bot_errored".to_owned()], ..Route::default() }),
    ];
    unasked.policy.otherwise = vec![place("REST")];
    unasked
}

/// Where an alert goes, and whether that hangs on the platform.
fn check(traits: (&str, Platform, &str, Actor, &str), places: &[&str], hangs: bool) {
    let (workspace, platform, cause, actor, env) = traits;
    let metadata = BTreeMap::from([("env".to_owned(), env.to_owned())]);
    let routed = routes().policy.route(&Traits { workspace, platform, cause, actor, metadata: &metadata });
    let expect: Vec<Place> = places.iter().map(|name| place(name)).collect();
    assert_eq!(routed.places, expect, "{traits:?}");
    assert_eq!(routed.depends_on_platform, hangs, "{traits:?}");
}

#[test]
fn the_first_route_that_matches_wins() {
    check(("default", Platform::Zoom, "x", Actor::Host, "test"), &[], false);
    check(("europe", Platform::Zoom, "x", Actor::Host, "prod"), &["EU"], false);
    check(("default", Platform::Zoom, "x", Actor::Host, "prod"), &["ZOOM"], false);
    check(("default", Platform::GoogleMeet, "x", Actor::Host, "prod"), &["REST"], false);
    check(("default", Platform::Zoom, "bot_errored", Actor::Recall, "prod"), &["FATAL"], false);
    check(("default", Platform::Unknown, "x", Actor::Host, "prod"), &["REST"], true);
    check(("default", Platform::Unknown, "x", Actor::Recall, "prod"), &["REST"], false);
    check(("europe", Platform::Unknown, "x", Actor::Host, "prod"), &["EU"], false);
}

fn check_fold(lately: (u32, u32, bool, bool), expect: Fold) {
    let folding = Folding { after: 5, window: SignedDuration::from_mins(10) };
    let (of_this_cause, messages, counting_this_cause, counting_all) = lately;
    let lately = Lately { of_this_cause, messages, counting_this_cause, counting_all };
    assert_eq!(folding.one_more(lately), expect, "{lately:?}");
}

#[test]
fn many_of_one_cause_fold_and_many_causes_fold_too() {
    check_fold((0, 0, false, false), Fold::Own);
    check_fold((4, 4, false, false), Fold::Own);
    check_fold((5, 5, false, false), Fold::WithItsCause);
    check_fold((5, 6, true, false), Fold::WithItsCause);
    check_fold((0, 9, false, false), Fold::Own);
    check_fold((0, 10, false, false), Fold::WithAll);
    check_fold((5, 10, false, false), Fold::WithAll);
    check_fold((0, 10, false, true), Fold::WithAll);
    check_fold((0, 3, false, true), Fold::WithAll);
    check_fold((9, 12, true, true), Fold::WithItsCause);
}
