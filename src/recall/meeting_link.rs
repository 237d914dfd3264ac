//! The platform of a meeting link, the mail filter that rewrote it, and which meeting it is. The link itself is not
//! kept, because it may contain a passcode.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::lenient::{lenient, object_from};
use crate::diagnosis::case_file::{MailFilter, PrivateId};
use crate::diagnosis::vocabulary::Platform;

/// What is kept of `meeting_url`: where it leads to, and IDs of which only hashes are stored.
#[derive(Debug, Clone, Default)]
pub(super) struct MeetingLink {
    pub(super) platform: Platform,
    /// `true` if the meeting is carried as a stream, without an app that asks for consent.
    pub(super) is_stream: bool,
    /// The mail filter that the link leads to before the meeting.
    pub(super) rewritten_by: Option<MailFilter>,
    /// The meeting, without its passcode.
    pub(super) meeting: Option<PrivateId>,
    /// The account of the organiser, which only Teams has in its links.
    pub(super) organizer: Option<PrivateId>,
}

/// Recall.ai's names for meetings that are carried as a stream, including platforms without a name here.
const STREAMS: [&str; 4] = ["zoom_rtms", "google_meet_media_api", "chime_sdk", "webrtc"];

/// Hosts of each platform. Subdomains count if a company has its own.
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

/// Hosts to which mail filters make links lead.
const MAIL_FILTERS: &[(&str, MailFilter)] = &[
    ("mimecast.com", MailFilter::Mimecast),
    ("urldefense.com", MailFilter::Proofpoint),
    ("urldefense.proofpoint.com", MailFilter::Proofpoint),
    ("safelinks.protection.outlook.com", MailFilter::SafeLinks),
];

/// The object form names the platform. The text form is recognised by its host.
impl<'de> Deserialize<'de> for MeetingLink {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Parts {
            #[serde(deserialize_with = "lenient")]
            platform: Option<String>,
            #[serde(deserialize_with = "lenient")]
            meeting_id: Option<String>,
            #[serde(deserialize_with = "lenient")]
            business_meeting_id: Option<String>,
            #[serde(deserialize_with = "lenient")]
            thread_id: Option<String>,
            #[serde(deserialize_with = "lenient")]
            organizer_id: Option<String>,
            #[serde(deserialize_with = "lenient")]
            meeting_subdomain: Option<String>,
            #[serde(deserialize_with = "lenient")]
            meeting_mtid: Option<String>,
            #[serde(deserialize_with = "lenient")]
            meeting_path: Option<String>,
            #[serde(deserialize_with = "lenient")]
            meeting_personal_room_id: Option<String>,
        }
        let raw = <&RawValue>::deserialize(deserializer)?;
        if let Some(parts) = object_from::<Parts>(raw) {
            let word = parts.platform.unwrap_or_default();
            let ids = [parts.meeting_id, parts.business_meeting_id, parts.thread_id];
            let of_webex = [parts.meeting_mtid, parts.meeting_path, parts.meeting_personal_room_id];
            // A company's rooms have names of their own, so the company belongs to the ID.
            let company = parts.meeting_subdomain.unwrap_or_default();
            let of_webex = of_webex.into_iter().map(|id| id.map(|id| format!("{company}/{id}")));
            let ids = ids.into_iter().chain(of_webex).flatten();
            return Ok(Self {
                platform: platform_of_word(&word),
                is_stream: STREAMS.contains(&word.as_str()),
                rewritten_by: None,
                meeting: ids.filter_map(|id| PrivateId::of(&id)).next(),
                organizer: parts.organizer_id.as_deref().and_then(PrivateId::of),
            });
        }
        let link: Option<String> = serde_json::from_str(raw.get()).unwrap_or_default();
        let host = link.as_deref().map(host_of).unwrap_or_default();
        let platform = one_of(DOMAINS, &host).unwrap_or_default();
        Ok(Self {
            platform,
            is_stream: false,
            rewritten_by: one_of(MAIL_FILTERS, &host),
            meeting: link.as_deref().and_then(|link| meeting_of(platform, link)),
            organizer: None,
        })
    }
}

/// Returns the platform with this name in Recall.ai. Some platforms have several names, one for each way to
/// join.
fn platform_of_word(word: &str) -> Platform {
    match word {
        "zoom_rtms" => Platform::Zoom,
        "google_meet_media_api" => Platform::GoogleMeet,
        "microsoft_teams_live" => Platform::MicrosoftTeams,
        "slack_huddle_observer" => Platform::SlackHuddle,
        word => Platform::from_word(word).unwrap_or(Platform::Unknown),
    }
}

