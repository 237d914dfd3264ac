//! The policy as tables.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use why_no_recording::alerts::ChannelRef;
use why_no_recording::alerts::assess::BotState;
use why_no_recording::alerts::channel_table::ChannelTable;
use why_no_recording::alerts::grouping::{Grouping, Lately, Placement};
use why_no_recording::alerts::route::{Conditions, Route, Traits};
use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::vocabulary::{Actor, AlertLevel, Platform};
use why_no_recording::recall::case_file_from_events;
use why_no_recording::watch::AlertConfig;

use super::receiving::events;
use super::{at, bot};
use crate::slack::rendering::CATALOGUE;

fn place(name: &str) -> ChannelRef {
    ChannelRef(format!("slack:{name}"))
}

fn routes() -> AlertConfig {
    let mut alerts = AlertConfig::default();
    let anywhere = Conditions::default;
    let to = |name: &str, when| Route { when, channels: vec![place(name)], mention: None };
    let zoom = Conditions { platforms: vec![Platform::Zoom], actors: vec![Actor::Host], ..anywhere() };
    let metadata = BTreeMap::from([("env".to_owned(), "test".to_owned())]);
    alerts.policy.routes = vec![
        Route { when: Conditions { metadata, ..anywhere() }, ..Route::default() },
        to("EU", Conditions { workspaces: vec!["europe".to_owned()], ..anywhere() }),
        Route { mention: Some("<!subteam^S1>".to_owned()), ..to("ZOOM", zoom) },
        to("FATAL", Conditions { causes: vec!["bot_errored".to_owned()], ..anywhere() }),
    ];
    alerts.policy.default_channels = vec![place("REST")];
    alerts
}

/// Where an alert goes, and whether that hangs on the platform.
fn check(traits: (&str, Platform, &str, Actor, &str), channels: &[&str], hangs: bool) {
    let (workspace, platform, cause, actor, env) = traits;
    let metadata = BTreeMap::from([("env".to_owned(), env.to_owned())]);
    let traits = Traits { workspace, platform, cause, actor, metadata: &metadata };
    let routed = routes().policy.route(&traits, &ChannelTable::default());
    let expect: Vec<ChannelRef> = channels.iter().map(|name| place(name)).collect();
    assert_eq!(routed.channels, expect, "{traits:?}");
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

/// How things stand after these events, so many seconds after ten, and when to look again.
fn check_standing(story: &[(i64, &str, &str)], now: i64, expect: BotState, recheck_at: Option<i64>) {
    check_standing_at(AlertLevel::Notify, story, now, expect, recheck_at);
}

fn check_standing_at(
    min_level: AlertLevel,
    story: &[(i64, &str, &str)],
    now: i64,
    expect: BotState,
    recheck_at: Option<i64>,
) {
    let mut policy = AlertConfig::default().policy;
    policy.min_level = min_level;
    let case = case_file_from_events(bot(1).parse().unwrap(), &events(story), None, at(now));
    let assessed = policy.assess(&diagnose(&case, &CATALOGUE));
    assert_eq!((assessed.state, assessed.recheck_at), (expect, recheck_at.map(at)), "{story:?} at {now}");
    assert!(assessed.recheck_at.is_none_or(|again| again > at(now)), "looking again lies ahead");
}

const LOBBY: &[(i64, &str, &str)] = &[(0, "joining_call", ""), (10, "in_waiting_room", "")];
const ENDED: &[(i64, &str, &str)] =
    &[(0, "joining_call", ""), (5, "in_call_recording", ""), (900, "call_ended", ""), (905, "done", "")];
const NOBODY_CAME: &[(i64, &str, &str)] = &[
    (5, "in_call_not_recording", ""),
    (1_205, "call_ended", "timeout_exceeded_noone_joined"),
    (1_210, "done", ""),
];

#[test]
fn a_bot_that_waits_is_looked_at_when_it_has_waited_for_long_and_when_it_should_be_gone() {
    check_standing(&[(0, "joining_call", "")], 30, BotState::Undecided, Some(36 * 60));
    check_standing(LOBBY, 11, BotState::Undecided, Some(190));
    check_standing(LOBBY, 189, BotState::Undecided, Some(190));
    check_standing(LOBBY, 190, BotState::AtRisk, Some(10 + 20 * 60 + 90));
    // It should have gone and nobody said so: from here on, now and then, until it counts as lost.
    check_standing(LOBBY, 1_400, BotState::AtRisk, Some(2_000));
    check_standing(LOBBY, 10 + 35 * 60, BotState::Failed, None);
    let denied = [
        LOBBY,
        &[
            (20, "in_call_not_recording", ""),
            (30, "recording_permission_denied", "zoom_local_recording_disabled"),
        ],
    ];
    check_standing(&denied.concat(), 31, BotState::AtRisk, Some(30 + 30 + 90));
}

#[test]
fn what_ended_well_or_as_it_should_is_not_told_whatever_the_threshold() {
    for min_level in [AlertLevel::Quiet, AlertLevel::Notify, AlertLevel::Page] {
        check_standing_at(min_level, ENDED, 1_000, BotState::Recording, None);
        let expired = [ENDED, &[(90_000, "media_expired", "")]].concat();
        check_standing_at(min_level, &expired, 90_001, BotState::Ended, None);
        check_standing_at(min_level, &[(0, "done", "")], 10, BotState::Undecided, None);
    }
    check_standing_at(AlertLevel::Quiet, NOBODY_CAME, 1_300, BotState::Failed, None);
    check_standing_at(AlertLevel::Notify, NOBODY_CAME, 1_300, BotState::Ended, None);
    let fatal = [(0, "joining_call", ""), (9, "fatal", "meeting_not_found")];
    check_standing_at(AlertLevel::Notify, &fatal, 10, BotState::Failed, None);
    check_standing_at(AlertLevel::Page, &fatal, 10, BotState::Ended, None);
}

fn check_fold(lately: (u32, u32, bool, bool), expect: Placement) {
    let grouping = Grouping { after: 5, window: SignedDuration::from_mins(10) };
    let (of_this_cause, messages, counting_this_cause, counting_all) = lately;
    let lately = Lately { of_this_cause, messages, counting_this_cause, counting_all };
    assert_eq!(grouping.place_next(lately), expect, "{lately:?}");
}

#[test]
fn many_of_one_cause_fold_and_many_causes_fold_too() {
    check_fold((0, 0, false, false), Placement::Own);
    check_fold((4, 4, false, false), Placement::Own);
    check_fold((5, 5, false, false), Placement::ByCause);
    check_fold((5, 6, true, false), Placement::ByCause);
    check_fold((0, 9, false, false), Placement::Own);
    check_fold((0, 10, false, false), Placement::Mixed);
    check_fold((5, 10, false, false), Placement::Mixed);
    check_fold((0, 10, false, true), Placement::Mixed);
    check_fold((0, 3, false, true), Placement::Mixed);
    check_fold((9, 12, true, true), Placement::ByCause);
}
