//! How much of a recording is missing and why, and which timer ended a bot's stay: stories, and what is told beside
//! the cause of each.

use serde_json::{Value, json};
use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::report::compose;

use crate::boundaries::{CATALOGUE, NEXT_DAY, at, bot, case_file, check};

/// A story, and the notes that are told of it.
struct Story {
    /// The platform.
    platform: &'static str,
    /// Its statuses, as entries of seconds, code and perhaps sub code.
    statuses: &'static str,
    /// Whatever else Recall.ai tells of the bot.
    also: Value,
    /// When it is asked about, in seconds.
    now: i64,
    /// What is told beside the cause.
    notes: &'static [&'static str],
}

impl Story {
    fn case_file(&self) -> CaseFile {
        let mut bot = bot(self.platform, self.statuses);
        bot.as_object_mut().unwrap().extend(self.also.as_object().unwrap().clone());
        case_file(&bot, self.now)
    }
}

/// A person who came at this second, and is the host or is not.
fn came(secs: i64, is_host: bool) -> Value {
    json!({ "name": "Dana", "is_host": is_host, "events": [{ "code": "join", "created_at": at(secs) }] })
}

fn people(people: &[(i64, bool)]) -> Value {
    let people: Vec<Value> = people.iter().map(|(secs, is_host)| came(*secs, *is_host)).collect();
    json!({ "meeting_participants": people })
}

const EVERYONE_LEFT: &str =
    "Limit that ended it: automatic_leave.everyone_left_timeout, 2 seconds by default.";

