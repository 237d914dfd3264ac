//! The bots of the demo as Recall.ai returns them, in its current shape.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::bots::{SAMPLES, Sample};
use crate::simulate::Webhook;

/// The retention period of a recording; 168 hours is Recall.ai's default.
const KEPT: SignedDuration = SignedDuration::from_hours(168);

/// Returns every sample as a Retrieve Bot response at `now`, with links below `base_url`.
#[must_use]
pub fn sample_bots(base_url: &str, now: Timestamp) -> Vec<Value> {
    SAMPLES.iter().map(|sample| Bot::of_sample(sample, now).answer(base_url)).collect()
}

/// A bot, as far as the demo's Recall.ai knows it.
#[derive(Debug, Clone)]
pub(super) struct Bot {
    pub(super) id: String,
    platform: &'static str,
    /// `true` if one of the participants was the host; `None` if the participants are unknown.
    host: Option<bool>,
    changes: Vec<Change>,
}

#[derive(Debug, Clone)]
struct Change {
    at: Timestamp,
    code: String,
    sub_code: Option<String>,
}

impl Bot {
    pub(super) fn of_sample(sample: &Sample, now: Timestamp) -> Self {
        let began = now - SignedDuration::from_secs(sample.began_secs_ago);
        let changes = sample.story.iter().map(|(secs, code, sub_code)| Change {
            at: began + SignedDuration::from_secs(*secs),
            code: (*code).to_owned(),
            sub_code: (!sub_code.is_empty()).then(|| (*sub_code).to_owned()),
        });
        let (id, changes) = (sample.id.to_owned(), changes.collect());
        Self { id, platform: sample.platform, host: sample.host, changes }
    }

    /// Returns a bot that only webhooks report.
    pub(super) fn of_story(id: &str) -> Self {
        Self { id: id.to_owned(), platform: "zoom", host: None, changes: Vec::new() }
    }

    /// Adds the status that a webhook reports to the listed ones.
    pub(super) fn learn(&mut self, webhook: &Webhook) {
        let told = &webhook.body["data"]["data"];
        let at = told["updated_at"].as_str().and_then(|at| at.parse().ok());
        if let (Some(at), Some(code)) = (at, told["code"].as_str()) {
            let sub_code = told["sub_code"].as_str().map(ToOwned::to_owned);
            self.changes.push(Change { at, code: code.to_owned(), sub_code });
        }
    }

    /// Returns `true` if the last thing that happened is a refusal to record.
    pub(super) fn was_declined(&self) -> bool {
        self.changes.last().is_some_and(|change| change.code == "recording_permission_denied")
    }

    /// Returns the participants download, if there is one.
    pub(super) fn participants(&self) -> Option<Value> {
        let is_host = self.host?;
        let person = |id: u8, name: &str, is_host: bool| json!({ "id": id, "name": name, "is_host": is_host, "platform": "desktop", "extra_data": null });
        Some(json!([person(1, "Dana Host", is_host), person(2, "Sam Guest", false)]))
    }

    /// Returns the Retrieve Bot response, with links below `base_url`.
    pub(super) fn answer(&self, base_url: &str) -> Value {
        let changes: Vec<Value> = self
            .changes
            .iter()
            .map(|Change { at, code, sub_code }| {
                json!({ "code": code, "sub_code": sub_code, "message": null, "created_at": at.to_string() })
            })
            .collect();
        json!({
            "id": self.id,
            "bot_name": "Acme Notetaker",
            "meeting_url": self.meeting_url(),
            "join_at": null,
            "recording_config": {
                "transcript": null,
                "retention": { "type": "timed", "hours": KEPT.as_hours() },
                "start_recording_on": "participant_join",
            },
            "status_changes": changes,
            "recordings": self.recording(base_url).map_or_else(Vec::new, |recording| vec![recording]),
            "calendar_meetings": [],
            "slack_team": null,
            "metadata": {},
        })
    }

    fn meeting_url(&self) -> Value {
        // Each bot has a meeting of its own.
        let number = Uuid::parse_str(&self.id).map_or(0, |id| id.as_u128() % 100_000_000);
        let meeting_id = format!("847{number:08}");
        match self.platform {
            "microsoft_teams" => json!({
                "platform": "microsoft_teams",
                "meeting_id": meeting_id,
                "meeting_password": null,
                "organizer_id": null,
                "tenant_id": null,
                "message_id": null,
                "thread_id": null,
                "business_meeting_id": null,
                "business_meeting_password": null,
            }),
            platform => json!({ "platform": platform, "meeting_id": meeting_id }),
        }
    }

    /// Returns the one recording: started, or only listed, because an entry is made before recording starts.
    fn recording(&self, base_url: &str) -> Option<Value> {
        let started = self.at("in_call_recording");
        if started.is_none() && self.host.is_none() {
            return None;
        }
        let ended = self.at("call_ended");
        let completed = ended.filter(|_| started.is_some());
        let created_at = self.changes.first()?.at.to_string();
        let last = self.changes.last()?.at.to_string();
        let status = |code: &str| json!({ "code": code, "sub_code": null, "updated_at": last });
        let code = match (started, ended) {
            (Some(_), None) => "processing",
            (Some(_), Some(_)) => "done",
            (None, _) => "failed",
        };
        let media = |kind: u8, code: &str, data: Value| {
            json!({
                "id": self.part_id(kind),
                "created_at": created_at,
                "status": status(code),
                "metadata": {},
                "data": data,
            })
        };
        let video = started.map(|_| {
            let link = completed.map(|_| format!("{base_url}/download/{}/video", self.id));
            let mut video = media(2, code, json!({ "download_url": link }));
            video["format"] = json!("mp4");
            video
        });
        let people = self.host.map(|_| {
            let links = json!({
                "participant_events_download_url": null,
                "speaker_timeline_download_url": null,
                "participants_download_url": format!("{base_url}/download/{}/participants", self.id),
            });
            media(3, "done", links)
        });
        Some(json!({
            "id": self.part_id(1),
            "created_at": created_at,
            "started_at": started.map(|at| at.to_string()),
            "completed_at": completed.map(|at| at.to_string()),
            "expires_at": completed.map(|at| (at + KEPT).to_string()),
            "status": status(code),
            "media_shortcuts": {
                "video_mixed": video,
                "audio_mixed": null,
                "transcript": null,
                "participant_events": people,
                "meeting_metadata": null,
            },
            "metadata": {},
        }))
    }

    /// Returns when this status first occurred.
    fn at(&self, wanted: &str) -> Option<Timestamp> {
        self.changes.iter().find(|change| change.code == wanted).map(|change| change.at)
    }

    /// Returns an ID for a part of this bot: the bot's ID with another second group.
    fn part_id(&self, kind: u8) -> String {
        let groups = self.id.split('-').enumerate();
        let groups: Vec<String> =
            groups.map(|(at, group)| if at == 1 { format!("{kind:04}") } else { group.to_owned() }).collect();
        groups.join("-")
    }
}
