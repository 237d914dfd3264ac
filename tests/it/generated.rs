//! Generated pages, snapshots and pictures are what the sources make of them.
//!
//! A test that differs fails, each time, until somebody accepts what is new with `UPDATE=1`.

use std::fmt::Write as _;
use std::path::Path;

use why_no_recording::chat::slack::manifest::{Extras, Transport, manifest};
use why_no_recording::cli;
use why_no_recording::diagnosis::catalogue::Catalogue;
use why_no_recording::observe::metrics;
use why_no_recording::settings::reference::reference_markdown;

/// Lines that differ and are shown; whoever wants all of them asks git, after accepting.
const SHOWN_MAX: usize = 5;
/// What is shown of a line; pictures have long ones.
const SHOWN_CHARS: usize = 160;

/// Compares a committed file with what it should hold.
pub fn check(page: &str, expect: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    if let Err(differs) = compare(&path, expect, is_to_update()) {
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        panic!(
            "{page} is not what it should be:\n{differs}If that is right: UPDATE=1 cargo test --test it {test}"
        );
    }
}

fn is_to_update() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

/// Writes the file where that was asked for, and says otherwise how it differs.
fn compare(path: &Path, expect: &str, update: bool) -> Result<(), String> {
    let found = std::fs::read_to_string(path).unwrap_or_default();
    if found == expect && path.exists() {
        return Ok(());
    }
    if update {
        std::fs::write(path, expect).unwrap();
        return Ok(());
    }
    Err(difference(&found, expect))
}

/// From the first line that differs on: what stands there (`-`), and what should (`+`).
fn difference(found: &str, expect: &str) -> String {
    let (mut found, mut expect): (Vec<&str>, Vec<&str>) = (found.lines().collect(), expect.lines().collect());
    let same = found.iter().zip(&expect).take_while(|(found, expect)| found == expect).count();
    while found.len().min(expect.len()) > same && found.last() == expect.last() {
        found.pop();
        expect.pop();
    }
    let mut out = String::new();
    for (sign, lines) in [('-', &found[same..]), ('+', &expect[same..])] {
        for (index, line) in lines.iter().take(SHOWN_MAX).enumerate() {
            let short: String = line.chars().take(SHOWN_CHARS).collect();
            let more = if short.len() < line.len() { "…" } else { "" };
            writeln!(out, "{:>5} {sign} {short}{more}", same + index + 1).unwrap();
        }
        if lines.len() > SHOWN_MAX {
            writeln!(out, "      {sign} … and {} lines more", lines.len() - SHOWN_MAX).unwrap();
        }
    }
    if out.is_empty() { "only the end of the last line differs\n".to_owned() } else { out }
}

#[test]
fn what_differs_is_told_every_time_and_written_only_on_request() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("page");
    for before in [None, Some("one\ntwo\nthree\n"), Some("one\n2\nthree\nfour")] {
        if let Some(before) = before {
            std::fs::write(&file, before).unwrap();
        }
        for _ in 0..2 {
            let differs = compare(&file, "one\n2\nthree\n", false).unwrap_err();
            assert_eq!(std::fs::read_to_string(&file).ok().as_deref(), before);
            let line = match before {
                None => "    1 + one\n    2 + 2\n    3 + three\n",
                Some(text) if text.contains("two") => "    2 - two\n    2 + 2\n",
                Some(_) => "    4 - four\n",
            };
            assert_eq!(differs, line);
        }
    }
    compare(&file, "one\n2\nthree\n", true).unwrap();
    compare(&file, "one\n2\nthree\n", false).unwrap();
    assert_eq!(difference("one", "one\n"), "only the end of the last line differs\n");
    assert_eq!(
        difference("", &"a".repeat(500)).chars().count(),
        "    1 + ".len() + SHOWN_CHARS + "…\n".chars().count()
    );
}

#[test]
fn the_page_of_the_causes() {
    check("docs/catalogue.md", &cli::catalogue::page(&Catalogue::embedded().unwrap()));
}

#[test]
fn the_page_of_the_commands() {
    check("docs/cli.md", &cli::reference_markdown());
}

#[test]
fn each_command_shows_an_example() {
    for command in cli::reference_markdown().split("\n## ").skip(1) {
        let name = command.lines().next().unwrap_or_default();
        assert!(command.contains("\nExample"), "{name} --help has no example");
    }
}

/// What `slack manifest` prints with nothing set.
#[test]
fn the_manifest_of_the_slack_app() {
    let manifest = manifest(&Transport::SocketMode, Extras::default());
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
