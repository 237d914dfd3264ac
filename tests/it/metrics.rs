//! The table of the metrics, the sources that count, and the files that watch say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use reqwest::StatusCode;
use why_no_recording::observe::metrics::{Kind, METRICS, Metric};

use crate::alerts::serving::{HEARING, denied, post};
use crate::slack::{DENIED, Talking, World};
use crate::tidy::sources;

/// What watches, or tells how to.
const WATCHING: &[&str] = &[
    "docs/operate.md",
    "docs/performance.md",
    "docs/logging.md",
    "config/grafana-dashboard.json",
    "config/prometheus-rules.yml",
];

/// One place that counts: the kind, the name and the labels.
type Call = (String, String, Vec<String>);

/// Every call of the macros of `metrics` in a source.
fn calls(text: &str) -> Vec<Call> {
    let kinds = ["counter", "gauge", "histogram"];
    let begun = text.match_indices("metrics::").filter_map(|(at, word)| {
        let rest = &text[at + word.len()..];
        let kind = kinds.iter().find(|kind| rest.starts_with(&format!("{kind}!(")))?;
        Some((*kind, &rest[kind.len() + 2..]))
    });
    begun.map(|(kind, rest)| call(kind, rest)).collect()
}

fn call(kind: &str, rest: &str) -> Call {
    let mut open = 1;
    let end = rest.find(|letter| {
        open += i32::from(letter == '(') - i32::from(letter == ')');
        open == 0
    });
    let arguments = &rest[..end.expect("the call ends")];
    let name = arguments.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
    let labels = arguments.split("=>").map(|part| part.rsplit('"').nth(1).unwrap_or_default().to_owned());
    let mut labels: Vec<String> = labels.collect();
    labels.pop();
    let name = name.unwrap_or_else(|| panic!("the name is written out where it is counted: {arguments}"));
    (kind.to_owned(), name.to_owned(), labels)
}

fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

#[test]
fn what_is_counted_is_in_the_table_and_the_reverse() {
    let mut counted = BTreeSet::new();
    for path in sources().iter().filter(|path| !path.ends_with("observe/metrics.rs")) {
        for (kind, name, labels) in calls(&std::fs::read_to_string(path).unwrap()) {
            let metric = metric(&name).unwrap_or_else(|| panic!("{name} is not in the table"));
            assert_eq!(metric.kind.as_str(), kind, "{name}");
            let told: Vec<&str> = metric.labels.iter().map(|label| label.name).collect();
            assert_eq!(labels, told, "{name} in {}", path.display());
            counted.insert(name);
        }
    }
    let all: BTreeSet<String> = METRICS.iter().map(|metric| metric.name.to_owned()).collect();
    assert_eq!(counted, all, "the table, and what is counted");
    assert_eq!(all.len(), METRICS.len(), "a metric is there twice");
}

#[test]
fn names_say_what_they_count_in() {
    for Metric { name, kind, meaning, .. } in METRICS {
        assert!(name.starts_with("wnr_") && meaning.ends_with('.'), "{name}");
        assert_eq!(*kind == Kind::Counter, name.ends_with("_total"), "{name}");
        assert!(*kind != Kind::Histogram || name.ends_with("_seconds"), "{name}");
    }
}

/// The metrics that a text names, without what a histogram appends.
pub fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    let base = |word| {
        ["_bucket", "_sum", "_count"].iter().find_map(|end| str::strip_suffix(word, end)).unwrap_or(word)
    };
    words.filter(|word| word.starts_with("wnr_")).map(base).collect()
}

#[test]
fn what_is_watched_is_counted() {
    for path in WATCHING {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        for name in named(&text) {
            assert!(metric(name).is_some(), "{path} names {name}, which nobody counts");
        }
    }
}

/// What Prometheus reads: for each metric its kind, and its series as they are written.
async fn scraped(chat: &Talking) -> (BTreeMap<String, String>, Vec<String>) {
    let answer = reqwest::get(chat.url("/metrics")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let text = answer.text().await.unwrap();
    let kinds = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let kinds = kinds.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect();
    let series = text.lines().filter(|line| line.starts_with("wnr_"));
    (kinds, series.map(str::to_owned).collect())
}

#[tokio::test]
async fn a_question_and_an_alert_are_counted_as_the_table_says() {
    let world = World::new().await;
    world.slack.join("C9");
    let running = why_no_recording::app::start(&world.settings(&HEARING)).await.unwrap();
    let chat = Talking { world, running };
    chat.ask(DENIED).await;
    chat.posted(2).await;
    let address = chat.running.address.to_string();
    assert_eq!(post(&address, "a", &denied(1)).send().await.unwrap().status(), StatusCode::NO_CONTENT);
    chat.world.slack.until("the alert", |slack| (slack.posted("C9").len() == 2).then_some(())).await;
    let unsigned = reqwest::Client::new().post(chat.url("/webhooks/recall")).body("{}").send().await.unwrap();
    assert_eq!(unsigned.status(), StatusCode::UNAUTHORIZED);
    chat.settled().await;

    let (kinds, series) = scraped(&chat).await;
    for (name, kind) in &kinds {
        let metric = metric(name).unwrap_or_else(|| panic!("{name} is not in the table"));
        assert_eq!(metric.kind.as_str(), kind, "{name}");
    }
    for begin in [
        "wnr_ready 1",
        "wnr_verdicts_total{cause=\"zoom_local_recording_disabled\",asked=\"yes\"} ",
        "wnr_verdicts_total{cause=\"zoom_local_recording_disabled\",asked=\"no\"} ",
        "wnr_webhooks_refused_total{reason=\"unsigned\"} ",
        "wnr_answer_seconds_bucket{chat=\"slack\",le=\"10\"} ",
        "wnr_delivery_seconds_bucket{chat=\"slack\",kind=\"alert\",le=\"+Inf\"} ",
        "wnr_errors_total{platform=\"recall\",class=\"auth\"} ",
        "wnr_unknown_codes_total ",
    ] {
        assert!(series.iter().any(|line| line.starts_with(begin)), "{begin} in {series:#?}");
    }
    chat.end().await;
}
