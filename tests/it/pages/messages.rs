//! The message for the host in each language: filled for a bot, and true to the English one.

use std::collections::BTreeSet;
use std::process::Command;

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;
use why_no_recording::chat::{HostMessage, Message};
use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::diagnosis::diagnose;
use why_no_recording::pages::Language;
use why_no_recording::report::{Report, compose};

use super::{COMMONEST, PAGES};
use crate::slack::rendering::report_of;
use crate::stories::{CATALOGUE, story};
use crate::world::shipped::read;

const NAME: &str = "Acme Notiz-Bot";

/// Words of our English that would stand in a text in another language only by mistake.
const ENGLISH: &[&str] = &[
    "the",
    "notetaker",
    "second",
    "seconds",
    "hour",
    "hours",
    "day",
    "days",
    "some",
    "time",
    "unknown",
    "UTC",
    "once",
    "twice",
    "default",
    "less",
    "than",
    "for",
    "your",
    "Steps",
    "with",
    "pictures",
    "Hi",
];
/// How each language says that it is about the meeting after this one.
const NEXT_TIME: &[&str] = &["ächstes Mal", "prochaine fois", "róxima vez", "次回"];

fn translated(case: &CaseFile, language: Language) -> Report {
    let diagnosis = diagnose(case, &CATALOGUE);
    let report = PAGES.translated(compose(&diagnosis), &diagnosis, Some(language));
    report.with_host_page(&diagnosis, Some("https://wnr.example.com"))
}

/// A text without what stands in quotes on a screen, which may be English, and without its link.
fn own_words(text: &str) -> String {
    let text = text.replace(NAME, "");
    let text: String = text.split('"').step_by(2).collect();
    text.split_whitespace().filter(|word| !word.contains("://")).collect::<Vec<_>>().join(" ")
}

/// The numbers in a text, each as often as it stands there.
fn numbers(text: &str) -> Vec<String> {
    let mut all: Vec<String> = text
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    all.sort();
    all
}

/// The numbers that are about the bot: those that a bot of which nothing is known doesn't have.
fn facts(text: &str, general: &str) -> Vec<String> {
    let mut all = numbers(text);
    for number in numbers(general) {
        if let Some(at) = all.iter().position(|own| *own == number) {
            all.remove(at);
        }
    }
    all
}

/// What is wrong with the translations of a story, and in how many languages there is one.
fn wrong(case: &CaseFile) -> (Vec<String>, usize) {
    let english = translated(case, Language::En);
    let mut wrong = Vec::new();
    let Some(said) = &english.host_message else { return (wrong, 0) };
    let diagnosis = diagnose(case, &CATALOGUE);
    let general = |language| {
        let explanation = PAGES.explanation(diagnosis.advice, language).unwrap();
        explanation.host_message.unwrap()
    };
    for language in english.translations.iter().copied() {
        let report = translated(case, language);
        let text = report.host_message.clone().unwrap();
        let mut fault = |holds: bool, what: &str| {
            if holds {
                wrong.push(format!("{language} {}: {what}: {text}", report.cause));
            }
        };
        fault(report.host_language != Some(language), "not marked as in its language");
        fault(text.contains(['{', '}', '[', ']', '\u{e000}', '\u{e001}']), "a slot or a mark");
        fault(text.contains("  ") || text.contains(" ."), "a hole");
        let words = own_words(&text);
        let words: BTreeSet<&str> =
            words.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()).collect();
        // French has these words too.
        let minutes = ["minute", "minutes"].iter().filter(|_| language != Language::Fr);
        let english_words: Vec<&&str> =
            ENGLISH.iter().chain(minutes).filter(|word| words.contains(**word)).collect();
        fault(!english_words.is_empty(), &format!("English in it: {english_words:?}"));
        fault(
            facts(&own_words(&text), &own_words(&general(language)))
                != facts(&own_words(said), &own_words(&general(Language::En))),
            "other facts than in English",
        );
        fault(text.contains(NAME) != said.contains(NAME), "the bot's name");
        let is_later = NEXT_TIME.iter().any(|words| text.contains(words));
        let is_later_in_english = said.contains("ext time") || said.contains("later than");
        fault(is_later && !is_later_in_english, "about the next meeting, and English is about this one");
        let link = report.host_page.as_ref().map(|page| text.ends_with(page.as_str()));
        fault(link == Some(false), "no link at its end");
        let has_language = report.host_page.is_none_or(|page| page.ends_with(&format!("?lang={language}")));
        fault(!has_language, "a link to another language");
    }
    (wrong, english.translations.len())
}

