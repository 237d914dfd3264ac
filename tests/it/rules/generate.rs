//! From a line of the table to bots.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::prelude::{Rng, RngExt};
use why_no_recording::diagnosis::case_file::{
    CaseFile, History, Known, Media, MediaStatus, Participant, Recording, RecordingStart, WhyMissing,
};
use why_no_recording::diagnosis::catalogue::{Claim, Role, Stated};
use why_no_recording::diagnosis::status::{EventCode, StatusChange, SubCode};
use why_no_recording::diagnosis::vocabulary::Platform;

use super::Line;
use crate::stories::{CATALOGUE, at};

/// When the histories begin, in seconds; what is before it came before them.
const BEGINS: i64 = 10_000;
/// Statuses that say nothing about where a bot is.
const ASIDES: [&str; 3] = ["quantum_state", "participant_in_waiting_room", "analysis_done"];

pub(super) struct Bot {
    pub(super) case: CaseFile,
    /// The cause that a sub code of its history names, one that was told as `each` before others.
    pub(super) named: Option<String>,
}

/// A bot of this line, with everything beside it as it is in `case`.
pub(super) fn bot(line: &Line<'_>, mut case: CaseFile, mut rng: impl Rng) -> Bot {
    let has = |word: &str| line.bots.split(' ').any(|other| other == word);
    case.platform = platform(&has, case.platform, &mut rng);
    let (changes, named, owner) = changes(line.history, case.platform, &mut rng);
    if let Some(owner) = owner.filter(|_| !has("zoom")) {
        case.platform = owner;
    }
    if case.platform != Platform::Zoom {
        (case.settings.join_token, case.settings.on_behalf_token) = (false, false);
    }
    case.history = if has("part") { History::Part } else { History::Whole };
    case.is_stream = has("stream");
    case.settings.transcript_requested = has("transcript_not_requested").then_some(false);
    case.settings.start = match case.settings.start {
        _ if has("manual") => RecordingStart::Manual,
        RecordingStart::Manual => RecordingStart::Automatic,
        start => start,
    };
    case.host_was_present = match case.host_was_present {
        _ if has("unanswered") => None,
        _ if has("answered_yes") => Some(true),
        _ if has("answered_no") => Some(false),
        answer => answer,
    };
    let last = changes.iter().filter_map(|change| change.at).max().unwrap_or(at(BEGINS));
    let secs = SignedDuration::from_secs;
    case.now = last
        + secs(match () {
            () if has("live") => rng.random_range(1..120),
            () if has("gone") && rng.random_bool(0.5) => rng.random_range(1..4_000),
            () if has("soon") => rng.random_range(1..3_000),
            () => rng.random_range(90_000..200_000),
        });
    case.join_at = match () {
        () if has("due_later") => Some(case.now + secs(rng.random_range(1..4_000))),
        () if has("due_now") => Some(case.now - secs(rng.random_range(0..=600))),
        () if has("due_before") => Some(case.now - secs(rng.random_range(601..9_000))),
        () => None,
    };
    people(&has, &mut case, &changes, &mut rng);
    media(&has, &mut case, &changes);
    case.status_changes = changes;
    if !has("alone") {
        let timed = has("host_left") || line.history.contains("<60");
        disturb(&mut case, timed, &mut rng);
    }
    Bot { case, named }
}

fn platform(has: &impl Fn(&str) -> bool, any: Platform, rng: &mut impl Rng) -> Platform {
    if has("zoom") {
        return Platform::Zoom;
    }
    if has("unlinked") {
        return Platform::Unknown;
    }
    let others = Platform::ALL.iter().filter(|other| !matches!(other, Platform::Zoom | Platform::Unknown));
    if has("elsewhere") { pick(&others.copied().collect::<Vec<_>>(), rng) } else { any }
}

fn pick<T: Clone>(of: &[T], rng: &mut impl Rng) -> T {
    of[rng.random_range(0..of.len())].clone()
}

type Changes = (Vec<StatusChange>, Option<String>, Option<Platform>);

