//! Nothing secret gets into the build of the image, or into git.

use std::process::Command;

use crate::tidy::sources;
use crate::world::shipped::{document, read};

use super::COMPOSE;

/// Whether a path gets into the build: the last line of `.dockerignore` that means it, or a folder above it, decides.
/// <https://docs.docker.com/build/concepts/context/#dockerignore-files>
fn is_sent(path: &str) -> bool {
    let rules = read(".dockerignore");
    let rules = rules.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut is_sent = true;
    for rule in rules {
        let (pattern, sends) = rule.strip_prefix('!').map_or((rule, false), |pattern| (pattern, true));
        if means(pattern, path) {
            is_sent = sends;
        }
    }
    is_sent
}

fn means(pattern: &str, path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    (1..=parts.len()).any(|length| {
        let pattern: Vec<&str> = pattern.split('/').collect();
        matches_parts(&pattern, &parts[..length])
    })
}

fn matches_parts(pattern: &[&str], parts: &[&str]) -> bool {
    match (pattern.first(), parts.first()) {
        (None, None) => true,
        (Some(&"**"), _) => {
            matches_parts(&pattern[1..], parts) || (!parts.is_empty() && matches_parts(pattern, &parts[1..]))
        }
        (Some(pattern_part), Some(part)) => {
            matches(pattern_part, part) && matches_parts(&pattern[1..], &parts[1..])
        }
        _ => false,
    }
}

/// A name with `*` for any characters.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.is_char_boundary(at) && matches(after, &rest[at..]))
        }),
    }
}

/// The files that compose hands over, from the root.
fn secrets() -> Vec<String> {
    let mut paths = Vec::new();
    for path in COMPOSE {
        for secret in document(path)["secrets"].as_object().unwrap().values() {
            let file = secret["file"].as_str().unwrap();
            paths.push(format!("config/{}", file.strip_prefix("./").unwrap()));
        }
    }
    paths
}

#[test]
fn what_is_secret_does_not_get_into_the_build() {
    let others = [
        ".env",
        "config/.env",
        "config/catalogue/.env.local",
        "src/secrets/key",
        "why-no-recording.toml",
        "why-no-recording.db",
        "why-no-recording.db-wal",
        "src/test.db",
        "config/kubernetes/secret.yaml",
        "notes-with-a-token.txt",
        ".git/config",
        "target/debug/why-no-recording",
    ];
    for path in secrets().iter().map(String::as_str).chain(others) {
        assert!(!is_sent(path), "{path} gets into the build");
    }
}

#[test]
fn what_the_build_needs_does() {
    let mut needed = vec!["Cargo.toml".to_owned(), "Cargo.lock".to_owned()];
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    for path in sources() {
        needed.push(path.to_string_lossy().strip_prefix(root).unwrap().to_owned());
    }
    needed.extend(crate::world::shipped::files("config/catalogue", &[".toml"]));
    needed.extend(["default", "labels", "host-pages"].map(|name| format!("config/{name}.toml")));
    for path in needed {
        assert!(is_sent(&path), "{path} does not get into the build");
    }
    // Everything that is compiled in is one of these.
    for path in sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        for named in text.split("include_str!(").skip(1).filter_map(|rest| rest.split(')').next()) {
            let known = [
                "migrations/",
                "config/default.toml",
                "config/catalogue/",
                "config/labels.toml",
                "config/host-pages.toml",
                "\"style.css\"",
                "\"schema/",
            ];
            assert!(known.iter().any(|known| named.contains(known)), "{}: {named}", path.display());
        }
    }
}

#[test]
fn what_is_secret_does_not_get_into_git() {
    for path in
        secrets().iter().map(String::as_str).chain([".env", "why-no-recording.toml", "why-no-recording.db"])
    {
        let mut git = Command::new("git");
        let ignored =
            git.args(["check-ignore", "--quiet", "--no-index", path]).current_dir(env!("CARGO_MANIFEST_DIR"));
        match ignored.status() {
            Ok(status) if status.code() != Some(128) => assert!(status.success(), "{path} gets into git"),
            // The packaged sources are no checkout.
            _ => println!("SKIPPED: git is not here, or this is no checkout"),
        }
    }
}
