//! What people see in Slack, and that it keeps Slack's limits whatever a report holds.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use why_no_recording::chat::slack::render::{Payload, render, render_request};
use why_no_recording::chat::{CardNote, HostMessage, Message, SendRequest, Shown};
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::pages::Pages;
use why_no_recording::report::{EvidenceLine, Explanation, Report, compose};

use crate::alerts::samples;
use crate::generated::check;
use crate::world::slack::{Parse, block_violations};

/// Read once: a debug build takes a while for it.
pub static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

pub fn report_of(cause: &str) -> Report {
    let case = &CATALOGUE.by_id(cause).unwrap().examples[0].case_file;
    let diagnosis = diagnose(case, &CATALOGUE);
    let mut report = Pages::shared().unwrap().translated(compose(&diagnosis), &diagnosis, None);
    report.bot_id = Some("5215cf1e-bc6e-54c0-983d-7d8b2052615d".parse().unwrap());
    report
}

/// The blocks as Slack gets them.
pub fn blocks(payload: &Payload) -> Value {
    serde_json::to_value(&payload.blocks).unwrap()
}

#[test]
fn every_entry_of_the_catalogue_fits() {
    for cause in CATALOGUE.causes() {
        let explanation = render(&Message::Explanation(Explanation::of(cause)));
        assert_eq!(block_violations(&blocks(&explanation)), Vec::<String>::new(), "{}", cause.id);
        for example in &cause.examples {
            let report = Box::new(compose(&diagnose(&example.case_file, &CATALOGUE)));
            for message in [Message::Verdict(report.clone()), Message::Details { report, note: None }] {
                let payload = render(&message);
                assert_eq!(block_violations(&blocks(&payload)), Vec::<String>::new(), "{}", cause.id);
            }
        }
    }
}

/// Foreign text at its worst: long, with marks, mentions, links and other alphabets.
pub fn foreign() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        Just("<!channel>".to_owned()),
        Just("<@U012345>".to_owned()),
        Just("<https://evil.example|here>".to_owned()),
        Just("```\n&amp; *bold*".to_owned()),
        prop::sample::select(crate::foreign::FOREIGN).prop_map(ToOwned::to_owned),
        Just("🙈 שלום ".repeat(200)),
        Just("x".repeat(4000)),
    ];
    prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat())
}

/// A report with such texts in all places where foreign text can be.
pub fn stuffed(texts: &[String], steps: usize, lines: usize) -> Report {
    let mut report = report_of("no_recognised_host");
    report.bot_name = Some(texts[0].clone());
    report.title = texts[1].clone();
    report.why = texts[2].clone();
    report.host_message = Some(texts[3].clone());
    report.steps = vec![texts[4].clone(); steps];
    let (sub_code, note) = (Some(texts[5].clone()), texts[0].clone());
    report.evidence = vec![EvidenceLine { at: None, code: "x".to_owned(), sub_code, note }; lines];
    report.unknown_codes = vec![texts[5].clone(); 20];
    report
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_report_fits_and_pings_nobody(
        texts in prop::collection::vec(foreign(), 6),
        steps in 0usize..40,
        lines in 0usize..300,
    ) {
        let report = stuffed(&texts, steps, lines);
        let docs = report.docs.clone();
        let note = Some(CardNote::AnsweredBy(texts[1].clone()));
        let details = Message::Details { report: Box::new(report.clone()), note };
        let alerts = samples::messages(&report).into_iter().map(|(_, message)| message);
        let asked = [details, Message::Verdict(Box::new(report)), Message::Notice(texts[2].clone())];
        for message in asked.into_iter().chain(alerts) {
            let request = SendRequest { redirect_note: Some(&texts[3]), ..SendRequest::plain(&message, "m") };
            let payload = render_request(&request, Shown::Ephemeral);
            let blocks = blocks(&payload);
            prop_assert_eq!(block_violations(&blocks), Vec::<String>::new());
            prop_assert!(!payload.text.is_empty() && payload.text.chars().count() <= 4000);
            for text in markup(&blocks).into_iter().chain([payload.text]) {
                let own = |part: &String| part.starts_with("<!date^") || docs.iter().any(|doc| part.starts_with(&format!("<{doc}|")));
                let alive = Parse::None.alive(&text);
                prop_assert!(alive.iter().all(own), "{:?}", alive);
            }
        }
    }
}

