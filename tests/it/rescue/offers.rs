//! What is offered for each cause, and why nothing is.

use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::status::EventCode;
use why_no_recording::rescue::attempt::{Attempt, By, NotBegun, StepResult};
use why_no_recording::rescue::offer::{Known, Offer, Reason, is_automatic, offer};
use why_no_recording::rescue::preview::preview;
use why_no_recording::rescue::{MESSAGE_MAX, Mode, Plan};

use crate::alerts::at;
use crate::slack::rendering::CATALOGUE;

const ASK: Offer = Offer::Now { plan: Plan::Ask, after_change: false };
const AFTER_CHANGE: Offer = Offer::Now { plan: Plan::Ask, after_change: true };
const START: Offer = Offer::Now { plan: Plan::Start, after_change: false };

/// What is offered while the bot is there, by the cause of then.
const OFFERS: &[(&str, Offer)] = &[
    ("zoom_local_recording_request_denied_by_host", ASK),
    ("zoom_local_recording_denied", ASK),
    ("zoom_host_not_present", ASK),
    ("in_call_waiting_for_permission", ASK),
    ("recording_permission_denied_unknown", ASK),
    ("zoom_local_recording_disabled", AFTER_CHANGE),
    ("zoom_local_recording_request_disabled", AFTER_CHANGE),
    ("zoom_local_recording_request_disabled_by_host", AFTER_CHANGE),
    ("manual_start_never_started", START),
    ("waiting_room_now", Offer::No(Reason::WaitingRoom)),
    ("zoom_bot_in_waiting_room", Offer::No(Reason::WaitingRoom)),
    ("zoom_local_recording_grant_not_supported", Offer::No(Reason::CannotGrant)),
    ("zoom_sdk_key_blocked_by_host_admin", Offer::No(Reason::Blocked)),
];

/// The examples of the catalogue, cut off where the bot was still there.
fn live() -> impl Iterator<Item = CaseFile> {
    CATALOGUE.causes().flat_map(|cause| &cause.examples).map(|example| {
        let mut case = example.case_file.clone();
        case.status_changes.retain(|change| {
            !change.code.is_end() && !matches!(change.code, EventCode::Done | EventCode::MediaExpired)
        });
        case.now = case.status_changes.iter().filter_map(|change| change.at).max().unwrap_or(case.now);
        case.bot_id = Some("5215cf1e-bc6e-54c0-983d-7d8b2052615d".parse().unwrap());
        case
    })
}

fn known(attempts: &[Attempt]) -> Known<'_> {
    Known { mode: Mode::Button, attempts, can_ask: true }
}

#[test]
fn each_cause_offers_what_helps() {
    for (cause, expect) in OFFERS {
        let mut found = 0;
        for case in live() {
            let diagnosis = diagnose(&case, &CATALOGUE);
            if diagnosis.cause.id.as_str() == *cause && diagnosis.fixable_now {
                assert_eq!(offer(&diagnosis, known(&[])), *expect, "{cause}");
                found += 1;
            }
        }
        assert!(found > 0, "no example of {cause} is live");
    }
}

#[test]
fn what_is_offered_can_be_shown_and_fits() {
    let url = Some("https://notetaker.example.com");
    for case in live() {
        let diagnosis = diagnose(&case, &CATALOGUE);
        let offered = offer(&diagnosis, known(&[]));
        let shown = preview(&diagnosis, offered, url);
        assert_eq!(matches!(offered, Offer::Now { .. }), shown.is_some(), "{}", diagnosis.cause.id);
        let Some(text) = shown.and_then(|shown| shown.text) else { continue };
        assert!(text.chars().count() <= MESSAGE_MAX, "{}: {text}", diagnosis.cause.id);
        let is_linked = diagnosis.cause.has_host_page();
        assert_eq!(text.contains("https://notetaker.example.com/h/"), is_linked, "{text}");
    }
}

#[test]
fn nothing_is_offered_with_the_mode_off_or_for_a_bot_that_left_or_records() {
    for case in live() {
        let diagnosis = diagnose(&case, &CATALOGUE);
        assert_eq!(offer(&diagnosis, Known::OFF), Offer::Nothing);
        if case.status_changes.last().is_some_and(|change| change.code == EventCode::InCallRecording) {
            assert_eq!(offer(&diagnosis, known(&[])), Offer::Nothing, "{}", diagnosis.cause.id);
        }
    }
    for cause in CATALOGUE.causes() {
        for example in &cause.examples {
            let diagnosis = diagnose(&example.case_file, &CATALOGUE);
            let offered = offer(&diagnosis, known(&[]));
            assert!(diagnosis.live || offered == Offer::Nothing, "{}", cause.id);
        }
    }
}

fn attempt(seconds: i64, is_over: bool, request: Option<StepResult>) -> Attempt {
    Attempt {
        by: By::Person("Ana".to_owned()),
        plan: Plan::Ask,
        at: at(seconds),
        heard_until: at(seconds),
        is_over,
        not_begun: (is_over && request.is_none()).then_some(NotBegun::Outdated),
        message: request,
        request,
    }
}

#[test]
fn attempts_count_wait_and_are_used_up() {
    let case = CATALOGUE.by_id("zoom_local_recording_request_denied_by_host").unwrap();
    let mut case = case.examples[0].case_file.clone();
    case.status_changes.retain(|change| !change.code.is_end() && change.code != EventCode::Done);
    case.settings.leave.permission_denied = Some(jiff::SignedDuration::from_hours(1));
    let done = Some(StepResult::Done);
    let refused = Some(StepResult::Refused);
    // Ten o'clock and so many seconds, since the examples are of that day.
    let zero = case.status_changes.iter().filter_map(|change| change.at).max().unwrap();
    let shift = |mut attempt: Attempt| {
        attempt.at = zero + attempt.at.duration_since(at(0));
        attempt
    };
    let later = |seconds| zero + jiff::SignedDuration::from_secs(seconds);
    let rows: Vec<(Vec<Attempt>, i64, Offer)> = vec![
        (vec![attempt(0, false, None)], 5, Offer::Underway),
        (vec![attempt(0, true, done)], 5, Offer::NotBefore(later(120))),
        (vec![attempt(0, true, Some(StepResult::Unknown))], 5, Offer::NotBefore(later(120))),
        (vec![attempt(0, true, done)], 121, ASK),
        // Nothing of it happened.
        (vec![attempt(0, true, None)], 5, ASK),
        (vec![attempt(0, true, refused)], 5, ASK),
        (vec![attempt(0, true, None), attempt(1, true, done)], 200, ASK),
        (vec![attempt(0, true, done), attempt(130, true, done)], 600, Offer::No(Reason::Used)),
        (vec![attempt(0, true, done), attempt(130, false, None)], 140, Offer::Underway),
        // Written by a clock that has since been set back.
        (vec![attempt(100_000, true, done)], 5, ASK),
    ];
    for (attempts, now, expect) in rows {
        let attempts: Vec<Attempt> = attempts.into_iter().map(shift).collect();
        let case = CaseFile { now: later(now), ..case.clone() };
        let diagnosis = diagnose(&case, &CATALOGUE);
        assert_eq!(offer(&diagnosis, known(&attempts)), expect, "{attempts:?} {now}");
        // The service itself asks only in its own mode.
        assert!(!is_automatic(&diagnosis, known(&attempts)));
    }
}
