//! Each thing that a page names in code style is looked for where such things are.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use clap::CommandFactory;
use why_no_recording::cli::Arguments;
use why_no_recording::observe::metrics::METRICS;
use why_no_recording::settings::reference;

use super::{Page, pages};
use crate::metrics::named;
use crate::tidy::sources;
use crate::world::shipped::{files, read};

/// The program's name, as it is typed.
const PROGRAM: &str = "why-no-recording";

/// Variables of others, and those that only tests and the build read.
const NOT_SETTINGS: &[&str] =
    &["WHY_NO_RECORDING_CONFIG", "WNR_TEST_POSTGRES", "WNR_TEST_CHROMIUM", "WNR_MEASURED_BINARY", "UPDATE"];

/// Pages whose code with blanks in it is a text that the program prints.
const QUOTING: &[&str] = &["docs/operate.md"];

/// What stands for a value that the reader has.
const PLACEHOLDERS: &[(&str, &str)] = &[
    ("<bot ID or link>", BOT),
    ("<bot ID>", BOT),
    ("<file>", "file"),
    ("<id>", "id"),
    ("<scenario>", "denied"),
];
const BOT: &str = "3f2b8c1e-7a54-4c0d-9b1e-2d6f8a90c417";

/// Every source as one text, in which a text that goes over several lines stands in one.
static SOURCES: LazyLock<String> = LazyLock::new(|| {
    let mut all = String::new();
    for path in sources() {
        let text = std::fs::read_to_string(path).unwrap();
        for line in text.lines() {
            match line.trim_start().strip_suffix('\\') {
                Some(goes_on) => all.push_str(goes_on),
                None => all.extend([line.trim_start(), "\n"]),
            }
        }
    }
    all
});