/// Returns the host that a link leads to, in lower case.
fn host_of(link: &str) -> String {
    let after_scheme = link.trim().split_once("://").map_or(link.trim(), |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host_and_port = authority.rsplit('@').next().unwrap_or_default();
    let host = host_and_port.split(':').next().unwrap_or_default().to_ascii_lowercase();
    host.trim_end_matches('.').to_owned()
}

/// Returns the meeting that a link leads to. For Zoom it is the number, wherever the link has it; for others, what is
/// left of the link without its server, query and fragment, where passcodes are.
fn meeting_of(platform: Platform, link: &str) -> Option<PrivateId> {
    let after_scheme = link.trim().split_once("://").map_or(link.trim(), |(_, rest)| rest);
    let (_, path) = after_scheme.split(['?', '#']).next()?.split_once('/')?;
    let path = path.trim_matches('/');
    match platform {
        Platform::Unknown => None,
        Platform::Zoom => {
            let is_number = |part: &&str| part.len() >= 9 && part.bytes().all(|byte| byte.is_ascii_digit());
            PrivateId::of(path.split('/').find(is_number).unwrap_or(path))
        }
        _ => PrivateId::of(path),
    }
}

/// Returns the value for this host or its parent domain.
fn one_of<T: Copy>(domains: &[(&str, T)], host: &str) -> Option<T> {
    let is_in = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    domains.iter().find(|(domain, _)| is_in(domain)).map(|(_, meant)| *meant)
}

#[cfg(test)]
mod tests {
    use super::{MailFilter, MeetingLink, PrivateId};

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
    fn the_meeting_is_known_without_its_passcode() {
        let check = |json: &str, expect: Option<&str>| {
            let link: MeetingLink = serde_json::from_str(json).unwrap();
            assert_eq!(link.meeting.as_ref().map(PrivateId::expose), expect, "{json}");
        };
        for link in [
            "zoom.us/j/84731728293?pwd=a",
            "https://acme.zoom.us/wc/84731728293/join",
            "https://us06web.zoom.us/w/84731728293#b",
        ] {
            check(&format!("\"{link}\""), Some("84731728293"));
        }
        check(
            r#"{"platform":"zoom","meeting_id":"84731728293","meeting_password":"a"}"#,
            Some("84731728293"),
        );
        check(r#""https://acme.zoom.us/my/sam?pwd=a""#, Some("my/sam"));
        check(r#""https://meet.google.com/abc-defg-hij?authuser=0""#, Some("abc-defg-hij"));
        check(r#"{"platform":"google_meet","meeting_id":"abc-defg-hij"}"#, Some("abc-defg-hij"));
        check(
            r#"{"platform":"microsoft_teams","meeting_id":null,"thread_id":"19:x","meeting_password":"a"}"#,
            Some("19:x"),
        );
        check(r#"{"platform":"webex","meeting_subdomain":"acme","meeting_mtid":"m1"}"#, Some("acme/m1"));
        for json in [r#""https://example.com/a""#, r#""zoom.us""#, r#"{"platform":"zoom"}"#, "null", "7"] {
            check(json, None);
        }
        let teams: MeetingLink =
            serde_json::from_str(r#"{"platform":"microsoft_teams","organizer_id":"o"}"#).unwrap();
        assert_eq!(teams.organizer.unwrap().expose(), "o");
    }

    #[test]
    fn a_link_that_a_mail_filter_rewrote_is_recognised_by_its_host() {
        for (host, expect) in [
            ("url.uk.m.mimecastprotect.com", None),
            ("protect-us.mimecast.com", Some("mimecast")),
            ("urldefense.com", Some("proofpoint")),
            ("urldefense.proofpoint.com", Some("proofpoint")),
            ("nam02.safelinks.protection.outlook.com", Some("safe_links")),
            ("zoom.us", None),
            ("notmimecast.com", None),
        ] {
            let json = format!(r#""https://{host}/v3/__https://us02web.zoom.us/j/1?pwd=x""#);
            let link: MeetingLink = serde_json::from_str(&json).unwrap();
            assert_eq!(link.rewritten_by.map(MailFilter::as_str), expect, "{host}");
        }
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
