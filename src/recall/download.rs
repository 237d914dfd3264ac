//! Downloads the participants of a recording.
//!
//! Downloads use no API key. The links are signed already, storage rejects a second signature, and a key must
//! not leave Recall.ai. Links come from a response, so they are followed only to allowed hosts. A failure is
//! never an error, but the reason why the participants are unknown.

use reqwest::header::LOCATION;
use reqwest::{Client, Url};
use tokio::time::{Instant, timeout_at};

use super::attendance::Attendance;
use super::body::{self, NoBody};
use super::case_file::ParticipantsLinks;
use super::client_config::ClientConfig;
use super::participants::people_from_json;
use super::transport::http_client;
use crate::diagnosis::case_file::WhyMissing;
use crate::net::is_loopback;

/// Most redirects that are followed. Storage uses at most one.
const REDIRECTS_MAX: usize = 3;

/// Downloads from allowed hosts.
#[derive(Debug)]
pub(super) struct Downloader {
    http: Client,
    http_on_loopback: Client,
    hosts: Vec<String>,
    limits: ClientConfig,
}

impl Downloader {
    /// Creates a downloader. `hosts` are exact names, or `*.` and a domain.
    pub(super) fn new(hosts: Vec<String>, limits: ClientConfig) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: http_client(limits.connect_timeout, false)?,
            http_on_loopback: http_client(limits.connect_timeout, true)?,
            hosts: hosts.into_iter().map(|host| host.trim().to_ascii_lowercase()).collect(),
            limits,
        })
    }

    /// Returns the deadline for downloads that start now.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.limits.download_timeout
    }

    /// Downloads the participants of a recording, and the times of joining and leaving if they are available.
    /// `from_loopback` also allows this machine, over plain HTTP.
    pub(super) async fn participants(
        &self,
        links: ParticipantsLinks<'_>,
        from_loopback: bool,
        deadline: Instant,
    ) -> Attendance {
        let events = async {
            match links.events {
                Some(link) => Some(self.people(link, from_loopback, deadline).await),
                None => None,
            }
        };
        let (people, events) = tokio::join!(self.people(links.people, from_loopback, deadline), events);
        match events {
            Some(events) => people.with_times_of(events),
            None => people,
        }
    }

    /// Downloads the people at a link to either kind of download.
    async fn people(&self, link: &str, from_loopback: bool, deadline: Instant) -> Attendance {
        let body = timeout_at(deadline, self.body(link, from_loopback)).await;
        match body.unwrap_or(Err(WhyMissing::TimedOut)) {
            Ok(body) => people_from_json(&body),
            Err(why) => Attendance::missing(why),
        }
    }

    async fn body(&self, link: &str, from_loopback: bool) -> Result<Vec<u8>, WhyMissing> {
        let mut url = Url::parse(link).map_err(|_| WhyMissing::Unreadable)?;
        for _ in 0..=REDIRECTS_MAX {
            let http = self.http_for(&url, from_loopback).ok_or(WhyMissing::ForeignHost)?;
            let response = http.get(url.clone()).send().await.map_err(|error| not_sent(&error))?;
            let status = response.status();
            if status.is_redirection() {
                let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
                let failed = WhyMissing::Failed(Some(status.as_u16()));
                url = location.and_then(|location| url.join(location).ok()).ok_or(failed)?;
                continue;
            }
            return match status.as_u16() {
                200 => {
                    body::read(response, self.limits.body_bytes_max).await.map_err(|no_body| match no_body {
                        NoBody::TooLarge => WhyMissing::TooLarge,
                        NoBody::Failed(error) => not_sent(&error),
                    })
                }
                refused @ 400..500 => Err(WhyMissing::Refused(refused)),
                failed => Err(WhyMissing::Failed(Some(failed))),
            };
        }
        Err(WhyMissing::Failed(None))
    }

    /// Returns the client for this address, if downloads from it are allowed.
    fn http_for(&self, url: &Url, from_loopback: bool) -> Option<&Client> {
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        if from_loopback && is_loopback(url) && matches!(url.scheme(), "http" | "https") {
            return Some(&self.http_on_loopback);
        }
        let host = url.host_str()?.trim_end_matches('.');
        let allowed = self.hosts.iter().any(|pattern| matches_host(pattern, host));
        (url.scheme() == "https" && allowed).then_some(&self.http)
    }
}

fn matches_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => host.strip_suffix(domain).is_some_and(|before| before.ends_with('.')),
        None => host == pattern,
    }
}

fn not_sent(error: &reqwest::Error) -> WhyMissing {
    if error.is_timeout() && !error.is_connect() { WhyMissing::TimedOut } else { WhyMissing::Failed(None) }
}

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use super::Downloader;
    use crate::recall::client_config::ClientConfig;

    fn check(url: &str, from_loopback: bool, expect: bool) {
        let hosts =
            vec!["*.recall.ai".to_owned(), "*.amazonaws.com".to_owned(), "media.acme.example".to_owned()];
        let downloader = Downloader::new(hosts, ClientConfig::default()).unwrap();
        let allowed = downloader.http_for(&Url::parse(url).unwrap(), from_loopback).is_some();
        assert_eq!(allowed, expect, "{url}");
    }

    #[test]
    fn links_lead_to_recall_and_its_storage_only() {
        check("https://us-east-1.recall.ai/api/v1/download/x?token=1", false, true);
        check("https://bucket.s3.us-west-2.amazonaws.com/x?X-Amz-Signature=1", false, true);
        check("https://MEDIA.acme.example/x", false, true);
        check("https://us-east-1.recall.ai./x", false, true);
        check("http://us-east-1.recall.ai/x", false, false);
        check("https://recall.ai.evil.example/x", false, false);
        check("https://evilrecall.ai/x", false, false);
        check("https://us-east-1.recall.ai@evil.example/x", false, false);
        check("https://user:pass@us-east-1.recall.ai/x", false, false);
        check("https://sub.media.acme.example/x", false, false);
        check("https://169.254.169.254/latest/meta-data", false, false);
        check("file:///etc/passwd", true, false);
    }

    #[test]
    fn this_machine_is_asked_only_where_recall_is_on_it() {
        check("http://127.0.0.1:8080/x", true, true);
        check("http://[::1]:8080/x", true, true);
        check("http://localhost/x", true, true);
        check("http://127.0.0.1:8080/x", false, false);
        check("https://127.0.0.1:8080/x", false, false);
        check("http://10.0.0.1/x", true, false);
        check("http://localhost.evil.example/x", true, false);
    }
}