fn stories() -> Vec<Story> {
    let story = |platform, statuses, also, notes| Story { platform, statuses, also, now: NEXT_DAY, notes };
    let live = |now, statuses, notes| Story { platform: "zoom", statuses, also: json!({}), now, notes };
    let late = "10 in_call_not_recording, 1330 recording_permission_allowed, 1331 in_call_recording, \
                3600 call_ended call_ended_by_host, 3610 done";
    vec![
        story(
            "zoom",
            late,
            people(&[(1_300, true), (5, false)]),
            &[
                "Recording started 22 minutes after the bot was in the call, so that part of the meeting is missing. The host \
             came 21 minutes after the bot, and Zoom asks only the host for permission.",
            ],
        ),
        story(
            "zoom",
            late,
            people(&[(12, true), (5, false)]),
            &[
                "Recording started 22 minutes after the bot was in the call, so that part of the meeting is missing. The \
             permission to record came only then, and the history does not say why.",
            ],
        ),
        story(
            "zoom",
            late,
            json!({}),
            &[
                "Recording started 22 minutes after the bot was in the call, so that part of the meeting is missing. The \
             permission to record came only then, and the history does not say why.",
            ],
        ),
        story(
            "zoom",
            late,
            people(&[(1_300, true), (1_310, false)]),
            &[
                "Recording started 22 minutes after the bot was in the call. The first participant I know of came 21 minutes \
             after the bot, so hardly anything is missing.",
            ],
        ),
        // Of one host nobody knows when they came.
        story(
            "zoom",
            late,
            json!({ "meeting_participants": [came(1_300, true), { "name": "Ana", "is_host": true }] }),
            &[
                "Recording started 22 minutes after the bot was in the call, so that part of the meeting is missing. The \
               permission to record came only then, and the history does not say why.",
            ],
        ),
        story(
            "google_meet",
            "10 in_call_not_recording, 1331 in_call_recording, 3600 call_ended, 3610 done",
            people(&[(12, true)]),
            &[
                "Recording started 22 minutes after the bot was in the call, so that part of the meeting is missing. The history does not say why.",
            ],
        ),
        story(
            "google_meet",
            "10 in_call_not_recording, 1331 in_call_recording, 3600 call_ended, 3610 done",
            json!({ "recording_config": { "start_recording_on": "manual" } }),
            &[
                "This bot records only on command. Recording started 22 minutes after the bot was in the call, so that part \
               of the meeting is missing.",
            ],
        ),
        story(
            "zoom",
            "10 in_call_not_recording, 20 recording_permission_denied zoom_host_not_present, \
             1330 recording_permission_allowed, 1331 in_call_recording, 3600 call_ended, 3610 done",
            people(&[(1_300, true)]),
            &[
                "Recording started late, because a request to record was refused first. The start of the meeting is missing, 22 minutes of it. The host came 21 minutes after the bot.",
            ],
        ),
        story(
            "zoom",
            "10 in_call_not_recording, 20 recording_permission_denied zoom_host_not_present, 2600 call_ended, 2610 done",
            people(&[(1_300, true)]),
            &["The host came 21 minutes after the bot."],
        ),
        story(
            "zoom",
            "5 in_waiting_room, 905 in_call_not_recording, 910 in_call_recording, 3600 call_ended, 3610 done",
            json!({}),
            &[
                "The bot waited 15 minutes in the waiting room before it was admitted. If the meeting had started by then, that \
               part of it is missing.",
            ],
        ),
        // Paused once.
        story(
            "google_meet",
            "10 in_call_not_recording, 12 in_call_recording, 600 in_call_not_recording, 840 in_call_recording, \
             3600 call_ended timeout_exceeded_everyone_left, 3610 done",
            json!({}),
            &[
                "Recording was interrupted once, for 4 minutes. What was said in between is missing.",
                "A pause comes from a call to Recall.ai's API (pause or stop), or from the bot's settings.",
                EVERYONE_LEFT,
            ],
        ),
        // Refused, then put back into the lobby, and each time it went on.
        story(
            "zoom",
            "10 in_call_not_recording, 12 in_call_recording, 600 recording_permission_denied zoom_local_recording_denied, \
             720 recording_permission_allowed, 720 in_call_recording, 900 in_waiting_room, 1200 in_call_not_recording, \
             1201 in_call_recording, 3600 call_ended, 3610 done",
            json!({}),
            &[
                "Recording was interrupted twice, for 7 minutes altogether. What was said in between is missing.",
                "The permission to record was taken back during the recording, and recording continued later.",
                "The bot was put back into the waiting room during the recording, and was admitted again later.",
            ],
        ),
        story(
            "google_meet",
            "12 in_call_recording, 600 in_call_not_recording, 1920 call_ended, 1930 done",
            json!({}),
            &["The last 22 minutes before the bot left are not in the recording."],
        ),
        live(
            900,
            "12 in_call_recording, 600 in_call_not_recording",
            &["Nothing has been recorded for 5 minutes."],
        ),
        // A limit.
        story(
            "microsoft_teams",
            "10 in_call_not_recording, 12 in_call_recording, 7212 call_ended timeout_exceeded_in_call_recording, 7220 done",
            json!({ "automatic_leave": { "in_call_recording_timeout": 7_200 } }),
            &[
                "How long the meeting continued after that is not known, because the bot had left.",
                "Limit that ended it: automatic_leave.in_call_recording_timeout, 2 hours for this \
                 bot.",
            ],
        ),
        story(
            "microsoft_teams",
            "12 in_call_recording, 7212 call_ended timeout_exceeded_in_call_recording, 7220 done",
            people(&[(5, false)]),
            &[
                "At least one participant was still in the call when the bot left, as far as the participant events show.",
                "How long the meeting continued after that is not known, because the bot had left.",
                "Limit that ended it: automatic_leave.in_call_recording_timeout.",
            ],
        ),
        story(
            "google_meet",
            "10 in_call_recording, 5000 call_ended timeout_exceeded_silence_detected, 5010 done",
            json!({ "automatic_leave": { "silence_detection": { "timeout": 900, "activate_after": 1_200 } } }),
            &["Limit that ended it: automatic_leave.silence_detection.timeout, 15 minutes for this \
               bot."],
        ),
        story(
            "google_meet",
            "10 in_call_recording, 5000 call_ended timeout_exceeded_only_bots_detected_using_participant_events, 5010 done",
            json!({ "automatic_leave": { "bot_detection": { "using_participant_events": { "timeout": 700 } } } }),
            &[
                "Limit that ended it: automatic_leave.bot_detection.using_participant_events.timeout, 11 minutes for this bot.",
            ],
        ),
        story(
            "google_meet",
            "5 in_waiting_room, 605 call_ended timeout_exceeded_waiting_room, 610 done",
            json!({ "automatic_leave": { "waiting_room_timeout": 600 } }),
            &["Limit that ended it: automatic_leave.waiting_room_timeout, 10 minutes for this bot."],
        ),
        // What the platform's own limit ends, no setting changes.
        story(
            "google_meet",
            "5 in_waiting_room, 605 call_ended call_ended_by_platform_waiting_room_timeout",
            json!({}),
            &[],
        ),
        story(
            "zoom",
            "10 in_call_not_recording, 15 in_call_recording, 720 breakout_room_opened, \
             750 call_ended timeout_exceeded_everyone_left, 760 done",
            json!({ "automatic_leave": { "everyone_left_timeout": { "timeout": 30, "activate_after": 0 } } }),
            &[
                "Breakout rooms were used. By its settings a bot stays in the main room, accepts invitations, or joins one \
                 room. It doesn't record the others.",
                "Limit that ended it: automatic_leave.everyone_left_timeout, 30 seconds for this bot.",
                "Breakout rooms were open when all other participants seemed to have left. Those who go to a room leave the main room, and the bot leaves when it is empty.",
            ],
        ),
        story(
            "zoom",
            "0 joining_call, 20 fatal meeting_not_found",
            json!({ "meeting_url": "https://urldefense.com/v3/__https://us02web.zoom.us/j/1?pwd=SECRET__;!!x" }),
            &["A mail filter (Proofpoint) has rewritten this bot's meeting link, and a bot may not be able \
               to follow it. Give the bot the original link of the meeting."],
        ),
        // Nobody is asked where the meeting comes as a stream, whatever its platform does with bots.
        story(
            "zoom_rtms",
            "10 in_call_not_recording, 3600 call_ended call_ended_by_host, 3610 done",
            people(&[(1_300, true)]),
            &[],
        ),
    ]
}

