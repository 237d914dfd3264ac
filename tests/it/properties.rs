//! What holds for any story, however odd.

use std::sync::LazyLock;

use proptest::prelude::*;
use why_no_recording::diagnosis::case_file::{CaseFile, Known, Participant, RecordingStart};
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::status::{EventCode, StatusChange, SubCode};
use why_no_recording::diagnosis::vocabulary::{Outcome, Platform};
use why_no_recording::report::compose;

/// Read once: a debug build takes a while for it.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

const CODES: &[&str] = &[
    "ready",
    "joining_call",
    "in_waiting_room",
    "in_call_not_recording",
    "recording_permission_denied",
    "recording_permission_allowed",
    "in_call_recording",
    "recording_done",
    "call_ended",
    "fatal",
    "done",
    "media_expired",
    "breakout_room_entered",
    "quantum_state",
];

const SUB_CODES: &[&str] = &[
    "",
    "",
    "zoom_local_recording_disabled",
    "timeout_exceeded_waiting_room",
    "timeout_exceeded_recording_permission_denied",
    "bot_kicked_from_call",
    "meeting_not_started",
    "call_ended_by_host",
    "quantum_flux",
];

fn status_change() -> impl Strategy<Value = StatusChange> {
    (0..7_200_i64, prop::sample::select(CODES), prop::sample::select(SUB_CODES)).prop_map(
        |(secs, code, sub_code)| StatusChange {
            at: jiff::Timestamp::from_second(1_763_478_000 + secs).ok(),
            code: EventCode::parse(code),
            sub_code: SubCode::parse(sub_code),
        },
    )
}

fn case_file() -> impl Strategy<Value = CaseFile> {
    let host = prop::option::of(prop::option::of(any::<bool>()));
    let start = prop::sample::select(vec![
        RecordingStart::Unknown,
        RecordingStart::Automatic,
        RecordingStart::Manual,
    ]);
    let platform = prop::sample::select(Platform::ALL);
    let changes = prop::collection::vec(status_change(), 0..8);
    (changes, platform, host, start, 0..200_000_i64, prop::option::of(any::<bool>())).prop_map(
        |(changes, platform, host, start, now, answer)| {
            let now = jiff::Timestamp::from_second(1_763_478_000 + now).unwrap();
            let mut case = CaseFile::unknown(now);
            case.status_changes = changes;
            case.platform = platform;
            case.settings.start = start;
            case.host_was_present = answer;
            if let Some(is_host) = host {
                let person = Participant {
                    name: None,
                    is_host,
                    told_by: None,
                    signed_in: None,
                    joined_at: None,
                    left_at: None,
                };
                case.participants = Known::Value(vec![person]);
            }
            case
        },
    )
}

proptest! {
    #[test]
    fn order_and_duplicates_change_nothing(case in case_file(), turn in 0..8_usize) {
        let catalogue = &*CATALOGUE;
        let mut varied = case.clone();
        let length = varied.status_changes.len();
        if length > 0 {
            varied.status_changes.rotate_left(turn % length);
            varied.status_changes.push(varied.status_changes[0].clone());
        }
        prop_assert_eq!(compose(&diagnose(&case, catalogue)), compose(&diagnose(&varied, catalogue)));
    }

    #[test]
    fn a_recording_that_began_is_never_denied(case in case_file()) {
        let catalogue = &*CATALOGUE;
        let diagnosis = diagnose(&case, catalogue);
        let began = case.status_changes.iter().any(|change| change.code == EventCode::InCallRecording);
        let denied = matches!(diagnosis.outcome, Outcome::NotRecorded | Outcome::Pending);
        prop_assert!(!(began && denied), "{} {}", diagnosis.outcome, diagnosis.cause.id);
    }

    #[test]
    fn only_a_live_bot_can_be_saved_and_evidence_comes_from_the_case(case in case_file()) {
        let catalogue = &*CATALOGUE;
        let diagnosis = diagnose(&case, catalogue);
        prop_assert!(diagnosis.live || !diagnosis.fixable_now);
        for evidence in &diagnosis.evidence {
            prop_assert!(case.status_changes.contains(evidence.change));
        }
    }

    #[test]
    fn an_unknown_code_takes_no_cause_away(case in case_file(), secs in 0..7_200_i64) {
        let catalogue = &*CATALOGUE;
        let mut more = case.clone();
        let at = case.status_changes.iter().filter_map(|change| change.at).min();
        more.status_changes.push(StatusChange {
            at: at.map(|at| at + jiff::SignedDuration::from_secs(secs.min(1))),
            code: EventCode::parse("quantum_leap"),
            sub_code: None,
        });
        if at.is_some() && case.status_changes.len() > 1 {
            let (plain, varied) = (diagnose(&case, catalogue), diagnose(&more, catalogue));
            // Who sends a status of any kind did set out, so it is no longer known what became of the bot.
            let plain = plain.cause.id.as_str();
            let expected = if plain == "never_joined" { "insufficient_data" } else { plain };
            prop_assert_eq!(expected, varied.cause.id.as_str());
        }
    }
}