/// An example of a translated cause, with other times, up to some event, and seen then or later. Few of any stories are
/// about those causes, and hardly any while the bot is still there.
fn varied() -> impl Strategy<Value = CaseFile> {
    let examples = COMMONEST.iter().flat_map(|cause| &CATALOGUE.by_id(cause).unwrap().examples);
    let examples: Vec<CaseFile> = examples.map(|example| example.case_file.clone()).collect();
    let parts = (prop::sample::select(examples), 0..3_usize, 1..60_i64, prop_oneof![0..60_i64, 0..9_000_i64]);
    parts.prop_map(|(mut case, left_out, stretch, later)| {
        let begins = case.status_changes.iter().find_map(|change| change.at).unwrap_or(case.now);
        let many = case.status_changes.len().saturating_sub(left_out).max(1);
        case.status_changes.truncate(many);
        for change in &mut case.status_changes {
            change.at =
                change.at.map(|at| begins + at.duration_since(begins) * i32::try_from(stretch).unwrap() / 10);
        }
        let last = case.status_changes.iter().filter_map(|change| change.at).max().unwrap_or(begins);
        case.now = last + SignedDuration::from_secs(later);
        case
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_translation_says_of_any_story_what_the_english_message_says(
        case in prop_oneof![story(), varied()],
        is_named: bool,
    ) {
        let mut case = case;
        case.bot_name = is_named.then(|| NAME.to_owned());
        prop_assert_eq!(wrong(&case).0, Vec::<String>::new());
    }
}

#[test]
fn the_commonest_causes_are_said_in_each_language_of_each_example() {
    for cause in COMMONEST {
        for example in &CATALOGUE.by_id(cause).unwrap().examples {
            for name in [None, Some(NAME.to_owned())] {
                let mut case = example.case_file.clone();
                case.bot_name = name;
                let (wrong, languages) = wrong(&case);
                assert_eq!(wrong, Vec::<String>::new());
                assert_eq!(languages, 5, "{cause}");
            }
        }
    }
}

#[test]
fn a_duration_is_in_the_words_of_the_language() {
    let example = &CATALOGUE.by_id("timeout_exceeded_waiting_room").unwrap().examples[0];
    let english = translated(&example.case_file, Language::En).host_message.unwrap();
    assert!(english.contains("20 minutes"), "{english}");
    for (language, words) in [
        (Language::De, "hat 20 Minuten im Warteraum"),
        (Language::Fr, "a attendu 20 minutes dans"),
        (Language::Es, "esperó 20 minutos en"),
        (Language::PtBr, "esperou 20 minutos na"),
        (Language::Ja, "待機室で20 分の間待機"),
    ] {
        let text = translated(&example.case_file, language).host_message.unwrap();
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_bot_that_is_still_there_is_said_so_in_each_language() {
    let mut seen = 0;
    for cause in COMMONEST.map(|cause| CATALOGUE.by_id(cause).unwrap()) {
        let Some(now) = cause.host_message_now.as_ref().map(ToString::to_string) else { continue };
        for example in &cause.examples {
            let diagnosis = diagnose(&example.case_file, &CATALOGUE);
            if diagnosis.host_message.map(ToString::to_string) != Some(now.clone()) {
                continue;
            }
            for language in Language::ALL.iter().copied().filter(|language| *language != Language::En) {
                let later = PAGES.explanation(cause, language).unwrap().host_message.unwrap();
                let nameless = CaseFile { bot_name: None, ..example.case_file.clone() };
                let text = translated(&nameless, language).host_message.unwrap();
                assert!(!text.starts_with(&later), "{language} {}: {text}", cause.id);
                seen += 1;
            }
        }
    }
    assert!(seen >= 5, "{seen}");
}

#[test]
fn a_cause_without_translations_stays_english_and_offers_nothing() {
    let example = &CATALOGUE.by_id("meeting_full").unwrap().examples[0];
    let [plain, chosen] =
        [Language::En, Language::De].map(|language| translated(&example.case_file, language));
    assert_eq!(chosen.host_language, None);
    assert!(plain.translations.is_empty() && chosen.translations.is_empty());
    for report in [plain, chosen] {
        assert!(HostMessage::of(&report).is_none_or(|message| message.buttons().is_empty()));
    }
}

/// What versions before translations stored is read as before.
#[test]
fn a_stored_message_without_languages_is_still_read() {
    let read = |stored: serde_json::Value| serde_json::from_value::<Message>(stored).unwrap();
    let old = read(json!({ "host_message": "Hi!\nPlease allow it." }));
    assert_eq!(old, Message::HostMessage("Hi!\nPlease allow it.".to_owned().into()));
    let mut report = report_of("host_not_present");
    let new = Message::HostMessage(HostMessage::of(&report).unwrap());
    assert_eq!(read(serde_json::to_value(&new).unwrap()), new);
    let details = Message::Details { report: Box::new(report.clone()), note: None };
    let mut stored = serde_json::to_value(&details).unwrap();
    for field in ["host_language", "translations"] {
        assert!(stored["details"]["report"].as_object_mut().unwrap().remove(field).is_some());
    }
    report.translations = Vec::new();
    assert_eq!(read(stored), Message::Details { report: Box::new(report), note: None });
}

#[test]
fn diagnose_says_it_in_a_language() {
    let folder = tempfile::tempdir().unwrap();
    let run = |sub_code: &str, arguments: &[&str]| {
        let file = folder.path().join("bot.json");
        let bot = json!({
            "id": "5215cf1e-bc6e-54c0-983d-7d8b2052615d", "bot_name": NAME,
            "meeting_url": { "platform": "zoom" },
            "status_changes": [
                { "code": "in_call_not_recording", "created_at": "2026-11-18T15:00:00Z" },
                { "code": "recording_permission_denied", "sub_code": sub_code, "created_at": "2026-11-18T15:00:03Z" },
                { "code": "call_ended", "sub_code": "call_ended_by_host", "created_at": "2026-11-18T16:00:00Z" },
            ],
        });
        std::fs::write(&file, bot.to_string()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_why-no-recording"));
        command.args(["diagnose", "--file"]).arg(&file).args(arguments).env_clear();
        command.env("HTTP_PUBLIC_URL", "https://wnr.example.com").current_dir(&folder);
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    for format in ["text", "markdown"] {
        let (code, said, _) = run("zoom_local_recording_disabled", &["--lang", "de", "--format", format]);
        assert_eq!(code, Some(0));
        assert!(said.contains(&format!("Guten Tag! Unser Notetaker „{NAME}“")), "{said}");
        assert!(said.contains("Anleitung mit Bildern: https://wnr.example.com/h/"), "{said}");
        assert!(said.contains("Not recorded"), "the rest is for the team: {said}");
    }
    let (code, said, told) = run("zoom_sdk_key_blocked_by_host_admin", &["--lang", "de"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("Hi! Our notetaker"), "{said}");
    assert!(told.contains("The message for the host isn't translated into de. It is in English."), "{told}");
    let (code, _, told) = run("zoom_local_recording_disabled", &["--lang", "de", "--format", "json"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("JSON is in English."), "{told}");
    let plain = run("zoom_local_recording_disabled", &[]);
    assert!(plain.1.contains("zoom_local_recording_disabled\n"), "no language was chosen: {}", plain.1);
}

/// Each language has its own row in the data, so a mark that is shown to nobody would go unnoticed.
#[test]
fn labels_are_quoted_as_they_stand_on_the_screen() {
    let labels: toml::Table = read("config/labels.toml").parse().unwrap();
    let groups = labels["group"].as_array().unwrap().iter();
    let allow = groups.filter_map(|group| group["label"].get("allow")).next().unwrap();
    let example = &CATALOGUE.by_id("zoom_local_recording_request_denied_by_host").unwrap().examples[0];
    for language in Language::ALL.iter().copied().filter(|language| *language != Language::En) {
        let text = translated(&example.case_file, language).host_message.unwrap();
        let label = allow[language.as_str()].as_str().unwrap();
        assert!(text.contains(&format!("\"{label}\"")), "{language}: {text}");
    }
}