/// The status changes of a history, the cause that a sub code names, and whose code that is.
fn changes(history: &str, platform: Platform, rng: &mut impl Rng) -> Changes {
    let mut now = BEGINS;
    let mut gap = 60..600;
    let (mut changes, mut named, mut owner) = (Vec::new(), None, None);
    for word in history.split_whitespace() {
        if word == "<60" {
            gap = 1..60;
            continue;
        }
        let word = match word.strip_suffix('?') {
            Some(_) if rng.random_bool(0.5) => continue,
            Some(word) => word,
            None => word,
        };
        now += rng.random_range(gap);
        gap = 60..600;
        let (code, sub_codes) = word.split_once('/').unwrap_or((word, ""));
        let sub_code = sub_code(code, sub_codes, platform, rng);
        if let Some((cause, of)) = named_by(code, &sub_code) {
            owner = of.or(owner);
            if named.is_none() || sub_codes.contains("each") {
                named = Some(cause);
            }
        }
        changes.push(StatusChange {
            at: Some(at(now)),
            code: EventCode::parse(code),
            sub_code: SubCode::parse(&sub_code),
        });
    }
    (changes, named, owner)
}

fn event(code: &str) -> Option<Stated> {
    match code {
        "recording_permission_denied" => Some(Stated::PermissionDenied),
        "call_ended" | "done" => Some(Stated::CallEnded),
        "fatal" => Some(Stated::Fatal),
        _ => None,
    }
}

/// The cause that a sub code names on this status, and the one platform that has it.
fn named_by(code: &str, sub_code: &str) -> Option<(String, Option<Platform>)> {
    let cause = CATALOGUE.by_stated(event(code)?, sub_code).filter(|cause| cause.role == Role::Cause)?;
    let zooms = sub_code.starts_with("zoom_").then_some(Platform::Zoom);
    Some((cause.id.to_string(), cause.platform.or(zooms)))
}

fn sub_code(code: &str, of: &str, platform: Platform, rng: &mut impl Rng) -> String {
    let mut choices: Vec<String> = Vec::new();
    for word in of.split('|') {
        let role = match word {
            "*" => Role::Consequence,
            "each" => Role::Cause,
            _ => {
                choices.push(word.to_owned());
                continue;
            }
        };
        let of_role = CATALOGUE.causes().filter(|cause| cause.role == role);
        let own = of_role.flat_map(|cause| cause.when.iter().map(move |claim| (cause, claim)));
        choices.extend(own.filter_map(|(cause, claim)| match claim {
            Claim::SubCode { event: on, sub_code } if Some(*on) == event(code) => {
                // What only Zoom has is no end elsewhere, and on Zoom it proves a refusal.
                let fits = role == Role::Cause || cause.platform.is_none();
                let possible = platform != Platform::Zoom
                    || code == "fatal"
                    || cause.platform.is_none_or(|own| own == platform);
                (fits && possible).then(|| sub_code.clone())
            }
            _ => None,
        }));
        if role == Role::Consequence {
            choices.extend(["quantum_flux".to_owned(), String::new()]);
        }
    }
    pick(&choices, rng)
}

fn people(has: &impl Fn(&str) -> bool, case: &mut CaseFile, changes: &[StatusChange], rng: &mut impl Rng) {
    let entered_at = changes.iter().find(|change| change.code.is_in_call()).and_then(|change| change.at);
    let person = |is_host, left_at| Participant {
        name: None,
        is_host,
        told_by: None,
        signed_in: None,
        joined_at: None,
        left_at,
    };
    let guest = || person(Some(false), None);
    let after = |secs| entered_at.map(|at| at + SignedDuration::from_secs(secs));
    let left = rng.random_range(-600..=60);
    let stayed = rng.random_range(61..600);
    case.participants = match () {
        () if has("host_seen") => Known::Value(pick(
            &[
                vec![guest(), person(Some(true), None)],
                vec![person(Some(true), after(left)), person(Some(true), after(stayed)), guest()],
                vec![person(Some(true), after(stayed)), person(None, None)],
            ],
            rng,
        )),
        () if has("host_left") => Known::Value(vec![guest(), person(Some(true), after(left))]),
        () if has("host_absent") => Known::Value(vec![guest(); rng.random_range(1..3)]),
        () if has("host_unknown") => pick(
            &[
                Known::Value(Vec::new()),
                Known::Value(vec![guest(), person(None, None)]),
                Known::Missing(WhyMissing::NotOffered),
            ],
            rng,
        ),
        () => return,
    };
}

