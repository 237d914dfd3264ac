//! The translations against the catalogue and the table of labels, and the HTML against its own rules.

use std::collections::{BTreeMap, BTreeSet};

use toml::Table;
use why_no_recording::diagnosis::catalogue::{Catalogue, Cause};
use why_no_recording::diagnosis::template::{Piece, Template};
use why_no_recording::pages::{Language, Links};

use super::{COMMONEST, PAGES, every_page};
use crate::slack::rendering::CATALOGUE;
use crate::world::shipped::{files, read};

/// Longest title: it is the heading of a page, and what a preview shows.
const TITLE_CHARS_MAX: usize = 90;
/// Longest message to a host in characters, labels and translations included. The English ones, which have their own
/// limit in words, have 700 at most.
const MESSAGE_CHARS_MAX: usize = 1100;

/// The translations of a language, by cause.
fn translations(language: Language) -> BTreeMap<String, Table> {
    let mut all = BTreeMap::new();
    for file in files(&format!("config/catalogue/{language}"), &[".toml"]) {
        let table: Table = read(&file).parse().unwrap();
        for (cause, entry) in table["cause"].as_table().unwrap() {
            all.insert(cause.clone(), entry.as_table().unwrap().clone());
        }
    }
    all
}

fn translated() -> impl Iterator<Item = Language> {
    Language::ALL.iter().copied().filter(|language| *language != Language::En)
}

/// The texts of an entry, each with its name.
fn texts(entry: &Table) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (key, value) in entry {
        match value.as_array() {
            Some(steps) => {
                let steps = steps.iter().enumerate();
                all.extend(
                    steps.map(|(index, step)| {
                        (format!("step {}", index + 1), step.as_str().unwrap().to_owned())
                    }),
                );
            }
            None => all.push((key.clone(), value.as_str().unwrap().to_owned())),
        }
    }
    all
}

fn texts_of(cause: &Cause) -> BTreeMap<String, &Template> {
    let steps = cause.steps.iter().filter(|step| step.is_for_actor).enumerate();
    let mut all: BTreeMap<String, &Template> =
        steps.map(|(index, step)| (format!("step {}", index + 1), &step.text)).collect();
    all.insert("why".to_owned(), &cause.why);
    all.extend(cause.host_message.iter().map(|message| ("host_message".to_owned(), message)));
    all.extend(cause.host_message_now.iter().map(|message| ("host_message_now".to_owned(), message)));
    all
}

