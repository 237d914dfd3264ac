//! What became of a recording, by what Recall.ai says of it and of its media.

use jiff::SignedDuration;
use why_no_recording::diagnosis::case_file::{CaseFile, Media, MediaStatus, Recording};
use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::status::{EventCode, StatusChange};

use crate::stories::{CATALOGUE, at};

const RECORDED: &str = "recorded recorded";
const PROCESSING: &str = "processing recording_processing";
const FAILED: &str = "lost recording_media_failed";
const DELETED: &str = "lost recording_deleted";

/// The states of a recording, and for each what is told by the state of its main medium.
const STATES: &str = "
recording   | none processing paused done failed deleted unknown
processing  | P    P          P      P    F      P       P
paused      | P    P          P      P    F      P       P
done        | R    P          P      R    F      D       R
failed      | F    F          F      F    F      F       F
deleted     | D    D          D      D    D      D       D
unknown     | L    P          P      R    F      D       L
";

fn medium(state: &str) -> Option<Media> {
    MediaStatus::from_word(state).map(|status| Media { status, sub_code: None })
}

/// A recording in this state: of a minute, begun.
fn recording(state: &str, video: Option<Media>, audio: Option<Media>) -> Recording {
    Recording {
        started_at: Some(at(10)),
        completed_at: Some(at(70)),
        expires_at: None,
        status: MediaStatus::from_word(state).unwrap(),
        sub_code: None,
        video,
        audio,
        transcript: None,
    }
}

/// What a bot is told as that recorded and left a minute ago, after these last statuses.
fn told(recordings: &[Recording], last: &[&str]) -> String {
    let mut case = CaseFile::unknown(at(130));
    let codes = ["in_call_recording"].iter().chain(last);
    case.status_changes = codes
        .zip([10, 70, 71])
        .map(|(code, secs)| StatusChange { at: Some(at(secs)), code: EventCode::parse(code), sub_code: None })
        .collect();
    case.recordings = recordings.to_vec();
    let diagnosis = diagnose(&case, &CATALOGUE);
    let beside = diagnosis.contributing.iter().map(|cause| format!(" + {}", cause.id));
    format!("{} {}{}", diagnosis.outcome, diagnosis.cause.id, beside.collect::<String>())
}

#[test]
fn what_is_said_of_a_recording_and_of_its_media_is_read_together() {
    let mut lines = STATES.trim().lines().map(|line| line.split_once('|').unwrap());
    let media: Vec<&str> = lines.next().unwrap().1.split_whitespace().collect();
    for (state, told_as) in lines {
        for (medium_state, letter) in media.iter().zip(told_as.split_whitespace()) {
            let (own, done) = (medium(medium_state), medium("done"));
            let mut all =
                vec![recording(state.trim(), own.clone(), None), recording(state.trim(), None, own.clone())];
            if own.is_some() {
                // Where there is a video, it is what people mean.
                all.push(recording(state.trim(), own, done));
            }
            for one in all {
                let [left, shut_down] = [&["call_ended"][..], &["call_ended", "done"]]
                    .map(|last| told(std::slice::from_ref(&one), last));
                let expect = match letter {
                    "R" => [RECORDED; 2],
                    "P" => [PROCESSING; 2],
                    "F" => [FAILED; 2],
                    "D" => [DELETED; 2],
                    // The older API says nothing of a state.
                    _ => [PROCESSING, RECORDED],
                };
                assert_eq!([left.as_str(), &shut_down], expect, "{state} with {medium_state}: {one:?}");
            }
        }
    }
}

#[test]
fn of_several_recordings_what_is_there_is_told_first() {
    let check = |states: &[&str], last: &[&str], expect: &str| {
        let recordings: Vec<Recording> =
            states.iter().map(|state| recording(state, medium(state), None)).collect();
        assert_eq!(told(&recordings, last), expect, "{states:?} {last:?}");
    };
    let ended = ["call_ended", "done"];
    let expired = ["call_ended", "media_expired"];
    check(&["done", "done"], &ended, "recorded recorded");
    check(&["done", "failed"], &ended, "recorded recorded + recording_media_failed");
    check(&["failed", "done"], &ended, "recorded recorded + recording_media_failed");
    check(&["done", "processing"], &ended, "recorded recorded + recording_processing");
    check(&["done", "deleted"], &ended, "recorded recorded");
    check(&["processing", "failed"], &ended, "processing recording_processing");
    check(&["failed", "failed"], &ended, "lost recording_media_failed");
    check(&["failed", "deleted"], &ended, "lost recording_deleted");
    check(&["processing", "deleted"], &ended, "lost recording_deleted");
    check(&["unknown", "failed"], &ended, "lost recording_media_failed");
    check(&["done"], &expired, "lost recording_expired");
    check(&["failed"], &expired, "lost recording_media_failed");
    check(&["failed", "done"], &expired, "lost recording_expired + recording_media_failed");
    check(&[], &expired, "lost recording_expired");
    check(&[], &ended, "recorded recorded");
    check(&[], &["call_ended"], "processing recording_processing");
    check(&[], &["recording_done"], "recorded recorded");
}

/// An entry is made before anything is recorded: without a start it is done with media that is done, or it proves nothing.
#[test]
fn an_entry_alone_is_no_recording() {
    let check = |state: &str, video: &str, audio: &str, expect: &str| {
        let mut case = CaseFile::unknown(at(0) + SignedDuration::from_hours(48));
        case.recordings =
            vec![Recording { started_at: None, ..recording(state, medium(video), medium(audio)) }];
        case.status_changes = [("in_call_not_recording", 0), ("call_ended", 600)]
            .map(|(code, secs)| StatusChange {
                at: Some(at(secs)),
                code: EventCode::parse(code),
                sub_code: None,
            })
            .to_vec();
        let diagnosis = diagnose(&case, &CATALOGUE);
        assert_eq!(diagnosis.cause.id.as_str(), expect, "{state} {video} {audio}");
    };
    check("done", "done", "", "recorded");
    check("done", "", "done", "recorded");
    check("done", "failed", "done", "recording_media_failed");
    check("done", "", "", "never_started_recording");
    check("done", "processing", "", "never_started_recording");
    check("processing", "done", "", "never_started_recording");
    check("unknown", "done", "", "never_started_recording");
    check("deleted", "done", "", "never_started_recording");
}

/// Nothing but a recording that began: it is not told when that was over, nor that the bot is stuck.
#[test]
fn a_recording_without_any_status_says_too_little() {
    let mut case = CaseFile::unknown(at(0) + SignedDuration::from_hours(48));
    for (state, expect) in
        [("processing", "insufficient_data"), ("done", "recorded"), ("failed", "recording_media_failed")]
    {
        case.recordings = vec![recording(state, medium(state), None)];
        assert_eq!(diagnose(&case, &CATALOGUE).cause.id.as_str(), expect, "{state}");
    }
}