/// The recordings: as the line says, else an entry at most, which is made before anything is recorded.
fn media(has: &impl Fn(&str) -> bool, case: &mut CaseFile, changes: &[StatusChange]) {
    let start = changes.iter().find(|change| change.code == EventCode::InCallRecording);
    let end = changes.iter().find(|change| change.code.is_end()).and_then(|change| change.at);
    let recording = |status| Recording {
        started_at: start.and_then(|change| change.at),
        completed_at: end,
        expires_at: None,
        status,
        sub_code: None,
        video: Some(Media { status, sub_code: None }),
        audio: None,
        transcript: None,
    };
    let done = || recording(MediaStatus::Done);
    let with_transcript = |status, sub_code| Recording {
        transcript: Some(Media { status, sub_code: SubCode::parse(sub_code) }),
        ..done()
    };
    let one = match () {
        () if has("video") || has("failed_too") || has("processing_too") => done(),
        () if has("brief") => Recording {
            completed_at: done().started_at.map(|at| at + SignedDuration::from_secs(9)),
            ..done()
        },
        () if has("processing") => recording(MediaStatus::Processing),
        () if has("failed") => recording(MediaStatus::Failed),
        () if has("uncaptured") => {
            Recording { started_at: None, video: None, ..recording(MediaStatus::Failed) }
        }
        () if has("deleted") => {
            let expires_at = Some(case.now + SignedDuration::from_secs(1));
            Recording { expires_at, ..recording(MediaStatus::Deleted) }
        }
        () if has("expired") => Recording { expires_at: Some(case.now), ..recording(MediaStatus::Deleted) },
        () if has("transcript_failed") => with_transcript(MediaStatus::Failed, "quantum_flux"),
        () if has("transcript_failed_by_captions") => {
            with_transcript(MediaStatus::Failed, "zoom_captions_failure")
        }
        () if has("transcript_processing") => with_transcript(MediaStatus::Processing, ""),
        () => {
            case.has_video_link = has("link");
            case.recordings.retain(|recording| recording.status != MediaStatus::Failed);
            for entry in &mut case.recordings {
                (entry.started_at, entry.completed_at) = (None, None);
                (entry.video, entry.transcript) = (None, None);
            }
            return;
        }
    };
    case.recordings = vec![one];
    if has("failed_too") || has("processing_too") {
        let status = if has("failed_too") { MediaStatus::Failed } else { MediaStatus::Processing };
        case.recordings = vec![recording(status), done()];
    }
}

/// What changes nothing: asides at any place, another order, duplicates, an entry without a time.
fn disturb(case: &mut CaseFile, timed: bool, rng: &mut impl Rng) {
    let changes = &mut case.status_changes;
    for _ in 0..rng.random_range(0..3) {
        let place = rng.random_range(0..=changes.len());
        let before = place.checked_sub(1).and_then(|before| changes[before].at);
        let code = EventCode::parse(pick(&ASIDES, rng));
        changes.insert(place, StatusChange { at: before, code, sub_code: None });
    }
    if changes.is_empty() {
        return;
    }
    if rng.random_bool(0.3) {
        let place = rng.random_range(0..changes.len());
        changes.insert(place, changes[place].clone());
    }
    let times = |changes: &[StatusChange]| changes.iter().filter_map(|change| change.at).collect::<Vec<_>>();
    if !timed && times(changes).len() > 1 && rng.random_bool(0.3) {
        pick_mut(changes, rng).at = None;
    }
    let turn = rng.random_range(0..changes.len());
    let known = times(changes);
    if known.len() == changes.len() {
        changes.rotate_left(turn);
    } else if known.first() < known.last() && rng.random_bool(0.3) {
        // Newest first: places mean the same from the other end.
        changes.reverse();
    } else if known.iter().collect::<BTreeSet<_>>().len() > 2 && rng.random_bool(0.3) {
        // What has a time may stand at any place of one that has, and what has none stays where it is. Of two times
        // that are swapped, nobody could tell whether the list is newest first.
        let places = |change: &(usize, &StatusChange)| change.1.at.is_some();
        let places: Vec<usize> = changes.iter().enumerate().filter(places).map(|(place, _)| place).collect();
        changes.swap(places[0], places[1]);
    }
}

fn pick_mut<'a, T>(of: &'a mut [T], rng: &mut impl Rng) -> &'a mut T {
    let place = rng.random_range(0..of.len());
    &mut of[place]
}