/// The stories alone, for tests that need some.
pub(crate) fn case_files() -> Vec<CaseFile> {
    stories().iter().map(Story::case_file).collect()
}

#[test]
fn how_much_is_missing_and_why_is_told_as_far_as_it_is_known() {
    for story in stories() {
        let case = story.case_file();
        let diagnosis = diagnose(&case, &CATALOGUE);
        let own = diagnosis.cause.notes.len();
        let report = compose(&diagnosis);
        let of_any: Vec<&String> = report.notes.iter().filter(|note| !is_of_cause(note, own)).collect();
        assert_eq!(of_any, story.notes, "{} {}", story.platform, story.statuses);
        assert!(!format!("{case:?}").contains("SECRET"));
    }
}

/// Notes of single causes that these stories meet as well.
fn is_of_cause(note: &str, own: usize) -> bool {
    own > 0 && (note.contains("several recordings") || note.contains("gone by now"))
}

#[test]
fn of_a_stream_nothing_is_said_that_holds_for_bots_that_ask_for_permission() {
    let statuses = "10 in_call_not_recording, 3600 call_ended call_ended_by_host, 3610 done";
    for platform in ["zoom_rtms", "google_meet_media_api", "chime_sdk", "webrtc"] {
        for (statuses, now) in [(statuses, NEXT_DAY), ("10 in_call_not_recording", 300)] {
            let case = case_file(&bot(platform, statuses), now);
            let report = compose(&diagnose(&case, &CATALOGUE));
            let text = format!("{report:?}").to_lowercase();
            for words in ["host has to", "asks only the host", "popup", "which platform", "consent"] {
                assert!(!text.contains(words), "{platform}: {words} in {text}");
            }
            assert!(report.why.contains("as a stream"), "{platform}: {}", report.why);
        }
    }
}

/// In a part of a history, what was not heard may have happened.
#[test]
fn nothing_is_said_to_be_late_or_interrupted_in_a_part_of_a_history() {
    for mut case in case_files() {
        case.history = why_no_recording::diagnosis::case_file::History::Part;
        let report = compose(&diagnose(&case, &CATALOGUE));
        let told = report.notes.iter().any(|note| note.contains(" late") || note.contains("interrupted"));
        assert!(!told, "{:?}", report.notes);
    }
}

#[test]
fn a_recording_is_late_from_two_minutes_on_and_a_stop_is_one_from_ten_seconds_on() {
    let notes = |statuses: &str| {
        let case = case_file(&bot("google_meet", statuses), NEXT_DAY);
        compose(&diagnose(&case, &CATALOGUE)).notes.len().to_string()
    };
    check(120, ["0", "1", "1"], |late| {
        notes(&format!(
            "10 in_call_not_recording, {} in_call_recording, 3600 call_ended, 3610 done",
            10 + late
        ))
    });
    check(10, ["0", "2", "2"], |stop| {
        let resumed = 600 + stop;
        notes(&format!(
            "10 in_call_recording, 600 in_call_not_recording, {resumed} in_call_recording, 3600 call_ended, 3610 done"
        ))
    });
    check(120, ["0", "1", "1"], |waited| {
        let entered = 10 + waited;
        notes(&format!("10 in_waiting_room, {entered} in_call_recording, 3600 call_ended, 3610 done"))
    });
}