/// All texts in which Slack reads mark-up.
pub fn markup(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) if fields.get("type") == Some(&json!("mrkdwn")) => {
            assert_eq!(fields["verbatim"], true, "addresses in it are made into links");
            vec![fields["text"].as_str().unwrap().to_owned()]
        }
        Value::Object(fields) => fields.values().flat_map(markup).collect(),
        Value::Array(items) => items.iter().flat_map(markup).collect(),
        _ => Vec::new(),
    }
}

/// A few messages as a page, to be looked at when the rendering changes.
#[test]
fn the_page_of_the_messages() {
    let mut page = String::new();
    let verdict = Message::Verdict(Box::new(report_of("zoom_local_recording_disabled")));
    let denied =
        Message::Details { report: Box::new(report_of("zoom_local_recording_disabled")), note: None };
    let no_host = Message::Details {
        report: Box::new(report_of("no_recognised_host")),
        note: Some(CardNote::NotInChannel),
    };
    let for_host = Message::HostMessage(HostMessage::of(&report_of("host_not_present")).unwrap());
    let asked = [
        ("verdict", verdict),
        ("details", denied),
        ("details, for the asker alone", no_host),
        ("message for the host", for_host),
    ];
    let alerts = samples::messages(&report_of("zoom_internal_error"));
    for (name, message) in asked.into_iter().chain(alerts) {
        let payload = render(&message);
        page.push_str(&format!("===== {name}\n{}\n", payload.text));
        for block in blocks(&payload).as_array().unwrap() {
            page.push_str(&drawn(block));
        }
    }
    check("tests/snapshots/slack.txt", &page);
}

/// A block as somebody who reads it sees it, more or less.
fn drawn(block: &Value) -> String {
    let text = |object: &Value| object["text"].as_str().unwrap_or_default().to_owned();
    match block["type"].as_str().unwrap() {
        "header" => format!("\n# {}\n", text(&block["text"])),
        "section" => format!("\n{}\n", text(&block["text"])),
        "context" => format!("\n({})\n", text(&block["elements"][0])),
        "rich_text" => {
            let inner = text(&block["elements"][0]["elements"][0]);
            format!("\n{}\n", inner.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n"))
        }
        "actions" => {
            let buttons = block["elements"].as_array().unwrap().iter();
            let labels: Vec<String> = buttons.map(|button| format!("[{}]", text(&button["text"]))).collect();
            format!("\n{}\n", labels.join(" "))
        }
        "data_visualization" => {
            let chart = &block["chart"];
            let points = |of: &Value| {
                let points = of.as_array().unwrap().iter();
                let points =
                    points.map(|point| format!("{} {}", point["label"].as_str().unwrap(), point["value"]));
                points.collect::<Vec<_>>().join(", ")
            };
            let mut lines =
                format!("\n<{} {}>\n", chart["type"].as_str().unwrap(), block["title"].as_str().unwrap());
            for series in chart["series"].as_array().into_iter().flatten() {
                lines.push_str(&format!(
                    "    {}: {}\n",
                    series["name"].as_str().unwrap(),
                    points(&series["data"])
                ));
            }
            if chart["segments"].is_array() {
                lines.push_str(&format!("    {}\n", points(&chart["segments"])));
            }
            lines
        }
        other => panic!("a block of type {other}"),
    }
}

/// As Slack's page on `parse` has it: our own marks live with `none`, and nothing else does.
#[test]
fn what_is_looked_for_in_a_text_depends_on_parse() {
    let text = "<!here> <https://a.example|a> https://b.example @sam #general";
    let own = vec!["<!here>", "<https://a.example|a>"];
    let cases = [
        (Parse::None, own.clone()),
        (Parse::Addresses, [&own[..], &["https://b.example"]].concat()),
        (Parse::Client, [&own[..], &["https://b.example", "@sam", "#general"]].concat()),
        (Parse::Full, vec!["<https://a.example|a>", "https://b.example", "@sam", "#general"]),
    ];
    for (parse, alive) in cases {
        assert_eq!(parse.alive(text), alive, "{parse:?}");
    }
}
