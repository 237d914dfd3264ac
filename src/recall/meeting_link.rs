//! Which platform a meeting link belongs to. The link itself goes no further than this: passcodes
//! live in it.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::lenient::{lenient, object_from};
use crate::diagnosis::vocabulary::Platform;

/// What is kept of `meeting_url`: the platform, and nothing else.
#[derive(Debug, Clone, Copy)]
pub(super) struct MeetingLink {
    pub(super) platform: Platform,
    /// The meeting is carried as a stream, without an app that asks for consent.
    pub(super) is_stream: bool,
}

/// Recall.ai's names for meetings that are carried as a stream.
const STREAMS: [&str; 2] = ["zoom_rtms", "google_meet_media_api"];

impl Default for MeetingLink {
    fn default() -> Self {
        Self { platform: Platform::Unknown, is_stream: false }
    }
}

/// Hosts of each platform; subdomains count where a company has its own.
const DOMAINS: &[(&str, Platform)] = &[
    ("zoom.us", Platform::Zoom),
    ("zoom.com", Platform::Zoom),
    ("zoomgov.com", Platform::Zoom),
    ("meet.google.com", Platform::GoogleMeet),
    ("teams.microsoft.com", Platform::MicrosoftTeams),
    ("teams.live.com", Platform::MicrosoftTeams),
    ("teams.microsoft.us", Platform::MicrosoftTeams),
    ("webex.com", Platform::Webex),
    ("gotomeeting.com", Platform::GotoMeeting),
    ("goto.com", Platform::GotoMeeting),
    ("slack.com", Platform::SlackHuddle),
];

/// The object form names the platform; the text form is recognised by its host.
impl<'de> Deserialize<'de> for MeetingLink {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Parts {
            #[serde(deserialize_with = "lenient")]
            platform: Option<String>,
        }
        let raw = <&RawValue>::deserialize(deserializer)?;
        if let Some(parts) = object_from::<Parts>(raw) {
            let word = parts.platform.unwrap_or_default();
            return Ok(Self {
                platform: platform_of_word(&word),
                is_stream: STREAMS.contains(&word.as_str()),
            });
        }
        let link: Option<String> = serde_json::from_str(raw.get()).unwrap_or_default();
        let platform = link.as_deref().map_or(Platform::Unknown, platform_of_link);
        Ok(Self { platform, is_stream: false })
    }
}

/// Recall.ai's name of a platform; some platforms have several, one for each way to join.
fn platform_of_word(word: &str) -> Platform {
    match word {
        "zoom_rtms" => Platform::Zoom,
        "google_meet_media_api" => Platform::GoogleMeet,
        "microsoft_teams_live" => Platform::MicrosoftTeams,
        "slack_huddle_observer" => Platform::SlackHuddle,
        word => Platform::from_word(word).unwrap_or(Platform::Unknown),
    }
}

fn platform_of_link(link: &str) -> Platform {
    let after_scheme = link.trim().split_once("://").map_or(link.trim(), |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host_and_port = authority.rsplit('@').next().unwrap_or_default();
    let host = host_and_port.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let host = host.trim_end_matches('.');
    let is_in = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    DOMAINS.iter().find(|(domain, _)| is_in(domain)).map_or(Platform::Unknown, |(_, platform)| *platform)
}

#[cfg(test)]
mod tests {
    use super::MeetingLink;

    fn check(json: &str, expect: &str) {
        let link: MeetingLink = serde_json::from_str(json).unwrap();
        assert_eq!(link.platform.as_str(), expect, "{json}");
    }

    #[test]
    fn the_object_names_its_platform() {
        check(r#"{"meeting_id":"1","meeting_password":"x","platform":"zoom"}"#, "zoom");
        check(r#"{"platform":"microsoft_teams_live"}"#, "microsoft_teams");
        check(r#"{"platform":"slack_huddle_observer"}"#, "slack_huddle");
        check(r#"{"platform":"zoom_rtms"}"#, "zoom");
        check(r#"{"platform":"google_meet_media_api"}"#, "google_meet");
        check(r#"{"platform":"hologram"}"#, "unknown");
        check(r#"{"platform":7}"#, "unknown");
        check("{}", "unknown");
    }

    #[test]
    fn a_link_is_recognised_by_its_host() {
        check(r#""https://us06web.zoom.us/j/84731728293?pwd=abc""#, "zoom");
        check(r#""https://agency.zoomgov.com/j/1""#, "zoom");
        check(r#""zoom.us/j/1""#, "zoom");
        check(r#""HTTPS://MEET.GOOGLE.COM/abc-defg-hij""#, "google_meet");
        check(r#""https://teams.microsoft.com/l/meetup-join/x""#, "microsoft_teams");
        check(r#""https://teams.live.com:443/meet/1""#, "microsoft_teams");
        check(r#""https://acme.webex.com/meet/x""#, "webex");
        check(r#""https://global.gotomeeting.com/join/1""#, "goto_meeting");
        check(r#""https://meet.goto.com/1""#, "goto_meeting");
        check(r#""https://app.slack.com/huddle/T1/C1""#, "slack_huddle");
    }

    #[test]
    fn what_only_resembles_a_platform_is_unknown() {
        check(r#""https://notzoom.us/j/1""#, "unknown");
        check(r#""https://zoom.us.example/j/1""#, "unknown");
        check(r#""https://zoom.us@evil.example/j/1""#, "unknown");
        check(r#""https://evil.example/zoom.us""#, "unknown");
        for json in ["null", "7", "[]", "true", r#""""#] {
            check(json, "unknown");
        }
    }
}