/// Holds what each page names against `exists`, which says what is wrong.
fn every_page(exists: impl Fn(&Page) -> Vec<String>) {
    let wrong: Vec<String> = pages()
        .iter()
        .flat_map(|path| {
            let page = Page::read(path);
            exists(&page).into_iter().map(move |wrong| format!("{path}: {wrong}")).collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A command line as words: what stands in quotes is one, a pipe or a comment ends it, and what is set before it is
/// left out.
fn typed(line: &str) -> Vec<String> {
    let mut line = line.to_owned();
    for (placeholder, value) in PLACEHOLDERS {
        line = line.replace(placeholder, value);
    }
    let ends = ["#", "|", ">", "<", "&&"];
    let words = line.split_whitespace().take_while(|word| !ends.contains(word));
    words.map(|word| word.trim_matches('\'').to_owned()).collect()
}

/// Why the program would not take these words.
fn refused(words: &[String]) -> Option<String> {
    let error = Arguments::command().try_get_matches_from(words).err()?;
    let is_help = matches!(
        error.kind(),
        clap::error::ErrorKind::DisplayHelp
            | clap::error::ErrorKind::DisplayVersion
            | clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    // A command that is only named has no arguments.
    let is_named = words.len() <= 3 && error.kind() == clap::error::ErrorKind::MissingRequiredArgument;
    (!is_help && !is_named).then(|| error.to_string())
}

#[test]
fn every_command_is_taken() {
    let program = Arguments::command();
    let is_command = |word: &str| program.get_subcommands().any(|command| command.get_name() == word);
    let mut seen = 0;
    let seen = std::cell::RefCell::new(&mut seen);
    every_page(|page| {
        let lines = page.commands.iter().map(String::as_str).chain(page.spans.iter().map(String::as_str));
        let mut wrong = Vec::new();
        for line in lines {
            let words = typed(line);
            let words = match words.iter().position(|word| word == PROGRAM) {
                Some(at) if at == 0 || page.commands.iter().any(|command| command == line) => {
                    words[at..].to_vec()
                }
                None if words.len() > 1 && is_command(&words[0]) => {
                    [vec![PROGRAM.to_owned()], words].concat()
                }
                _ => continue,
            };
            **seen.borrow_mut() += 1;
            wrong.extend(refused(&words).map(|why| format!("`{line}`: {why}")));
        }
        wrong
    });
    assert!(seen.into_inner() > &mut 40, "commands are found");
}

#[test]
fn every_flag_is_one() {
    fn flags(command: &clap::Command, all: &mut BTreeSet<String>) {
        all.extend(command.get_arguments().filter_map(|argument| argument.get_long()).map(str::to_owned));
        command.get_subcommands().for_each(|command| flags(command, all));
    }
    let mut all = BTreeSet::new();
    flags(&Arguments::command(), &mut all);
    let of_others = ["cargo ", "docker ", "git ", "nice ", "fuzz/"];
    every_page(|page| {
        let spans = page.spans.iter().filter(|span| !of_others.iter().any(|other| span.starts_with(other)));
        let words = spans.flat_map(|span| span.split_whitespace());
        words
            .filter_map(|word| word.strip_prefix("--"))
            .map(|flag| flag.split('=').next().unwrap_or_default())
            .filter(|flag| !flag.is_empty() && !all.contains(*flag) && !["help", "version"].contains(flag))
            .map(|flag| format!("no command has --{flag}"))
            .collect()
    });
}

/// Whether this is a variable of the settings; `<NAME>` and names of workspaces and routes stand for any.
fn is_variable(name: &str) -> bool {
    let plain = name.strip_suffix("_FILE").unwrap_or(name);
    reference::entries().iter().filter_map(reference::Entry::variable_pattern).any(|pattern| {
        let (before, after) = pattern.split_once('<').map_or((pattern.as_str(), ""), |(before, rest)| {
            (before, rest.split_once('>').map_or("", |(_, after)| after))
        });
        let end = after.split('<').next().unwrap_or_default();
        plain == pattern
            || (before != pattern && plain.starts_with(before) && plain[before.len()..].contains(end))
    })
}

#[test]
fn every_variable_is_a_setting() {
    every_page(|page| {
        let code = page.spans.iter().chain(&page.commands);
        let words = code.flat_map(|line| line.split_whitespace());
        let names = words.map(|word| word.split('=').next().unwrap_or_default());
        names
            .map(|name| name.trim_end_matches("_…"))
            .filter(|name| {
                let letters = name.chars().all(|letter| {
                    letter.is_ascii_uppercase() || letter.is_ascii_digit() || "_<>".contains(letter)
                });
                letters && name.contains('_') && name.len() > 4
            })
            .filter(|name| !is_variable(name) && !NOT_SETTINGS.contains(name) && !SOURCES.contains(*name))
            .map(|name| format!("no setting has the variable {name}"))
            .collect()
    });
    assert!(is_variable("RECALL_WORKSPACE_EU_API_KEY_FILE") && is_variable("SLACK_BOT_TOKEN"));
    assert!(!is_variable("SLACK_BOTTOKEN") && !is_variable("RECALL_WORKSPACE_EU_KEYS"));
}

/// Sections of the catalogue's files.
const OF_THE_CATALOGUE: &[&str] = &["cause", "cause.example", "note"];

#[test]
fn every_setting_is_one() {
    let entries = reference::entries();
    let sections: BTreeSet<&str> = entries.iter().map(|entry| entry.section).collect();
    every_page(|page| {
        let mut wrong = Vec::new();
        for span in &page.spans {
            let name = span.split([' ', '=']).next().unwrap_or_default();
            if let Some(section) = name.strip_prefix('[') {
                let section = section.trim_matches(['[', ']']);
                let is_section = section.chars().all(|letter| letter.is_ascii_lowercase() || letter == '.');
                let is_ours = sections.contains(section) || OF_THE_CATALOGUE.contains(&section);
                if !section.is_empty() && span.ends_with(']') && is_section && !is_ours {
                    wrong.push(format!("no section is called [{section}]"));
                }
                continue;
            }
            let Some((section, key)) = name.rsplit_once('.') else { continue };
            let is_file = ["rs", "md", "toml", "yml"].contains(&key);
            if !sections.contains(section) || is_file {
                continue;
            }
            let is_key = key.trim_end_matches('…').is_empty()
                || sections.contains(name)
                || key.ends_with('*')
                || entries.iter().any(|entry| entry.section == section && entry.key == key);
            if !is_key {
                wrong.push(format!("no setting is called {name}"));
            }
        }
        wrong
    });
}

#[test]
fn every_metric_and_rule_is_there() {
    let rules = read("config/prometheus-rules.yml");
    every_page(|page| {
        let text = read(&page.path);
        let metrics = named(&text).into_iter().filter(|name| {
            let name = name.trim_end_matches('_');
            !METRICS.iter().any(|metric| metric.name == name)
        });
        let metrics = metrics.map(|name| format!("no metric is called {name}"));
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        let missing = words.filter(|word| {
            let rest = word.strip_prefix("Wnr").unwrap_or_default();
            rest.starts_with(|letter: char| letter.is_uppercase())
                && !rules.contains(&format!("alert: {word}\n"))
        });
        metrics.chain(missing.map(|name| format!("no alert rule is called {name}"))).collect()
    });
}

/// Files that a reader has, or that the program or a run makes.
const OF_THE_READER: &[&str] = &[
    "bot.json",
    "participants.json",
    "webhooks.jsonl",
    "prometheus.yml",
    "why-no-recording.toml",
    "manifest.json",
];

#[test]
fn every_file_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let endings = [".rs", ".md", ".toml", ".yml", ".yaml", ".json", ".service", ".svg"];
    let folders = ["src", "tests", "docs", "config", "fuzz", "benches", "release", ".ci"];
    let all: Vec<String> = folders.iter().flat_map(|folder| files(folder, &[""])).collect();
    every_page(|page| {
        let named = page.spans.iter().filter(|span| {
            let is_path = !span.contains([' ', '<', '*', '{', '…', '$'])
                && !span.starts_with('/')
                && !span.contains("://");
            is_path && (endings.iter().any(|ending| span.ends_with(ending)) || span.ends_with('/'))
        });
        named
            .filter(|span| !OF_THE_READER.contains(&span.trim_start_matches("./")))
            .filter(|span| {
                let below = format!("/{span}");
                let is_there = root.join(span).exists() || root.join("src").join(span).exists();
                !is_there
                    && !all
                        .iter()
                        .any(|path| path.ends_with(&below) || (span.ends_with('/') && path.contains(&below)))
            })
            .map(|span| format!("no file is called {span}"))
            .collect()
    });
}

#[test]
fn every_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    every_page(|page| {
        let folder = root.join(&page.path).parent().unwrap().to_owned();
        let ours = page.links.iter().filter(|link| !link.starts_with("http"));
        ours.filter(|link| {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { root.join(&page.path) } else { folder.join(path) };
            let Ok(target) = target.canonicalize() else { return true };
            let inside =
                target.strip_prefix(root.canonicalize().unwrap()).unwrap().to_string_lossy().into_owned();
            !anchor.is_empty() && !Page::read(&inside).anchors.iter().any(|own| own == anchor)
        })
        .map(|link| format!("nothing is at {link}"))
        .collect()
    });
}

#[test]
fn every_type_and_function_is_in_the_sources() {
    let words: BTreeSet<&str> =
        SOURCES.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).collect();
    every_page(|page| {
        let paths = page.spans.iter().filter(|span| span.contains("::") && !span.contains([' ', '*']));
        let parts = paths.flat_map(|span| span.trim_end_matches("()").split("::"));
        parts
            .filter(|part| !words.contains(part.trim_matches(['(', ')', '!'])))
            .map(|part| format!("no source names {part}"))
            .collect()
    });
}

#[test]
fn every_address_is_served() {
    every_page(|page| {
        let addresses = page.spans.iter().filter(|span| {
            span.starts_with('/') && !span.contains([' ', '<', '{', '.', '*']) && span.len() > 1
        });
        addresses
            // Files of the machine that it runs on.
            .filter(|address| {
                !["/data", "/usr/", "/etc/", "/var/", "/run/", "/work"]
                    .iter()
                    .any(|own| address.starts_with(own))
            })
            .filter(|address| !SOURCES.contains(&format!("\"{}", address.trim_end_matches('/'))))
            .filter(|address| !SOURCES.contains(&format!("{address}\"")))
            .map(|address| format!("nothing is served at {address}"))
            .collect()
    });
}

#[test]
fn every_text_that_is_quoted_is_printed() {
    let printed = SOURCES.to_lowercase();
    every_page(|page| {
        if !QUOTING.contains(&page.path.as_str()) {
            return Vec::new();
        }
        let texts = page.spans.iter().filter(|span| {
            span.contains(' ') && span.starts_with(|letter: char| letter.is_uppercase() || letter == '…')
        });
        texts
            .filter(|text| !text.contains('='))
            .filter(|text| !text.split('…').all(|part| printed.contains(&part.trim().to_lowercase())))
            .map(|text| format!("nothing prints `{text}`"))
            .collect()
    });
}
