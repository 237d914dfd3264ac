//! Stories that nobody wrote down: statuses in an order that can happen, with any sub code that belongs to them, media,
//! timers, people, entries without a time and codes that nobody knows, at any place.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use why_no_recording::diagnosis::case_file::{
    CaseFile, History, Known, LeaveTimers, Media, MediaStatus, Participant, Recording, RecordingStart,
};
use why_no_recording::diagnosis::catalogue::{Catalogue, Claim, Stated};
use why_no_recording::diagnosis::status::{EventCode, StatusChange, SubCode};
use why_no_recording::diagnosis::vocabulary::Platform;

/// Read once: a debug build takes a while for it.
pub static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

/// The sub codes that each kind of event can carry, one that nobody knows among them, and none.
static SUB_CODES: LazyLock<[Vec<String>; 4]> = LazyLock::new(|| {
    Stated::ALL
        .iter()
        .map(|kind| {
            let claims = CATALOGUE.causes().flat_map(|cause| &cause.when);
            let own = claims.filter_map(|claim| match claim {
                Claim::SubCode { event, sub_code } if event == kind => Some(sub_code.clone()),
                _ => None,
            });
            own.chain(["quantum_flux".to_owned(), String::new()]).collect()
        })
        .collect::<Vec<_>>()
        .try_into()
        .unwrap()
});

/// When every story begins.
const BEGINS: i64 = 1_795_000_000;

/// A step of a story: a code, its sub code, and how long after the one before.
type Step = (&'static str, String, i64);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(BEGINS + seconds).unwrap()
}

fn sub_code(kind: Stated) -> impl Strategy<Value = String> {
    prop::sample::select(SUB_CODES[kind as usize].clone())
}

fn seconds() -> impl Strategy<Value = i64> {
    prop_oneof![0..3_i64, 3..70_i64, 60..4_000_i64]
}

fn step(code: &'static str) -> impl Strategy<Value = Step> {
    seconds().prop_map(move |after| (code, String::new(), after))
}

fn reasoned(code: &'static str, kind: Stated) -> impl Strategy<Value = Step> {
    (sub_code(kind), seconds()).prop_map(move |(sub_code, after)| (code, sub_code, after))
}

/// What happens between joining and the end.
fn middle() -> impl Strategy<Value = Vec<Step>> {
    let any = prop_oneof![
        4 => step("in_waiting_room"),
        6 => step("in_call_not_recording"),
        3 => reasoned("recording_permission_denied", Stated::PermissionDenied),
        2 => step("recording_permission_allowed"),
        5 => step("in_call_recording"),
        1 => step("breakout_room_entered"),
        1 => step("quantum_state"),
    ];
    prop::collection::vec(any, 0..6)
}

fn ending() -> impl Strategy<Value = Vec<Step>> {
    let call_ended =
        || (reasoned("call_ended", Stated::CallEnded), step("done")).prop_map(|(a, b)| vec![a, b]);
    let fatal = || (reasoned("fatal", Stated::Fatal), step("done")).prop_map(|(a, b)| vec![a, b]);
    prop_oneof![
        3 => call_ended(),
        2 => fatal(),
        1 => Just(Vec::new()),
        1 => step("done").prop_map(|done| vec![done]),
    ]
}

fn media(status: impl Strategy<Value = MediaStatus>) -> impl Strategy<Value = Media> {
    (status, sub_code(Stated::Transcript))
        .prop_map(|(status, sub_code)| Media { status, sub_code: SubCode::parse(&sub_code) })
}

fn recordings() -> impl Strategy<Value = Vec<Recording>> {
    let status = || prop::sample::select(MediaStatus::ALL);
    let one = (
        prop::option::of(60..4_000_i64),
        prop::option::of(0..4_000_i64),
        prop::option::of(0..700_000_i64),
        status(),
        prop::option::of(media(status())),
        prop::option::of(media(status())),
    );
    let one = one.prop_map(|(start, length, kept, status, video, transcript)| Recording {
        started_at: start.map(at),
        completed_at: start.zip(length).map(|(start, length)| at(start + length)),
        expires_at: kept.map(at),
        status,
        sub_code: None,
        video,
        audio: None,
        transcript,
    });
    prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(one, 1..3)]
}

fn people() -> impl Strategy<Value = Option<Vec<Participant>>> {
    let moment = || prop::option::of(0..4_000_i64);
    let person = (any::<Option<bool>>(), any::<Option<bool>>(), moment(), moment());
    let person = person.prop_map(|(is_host, signed_in, joined, left)| Participant {
        name: None,
        is_host,
        told_by: None,
        signed_in,
        joined_at: joined.map(at),
        left_at: left.map(at),
    });
    prop::option::of(prop::collection::vec(person, 0..3))
}

