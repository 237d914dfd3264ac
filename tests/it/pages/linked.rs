//! Where a page is linked: only if people can reach the service.

use std::process::Command;

use serde_json::Value;
use why_no_recording::chat::Message;
use why_no_recording::chat::discord::render as discord;
use why_no_recording::chat::slack::render as slack;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::report::card::{Above, ButtonPlace, Card, Layout, Section};
use why_no_recording::report::{Explanation, Report, compose};

use crate::slack::rendering::CATALOGUE;

const BASE: &str = "https://wnr.example.com";
const LINK: &str = "https://wnr.example.com/h/zoom_local_recording_disabled";
const LAYOUT: Layout = Layout { buttons: ButtonPlace::End, above: Above::Nothing };

fn report(cause: &str, public_url: Option<&str>) -> Report {
    let case = &CATALOGUE.by_id(cause).unwrap().examples[0].case_file;
    let diagnosis = diagnose(case, &CATALOGUE);
    compose(&diagnosis).with_host_page(&diagnosis, public_url)
}

fn links(card: &Card<'_>) -> Vec<(Option<&'static str>, String)> {
    let sections = card.sections.iter();
    let links = sections.filter_map(|section| match section {
        Section::Links(links) => Some(links),
        _ => None,
    });
    links.flatten().map(|link| (link.label, link.url.to_owned())).collect()
}

#[test]
fn the_hosts_text_ends_with_the_page_and_the_card_links_it() {
    let report = report("zoom_local_recording_disabled", Some(BASE));
    assert_eq!(report.host_page.as_deref(), Some(LINK));
    let message = report.host_message.as_deref().unwrap();
    assert_eq!(message.lines().last().unwrap(), format!("Steps with pictures: {LINK}"));
    let links = links(&Card::of(&report, LAYOUT));
    assert_eq!(links[0], (Some("Page for the host"), LINK.to_owned()));
    assert!(links.len() > 1 && links[1].0.is_none(), "{links:?}");
}

#[test]
fn every_platform_draws_the_link() {
    let report = report("zoom_local_recording_disabled", Some(BASE));
    let details = || Message::Details { report: Box::new(report.clone()), note: None };
    let slack = serde_json::to_string(&slack::render(&details()).blocks).unwrap();
    assert!(slack.contains(&format!("<{LINK}|Page for the host> · Read more: ")), "{slack}");
    let discord = discord::render(&details());
    let discord = serde_json::to_string(&discord.embeds).unwrap();
    assert!(discord.contains(&format!("[Page for the host](<{LINK}>)")), "{discord}");
}

#[test]
fn without_an_address_nothing_is_linked() {
    for cause in ["zoom_local_recording_disabled", "timeout_exceeded_waiting_room"] {
        let report = report(cause, None);
        assert_eq!(report.host_page, None);
        assert!(!report.host_message.as_deref().unwrap().contains("/h/"));
        assert!(links(&Card::of(&report, LAYOUT)).iter().all(|(label, _)| label.is_none()));
    }
}

#[test]
fn what_no_host_can_fix_has_no_page() {
    for cause in CATALOGUE.causes().filter(|cause| !cause.examples.is_empty()) {
        let report = report(cause.id.as_str(), Some(BASE));
        let is_for_host = ["host", "participant", "account_admin"].contains(&report.actor.as_str());
        assert!(report.host_page.is_none() || is_for_host, "{}: {}", cause.id, report.actor);
    }
    assert_eq!(report("zoom_internal_error", Some(BASE)).host_page, None);
}

#[test]
fn an_explanation_links_the_page_too() {
    let cause = CATALOGUE.by_id("zoom_local_recording_disabled").unwrap();
    let entry = Explanation::of(cause).with_host_page(cause, Some(BASE));
    assert_eq!(links(&Card::explaining(&entry))[0], (Some("Page for the host"), LINK.to_owned()));
    let entry = Explanation::of(cause).with_host_page(cause, None);
    assert!(links(&Card::explaining(&entry)).iter().all(|(label, _)| label.is_none()));
}

/// `host_page` is always there, and null without an address.
#[test]
fn the_machine_output_has_the_page() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("bot.json");
    let bot = serde_json::json!({
        "id": "5215cf1e-bc6e-54c0-983d-7d8b2052615d",
        "meeting_url": { "platform": "zoom" },
        "status_changes": [
            { "code": "in_call_not_recording", "created_at": "2026-11-18T15:00:12Z" },
            { "code": "recording_permission_denied", "sub_code": "zoom_local_recording_disabled", "created_at": "2026-11-18T15:00:15Z" },
            { "code": "done", "created_at": "2026-11-18T15:00:52Z" },
        ],
    });
    std::fs::write(&file, bot.to_string()).unwrap();
    for (address, page) in [(None, None), (Some("https://wnr.example.com/"), Some(LINK))] {
        for format in ["json", "text", "markdown"] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
            command.args(["diagnose", "--format", format, "--file"]).arg(&file).env_clear();
            command.envs(address.map(|address| ("HTTP_PUBLIC_URL", address))).current_dir(folder.path());
            let output = command.output().unwrap();
            assert!(output.status.success(), "{output:?}");
            let said = String::from_utf8(output.stdout).unwrap();
            assert_eq!(said.contains("/h/zoom_local_recording_disabled"), page.is_some(), "{said}");
            if format == "json" {
                let answer: Value = serde_json::from_str(&said).unwrap();
                assert!(answer.as_object().unwrap().contains_key("host_page"));
                assert_eq!(answer["host_page"].as_str(), page);
            } else {
                assert_eq!(said.contains("Page for the host: "), page.is_some(), "{said}");
            }
        }
    }
}
