//! From JSON to a case file, whatever the JSON.

use jiff::SignedDuration;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use serde_json::{Value, json};
use why_no_recording::diagnosis::case_file::{
    CaseFile, Gap, GapKind, Known, MediaStatus, Participant, RecordingStart, WhyMissing,
};
use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::status::EventCode;
use why_no_recording::diagnosis::vocabulary::Platform;
use why_no_recording::recall::{
    NotABot, bots_from_json, case_file_from_json, check_participants, read_webhooks,
};
use why_no_recording::report::compose;

use super::{bot, bot_with_participants, id, now};
use crate::slack::rendering::CATALOGUE;

fn read(bot: &Value) -> CaseFile {
    case_file_from_json(bot.to_string().as_bytes(), None, now()).unwrap()
}

/// The sample bot with one member set to something else.
fn with(member: &str, value: Value) -> CaseFile {
    let mut bot = bot();
    bot[member] = value;
    read(&bot)
}

#[test]
fn the_present_shape_is_read() {
    let case = read(&bot_with_participants(&["https://us-east-1.recall.ai/x".to_owned()]));
    assert_eq!(case.bot_id, Some(id()));
    assert_eq!(case.bot_name.as_deref(), Some("Acme Notetaker"));
    assert_eq!(case.platform, Platform::Zoom);
    assert_eq!(case.settings.start, RecordingStart::Automatic);
    assert_eq!(case.settings.transcript_requested, Some(false));
    assert_eq!(case.settings.retention, Some(SignedDuration::from_hours(168)));
    assert_eq!(case.settings.leave.waiting_room, Some(SignedDuration::from_secs(1200)));
    assert_eq!(case.settings.leave.noone_joined, Some(SignedDuration::from_secs(600)));
    assert_eq!(case.settings.leave.in_call_recording, None);
    assert_eq!(case.status_changes[1].code, EventCode::PermissionDenied);
    assert!(case.status_changes[1].has_sub_code("zoom_local_recording_disabled"));
    let recording = &case.recordings[0];
    assert!(
        recording.started_at.is_some() && recording.completed_at.is_some() && recording.expires_at.is_some()
    );
    assert_eq!(recording.status, MediaStatus::Done);
    assert_eq!(recording.video.as_ref().unwrap().status, MediaStatus::Done);
    assert_eq!(recording.audio, None);
    assert_eq!(recording.transcript.as_ref().unwrap().status, MediaStatus::Failed);
    assert_eq!(case.participants, Known::Missing(WhyMissing::NotGiven));
    assert_eq!(case.gaps, []);
}

#[test]
fn the_older_shape_is_read() {
    let mut older = bot();
    older.as_object_mut().unwrap().remove("recording_config");
    older["video_url"] = json!("https://us-east-1.recall.ai/video");
    older["media_retention_end"] = json!("2026-11-25T15:30:00Z");
    older["transcription_options"] = json!({ "provider": "meeting_captions" });
    older["recordings"] = json!([{ "id": "x", "started_at": "2026-11-18T15:00:57Z" }]);
    older["meeting_participants"] = json!([
        { "name": "Dana", "is_host": true, "extra_data": { "zoom": { "conf_user_id": "u" } }, "events": [
            { "code": "leave", "created_at": "2026-11-18T15:20:00Z" },
            { "code": "join", "created_at": "2026-11-18T15:00:00Z" },
        ] },
        { "name": "Sam", "is_host": false, "extra_data": { "zoom": { "conf_user_id": "" } }, "events": [
            { "code": "leave", "created_at": "2026-11-18T15:10:00Z" },
            { "code": "join", "created_at": "2026-11-18T15:11:00Z" },
        ] },
        { "name": null, "is_host": null, "extra_data": { "zoom": { "guest": true } } },
    ]);
    let case = read(&older);
    assert!(case.has_video_link && case.media_kept_until.is_some());
    assert_eq!(case.settings.start, RecordingStart::Unknown);
    assert_eq!(case.settings.transcript_requested, Some(true));
    assert_eq!(case.recordings[0].status, MediaStatus::Unknown);
    let at = |time: Option<&str>| time.map(|time| format!("2026-11-18T{time}Z").parse().unwrap());
    let person = |name: Option<&str>, is_host, signed_in, joined, left| Participant {
        told_by: Some(Platform::Zoom),
        name: name.map(str::to_owned),
        is_host,
        signed_in,
        joined_at: at(joined),
        left_at: at(left),
    };
    let expect = vec![
        person(Some("Dana"), Some(true), Some(true), Some("15:00:00"), Some("15:20:00")),
        person(Some("Sam"), Some(false), Some(false), Some("15:11:00"), None),
        person(None, None, Some(false), None, None),
    ];
    assert_eq!(case.participants, Known::Value(expect));
}

