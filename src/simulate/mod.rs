//! Recall.ai's webhooks, to try alerts without a meeting.
//!
//! This module depends on the form and the signature of a webhook, and not on the service's reaction.

mod scenarios;
mod sender;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

pub use scenarios::{SCENARIOS, Scenario, Shape, TimelineEntry};
pub use sender::{Answer, Sender};

/// A webhook, ready to be sent.
#[derive(Clone, PartialEq)]
pub struct Webhook {
    /// The ID of its delivery.
    pub id: String,
    /// The bot's ID.
    pub bot: String,
    /// Its event and code, for the output.
    pub about: String,
    /// Its body.
    pub body: Value,
    /// `true` if its headers have the older names.
    pub older_names: bool,
}

/// Webhooks that are sent without a pause, so that their effect can be seen before the next step.
#[derive(Debug, Clone)]
pub struct Step {
    scenario: Scenario,
    /// A bot, and what happens to it.
    events: Vec<(String, &'static TimelineEntry)>,
}

impl Scenario {
    /// Returns the steps of this scenario, with bots of their own.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let mut parts = vec![Step { scenario: *self, events: Vec::new() }];
        for _ in 0..self.bots {
            let bot = Uuid::new_v4().to_string();
            for line in self.timeline {
                if line.pause_before {
                    parts.push(Step { scenario: *self, events: Vec::new() });
                }
                parts.last_mut().into_iter().for_each(|part| part.events.push((bot.clone(), line)));
            }
        }
        parts
    }
}

impl Step {
    /// Returns the step's webhooks as they are sent at `now`, with times relative to it.
    #[must_use]
    pub fn webhooks(&self, now: Timestamp) -> Vec<Webhook> {
        let mut webhooks: Vec<Webhook> =
            self.events.iter().map(|(bot, line)| self.scenario.webhook(bot, line, now)).collect();
        match self.scenario.shape {
            Shape::Plain | Shape::Legacy => {}
            Shape::Disorder => webhooks.reverse(),
            Shape::TenTimes => {
                webhooks = webhooks.into_iter().flat_map(|webhook| vec![webhook; 10]).collect();
            }
        }
        webhooks
    }
}

impl Scenario {
    fn webhook(&self, bot: &str, line: &TimelineEntry, now: Timestamp) -> Webhook {
        let at = (now - SignedDuration::from_secs(line.secs_ago)).to_string();
        let sub_code = (!line.sub_code.is_empty()).then_some(line.sub_code);
        let code = line.event.split_once('.').map_or(line.event, |(_, code)| code);
        let is_legacy = self.shape == Shape::Legacy;
        let body = if is_legacy {
            json!({
                "event": "bot.status_change",
                "data": {
                    "bot_id": bot,
                    "status": { "code": code, "sub_code": sub_code, "message": null, "created_at": at },
                },
            })
        } else {
            let mut body = json!({
                "event": line.event,
                "data": {
                    "bot": { "id": bot, "metadata": { "simulated": "true", "scenario": self.id } },
                    "data": { "code": code, "sub_code": sub_code, "updated_at": at },
                },
            });
            if !line.event.starts_with("bot.") {
                body["data"]["recording"] = json!({ "id": bot, "metadata": {} });
            }
            body
        };
        let about = [line.event, line.sub_code].join(" ");
        Webhook {
            id: format!("msg_{}", Uuid::new_v4().simple()),
            bot: bot.to_owned(),
            about: about.trim().to_owned(),
            body,
            older_names: is_legacy,
        }
    }
}
