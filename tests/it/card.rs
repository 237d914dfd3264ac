//! The order of an answer, and that it stays short.

use std::collections::BTreeSet;

use why_no_recording::diagnosis::diagnose;
use why_no_recording::diagnosis::vocabulary::{Actor, Confidence};
use why_no_recording::report::alert::Span;
use why_no_recording::report::card::{Above, Button, ButtonPlace, Card, Layout, Section};
use why_no_recording::report::{Report, compose};
use why_no_recording::rescue::offer::Known;
use why_no_recording::rescue::{self, Mode};

use crate::slack::rendering::CATALOGUE;

/// The causes that people ask about most.
const COMMONEST: [&str; 10] = [
    "zoom_local_recording_disabled",
    "no_recognised_host",
    "host_not_present",
    "host_signed_into_other_account",
    "zoom_local_recording_request_denied_by_host",
    "timeout_exceeded_waiting_room",
    "timeout_exceeded_noone_joined",
    "meeting_not_started",
    "bot_kicked_from_call",
    "recording_permission_denied_unknown",
];
const WORDS_MAX: usize = 200;
const SLACK: Layout = Layout { buttons: ButtonPlace::AnySection, above: Above::Verdict };

/// The reports of all examples of the catalogue, each with the bot's id.
fn reports() -> impl Iterator<Item = Report> {
    CATALOGUE.causes().flat_map(|cause| &cause.examples).map(|example| {
        let diagnosis = diagnose(&example.case_file, &CATALOGUE);
        let mut report = compose(&diagnosis);
        report.rescue =
            rescue::card::card(&diagnosis, Known { mode: Mode::Button, attempts: &[], can_ask: true });
        report.bot_id = Some("5215cf1e-bc6e-54c0-983d-7d8b2052615d".parse().unwrap());
        report
    })
}

/// What a person reads of a section, apart from its buttons.
fn texts(section: &Section<'_>) -> Vec<String> {
    match section {
        Section::Headline { title, .. } => vec![(*title).to_owned()],
        Section::Bot { name, platform, id } => {
            vec![
                (*name).to_owned(),
                platform.unwrap_or_default().to_owned(),
                id.map(|id| id.to_string()).unwrap_or_default(),
            ]
        }
        Section::Entry(id) => vec![(*id).to_owned()],
        Section::Why(paragraphs) => paragraphs.iter().map(|text| (*text).to_owned()).collect(),
        Section::Basis(basis) => vec![basis.clone()],
        Section::Rescue { lines, .. } => lines
            .iter()
            .map(|line| {
                let span = |span: &Span| match span {
                    Span::Words(words) | Span::Person(words) => words.clone(),
                    Span::Time(at) | Span::Date(at) => at.to_string(),
                };
                line.0.iter().map(span).collect()
            })
            .collect(),
        Section::Question(question) => vec![question.text.to_owned(), question.readings.to_owned()],
        Section::HostMessage { heading, text, then } => {
            let then = then.iter().map(|step| (*step).to_owned());
            [(*heading).to_owned(), (*text).to_owned()].into_iter().chain(then).collect()
        }
        Section::Steps { heading, steps } => {
            std::iter::once(*heading).chain(steps.iter().copied()).map(ToOwned::to_owned).collect()
        }
        Section::Alternatives { heading, lines } => {
            std::iter::once((*heading).to_owned()).chain(lines.iter().cloned()).collect()
        }
        Section::Timeline(timeline) => timeline
            .lines
            .iter()
            .map(|line| format!("10:00 {} {}", line.text, line.sub_code.unwrap_or("")))
            .collect(),
        Section::SmallPrint(lines) => lines.clone(),
        Section::Links(links) => links.iter().map(|link| link.url.to_owned()).collect(),
        Section::Buttons(_) => Vec::new(),
    }
}

fn words(card: &Card<'_>) -> usize {
    card.sections
        .iter()
        .flat_map(texts)
        .map(|text| text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count())
        .sum()
}

/// The place of a section in the order that people read.
fn place(section: &Section<'_>, live: bool) -> usize {
    match section {
        Section::Headline { .. } => 0,
        Section::Bot { .. } | Section::Entry(_) => 1,
        Section::Why(_) => 2,
        Section::Basis(_) => 3,
        Section::Question(_) => 4,
        Section::Rescue { .. } => 5,
        Section::Steps { .. } if live => 6,
        Section::HostMessage { .. } => 7,
        Section::Steps { .. } => 8,
        Section::Alternatives { .. } => 9,
        Section::Timeline(_) => 10,
        Section::SmallPrint(_) => 11,
        Section::Links(_) => 12,
        Section::Buttons(_) => 13,
    }
}