fn timers() -> impl Strategy<Value = LeaveTimers> {
    let timer = || prop::option::of((10..8_000_i64).prop_map(SignedDuration::from_secs));
    (timer(), timer(), timer(), timer(), timer(), timer()).prop_map(|(a, b, c, d, e, f)| LeaveTimers {
        waiting_room: a,
        noone_joined: b,
        in_call_not_recording: c,
        in_call_recording: d,
        permission_denied: e,
        everyone_left: f,
        silence: a,
        only_bots_by_events: b,
        only_bots_by_names: c,
    })
}

fn starts() -> impl Strategy<Value = RecordingStart> {
    prop::sample::select(vec![RecordingStart::Unknown, RecordingStart::Automatic, RecordingStart::Manual])
}

/// What belongs to a bot beside its statuses.
fn surroundings() -> impl Strategy<Value = CaseFile> {
    (
        prop::sample::select(Platform::ALL),
        people(),
        recordings(),
        timers(),
        starts(),
        any::<Option<bool>>(),
        (any::<bool>(), any::<bool>(), any::<bool>(), 0..5_u8),
    )
        .prop_map(
            |(platform, people, recordings, leave, start, answer, (token, behalf, asked, part))| {
                let mut case = CaseFile::unknown(at(0));
                case.platform = platform;
                case.recordings = recordings;
                case.settings.leave = leave;
                case.settings.start = start;
                case.settings.join_token = token;
                case.settings.on_behalf_token = behalf;
                case.settings.transcript_requested = Some(asked);
                case.host_was_present = answer;
                if let Some(people) = people {
                    case.participants = Known::Value(people);
                }
                if part == 0 {
                    case.history = History::Part;
                }
                case
            },
        )
}

/// A bot with a story, judged while it goes on or long after.
pub fn story() -> impl Strategy<Value = CaseFile> {
    let later = prop_oneof![0..200_i64, 0..6_000_i64, Just(90_000_i64)];
    (surroundings(), any::<bool>(), middle(), ending(), later, prop::option::of(0..8_usize)).prop_map(
        |(mut case, joins, middle, ending, later, untimed)| {
            let begin = if joins { vec![("joining_call", String::new(), 0)] } else { Vec::new() };
            let mut now = 0;
            for (code, sub_code, after) in begin.into_iter().chain(middle).chain(ending) {
                now += after;
                case.status_changes.push(StatusChange {
                    at: Some(at(now)),
                    code: EventCode::parse(code),
                    sub_code: SubCode::parse(&sub_code),
                });
            }
            if let Some(change) = untimed.and_then(|place| case.status_changes.get_mut(place)) {
                change.at = None;
            }
            case.now = at(now + later);
            // Some never set out: nothing happens to them but that their time comes.
            if !joins && later % 4 == 0 {
                case.status_changes.retain(|change| matches!(change.code, EventCode::Unknown(_)));
                case.join_at = Some(at(later % 3_000));
            }
            belongs_together(&mut case);
            case
        },
    )
}

/// A code of one platform stands on no bot of another, and only Zoom asks for permission and has breakout rooms.
fn belongs_together(case: &mut CaseFile) {
    let platform = case.platform;
    let is_foreign = |sub_code: &SubCode| {
        let causes = CATALOGUE.causes().filter(|cause| {
            cause.when.iter().any(
                |claim| matches!(claim, Claim::SubCode { sub_code: own, .. } if own == sub_code.as_str()),
            )
        });
        causes.filter_map(|cause| cause.platform).any(|own| own != platform)
            || sub_code.as_str().starts_with("zoom_") && platform != Platform::Zoom
    };
    for change in &mut case.status_changes {
        if change.sub_code.as_ref().is_some_and(is_foreign) {
            change.sub_code = None;
        }
    }
    for transcript in case.recordings.iter_mut().filter_map(|recording| recording.transcript.as_mut()) {
        if transcript.sub_code.as_ref().is_some_and(is_foreign) {
            transcript.sub_code = None;
        }
    }
    if platform != Platform::Zoom {
        let zooms = ["recording_permission_denied", "recording_permission_allowed", "breakout_room_entered"];
        case.status_changes.retain(|change| !zooms.contains(&change.code.as_str()));
        (case.settings.join_token, case.settings.on_behalf_token) = (false, false);
    }
}

/// The generated stories reach every rule, so that a property over them says something about each.
#[test]
fn every_rule_is_met_by_some_story() {
    use std::collections::BTreeSet;

    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    use why_no_recording::diagnosis::diagnose;
    use why_no_recording::diagnosis::signals::Signal;

    let mut runner = TestRunner::deterministic();
    let mut left: BTreeSet<&str> =
        Signal::ALL.iter().filter(|signal| !signal.is_circumstance()).map(|signal| signal.as_str()).collect();
    for _ in 0..60_000 {
        let case = story().new_tree(&mut runner).unwrap().current();
        let diagnosis = diagnose(&case, &CATALOGUE);
        let causes = diagnosis.contributing.iter().copied().chain([diagnosis.cause]);
        for claim in causes.flat_map(|cause| &cause.when) {
            if let Claim::Signal(signal) = claim {
                left.remove(signal.as_str());
            }
        }
        if left.is_empty() {
            return;
        }
    }
    panic!("no story meets {left:?}");
}
