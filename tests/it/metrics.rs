//! The table of the metrics, the sources that count, and the files that watch say the same.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::StatusCode;
use serde_json::Value;
use why_no_recording::observe::metrics::{Kind, METRICS, Metric};

use crate::alerts::serving::{HEARING, denied, post};
use crate::slack::{DENIED, Talking, World};
use crate::tidy::{calls, sources};
use crate::world::shipped::{document, read};

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

/// Every place in a source that counts.
fn counts(text: &str) -> Vec<Call> {
    let kinds = ["counter", "gauge", "histogram"];
    calls(text, "metrics::", &kinds).map(|(kind, arguments)| call(kind, arguments)).collect()
}

fn call(kind: &str, arguments: &str) -> Call {
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
        for (kind, name, labels) in counts(&std::fs::read_to_string(path).unwrap()) {
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
        for name in named(&read(path)) {
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
        "wnr_verdicts_total{cause=\"zoom_local_recording_disabled\",trigger=\"question\"} ",
        "wnr_verdicts_total{cause=\"zoom_local_recording_disabled\",trigger=\"alert\"} ",
        "wnr_webhooks_refused_total{reason=\"unsigned\"} ",
        "wnr_answer_seconds_bucket{chat=\"slack\",le=\"10\"} ",
        "wnr_delivery_seconds_bucket{chat=\"slack\",kind=\"alert\",le=\"+Inf\"} ",
        "wnr_errors_total{platform=\"recall\",class=\"auth\"} ",
        "wnr_unknown_codes_total ",
        // Prometheus sees no first step of a counter that was not there before.
        "wnr_task_failures_total{task=\"answers\"} ",
        "wnr_task_failures_total{task=\"http\"} ",
        "wnr_event_to_message_seconds_count{chat=\"slack\"} ",
    ] {
        assert!(series.iter().any(|line| line.starts_with(begin)), "{begin} in {series:#?}");
    }
    chat.end().await;
}

/// What stands between two marks, each time.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
}

/// Holds an expression against the table: its metrics, and the labels and values that it chooses by.
fn check(expression: &str) {
    let metrics: Vec<&Metric> = named(expression).into_iter().filter_map(metric).collect();
    assert!(!metrics.is_empty(), "{expression}");
    let label = |name: &str| metrics.iter().flat_map(|metric| metric.labels).find(|label| label.name == name);
    let foreign = ["instance", "job", "le"];
    for list in between(expression, "by (", ')').chain(between(expression, "without (", ')')) {
        for name in list.split(',').map(str::trim).filter(|name| !foreign.contains(name)) {
            assert!(label(name).is_some(), "{expression}: no label {name}");
        }
    }
    for matcher in between(expression, "{", '}').flat_map(|list| list.split(',')) {
        let (name, values) = matcher.split_once('=').unwrap_or_else(|| panic!("{expression}"));
        if foreign.contains(&name) {
            continue;
        }
        let label = label(name).unwrap_or_else(|| panic!("{expression}: no label {name}"));
        for value in values.trim_matches(['~', '"']).split('|') {
            assert!(label.values.contains(&value), "{expression}: {name} is never {value}");
        }
    }
}

#[test]
fn each_panel_shows_what_there_is() {
    let dashboard = document("config/grafana-dashboard.json");
    let panels = dashboard["panels"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for panel in panels {
        assert!(!text(&panel["title"]).is_empty() && text(&panel["description"]).ends_with('.'), "{panel}");
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{panel}");
        targets.iter().for_each(|target| check(&text(&target["expr"])));
    }
    let shown = dashboard.to_string();
    for metric in METRICS {
        assert!(named(&shown).contains(metric.name), "no panel shows {}", metric.name);
    }
}

/// Rules whose test has a second series, which raises nothing.
const SILENT_BY_OTHERS: &[&str] =
    &["WnrSlowMessages", "WnrSlowAcknowledgement", "WnrPlatformFails", "WnrRateLimited"];

#[test]
fn each_rule_says_what_it_means_and_what_to_do() {
    let rules = document("config/prometheus-rules.yml");
    let operate = read("docs/operate.md");
    let tests = document("tests/prometheus-rules.test.yml");
    let tests: Vec<Value> = tests["tests"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|test| test["alert_rule_test"].as_array().unwrap().clone())
        .collect();
    let mut runbooks = BTreeSet::new();
    for rule in rules["groups"][0]["rules"].as_array().unwrap() {
        let name = rule["alert"].as_str().unwrap();
        check(rule["expr"].as_str().unwrap());
        for annotation in ["summary", "meaning", "action"] {
            assert!(rule["annotations"][annotation].as_str().is_some(), "{name} has no {annotation}");
        }
        assert!(["page", "ticket"].contains(&rule["labels"]["severity"].as_str().unwrap()), "{name}");
        let runbook = format!("docs/operate.md#{}", name.to_lowercase());
        assert_eq!(rule["annotations"]["runbook"], runbook, "{name}");
        assert!(operate.contains(&format!("\n### {name}\n")), "docs/operate.md says nothing of {name}");
        // `promtool` runs these in the gate. A rule has to be raised by something, and to be silent before.
        let tested = tests.iter().filter(|test| test["alertname"] == name);
        let (raised, silent): (Vec<&Value>, Vec<&Value>) =
            tested.partition(|test| !test["exp_alerts"].as_array().unwrap().is_empty());
        assert!(!raised.is_empty(), "tests/prometheus-rules.test.yml never raises {name}");
        assert!(!silent.is_empty() || SILENT_BY_OTHERS.contains(&name), "{name} is never silent there");
        runbooks.insert(name.to_owned());
    }
    for heading in operate.lines().filter_map(|line| line.strip_prefix("### Wnr")) {
        assert!(runbooks.contains(&format!("Wnr{heading}")), "no rule is called Wnr{heading}");
    }
}
