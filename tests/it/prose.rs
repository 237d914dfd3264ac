//! The rules of prose, over every text of the catalogue.

use why_no_recording::diagnosis::catalogue::{Catalogue, Cause};

/// Words that blame, belittle or fill.
const UNKIND: &[&str] = &[
    "simply",
    "just",
    "obviously",
    "of course",
    "unfortunately",
    "please note",
    "your fault",
    "user error",
    "blame",
    "mistake of the host",
    "as you know",
    "you should have",
];
/// What a host has never heard of.
const JARGON: &[&str] = &["sub code", "bot id", "webhook", "api", "sdk", "oauth", "status code", "recall.ai"];
/// A sentence that is longer is two sentences.
const WORDS_MAX: usize = 45;

/// What is wrong with a text.
fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let words = format!(" {} ", text.to_lowercase().replace(['\n', ',', '.', ';', ':'], " "));
    faults.extend(
        UNKIND
            .iter()
            .filter(|word| words.contains(&format!(" {word} ")))
            .map(|word| format!("says \"{word}\"")),
    );
    if text.contains('!') && !text.starts_with("Hi!") || text.matches('!').count() > 1 {
        faults.push("shouts".to_owned());
    }
    if text.contains("  ") || text.trim() != text {
        faults.push("has stray spaces".to_owned());
    }
    if text.contains(['’', '“', '”', '‘']) {
        faults.push("has typographic quotes, which the other texts do not".to_owned());
    }
    let longest =
        text.split(['.', '?', '!', ':', ';', '\n']).map(|sentence| sentence.split_whitespace().count()).max();
    if longest.is_some_and(|words| words > WORDS_MAX) {
        faults.push("has a sentence that is too long".to_owned());
    }
    faults
}

fn title_faults(title: &str) -> Vec<String> {
    let mut faults = faults(title);
    if title.ends_with('.') || !title.starts_with(char::is_uppercase) {
        faults.push("is no title: a capital in front, no full stop behind".to_owned());
    }
    faults
}

/// A step says what to do: it begins with a verb, or with the case in which there is something to do.
fn step_faults(step: &str) -> Vec<String> {
    let mut faults = faults(step);
    let first = step.split_whitespace().next().unwrap_or_default();
    if ["The", "A", "An", "You", "Your", "It", "This", "There", "We", "He", "She", "They"].contains(&first) {
        faults.push(format!("begins with \"{first}\", which is no verb"));
    }
    if !step.ends_with('.') && !step.ends_with('?') || !step.starts_with(char::is_uppercase) {
        faults.push("is no sentence".to_owned());
    }
    faults
}

fn host_message_faults(message: &str) -> Vec<String> {
    let mut faults = faults(message);
    let words = format!(" {} ", message.to_lowercase().replace(['\n', ',', '.', '(', ')'], " "));
    let unknown = JARGON.iter().filter(|word| words.contains(&format!(" {word} ")));
    faults.extend(unknown.map(|word| format!("says \"{word}\" to a host")));
    let codes = message.split_whitespace().filter(|word| word.contains('_') && !word.contains('{'));
    faults.extend(codes.map(|code| format!("shows the code {code} to a host")));
    if !message.starts_with("Hi! ") {
        faults.push("does not greet".to_owned());
    }
    faults
}

fn faults_of(cause: &Cause) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |what: &str, text: &str, faults: Vec<String>| {
        found.extend(faults.iter().map(|fault| format!("{}, {what} {fault}: {text}", cause.id)));
    };
    add("title", &cause.title, title_faults(&cause.title));
    let whys = std::iter::once(&cause.why).chain(cause.variants.iter().map(|variant| &variant.why));
    for text in whys.chain(cause.notes.iter().map(|note| &note.text)) {
        add("text", &text.to_string(), faults(&text.to_string()));
    }
    for step in cause.steps.iter().chain(&cause.steps_now) {
        add("step", &step.to_string(), step_faults(&step.to_string()));
    }
    for message in cause.host_message.iter().chain(&cause.host_message_now) {
        add("message for the host", &message.to_string(), host_message_faults(&message.to_string()));
    }
    found
}

#[test]
fn every_text_of_the_catalogue_is_short_exact_and_kind() {
    let catalogue = Catalogue::embedded().unwrap();
    let found: Vec<String> = catalogue.causes().flat_map(faults_of).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_rule_finds_what_it_is_for() {
    let long = "word ".repeat(WORDS_MAX + 1);
    for (text, fault) in [
        ("You just press Allow.", "just"),
        ("Press Allow!", "shouts"),
        ("Press  Allow.", "stray spaces"),
        ("Press “Allow”.", "typographic"),
        (long.trim(), "too long"),
    ] {
        assert!(faults(text).iter().any(|found| found.contains(fault)), "{text}");
    }
    assert!(
        !title_faults("Something happened.").is_empty() && !title_faults("something happened").is_empty()
    );
    assert!(!step_faults("You press Allow.").is_empty() && !step_faults("Press Allow").is_empty());
    assert!(!host_message_faults("Hello, your OAuth is off.").is_empty());
    assert!(!host_message_faults("Hi! It says zoom_error.").is_empty());
}
