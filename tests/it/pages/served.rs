//! The pages as a service answers them.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::header::{ACCEPT_LANGUAGE, HeaderMap, IF_NONE_MATCH};
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use why_no_recording::answer::Answerer;
use why_no_recording::chat::Messengers;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::vocabulary::ParticipantNames;
use why_no_recording::health::Health;
use why_no_recording::http::{Details, Endpoints, router};
use why_no_recording::listener;
use why_no_recording::observe::start_metrics;
use why_no_recording::pages::Pages;
use why_no_recording::recall::{ClientConfig, Fetcher};
use why_no_recording::rescue::Mode;
use why_no_recording::rights::Rights;
use why_no_recording::service::Service;
use why_no_recording::store::Store;
use why_no_recording::watch::AlertConfig;

const CAUSE: &str = "/h/zoom_local_recording_disabled";

/// A service that listens, until it is dropped.
struct Served {
    address: SocketAddr,
    stop: CancellationToken,
    _folder: TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

impl Served {
    async fn start(public_url: Option<&str>) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&format!("sqlite://{}", folder.path().join("s.db").display())).await.unwrap();
        let answerer = Answerer {
            fetcher: Fetcher::new(Vec::new(), Vec::new(), ClientConfig::default()).unwrap(),
            catalogue: Catalogue::embedded().unwrap(),
            pages: Pages::shared().unwrap(),
            participant_names: ParticipantNames::Off,
            public_url: public_url.map(str::to_owned),
            rescue: Mode::Off,
        };
        let service =
            Service::new(store, answerer, Messengers::new(), Rights::default(), AlertConfig::default());
        let endpoints = Endpoints::of(&service, Health::default(), start_metrics().unwrap());
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let all = router(Arc::new(endpoints), Details::Elsewhere);
        let address = listener::start("127.0.0.1:0".parse().unwrap(), all, &stop, &tasks).unwrap();
        Self { address, stop, _folder: folder }
    }

    async fn ask(&self, method: Method, path: &str, headers: HeaderMap) -> Answer {
        let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        let url = format!("http://{}{path}", self.address);
        let response = client.request(method, url).headers(headers).send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: response.text().await.unwrap() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, HeaderMap::new()).await
    }

    async fn accepting(&self, path: &str, languages: &str) -> Answer {
        self.ask(Method::GET, path, HeaderMap::from_iter([(ACCEPT_LANGUAGE, languages.parse().unwrap())]))
            .await
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn the_list_and_the_pages_are_there_with_their_headers() {
    let served = Served::start(None).await;
    for path in ["/h/", CAUSE, "/h/zoom_local_recording_disabled?lang=ja", "/h/?lang=fr"] {
        let answer = served.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; style-src 'self'; img-src 'self'"
        );
        assert_eq!(answer.header("x-robots-tag"), "noindex");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("vary"), "accept-language");
        assert!(answer.header("cache-control").contains("max-age="));
        assert!(!answer.headers.contains_key("set-cookie"));
        assert!(answer.body.starts_with("<!doctype html>"));
    }
    let style = served.get("/h/style.css").await;
    assert_eq!((style.status, style.header("content-type")), (StatusCode::OK, "text/css; charset=utf-8"));
    let folder = served.get("/h").await;
    assert_eq!((folder.status, folder.header("location")), (StatusCode::PERMANENT_REDIRECT, "h/"));
    assert_eq!(
        served.ask(Method::POST, CAUSE, HeaderMap::new()).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn every_link_of_the_list_leads_to_a_page() {
    let served = Served::start(None).await;
    let list = served.get("/h/").await.body;
    let links: Vec<&str> = list.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.len() > 60, "{links:?}");
    for link in links {
        let answer = served.get(&format!("/h/{}", link.trim_start_matches("./"))).await;
        assert_eq!(answer.status, StatusCode::OK, "{link}");
    }
}

