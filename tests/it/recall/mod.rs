//! The edge that knows Recall.ai: reading bots, asking for them, and what goes wrong on the way.

mod acting;
mod asking;
mod commanding;
mod downloading;
mod reading;
mod searching;

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use why_no_recording::diagnosis::bot_id::BotId;
use why_no_recording::recall::{ClientConfig, Fetcher, WorkspaceAccess};
use why_no_recording::retry::Backoff;

use crate::world::recall::{FakeRecall, KEY};

const ID: &str = "5215cf1e-bc6e-54c0-983d-7d8b2052615d";

fn id() -> BotId {
    ID.parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-18T16:00:00Z".parse().unwrap()
}

/// Generous with time, so that a slow machine fails no test, and without waits.
fn limits() -> ClientConfig {
    ClientConfig {
        backoff: Backoff::new(Duration::from_millis(1), Duration::from_millis(5)),
        answers_kept_for: Duration::from_secs(600),
        ..ClientConfig::default()
    }
}

/// So short that silence is noticed soon.
fn hasty() -> ClientConfig {
    let moment = Duration::from_millis(50);
    ClientConfig { request_timeout: moment, question_timeout: moment, download_timeout: moment, ..limits() }
}

fn access(name: &str, base_url: &str) -> WorkspaceAccess {
    WorkspaceAccess {
        name: name.to_owned(),
        base_url: base_url.to_owned(),
        api_key: SecretString::from(KEY.to_owned()),
    }
}

fn fetcher(recall: &FakeRecall, limits: ClientConfig) -> Fetcher {
    Fetcher::new(vec![access("acme", &recall.base_url)], Vec::new(), limits).unwrap()
}

/// A bot of the present shape that was refused.
fn bot() -> Value {
    json!({
        "id": ID,
        "meeting_url": { "meeting_id": "84731728293", "meeting_password": "a1B2c3", "platform": "zoom" },
        "bot_name": "Acme Notetaker",
        "join_at": null,
        "recording_config": {
            "transcript": null,
            "retention": { "type": "timed", "hours": 168 },
            "start_recording_on": "participant_join",
        },
        "status_changes": [
            { "code": "joining_call", "message": null, "created_at": "2026-11-18T15:00:00.000041Z", "sub_code": null },
            { "code": "recording_permission_denied", "created_at": "2026-11-18T15:00:15.242786Z",
              "sub_code": "zoom_local_recording_disabled" },
        ],
        "recordings": [],
        "automatic_leave": {
            "waiting_room_timeout": 1200,
            "noone_joined_timeout": { "timeout": 600, "activate_after": 0 },
            "in_call_recording_timeout": null,
        },
        "zoom": { "join_token_url": null, "zak_url": null },
    })
}

/// The same with a finished recording, of which the participants can be downloaded.
fn bot_with_participants(links: &[String]) -> Value {
    let mut bot = bot();
    bot["recordings"] = links
        .iter()
        .map(|link| {
            json!({
                "id": "4f50e048-85b5-5029-b440-55dd2879074f",
                "started_at": "2026-11-18T15:00:57.922472Z",
                "completed_at": "2026-11-18T15:30:00.237611Z",
                "expires_at": "2026-11-25T15:30:00.237611Z",
                "status": { "code": "done", "sub_code": null },
                "media_shortcuts": {
                    "video_mixed": { "status": { "code": "done", "sub_code": null } },
                    "audio_mixed": null,
                    "transcript": { "status": { "code": "failed", "sub_code": "zoom_host_disabled_meeting_captions" } },
                    "participant_events": {
                        "status": { "code": "done" },
                        "data": { "participants_download_url": link },
                    },
                },
            })
        })
        .collect();
    bot
}

/// A participants download.
fn people(hosts: &[Option<bool>]) -> String {
    let people: Vec<Value> = hosts
        .iter()
        .enumerate()
        .map(|(place, is_host)| json!({ "id": place, "name": format!("Person {place}"), "is_host": is_host }))
        .collect();
    json!(people).to_string()
}