#[test]
fn a_manual_start_is_told_from_an_unknown_one() {
    let start = |config: Value| with("recording_config", config).settings.start;
    assert_eq!(start(Value::Null), RecordingStart::Manual);
    assert_eq!(start(json!({ "start_recording_on": "manual" })), RecordingStart::Manual);
    assert_eq!(start(json!({ "start_recording_on": 7 })), RecordingStart::Automatic);
    assert_eq!(start(json!({})), RecordingStart::Automatic);
    assert_eq!(start(json!("manual")), RecordingStart::Unknown);
    assert_eq!(start(json!([])), RecordingStart::Unknown);
}

#[test]
fn tokens_are_noticed_and_not_kept() {
    let case = with("zoom", json!({ "join_token_url": "https://acme.example/jt", "obf_token_url": null }));
    assert!(case.settings.join_token && !case.settings.on_behalf_token);
    let case = with("zoom", json!({ "obf_token_url": "https://acme.example/obf", "join_token_url": {} }));
    assert!(!case.settings.join_token && case.settings.on_behalf_token);
    assert!(!format!("{case:?}").contains("acme.example"));
}

#[test]
fn media_beside_the_recording_is_media_too() {
    let recording =
        json!({ "status": { "code": "brand_new" }, "video_mixed": { "status": { "code": "done" } } });
    let case = with("recordings", json!([recording]));
    assert_eq!(case.recordings[0].status, MediaStatus::Unknown);
    assert_eq!(case.recordings[0].video.as_ref().unwrap().status, MediaStatus::Done);
}

#[test]
fn links_and_passcodes_of_meetings_do_not_get_in() {
    let told = format!("{:?}", read(&bot()));
    assert!(!told.contains("a1B2c3") && !told.contains("84731728293"), "{told}");
    let case = with("meeting_url", json!("https://us06web.zoom.us/j/84731728293?pwd=abc"));
    assert_eq!(case.platform, Platform::Zoom);
    assert!(!format!("{case:?}").contains("pwd"));
}

#[test]
fn a_member_of_the_wrong_type_is_as_if_it_were_not_there() {
    for wrong in [json!(7), json!("x"), json!(true), json!([1, [2]]), json!({ "a": {} }), Value::Null] {
        for member in bot().as_object().unwrap().keys() {
            let case = with(member, wrong.clone());
            assert!(case.status_changes.len() == 2 || member == "status_changes", "{member}: {wrong}");
        }
        with("video_url", wrong.clone());
        with("meeting_participants", wrong.clone());
        assert!(!with("video_url", wrong.clone()).has_video_link || wrong.is_string());
    }
}

#[test]
fn times_that_cannot_be_read_cost_only_themselves() {
    let changes = json!([
        { "code": "joining_call", "created_at": "yesterday" },
        { "code": "done", "updated_at": "2026-11-18T15:00:00+01:00" },
        { "code": "fatal", "created_at": null, "updated_at": 7 },
    ]);
    let case = with("status_changes", changes);
    let times: Vec<bool> = case.status_changes.iter().map(|change| change.at.is_some()).collect();
    assert_eq!(times, [false, true, false]);
}

#[test]
fn entries_that_cannot_be_read_and_lists_without_end_are_gaps() {
    let gap = |kind, why| Gap { kind, why };
    let case =
        with("status_changes", json!([{ "code": "done" }, 7, { "code": 7 }, [], null, { "code": " " }]));
    assert_eq!(case.status_changes.len(), 1);
    assert_eq!(case.gaps, [gap(GapKind::StatusChanges, WhyMissing::Unreadable)]);

    let case = with("status_changes", vec![json!({ "code": "done" }); 5_001].into());
    assert_eq!(case.status_changes.len(), 5_000);
    assert_eq!(case.gaps, [gap(GapKind::StatusChanges, WhyMissing::TooLarge)]);

    let case = with("recordings", vec![json!({}); 201].into());
    assert_eq!(case.recordings.len(), 200);
    assert_eq!(case.gaps, [gap(GapKind::Recordings, WhyMissing::TooLarge)]);
}

