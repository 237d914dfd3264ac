//! Any bytes as a download of participants, or of their events, below a bot that waited: read or told as not readable, and
//! a verdict either way.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::vocabulary::ParticipantNames;
use why_no_recording::recall::case_file_from_json;
use why_no_recording::report::people::compose_with_people;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().expect("the tests hold it to load"));

const BOT: &str = r#"{
    "id": "5215cf1e-bc6e-54c0-983d-7d8b2052615d",
    "meeting_url": { "meeting_id": "84731728293", "platform": "zoom" },
    "status_changes": [
        { "code": "joining_call", "created_at": "2026-11-18T15:00:00Z" },
        { "code": "in_call_not_recording", "created_at": "2026-11-18T15:00:12Z" },
        { "code": "call_ended", "sub_code": "timeout_exceeded_recording_permission_denied", "created_at": "2026-11-18T16:00:12Z" },
        { "code": "done", "created_at": "2026-11-18T16:00:52Z" }
    ]
}"#;

fuzz_target!(|bytes: &[u8]| {
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    let case = case_file_from_json(BOT.as_bytes(), Some(bytes), now).expect("it is a bot");
    let diagnosis = diagnose(&case, &CATALOGUE);
    for names in [ParticipantNames::Off, ParticipantNames::Initials, ParticipantNames::Full] {
        let _ = compose_with_people(&diagnosis, names);
    }
});
