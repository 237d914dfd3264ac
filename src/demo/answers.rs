//! The sample bots as Recall.ai would answer them, in its present shape.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::bots::{HOUR, SAMPLES, Sample};

/// Every sample as Retrieve Bot answers it at `now`, with links below `base_url`.
#[must_use]
pub fn sample_bots(base_url: &str, now: Timestamp) -> Vec<Value> {
    SAMPLES.iter().map(|sample| Answer { sample, base_url, now }.bot()).collect()
}

/// The participants download of a sample, where it has one.
pub(super) fn participants(id: &str) -> Option<Value> {
    let is_host = SAMPLES.iter().find(|sample| sample.id == id)?.host?;
    let person = |id: u8, name: &str, is_host: bool| json!({ "id": id, "name": name, "is_host": is_host, "platform": "desktop", "extra_data": null });
    Some(json!([person(1, "Dana Host", is_host), person(2, "Sam Guest", false)]))
}

struct Answer<'a> {
    sample: &'a Sample,
    base_url: &'a str,
    now: Timestamp,
}

impl Answer<'_> {
    fn bot(&self) -> Value {
        let changes: Vec<Value> = self
            .sample
            .story
            .iter()
            .map(|(secs, code, sub_code)| {
                let sub_code = (!sub_code.is_empty()).then_some(*sub_code);
                json!({ "code": code, "sub_code": sub_code, "message": null, "created_at": self.at(*secs) })
            })
            .collect();
        json!({
            "id": self.sample.id,
            "bot_name": "Acme Notetaker",
            "meeting_url": self.meeting_url(),
            "join_at": null,
            "recording_config": {
                "transcript": null,
                "retention": { "type": "timed", "hours": 168 },
                "start_recording_on": "participant_join",
            },
            "status_changes": changes,
            "recordings": self.recording().map_or_else(Vec::new, |recording| vec![recording]),
            "calendar_meetings": [],
            "slack_team": null,
            "metadata": {},
        })
    }

    fn meeting_url(&self) -> Value {
        match self.sample.platform {
            "microsoft_teams" => json!({
                "platform": "microsoft_teams",
                "meeting_id": "29384756102",
                "meeting_password": null,
                "organizer_id": null,
                "tenant_id": null,
                "message_id": null,
                "thread_id": null,
                "business_meeting_id": null,
                "business_meeting_password": null,
            }),
            platform => json!({ "platform": platform, "meeting_id": "84731728293" }),
        }
    }

    /// The one recording: begun, or only listed, since an entry is made before recording starts.
    fn recording(&self) -> Option<Value> {
        let started = self.secs_of("in_call_recording").filter(|_| self.sample.recording);
        if started.is_none() && self.sample.host.is_none() {
            return None;
        }
        let ended = self.secs_of("call_ended");
        let completed = ended.filter(|_| started.is_some());
        let created_at = self.at(0);
        let code = match (started, ended) {
            (Some(_), None) => "processing",
            (Some(_), Some(_)) => "done",
            (None, _) => "failed",
        };
        let media = |kind: u8, code: &str, data: Value| {
            json!({
                "id": self.part_id(kind),
                "created_at": created_at,
                "status": self.status(code),
                "metadata": {},
                "data": data,
            })
        };
        let video = started.map(|_| {
            let link = completed.map(|_| format!("{}/download/{}/video", self.base_url, self.sample.id));
            let mut video = media(2, code, json!({ "download_url": link }));
            video["format"] = json!("mp4");
            video
        });
        let people = self.sample.host.map(|_| {
            let links = json!({
                "participant_events_download_url": null,
                "speaker_timeline_download_url": null,
                "participants_download_url":
                    format!("{}/download/{}/participants", self.base_url, self.sample.id),
            });
            media(3, "done", links)
        });
        Some(json!({
            "id": self.part_id(1),
            "created_at": created_at,
            "started_at": started.map(|secs| self.at(secs)),
            "completed_at": completed.map(|secs| self.at(secs)),
            "expires_at": completed.map(|secs| self.at(secs + 168 * HOUR)),
            "status": self.status(code),
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

    /// The time this many seconds into the story.
    fn at(&self, secs: i64) -> String {
        (self.now - SignedDuration::from_secs(self.sample.began_secs_ago - secs)).to_string()
    }

    fn secs_of(&self, wanted: &str) -> Option<i64> {
        self.sample.story.iter().find(|(_, code, _)| *code == wanted).map(|(secs, _, _)| *secs)
    }

    fn status(&self, code: &str) -> Value {
        let last = self.sample.story.last().map_or(0, |(secs, _, _)| *secs);
        json!({ "code": code, "sub_code": null, "updated_at": self.at(last) })
    }

    /// An id for what belongs to this bot.
    fn part_id(&self, kind: u8) -> String {
        self.sample.id.replacen("-0000-", &format!("-{kind:04}-"), 1)
    }
}
