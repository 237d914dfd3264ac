//! Any text in all places where others' text is shown: whatever it is, Slack and Discord find nothing in it that pings or
//! leads somewhere, and take the message.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use why_no_recording::chat::{CardNote, Message, SendRequest, Shown, discord, slack};
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::report::{EvidenceLine, Report, compose};

// The readers of the tests, written apart from the code.
#[path = "../../tests/it/world/discord/alive.rs"]
mod in_discord;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/it/world/slack/limits.rs"]
mod in_slack;

static REPORT: LazyLock<Report> = LazyLock::new(|| {
    let catalogue = Catalogue::embedded().expect("the tests hold it to load");
    let cause = catalogue.by_id("no_recognised_host").expect("it is there");
    compose(&diagnose(&cause.examples[0].case_file, &catalogue))
});
static HARMLESS: LazyLock<Vec<[Vec<String>; 2]>> =
    LazyLock::new(|| messages("x").iter().map(|message| alive(message, "x")).collect());

fn messages(text: &str) -> Vec<Message> {
    let mut report = REPORT.clone();
    report.bot_name = Some(text.to_owned());
    report.title = text.to_owned();
    report.why = text.to_owned();
    report.host_message = Some(text.to_owned());
    report.steps = vec![text.to_owned(); 2];
    let (code, sub_code, note) = (text.to_owned(), Some(text.to_owned()), text.to_owned());
    report.evidence = vec![EvidenceLine { at: None, code, sub_code, note }; 2];
    report.unknown_codes = vec![text.to_owned()];
    report.gaps = vec![text.to_owned()];
    let note = Some(CardNote::AnsweredBy(format!("{text}.")));
    vec![
        Message::Verdict(Box::new(report.clone())),
        Message::Details { report: Box::new(report), note },
        Message::Notice(text.to_owned()),
        Message::HostMessage(text.to_owned().into()),
    ]
}

/// What pings or leads somewhere, on each platform.
fn alive(message: &Message, text: &str) -> [Vec<String>; 2] {
    let request = SendRequest { redirect_note: Some(text), threadless: true, ..SendRequest::plain(message, "m") };
    let slack::render::Payload { text, blocks, .. } = slack::render::render_request(&request, Shown::Posted);
    let blocks = serde_json::to_value(blocks).expect("they are JSON");
    assert_eq!(in_slack::block_violations(&blocks), Vec::<String>::new());
    let texts = markup(&blocks).into_iter().chain([text]);
    let in_slack = texts.flat_map(|text| in_slack::Parse::None.alive(&text)).collect();
    let posted = discord::render::render_request(&request, Shown::Posted).message();
    let posted = serde_json::to_value(posted).expect("it is JSON");
    [in_slack, in_discord::alive_in(&posted)]
}

fn markup(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) if fields.get("type").is_some_and(|kind| kind == "mrkdwn") => {
            vec![fields["text"].as_str().unwrap_or_default().to_owned()]
        }
        Value::Object(fields) => fields.values().flat_map(markup).collect(),
        Value::Array(items) => items.iter().flat_map(markup).collect(),
        _ => Vec::new(),
    }
}

fuzz_target!(|text: &str| {
    for (message, harmless) in messages(text).iter().zip(HARMLESS.iter()) {
        for (found, own) in alive(message, text).iter().zip(harmless) {
            // A long text may push links of our own out of the message.
            assert!(found.iter().all(|part| own.contains(part)), "{found:?} of {text:?} in {message:?}");
        }
    }
});