#[test]
fn the_commonest_answers_are_short() {
    for cause in COMMONEST {
        let case = &CATALOGUE.by_id(cause).unwrap().examples[0].case_file;
        let report = compose(&diagnose(case, &CATALOGUE));
        let words = words(&Card::of(&report, SLACK));
        println!("{words:>4} {cause}");
        assert!(words <= WORDS_MAX, "{cause}: {words} words in {:#?}", Card::of(&report, SLACK));
    }
}

#[test]
fn every_card_has_the_same_order() {
    for report in reports() {
        let card = Card::of(&report, SLACK);
        let places: Vec<usize> =
            card.sections.iter().map(|section| place(section, report.fixable_now)).collect();
        assert!(places.is_sorted_by(|a, b| a < b), "{}: {places:?}", report.cause);
    }
}

#[test]
fn a_question_is_right_above_its_buttons_and_hides_what_depends_on_its_answer() {
    let asked: Vec<Report> = reports().filter(|report| report.question.is_some()).collect();
    assert!(!asked.is_empty());
    for report in asked {
        let card = Card::of(&report, SLACK);
        for section in &card.sections {
            match section {
                Section::Question(question) => {
                    assert_eq!(question.answers, [Button::HostWasThere, Button::HostWasNotThere]);
                }
                Section::Alternatives { .. } | Section::Steps { .. } | Section::HostMessage { .. } => {
                    panic!("{}: {section:?}", report.cause);
                }
                _ => {}
            }
        }
        let offered = card.buttons().any(|button| button == Button::HostMessage);
        assert_eq!(offered, report.host_message.is_some(), "{}", report.cause);

        // Where buttons are at the end, so is the question.
        let card = Card::of(&report, Layout { buttons: ButtonPlace::End, above: Above::Verdict });
        let [.., Section::Question(_), Section::Buttons(buttons)] = card.sections.as_slice() else {
            panic!("{:?}", card.sections)
        };
        assert_eq!(buttons[..2], [Button::HostWasThere, Button::HostWasNotThere]);
        // Where there are none, nothing else leads to the message for the host.
        let card = Card::of(&report, Layout { buttons: ButtonPlace::Nowhere, above: Above::Nothing });
        assert!(matches!(card.sections.last(), Some(Section::Question(_))), "{:?}", card.sections);
        let has_message = card.sections.iter().any(|section| matches!(section, Section::HostMessage { .. }));
        assert_eq!(has_message, report.host_message.is_some());
    }
}

#[test]
fn nothing_is_said_twice() {
    for report in reports() {
        let card = Card::of(&report, SLACK);
        let mut seen = BTreeSet::new();
        for text in card.sections.iter().flat_map(texts).filter(|text| text.split_whitespace().count() > 3) {
            assert!(
                text.starts_with("10:00") || seen.insert(text.clone()),
                "{}: twice: {text}",
                report.cause
            );
        }
        assert!(!seen.contains(&report.title), "{}: the verdict has said the title", report.cause);
        let shown = card.sections.iter().any(|section| matches!(section, Section::HostMessage { .. }));
        let offered = card.buttons().any(|button| button == Button::HostMessage);
        assert!(!(shown && offered), "{}: the message is shown and offered", report.cause);
        assert_eq!(shown || offered, report.host_message.is_some(), "{}", report.cause);
    }
}

#[test]
fn what_has_to_be_done_is_on_the_card_or_in_the_message_for_the_host() {
    for report in reports().filter(|report| report.question.is_none()) {
        let card = Card::of(&report, SLACK);
        let advises =
            |section: &Section<'_>| matches!(section, Section::Steps { .. } | Section::HostMessage { .. });
        let is_mute = report.steps.is_empty() && report.host_message.is_none();
        assert!(is_mute || card.sections.iter().any(advises), "{}: {card:?}", report.cause);
        let offers_others =
            card.sections.iter().any(|section| matches!(section, Section::Alternatives { .. }));
        let is_open = report.confidence != Confidence::Stated && !report.alternatives.is_empty();
        assert_eq!(offers_others, is_open, "{}", report.cause);
        if report.actor == Actor::Host && report.host_message.is_some() && !report.fixable_now {
            let block = card.sections.iter().find(|section| matches!(section, Section::HostMessage { .. }));
            assert!(block.is_some(), "{}: the host's message is shown", report.cause);
        }
    }
}
