//! The words of documents, help texts and log lines: a list of those that stay away, and what to write instead.

use clap::CommandFactory;
use why_no_recording::cli::Arguments;

use super::{Page, pages};
use crate::world::shipped::read;

/// Characters of a command's one line.
const ABOUT_MAX: usize = 60;

/// Pages whose words come from elsewhere: the catalogue has rules of its own.
const NOT_OURS: &[&str] = &["docs/catalogue.md", "config/catalogue/README.md"];

/// Words that stay away, and what to write instead.
const RETIRED: &[(&str, &str)] = &[
    ("whoever", "name the role: the operator, the requester, another process"),
    ("nobody", "name the role, or \"no one\" for people: no instance, no process"),
    ("somebody", "name the role: the requester, the operator, another sender"),
    ("everybody", "name the role, or \"everyone\""),
    ("anybody", "name the role, or \"anyone\""),
    ("mend", "fix"),
    ("mended", "fixed"),
    ("mends", "fixes"),
    ("e-mail", "email"),
    ("a mistake of ours", "a bug in why-no-recording; please report it"),
    ("told of", "alerted, sent, posted"),
    ("tells of", "is about"),
    ("goes on", "continues"),
    ("go on", "continue"),
    ("hangs on", "belongs to"),
    ("hang on", "belong to"),
    ("begins", "starts"),
    ("begun", "started"),
    ("switched off", "turned off"),
    ("switched on", "turned on"),
    ("switches off", "turns off"),
    ("switch off", "turn off"),
    ("bot id", "bot ID"),
    ("set-up", "setup (noun), set up (verb)"),
    ("simply", "leave it out"),
    ("please note", "leave it out"),
    ("unfortunately", "leave it out"),
    ("obviously", "leave it out"),
    ("organization", "organisation"),
    ("recognize", "recognise"),
    ("sub-code", "sub code"),
    ("log in", "sign in"),
    ("look after", "name what is done: retry, watch, check"),
    ("comes again", "returns"),
    ("come again", "return"),
];

/// The first of them in a text, with what to write instead. Case counts where the replacement is the same word.
fn retired(text: &str) -> Option<(&'static str, &'static str)> {
    let words = |text: &str| {
        let apart = |letter: char| !(letter.is_alphanumeric() || letter == '-' || letter == '\'');
        format!(" {} ", text.split(apart).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
    };
    let as_written = words(text);
    let lower = as_written.to_lowercase();
    RETIRED.iter().copied().find(|(word, instead)| {
        let text = if instead.eq_ignore_ascii_case(word) { &as_written } else { &lower };
        text.contains(&format!(" {word} "))
    })
}

/// Files that an operator reads and that are no pages; their comments count, and what alert rules say.
fn shipped() -> Vec<String> {
    let mut files: Vec<String> =
        crate::world::shipped::files("config", &[".yaml", ".yml", ".json", ".service"]);
    files.retain(|path| !path.ends_with("slack-app-manifest.json"));
    files.extend(["Dockerfile", "release/build", "release/check"].map(str::to_owned));
    files
}

#[test]
fn documents_and_log_lines_use_plain_words() {
    let mut wrong = Vec::new();
    for path in shipped() {
        for (number, line) in read(&path).lines().enumerate() {
            if let Some((word, instead)) = retired(line) {
                wrong.push(format!("{path}:{}: \"{word}\": write {instead}", number + 1));
            }
        }
    }
    for path in pages().iter().filter(|path| !NOT_OURS.contains(&path.as_str())) {
        for (number, text) in Page::read(path).prose {
            if let Some((word, instead)) = retired(&text) {
                wrong.push(format!("{path}:{number}: \"{word}\": write {instead}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn help_is_one_verb_phrase_for_each_command_in_plain_words() {
    fn check(command: &clap::Command, wrong: &mut Vec<String>) {
        let name = command.get_name().to_owned();
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let is_line = !about.ends_with('.') && about.starts_with(|first: char| first.is_uppercase());
        let is_long = about.chars().count() >= ABOUT_MAX && name != "why-no-recording";
        if name != "help" && (is_long || !is_line) {
            wrong.push(format!("{name}: \"{about}\" is not a verb phrase under {ABOUT_MAX} characters"));
        }
        let arguments = command.get_arguments().filter_map(|argument| argument.get_help());
        let after = command.get_after_help().map(ToString::to_string);
        for text in arguments.map(ToString::to_string).chain([about]).chain(after) {
            if let Some((word, instead)) = retired(&text) {
                wrong.push(format!("{name}: \"{word}\" in \"{text}\": write {instead}"));
            }
        }
        command.get_subcommands().for_each(|command| check(command, wrong));
    }
    let mut wrong = Vec::new();
    check(&Arguments::command(), &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_retired_word_is_found_and_its_replacement_is_not() {
    for (word, instead) in RETIRED {
        assert_eq!(retired(&format!("Then {word}, too.")).map(|(found, _)| found), Some(*word));
        assert_eq!(retired(instead), None, "{word}");
    }
    assert_eq!(retired("A recommendation about emails."), None);
}
