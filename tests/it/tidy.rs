//! Rules of the house that no compiler knows.

use std::path::{Path, PathBuf};

/// Lines of a source file; longer ones are two files.
const LINES_MAX: usize = 700;

/// Who may name whom: a module, and all that it may name of this crate.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("diagnosis", &["diagnosis"]),
    ("report", &["report", "diagnosis"]),
    ("pages", &["pages", "diagnosis", "report"]),
    ("retry", &[]),
    ("mention", &[]),
    ("recall", &["recall", "diagnosis", "net", "retry"]),
    (
        "settings",
        &[
            "settings",
            "diagnosis",
            "mention",
            "mutes::MuteRight",
            "net",
            "alerts::route",
            "digest::schedule",
            "rescue::Mode",
        ],
    ),
    ("alerts", &["alerts", "diagnosis", "pages", "report"]),
    (
        "chat",
        &["chat", "report", "diagnosis::bot_id", "diagnosis::untrusted", "mention", "mutes", "net", "retry"],
    ),
    ("store", &["store", "diagnosis::bot_id"]),
    ("recurrence", &["recurrence", "diagnosis", "report"]),
    ("digest", &["digest", "diagnosis", "report"]),
    ("rescue", &["rescue", "diagnosis", "report"]),
    ("mutes", &["mutes", "diagnosis", "report"]),
    (
        "muting",
        &[
            "muting",
            "alerts",
            "answer",
            "chat",
            "diagnosis",
            "mutes",
            "observe::traces",
            "outbox::stored",
            "recurrence::key",
            "report",
            "store",
        ],
    ),
    ("rights", &["chat"]),
    ("answer", &["chat", "diagnosis", "observe", "pages", "recall", "report", "rescue"]),
    (
        "acting",
        &[
            "acting",
            "answer",
            "chat",
            "diagnosis",
            "outbox::stored",
            "recall",
            "report",
            "rescue",
            "rights",
            "store",
        ],
    ),
    (
        "inbox",
        &[
            "chat",
            "acting",
            "answer",
            "digests",
            "home",
            "mutes",
            "muting",
            "rights",
            "outbox",
            "report::{mute, notices, rescue}",
            "retry",
            "store",
            "unfurl",
        ],
    ),
    (
        "digests",
        &[
            "answer",
            "chat",
            "diagnosis",
            "digest",
            "muting::facts_of",
            "observe::traces",
            "outbox::stored",
            "recall::event",
            "recurrence",
            "report",
            "store",
        ],
    ),
    ("home", &["chat", "diagnosis", "muting::facts_of", "report", "store"]),
    ("unfurl", &["answer", "chat", "recall::Budget", "store"]),
    ("simulate", &["recall"]),
    (
        "watch",
        &[
            "acting",
            "alerts",
            "chat",
            "diagnosis",
            "digest",
            "digests::DigestConfig",
            "answer::Answerer",
            "answer::Recurrences",
            "mutes",
            "muting",
            "observe",
            "outbox::stored",
            "recall",
            "recurrence",
            "report",
            "rescue",
            "retry",
            "store",
            "watch",
        ],
    ),
    ("formats", &["formats", "diagnosis::bot_id", "diagnosis::catalogue", "report"]),
    (
        "mcp",
        &[
            "mcp",
            "alerts::lifecycle",
            "answer::Answerer",
            "diagnosis",
            "formats",
            "pages",
            "recurrence::count::Counted",
            "report",
            "store",
        ],
    ),
    ("outbox", &["chat", "mutes", "muting::mute_of", "observe::traces", "report::notices", "retry", "store"]),
];

pub fn sources() -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

/// The path below `src`, without ending.
fn module(path: &Path) -> String {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    path.strip_prefix(src).unwrap().with_extension("").to_string_lossy().replace('\\', "/")
}

