//! The bots of the pictures, as Recall.ai describes them.

use serde_json::{Value, json};
use why_no_recording::chat::{Chat, Message};
use why_no_recording::diagnosis::diagnose;
use why_no_recording::pages::{Language, Pages};
use why_no_recording::recall::{case_file_from_json, dashboard_url};
use why_no_recording::report::home::{AskedAbout, Failed, Home, HomeContent, MutedLine, RecentFailure};
use why_no_recording::report::mute::{Muted, capitalised};
use why_no_recording::report::{Explanation, Report, compose, notices};

use crate::alerts::at;
use crate::slack::rendering::CATALOGUE;

pub const ID: &str = "5215cf1e-bc6e-54c0-983d-7d8b2052615d";
/// Where Recall.ai is, for whoever looks at the pictures.
pub const RECALL: &str = "https://us-west-2.recall.ai";

/// The code of a status, and the seconds after ten o'clock at which it was so.
type Status = (&'static str, &'static str, i64);

/// An hour in the call, and nobody there was the host.
pub const NO_HOST: &[Status] = &[
    ("joining_call", "", 0),
    ("in_call_not_recording", "", 12),
    ("call_ended", "timeout_exceeded_in_call_not_recording", 3_612),
    ("done", "", 3_620),
];
/// Refused at once, because of a setting of the host.
pub const DENIED: &[Status] = &[
    ("joining_call", "", 0),
    ("in_call_not_recording", "", 9),
    ("recording_permission_denied", "zoom_local_recording_disabled", 10),
    ("call_ended", "timeout_exceeded_recording_permission_denied", 40),
    ("done", "", 45),
];

/// What Recall.ai says about a bot with this story.
pub fn bot(story: &[Status]) -> Value {
    let change = |(code, sub_code, seconds): &Status| {
        let sub_code = (!sub_code.is_empty()).then_some(sub_code);
        json!({ "code": code, "sub_code": sub_code, "created_at": at(*seconds).to_string() })
    };
    json!({
        "id": ID,
        "bot_name": "Acme Notetaker",
        "meeting_url": { "platform": "zoom" },
        "status_changes": story.iter().map(change).collect::<Vec<_>>(),
        "meeting_participants": [{ "id": 200, "is_host": false }, { "id": 300, "is_host": false }],
    })
}

/// What is answered about the bot without a host: the verdict, and the details.
pub fn answer() -> [Message; 2] {
    let mut case = case_file_from_json(bot(NO_HOST).to_string().as_bytes(), None, at(3_900)).unwrap();
    case.dashboard_url = Some(dashboard_url(RECALL, ID.parse().unwrap()));
    let report: Box<Report> = Box::new(compose(&diagnose(&case, &CATALOGUE)));
    [Message::Verdict(report.clone()), Message::Details { report, note: None }]
}

/// The report about the refused bot, with its message for the host in this language.
pub fn in_language(language: Language) -> Report {
    let case = case_file_from_json(bot(DENIED).to_string().as_bytes(), None, at(3_900)).unwrap();
    let diagnosis = diagnose(&case, &CATALOGUE);
    Pages::shared().unwrap().translated(compose(&diagnosis), &diagnosis, Some(language))
}

/// A person's home.
pub fn home() -> Home {
    let other = "6ef1d0a4-3d0e-4f60-8b8e-0c4f7a3f2f11".parse().unwrap();
    let (recordings, acme) = ("C0123456789".to_owned(), "C9876543210".to_owned());
    let title = |cause: &str| Some(Explanation::of(CATALOGUE.by_id(cause).unwrap()).title);
    let failure = |seconds, bots, cause: &str, channel: &str, resolved| RecentFailure {
        at: at(seconds),
        bots,
        title: title(cause),
        channel: channel.to_owned(),
        resolved,
    };
    Home::Open(HomeContent {
        help: notices::help(Chat::Slack.how_to_ask_in_threads()),
        asked: vec![AskedAbout { at: at(3_900), bot: ID.parse().unwrap(), channel: recordings.clone() }],
        failures: Some(vec![
            failure(3_615, Failed::One(ID.parse().unwrap()), "no_recognised_host", &recordings, false),
            failure(1_800, Failed::Many(17), "zoom_internal_error", &acme, false),
            failure(600, Failed::One(other), "zoom_local_recording_disabled", &acme, true),
        ]),
        muted: vec![MutedLine {
            id: "1".to_owned(),
            what: capitalised(&Muted::Cause(&title("zoom_internal_error").unwrap()).in_some_channel()),
            channel: acme,
            until: at(7_200),
        }],
    })
}