/// Takes the labels out of a text.
fn without_labels(text: &str) -> String {
    let mut parts = text.split("{label:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.split_once('}').unwrap().1)
}

/// The slots of a text, and whether each of them is left out where it is not known.
fn slots(template: &Template) -> BTreeSet<(String, bool)> {
    let mut all = BTreeSet::new();
    for piece in template.pieces() {
        match piece {
            Piece::Words(_) => {}
            Piece::Slot(slot) => {
                all.insert((slot.to_string(), false));
            }
            Piece::Optional(inner) | Piece::On(_, inner) => {
                for piece in inner {
                    if let Piece::Slot(slot) = piece {
                        all.insert((slot.to_string(), true));
                    }
                }
            }
        }
    }
    all
}

#[test]
fn every_language_has_the_commonest_causes() {
    for language in translated() {
        let there = translations(language);
        for cause in COMMONEST {
            assert!(there.contains_key(cause), "{language} lacks {cause}");
            assert!(PAGES.languages(cause).contains(&language), "{language} {cause} is not embedded");
        }
        for cause in there.keys() {
            assert!(PAGES.languages(cause).contains(&language), "{language} {cause} is not embedded");
        }
    }
}

#[test]
fn a_translation_has_the_same_keys_and_slots_as_the_catalogue() {
    for language in translated() {
        for (cause, entry) in translations(language) {
            let english = texts_of(CATALOGUE.by_id(&cause).unwrap());
            let texts: BTreeMap<String, String> = texts(&entry).into_iter().collect();
            let keys: BTreeSet<&str> =
                texts.keys().map(String::as_str).filter(|key| *key != "title").collect();
            assert_eq!(keys, english.keys().map(String::as_str).collect(), "{language} {cause}");
            for (key, template) in english {
                let own = Template::parse(&without_labels(&texts[&key])).unwrap();
                assert_eq!(slots(&own), slots(template), "{language} {cause}, {key}");
                assert!(
                    slots(&own).iter().all(|(_, optional)| *optional),
                    "{language} {cause}, {key}: English slips in"
                );
                let platforms = |template: &Template| {
                    let on = template.pieces().filter_map(|piece| match piece {
                        Piece::On(platforms, _) => Some(platforms.clone()),
                        _ => None,
                    });
                    on.collect::<Vec<_>>()
                };
                assert_eq!(platforms(&own), platforms(template), "{language} {cause}, {key}");
            }
        }
    }
}

#[test]
fn titles_and_messages_keep_their_limits() {
    for language in translated() {
        for (cause, entry) in translations(language) {
            let title = entry["title"].as_str().unwrap();
            assert!(title.chars().count() <= TITLE_CHARS_MAX, "{language} {cause}: {title}");
            assert!(!title.ends_with(['.', '。', '!', '?', ':']), "{language} {cause}: {title}");
            for message in ["host_message", "host_message_now"].iter().filter_map(|key| entry.get(*key)) {
                let length = message.as_str().unwrap().chars().count();
                assert!(length <= MESSAGE_CHARS_MAX, "{language} {cause}");
            }
        }
    }
}

/// The labels of the table: name, and text in each language in which it was read.
fn labels() -> BTreeMap<String, Table> {
    let table: Table = read("config/labels.toml").parse().unwrap();
    let groups = table["group"].as_array().unwrap().iter();
    let labels = groups.flat_map(|group| group["label"].as_table().unwrap().clone());
    labels.map(|(name, label)| (name, label.as_table().unwrap().clone())).collect()
}

#[test]
fn translations_quote_only_labels_of_the_table() {
    let labels = labels();
    for language in translated() {
        let read =
            |label: &Table| label.get(language.as_str()).and_then(|text| text.as_str()).map(str::to_owned);
        let long: Vec<String> = labels
            .values()
            .flat_map(|label| [read(label), label["en"].as_str().map(str::to_owned)])
            .flatten()
            .filter(|label| label.starts_with(char::is_uppercase) && label.contains(' '))
            .collect();
        for (cause, entry) in translations(language) {
            for (key, text) in texts(&entry) {
                let named = [
                    "[ „{bot_name}“]",
                    "[ « {bot_name} »]",
                    "[ «{bot_name}»]",
                    "[ “{bot_name}”]",
                    "[「{bot_name}」]",
                ];
                let bare = named.iter().fold(without_labels(&text), |text, name| text.replace(name, ""));
                let quote = bare.find(['"', '„', '“', '”', '«', '»', '「', '」']);
                assert_eq!(quote, None, "{language} {cause}, {key}: a quoted label is {{label:…}}");
                let label = long.iter().find(|label| bare.contains(label.as_str()));
                assert_eq!(label, None, "{language} {cause}, {key}: a bare label");
            }
        }
    }
}

#[test]
fn english_pages_of_the_commonest_causes_quote_only_labels_of_the_table() {
    let labels = labels();
    let known: BTreeSet<&str> = labels.values().filter_map(|label| label["en"].as_str()).collect();
    for cause in COMMONEST {
        for (key, template) in texts_of(CATALOGUE.by_id(cause).unwrap()) {
            let text = template.to_string();
            for quoted in text.split('"').skip(1).step_by(2).filter(|quoted| *quoted != "{bot_name}") {
                assert!(known.contains(quoted), "{cause}, {key}: {quoted} is not in config/labels.toml");
            }
        }
    }
}

#[test]
fn every_group_of_labels_names_its_source_and_date() {
    let table: Table = read("config/labels.toml").parse().unwrap();
    for group in table["group"].as_array().unwrap() {
        assert!(group["source"].as_str().unwrap().len() > 20);
        assert!(group["read"].is_datetime() || group["read"].as_str().is_some_and(|date| date.len() == 10));
    }
}

#[test]
fn there_is_a_page_for_each_cause_that_a_person_in_the_meeting_can_fix() {
    let catalogue = Catalogue::embedded().unwrap();
    for cause in catalogue.causes() {
        let actor = cause.actor.as_str();
        let expected = ["host", "participant", "account_admin"].contains(&actor) && cause.retired.is_none();
        let there = PAGES.page(cause.id.as_str(), Language::En, Links::Files);
        assert_eq!(there.is_some(), expected, "{} ({actor})", cause.id);
    }
    assert_eq!(PAGES.page("../labels", Language::En, Links::Files), None);
}

/// What a host has never heard of, or what only makes sense in a channel.
const TEAM_WORDS: &[&str] =
    &["Recall.ai", "OAuth", "token", "API", " bot ", "webhook", "automatic_leave", "sub code", " I "];

#[test]
fn pages_speak_to_a_host() {
    for (cause, language, html) in every_page() {
        for word in TEAM_WORDS {
            assert!(!html.contains(word), "{cause} {language}: {word:?}");
        }
        for leftover in ["{label", "{bot_name", "\u{e000}", "\u{e001}", "{0}", "[google_meet"] {
            assert!(!html.contains(leftover), "{cause} {language}: {leftover}");
        }
        assert!(
            html.matches("<li>").count() > PAGES.languages(&cause).len(),
            "{cause} {language} has no step"
        );
    }
}

/// The catalogue's bot is a notetaker to a host, but what stands on a screen stays as it is.
#[test]
fn words_are_a_hosts_and_labels_are_the_screens() {
    let page = |cause| PAGES.page(cause, Language::En, Links::Files).unwrap().1;
    let captcha = page("microsoft_teams_captcha_detected");
    assert!(
        captcha.contains("<strong>Manage external bots and their access to meetings</strong>"),
        "{captcha}"
    );
    assert!(
        page("microsoft_teams_breakout_room_unsupported").contains("Leave the notetaker in the main room")
    );
    let disabled = page("zoom_local_recording_disabled");
    let menu = "<strong>Account Management</strong> &#62; <strong>Account Settings</strong> &#62; <strong>Recording</strong>, or";
    assert!(disabled.contains(menu), "{disabled}");
    // Part of a longer label is none.
    assert!(!page("zoom_host_disabled_meeting_captions").contains("<strong>Host</strong>"));
}

#[test]
fn a_page_about_a_setting_says_who_can_unlock_it() {
    for cause in ["zoom_local_recording_disabled", "zoom_local_recording_request_disabled"] {
        for (language, word) in [("en", "administrator"), ("de", "Administrator"), ("ja", "管理者")] {
            let language = Language::from_word(language).unwrap();
            assert!(PAGES.page(cause, language, Links::Files).unwrap().1.contains(word));
        }
    }
}

#[test]
fn pages_load_nothing_from_elsewhere_and_run_nothing() {
    for (name, text) in PAGES.files() {
        let text = text.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        for word in [
            "<script",
            "javascript:",
            " style=\"",
            " onclick",
            "@import",
            "@font-face",
            "url(",
            "http://",
            "<iframe",
            "<form",
        ] {
            assert!(!text.contains(word), "{name}: {word}");
        }
    }
}

/// Elements that have no end.
const VOID: &[&str] = &["meta", "link"];

#[test]
fn every_page_is_well_formed() {
    for (name, html) in PAGES.files().into_iter().filter(|(name, _)| name.ends_with(".html")) {
        let mut open: Vec<&str> = Vec::new();
        let mut rest = html.strip_prefix("<!doctype html>").unwrap();
        while let Some((text, after)) = rest.split_once('<') {
            assert!(!text.contains('>'), "{name}: a bare > in {text}");
            let (tag, after) = after.split_once('>').unwrap();
            assert!(tag.matches('"').count() % 2 == 0 && !tag.contains('\n'), "{name}: <{tag}>");
            match tag.strip_prefix('/') {
                Some(end) => assert_eq!(open.pop(), Some(end), "{name}"),
                None => {
                    let element = tag.split([' ', '/']).next().unwrap();
                    if !VOID.contains(&element) && !tag.ends_with('/') {
                        open.push(element);
                    }
                }
            }
            rest = after;
        }
        assert!(open.is_empty(), "{name}: {open:?} stay open");
        assert_eq!(html.matches("<h1>").count(), 1, "{name}");
        assert_eq!(html.matches("<main>").count(), 1, "{name}");
        assert!(html.contains("<meta name=\"robots\" content=\"noindex\">"), "{name}");
        for property in ["og:title", "og:description", "og:type", "og:locale", "og:site_name"] {
            assert_eq!(
                html.matches(&format!("<meta property=\"{property}\"")).count(),
                1,
                "{name}: {property}"
            );
        }
        assert_eq!(
            html.matches("<svg").count(),
            html.matches("role=\"img\" aria-label=\"").count(),
            "{name}"
        );
    }
}

#[test]
fn a_page_names_its_language_and_leads_to_the_others() {
    for (cause, language, html) in every_page() {
        assert!(html.contains(&format!("<html lang=\"{language}\">")), "{cause} {language}");
        for other in PAGES.languages(&cause).into_iter().filter(|other| *other != language) {
            assert!(html.contains(&format!("hreflang=\"{other}\"")), "{cause} {language} to {other}");
        }
    }
}