#[test]
fn modules_name_only_what_they_may() {
    for path in sources() {
        let module = module(&path);
        let top = module.split('/').next().unwrap();
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == top) else { continue };
        for line in
            std::fs::read_to_string(&path).unwrap().lines().filter(|line| !line.trim().starts_with("//"))
        {
            for named in line.split("crate::").skip(1) {
                let is_macro = named.starts_with("vocabulary");
                let allowed = is_macro || allowed.iter().any(|name| named.starts_with(name));
                assert!(allowed, "{module} may not name `crate::{named}`");
            }
        }
    }
}

/// Every call of these macros of a crate in a source: which one, and its arguments.
pub fn calls<'a>(
    text: &'a str,
    of: &'a str,
    names: &'a [&'a str],
) -> impl Iterator<Item = (&'a str, &'a str)> {
    text.match_indices(of).filter_map(move |(at, word)| {
        let rest = &text[at + word.len()..];
        let name = names.iter().find(|name| rest.starts_with(&format!("{name}!(")))?;
        Some((*name, arguments(&rest[name.len() + 2..])))
    })
}

/// The arguments of a call, from what stands behind its opening bracket.
fn arguments(rest: &str) -> &str {
    let mut open = 1;
    let end = rest.find(|letter| {
        open += i32::from(letter == '(') - i32::from(letter == ')');
        open == 0
    });
    &rest[..end.expect("the call ends")]
}

#[test]
fn the_core_is_pure() {
    let banned = [
        "std::fs",
        "std::net",
        "std::env",
        "std::time::Instant",
        "async fn",
        "tokio",
        "reqwest",
        "serde_json",
    ];
    for path in sources() {
        let module = module(&path);
        if ["alerts", "diagnosis", "digest/", "mutes", "recurrence", "report"]
            .iter()
            .any(|core| module.starts_with(core))
        {
            let text = std::fs::read_to_string(&path).unwrap();
            for word in banned {
                assert!(!text.contains(word), "{module} uses {word}, and the core is pure");
            }
        }
    }
}

#[test]
fn files_have_names_that_say_something_and_a_length_that_can_be_read() {
    for path in sources() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let says_nothing = ["util", "utils", "helper", "helpers", "common", "misc", "types", "shared"];
        assert!(!says_nothing.contains(&name.as_str()), "{}", path.display());
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines", path.display());
    }
}

/// Words that were replaced by the field's own, which `ARCHITECTURE.md` lists. One word for one thing: they do not
/// come back, in whichever form they are written.
const RETIRED: &[&str] = &[
    "parcel",
    "Letter<",
    "render_letter",
    "desk()",
    "Desk ",
    "desk:",
    "office",
    "wondered",
    "unasked",
    "buried",
    "bury_",
    "mind_the_silence",
    "lay_down",
    "think_about",
    "thoughts_failed",
    "revive",
    "fold_after",
    "stale_secs",
    "waiting_secs",
    "closed_places",
    " lane",
    "lanes",
    "amends",
    "take_turn",
    "StandingAlert",
    "Reception",
];

/// Every text that we wrote, by its path from the root.
fn texts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src", "tests/it", "docs", "config", "benches", "fuzz/fuzz_targets", ".ci", "release"];
    let mut left: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let pages =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "Cargo.toml", "Dockerfile"];
    let mut files: Vec<PathBuf> = pages.iter().map(|page| root.join(page)).collect();
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { left.push(path) } else { files.push(path) }
        }
    }
    let own = root.join("tests/it/tidy.rs");
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).ok()?;
        Some((path.strip_prefix(root).unwrap().to_owned(), text))
    };
    files.into_iter().filter(|path| *path != own).filter_map(read).collect()
}

#[test]
fn retired_words_stay_away() {
    for (path, text) in texts() {
        for (number, line) in text.lines().enumerate() {
            for word in RETIRED {
                let (line, word) = (line.to_lowercase(), word.to_lowercase());
                assert!(!line.contains(&word), "{}:{}: {word}", path.display(), number + 1);
            }
        }
    }
}
