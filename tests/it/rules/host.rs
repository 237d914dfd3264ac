//! Whether the host was there, by what the participants tell, and what is said where they do not tell.

use serde_json::{Value, json};
use why_no_recording::diagnosis::case_file::{Gap, GapKind, Known, WhyMissing};
use why_no_recording::diagnosis::diagnose;

use crate::boundaries::{at, bot, case_file, with};
use crate::stories::CATALOGUE;

/// The cause and why presence is not known, for the people in a call of ten minutes that began at second 10.
///
/// People are `host`, `guest` and `null` for one of whom it is not told; a number after it is when they left.
fn told(people: &str, story: &str, platform: &str) -> (String, Option<WhyMissing>) {
    let people = people.split(',').map(str::trim).filter(|person| !person.is_empty()).map(|person| {
        let (flag, left) = person.split_once(' ').unwrap_or((person, ""));
        let moves: Vec<Value> =
            left.parse().map(|secs| json!({ "code": "leave", "created_at": at(secs) })).into_iter().collect();
        let is_host = match flag {
            "host" => Some(true),
            "guest" => Some(false),
            _ => None,
        };
        json!({ "name": null, "is_host": is_host, "events": moves })
    });
    let bot = with(bot(platform, story), "meeting_participants", people.collect());
    let case = case_file(&bot, 90_000);
    let diagnosis = diagnose(&case, &CATALOGUE);
    let gap = diagnosis.gaps.iter().find(|gap| gap.kind == GapKind::Participants);
    (diagnosis.cause.id.to_string(), gap.map(|gap| gap.why.clone()))
}

#[test]
fn the_people_tell_of_the_host_or_it_is_said_why_not() {
    let check = |people: &str, cause: &str, gap: Option<WhyMissing>| {
        let story = "0 joining_call, 10 in_call_not_recording, 610 call_ended";
        assert_eq!(told(people, story, "zoom"), (cause.to_owned(), gap), "{people}");
    };
    check("", "never_asked_host_unknown", Some(WhyMissing::Empty));
    check("null", "never_asked_host_unknown", Some(WhyMissing::NotSaid));
    check("guest, null", "never_asked_host_unknown", Some(WhyMissing::NotSaid));
    check("guest", "no_recognised_host", None);
    check("guest, guest 20", "no_recognised_host", None);
    check("host", "host_present_never_asked", None);
    check("null, host", "host_present_never_asked", None);
    check("guest, host 5", "host_left_before_consent", None);
    check("host 5, host 70", "host_left_before_consent", None);
    check("host 5, host 71", "host_present_never_asked", None);
    check("host 5, host", "host_present_never_asked", None);
}

/// Nobody at all is not the same as nobody who is the host.
#[test]
fn a_list_of_nobody_does_not_tell() {
    let mut case =
        case_file(&bot("zoom", "0 joining_call, 10 in_call_not_recording, 610 call_ended"), 90_000);
    case.participants = Known::Value(Vec::new());
    let diagnosis = diagnose(&case, &CATALOGUE);
    assert_eq!(diagnosis.cause.id.as_str(), "never_asked_host_unknown");
    assert_eq!(diagnosis.gaps, [Gap { kind: GapKind::Participants, why: WhyMissing::Empty }]);
}

/// Where nobody is asked, or where the bot was not in the call, it does not matter who was there.
#[test]
fn what_does_not_matter_is_no_gap() {
    let check = |story: &str, platform: &str, cause: &str| {
        assert_eq!(told("null", story, platform), (cause.to_owned(), None), "{story} on {platform}");
    };
    check("10 in_call_not_recording, 610 call_ended", "google_meet", "never_started_recording");
    check("10 in_waiting_room, 610 call_ended", "zoom", "meeting_ended_before_admission");
    check("10 in_call_recording, 610 call_ended, 620 done", "zoom", "recorded");
    let refused = "10 in_call_not_recording, 20 recording_permission_denied, 50 call_ended";
    assert_eq!(told("null", refused, "zoom").1, Some(WhyMissing::NotSaid));
}
