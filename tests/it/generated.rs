//! Generated pages are fresh. A stale one is rewritten, and the test fails once: commit what it wrote.

use std::path::Path;

use why_no_recording::chat::slack::manifest::{Transport, manifest};
use why_no_recording::cli;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::observe::metrics;
use why_no_recording::settings::reference::reference_markdown;

/// Compares a committed file with what it should hold.
pub fn check(page: &str, expect: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    if std::fs::read_to_string(&path).is_ok_and(|found| found == expect) {
        return;
    }
    std::fs::write(&path, expect).unwrap();
    panic!("{page} was stale and has been written anew: look at it, and commit it");
}

#[test]
fn the_page_of_the_causes() {
    check("docs/catalogue.md", &cli::catalogue::page(&Catalogue::embedded().unwrap()));
}

#[test]
fn the_page_of_the_commands() {
    check("docs/cli.md", &cli::reference_markdown());
}

/// What `slack manifest` prints with nothing set.
#[test]
fn the_manifest_of_the_slack_app() {
    let manifest = manifest(&Transport::SocketMode, false);
    check("config/slack-app-manifest.json", &(serde_json::to_string_pretty(&manifest).unwrap() + "\n"));
}

#[test]
fn the_page_of_the_settings() {
    check("docs/settings.md", &reference_markdown());
}

#[test]
fn the_page_of_the_metrics() {
    check("docs/metrics.md", &metrics::reference_markdown());
}
