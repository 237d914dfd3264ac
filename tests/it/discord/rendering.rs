//! What people see in Discord, and that it keeps Discord's limits whatever a report holds.

use proptest::prelude::*;
use serde::Serialize;
use why_no_recording::chat::discord::render::{Body, render, render_request};
use why_no_recording::chat::{CardNote, HostMessage, Message, SendRequest, Shown};
use why_no_recording::diagnosis::diagnose;
use why_no_recording::report::{Explanation, compose};

use super::shown;
use crate::alerts::samples;
use crate::generated::check;
use crate::slack::rendering::{CATALOGUE, foreign, report_of, stuffed};
use crate::world::discord::{Posted, alive_in, as_posted, unlike_the_description, violations};

/// What Discord has against a message, whichever way it is sent.
fn faults(body: &Body) -> Vec<String> {
    fn at(path: &str, request: &impl Serialize) -> Vec<String> {
        let request = serde_json::to_value(request).unwrap();
        [violations(path, &request), unlike_the_description(path, &request)].concat()
    }
    [
        at("/channels/1/messages", &body.message()),
        at("/webhooks/1/t", &body.follow_up()),
        at("/channels/1/messages/2", &body.edit()),
        at("/webhooks/1/t/messages/@original", &body.edit_through_interaction()),
    ]
    .concat()
}

#[test]
fn every_entry_of_the_catalogue_fits_whole() {
    for cause in CATALOGUE.causes() {
        let explanation = render(&Message::Explanation(Explanation::of(cause)));
        assert_eq!(faults(&explanation), Vec::<String>::new(), "{}", cause.id);
        for example in &cause.examples {
            let report = Box::new(compose(&diagnose(&example.case_file, &CATALOGUE)));
            let details = Message::Details { report: report.clone(), note: None };
            let body = render_request(
                &SendRequest { threadless: true, ..SendRequest::plain(&details, "m") },
                Shown::Posted,
            );
            assert_eq!(faults(&body), Vec::<String>::new(), "{}", cause.id);
            let posted = as_posted(&body);
            let texts =
                posted["embeds"].as_array().unwrap().iter().map(|embed| embed["description"].as_str());
            assert!(texts.flatten().all(|text| !text.ends_with('…')), "{}: {posted} is cut", cause.id);
        }
    }
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
        let note = Some(CardNote::AnsweredBy(texts[1].clone()));
        let details = Message::Details { report: Box::new(report.clone()), note };
        let alerts = samples::messages(&report);
        let docs = report.docs.clone();
        let is_of_earlier = |part: &str| part.to_lowercase().trim_start_matches("](<").starts_with("https://acme.slack.com/archives/c9/p1795");
        let mention = "<@&123456789012345678>";
        let alerts = alerts.iter().map(|(_, message)| {
            let request = SendRequest::plain(message, "m");
            let request = SendRequest { redirect_note: Some(&texts[3]), mention: Some(mention), ..request };
            render_request(&request, Shown::Posted)
        });
        let bodies = [
            render(&details),
            render_request(&SendRequest { threadless: true, ..SendRequest::plain(&details, "m") }, Shown::Ephemeral),
            render(&Message::Verdict(Box::new(report))),
            render(&Message::Notice(texts[2].clone())),
        ];
        for body in bodies.into_iter().chain(alerts) {
            prop_assert_eq!(faults(&body), Vec::<String>::new());
            let is_of_docs = |part: &str| docs.iter().any(|doc| doc.to_lowercase().starts_with(part.trim_end_matches('…')));
            let alive = alive_in(&as_posted(&body));
            prop_assert!(alive.iter().all(|part| mention.starts_with(part) || is_of_docs(part) || is_of_earlier(part)), "{:?}", alive);
        }
    }
}

/// A few messages as a page, to be looked at when the rendering changes.
#[test]
fn the_page_of_the_messages() {
    let mut page = String::new();
    let verdict = Message::Verdict(Box::new(report_of("zoom_local_recording_disabled")));
    let denied =
        Message::Details { report: Box::new(report_of("zoom_local_recording_disabled")), note: None };
    let no_host = Message::Details { report: Box::new(report_of("no_recognised_host")), note: None };
    let for_host = Message::HostMessage(HostMessage::of(&report_of("host_not_present")).unwrap());
    let asked = [
        ("verdict", verdict),
        ("details", denied),
        ("details with a question", no_host),
        ("message for the host", for_host),
    ];
    let alerts = samples::messages(&report_of("zoom_internal_error"));
    for (name, message) in asked.into_iter().chain(alerts) {
        let body = as_posted(&render(&message));
        let posted = Posted { id: String::new(), channel: String::new(), alone: false, body, edits: 0 };
        page.push_str(&format!("===== {name}\n{}\n\n", shown(&posted).trim_start()));
    }
    check("tests/snapshots/discord.txt", &page);
}
