//! The pages for hosts: their texts, how they are served, linked and exported, and what a browser makes of them.

mod browser;
mod exported;
mod linked;
mod served;
mod texts;

use std::sync::LazyLock;

use why_no_recording::pages::{Language, Links, Pages};

/// The causes that hosts meet most, which every language has.
const COMMONEST: [&str; 10] = [
    "zoom_local_recording_disabled",
    "zoom_local_recording_request_disabled",
    "zoom_local_recording_request_denied_by_host",
    "no_recognised_host",
    "host_not_present",
    "host_signed_into_other_account",
    "timeout_exceeded_waiting_room",
    "bot_kicked_from_waiting_room",
    "moved_back_to_waiting_room",
    "meeting_not_started",
];

static PAGES: LazyLock<Pages> = LazyLock::new(|| Pages::embedded().unwrap());

/// Every page in every language that it has: its cause, its language and its HTML.
fn every_page() -> Vec<(String, Language, String)> {
    let mut all = Vec::new();
    for cause in PAGES.causes() {
        let id = cause.id.as_str();
        for language in PAGES.languages(id) {
            all.push((id.to_owned(), language, PAGES.page(id, language, Links::Files).unwrap()));
        }
    }
    all
}