#[tokio::test]
async fn a_head_request_gets_the_same_headers_and_no_body() {
    let served = Served::start(None).await;
    for path in ["/h/", CAUSE, "/h/nothing", "/h/style.css"] {
        let (get, head) = (served.get(path).await, served.ask(Method::HEAD, path, HeaderMap::new()).await);
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{path}");
        for name in ["etag", "content-type", "content-length", "content-security-policy", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn the_language_is_the_one_asked_for_or_else_the_browsers() {
    let served = Served::start(None).await;
    for (query, accepted, language) in [
        ("", "", "en"),
        ("", "de", "de"),
        ("", "de-AT, de;q=0.9, en;q=0.8", "de"),
        ("", "nl, fr;q=0.3, ja;q=0.7", "ja"),
        ("", "pt", "pt-BR"),
        ("", "nl", "en"),
        ("", "*", "en"),
        ("", "de;q=0, fr;q=0.1", "fr"),
        ("", ";;q=,,", "en"),
        ("?lang=es", "de", "es"),
        ("?lang=pt-BR", "de", "pt-BR"),
        ("?lang=en", "de", "en"),
    ] {
        let answer = served.accepting(&format!("{CAUSE}{query}"), accepted).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-language"), language, "{query} {accepted}");
        assert!(answer.body.contains(&format!("<html lang=\"{language}\">")), "{query} {accepted}");
    }
    // What is not translated is English, whoever asks.
    for answer in
        [served.get("/h/meeting_full?lang=de").await, served.accepting("/h/meeting_full", "de").await]
    {
        assert_eq!((answer.status, answer.header("content-language")), (StatusCode::OK, "en"));
        assert!(answer.body.contains("<html lang=\"en\">"));
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_in_words_with_the_list() {
    let served = Served::start(None).await;
    for path in [
        "/h/no_such_cause",
        "/h/recording_now",
        "/h/zoom_local_recording_disabled?lang=xx",
        "/h/?lang=tlh",
        "/h/%3Cscript%3E",
        "/h/zoom_local_recording_disabled?lang=",
    ] {
        let answer = served.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.contains("This page doesn't exist") || answer.body.contains("doesn&#39;t exist"));
        assert!(answer.body.contains("zoom_local_recording_disabled?lang=en"), "{path}: it has the list");
        assert!(!answer.body.contains("<script"), "{path}");
        assert!(!answer.header("cache-control").contains("3600"));
    }
    let answer = served.accepting("/h/no_such_cause", "fr").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("Cette page n’existe pas"), "{}", answer.body);
}

#[tokio::test]
async fn a_page_that_the_reader_has_is_not_sent_again() {
    let served = Served::start(None).await;
    let tag = served.get(CAUSE).await.header("etag").to_owned();
    assert!(tag.len() > 20, "{tag}");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
        let headers = HeaderMap::from_iter([(IF_NONE_MATCH, known.parse().unwrap())]);
        let answer = served.ask(Method::GET, CAUSE, headers.clone()).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{known}");
        assert_eq!(answer.header("etag"), tag);
        let other = served.ask(Method::GET, &format!("{CAUSE}?lang=de"), headers).await;
        assert_eq!(other.status, StatusCode::OK, "another language is another page");
    }
}

#[tokio::test]
async fn previews_know_the_address_where_people_reach_the_service() {
    let served = Served::start(Some("https://wnr.example.com")).await;
    let body = served.get(&format!("{CAUSE}?lang=de")).await.body;
    let address = "<meta property=\"og:url\" content=\"https://wnr.example.com/h/zoom_local_recording_disabled?lang=de\">";
    assert!(body.contains(address), "{body}");
    assert!(!Served::start(None).await.get(CAUSE).await.body.contains("og:url"));
}

#[tokio::test]
async fn discord_gets_its_embed_in_the_language_of_the_link() {
    let served = Served::start(Some("https://wnr.example.com")).await;
    let page = served.get(&format!("{CAUSE}?lang=ja")).await.body;
    let linked = page.split("rel=\"discord:component-embed\"").nth(1).unwrap();
    let address = linked.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
    let path = address.strip_prefix("https://wnr.example.com").unwrap();
    let answer = served.get(path).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!(answer.header("content-language"), "ja");
    assert_eq!(answer.header("x-robots-tag"), "noindex");
    let embed: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(embed["component"]["type"], 17);
    // Where there is no translation, it is in English, as the page is.
    let answer = served.get("/h/meeting_full/embed.json?lang=de").await;
    assert_eq!((answer.status, answer.header("content-language")), (StatusCode::OK, "en"));
    for path in ["/h/no_such_cause/embed.json", "/h/meeting_full/embed.json?lang=tlh"] {
        assert_eq!(served.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let served = Served::start(None).await;
    assert_eq!(served.get(&format!("{CAUSE}/embed.json")).await.status, StatusCode::NOT_FOUND);
}