#[test]
fn names_are_short_and_steer_nothing() {
    let case = with("bot_name", json!("\u{202e}x".repeat(10_000)));
    let name = case.bot_name.unwrap();
    assert_eq!(name.chars().count(), 101);
    assert!(!name.contains('\u{202e}'));
    assert_eq!(with("bot_name", json!(" \u{7} ")).bot_name, None);
}

/// A participants file beside the sample bot: whether each is the host, or why there is none.
fn check_people(file: &str, expect: Result<&[Option<bool>], WhyMissing>) {
    let case = case_file_from_json(bot().to_string().as_bytes(), Some(file.as_bytes()), now()).unwrap();
    let got = match case.participants {
        Known::Value(people) => Ok(people.iter().map(|person| person.is_host).collect::<Vec<_>>()),
        Known::Missing(why) => Err(why),
    };
    assert_eq!(got, expect.map(<[_]>::to_vec), "{file:.80}");
}

#[test]
fn participants_files_are_read_or_are_a_gap() {
    check_people(r#"[{"is_host":true},{"is_host":null}]"#, Ok(&[Some(true), None]));
    check_people(r#"{"results":[{"is_host":false}]}"#, Ok(&[Some(false)]));
    check_people(r#"{"participants":[{"is_host":false}]}"#, Ok(&[Some(false)]));
    check_people(r#"[{"is_host":"yes"}]"#, Ok(&[None]));
    check_people("[]", Err(WhyMissing::Empty));
    check_people("", Err(WhyMissing::Unreadable));
    check_people("{}", Err(WhyMissing::Unreadable));
    check_people("[{", Err(WhyMissing::Unreadable));
    check_people("<html>", Err(WhyMissing::Unreadable));
    check_people(&" ".repeat(8 * 1024 * 1024 + 1), Err(WhyMissing::TooLarge));
}

#[test]
fn nobody_is_absent_because_of_people_who_cannot_be_read() {
    check_people(r#"[{"is_host":false},7]"#, Err(WhyMissing::Unreadable));
    check_people(r#"[{"is_host":true},7]"#, Ok(&[Some(true)]));
    let many = json!(vec![json!({ "is_host": false }); 5_001]).to_string();
    check_people(&many, Err(WhyMissing::TooLarge));
}

/// The sample with a participants file: who was there, with when they came and left, and what is said to be missing.
fn attendance(file: &Value) -> (Vec<Participant>, Vec<Gap>) {
    let bot = bot().to_string();
    let case = case_file_from_json(bot.as_bytes(), Some(file.to_string().as_bytes()), now()).unwrap();
    (case.participants.learned().cloned().unwrap_or_default(), case.gaps)
}

fn event(action: &str, participant: &Value, time: &str) -> Value {
    let timestamp = json!({ "absolute": time, "relative": 12.5 });
    json!({ "id": "e", "action": action, "participant": participant, "timestamp": timestamp, "data": null })
}

/// It stands beside the participants download, and people take one for the other.
#[test]
fn the_events_of_participants_tell_who_was_there_from_when_to_when() {
    let dana =
        || json!({ "id": 100, "name": "Dana", "is_host": true, "platform": "unknown", "extra_data": null });
    let sam = |is_host: Option<bool>| json!({ "id": "101", "name": null, "is_host": is_host });
    let file = json!([
        event("leave", &dana(), "2026-11-18T15:20:00.5+00:00"),
        event("join", &dana(), "2026-11-18T15:00:00Z"),
        event("speech_on", &sam(Some(false)), "2026-11-18T15:05:00Z"),
        event("join", &sam(None), "2026-11-18T16:01:00+01:00"),
        event("leave", &sam(Some(false)), "2026-11-18T15:10:00Z"),
        event("join", &sam(Some(false)), "2026-11-18T15:11:00Z"),
        event("join", &json!({ "id": 102, "name": "Guest" }), "2026-11-18T15:12:00Z"),
    ]);
    let (people, gaps) = attendance(&file);
    let at = |time: &str| Some(time.parse().unwrap());
    let person = |name: Option<&str>, is_host, joined_at, left_at| Participant {
        told_by: None,
        name: name.map(str::to_owned),
        is_host,
        signed_in: None,
        joined_at,
        left_at,
    };
    let expect = [
        person(Some("Dana"), Some(true), at("2026-11-18T15:00:00Z"), at("2026-11-18T15:20:00.5Z")),
        person(None, Some(false), at("2026-11-18T15:01:00Z"), None),
        person(Some("Guest"), None, at("2026-11-18T15:12:00Z"), None),
    ];
    assert_eq!(people, expect);
    assert_eq!(gaps, []);
}

#[test]
fn times_of_people_without_a_zone_are_a_gap() {
    let gap = |why| [Gap { kind: GapKind::ParticipantTimes, why }];
    let host = || json!({ "id": 100, "is_host": true });
    for (time, why) in [
        ("2026-11-18T15:20:00", WhyMissing::NoTimeZone),
        ("2026-11-18 15:20:00.123456", WhyMissing::NoTimeZone),
        ("yesterday", WhyMissing::Unreadable),
    ] {
        let (people, gaps) = attendance(&json!([event("leave", &host(), time)]));
        assert_eq!((people.len(), people[0].left_at), (1, None), "{time}");
        assert_eq!(gaps, gap(why.clone()), "{time}");
        // Only who comes and goes has times that matter.
        assert_eq!(attendance(&json!([event("speech_on", &host(), time)])).1, []);
        // The older shape has them in the bot.
        let older = json!([{ "is_host": true, "events": [{ "code": "leave", "created_at": time }] }]);
        assert_eq!(with("meeting_participants", older).gaps, gap(why), "{time}");
    }
    let told = compose(&diagnose(
        &case_file_from_json(
            bot().to_string().as_bytes(),
            Some(json!([event("join", &host(), "2026-11-18T15:20:00")]).to_string().as_bytes()),
            now(),
        )
        .unwrap(),
        &CATALOGUE,
    ));
    assert!(told.gaps.iter().any(|gap| gap.contains("no time zone")), "{:?}", told.gaps);
}

#[test]
fn times_of_the_history_without_a_zone_are_said_to_have_none() {
    let changes = json!([{ "code": "done", "created_at": "2026-11-18T15:00:00" }]);
    let case = with("status_changes", changes);
    let gap = Gap { kind: GapKind::StatusTimes, why: WhyMissing::NoTimeZone };
    assert_eq!(case.gaps, std::slice::from_ref(&gap));
    let about_times = |gap: &&Gap| gap.kind == GapKind::StatusTimes;
    let diagnosis = diagnose(&case, &CATALOGUE);
    assert_eq!(diagnosis.gaps.iter().filter(about_times).collect::<Vec<_>>(), [&gap]);
}

#[test]
fn nobody_is_absent_because_of_events_that_cannot_be_read() {
    check_people(
        r#"[{"action":"join","participant":{"id":1,"is_host":false}},{"action":"join"}]"#,
        Err(WhyMissing::Unreadable),
    );
    check_people(
        r#"[{"action":"join","participant":{"id":1,"is_host":true}},{"action":"join","participant":7}]"#,
        Ok(&[Some(true)]),
    );
    let person = |id: i64| event("join", &json!({ "id": id, "is_host": false }), "2026-11-18T15:00:00Z");
    let many = |count: i64| json!((0..count).map(person).collect::<Vec<_>>()).to_string();
    check_people(&many(5_000), Ok(&vec![Some(false); 5_000]));
    check_people(&many(5_001), Err(WhyMissing::TooLarge));
}

/// What is no bot, and what is said about it.
fn check_not_a_bot(text: impl AsRef<[u8]>, expect: &str) {
    let error = case_file_from_json(text.as_ref(), None, now()).unwrap_err();
    assert!(error.to_string().contains(expect), "{error}");
}

#[test]
fn what_is_no_bot_is_told_in_words() {
    check_not_a_bot("", "the file is empty");
    check_not_a_bot(" \n ", "the file is empty");
    check_not_a_bot("why", "not JSON (line 1, column 1)");
    check_not_a_bot("{\n\"id\": 1,,\n}", "not JSON (line 2, column 9)");
    check_not_a_bot(r#"{"id": "5215"#, "ends too early (line 1, column 12)");
    check_not_a_bot("[7]", "not an object");
    check_not_a_bot("[{\"id\": 1}]", "not a bot");
    check_not_a_bot("null", "not an object");
    check_not_a_bot(" <!DOCTYPE html>", "a web page");
    check_not_a_bot([0xFF, 0xFE, b'{', 0], "UTF-16");
    check_not_a_bot(r#"{"count":0,"next":null,"previous":null,"results":[]}"#, "a list without entries");
    check_not_a_bot(r#"{"next":null,"results":[{"id":"x","status_changes":[]}]}"#, "a list of bots");
    check_not_a_bot(r#"{"event":"bot.done","data":{}}"#, "a webhook");
    check_not_a_bot(r#"{"detail":"Not found.","code":"not_found"}"#, "an error that Recall.ai answered");
    check_not_a_bot("{}", "not a bot");
    check_not_a_bot(" ".repeat(8 * 1024 * 1024 + 1), "larger than 8 MiB");
    check_not_a_bot(format!("{{\"id\":{}", "[".repeat(1_000_000)), "ends too early");
}

#[test]
fn windows_and_broken_bytes_are_forgiven() {
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    bytes.extend(bot().to_string().bytes());
    assert!(case_file_from_json(&bytes, None, now()).is_ok());
    let case = case_file_from_json(b"{\"id\": \"x\", \"bot_name\": \"a\xFFb\"}", None, now()).unwrap();
    assert_eq!(case.bot_name.as_deref(), Some("a\u{FFFD}b"));
    assert_eq!(case.bot_id, None);
}

/// Values in which the names that we read are common.
fn json_value() -> impl Strategy<Value = Value> {
    let names = prop_oneof![
        any::<String>(),
        proptest::sample::select(vec![
            "id",
            "status_changes",
            "recordings",
            "code",
            "sub_code",
            "created_at",
            "status",
            "media_shortcuts",
            "video_mixed",
            "participant_events",
            "data",
            "participants_download_url",
            "recording_config",
            "transcript",
            "retention",
            "type",
            "hours",
            "automatic_leave",
            "waiting_room_timeout",
            "timeout",
            "zoom",
            "join_token_url",
            "meeting_participants",
            "participant_events_download_url",
            "action",
            "participant",
            "timestamp",
            "absolute",
            "event",
            "body",
            "name",
            "is_host",
            "extra_data",
            "events",
            "meeting_url",
            "platform",
            "bot_name",
            "results",
            "participants",
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("2026-11-18T15:00:00Z")),
        Just(json!("timed")),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            proptest::collection::vec((names.clone(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_json_whatsoever_makes_the_reader_panic(value in json_value(), people in json_value()) {
        let (people, text) = (people.to_string(), value.to_string());
        let _ = case_file_from_json(text.as_bytes(), Some(people.as_bytes()), now());
        let _ = bots_from_json(text.as_bytes(), None, now()).map_err(|error| error.to_string());
        let _ = read_webhooks(text.as_bytes()).map(|log| log.case_files(now()));
        let _ = check_participants(people.as_bytes()).map_err(|error| error.to_string());
        let mut bot = bot();
        bot["recordings"] = value.clone();
        bot["automatic_leave"] = value.clone();
        bot["meeting_participants"] = value.clone();
        bot["recording_config"] = value;
        assert!(case_file_from_json(bot.to_string().as_bytes(), None, now()).is_ok());
    }

    #[test]
    fn no_bytes_whatsoever_make_the_reader_panic(bytes: Vec<u8>) {
        let read: Result<CaseFile, NotABot> = case_file_from_json(&bytes, Some(&bytes), now());
        let _ = read;
        let _ = bots_from_json(&bytes, Some(&bytes), now());
        let _ = read_webhooks(&bytes).map(|log| log.case_files(now()));
    }
}

/// The first and the last times that can be written, and others that no meeting was at.
#[test]
fn times_that_no_meeting_was_at_are_no_times() {
    for absurd in ["-009999-01-02T01:59:59Z", "1969-07-20T20:17:40Z", "9999-12-30T21:59:59Z"] {
        let mut bot = bot();
        bot["meeting_participants"] =
            json!([{ "is_host": true, "events": [{ "code": "leave", "created_at": absurd }] }]);
        for change in bot["status_changes"].as_array_mut().unwrap() {
            change["created_at"] = absurd.into();
        }
        let case = read(&bot);
        assert!(case.status_changes.iter().all(|change| change.at.is_none()), "{absurd}");
        let _ = compose(&diagnose(&case, &CATALOGUE));
    }
    assert!(read(&bot()).status_changes.iter().all(|change| change.at.is_some()));
}
