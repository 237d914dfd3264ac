//! The sections of a card, their order, and what is left out.

use super::timeline::timeline;
use super::{
    Above, Button, ButtonPlace, Card, Layout, Link, QuestionSection, SEND_TO_HOST, Section, TEMPLATE_FOR_HOST,
};
use crate::diagnosis::vocabulary::{Actor, Confidence};
use crate::report::recurrence::SEND_TO_RECALL;
use crate::report::rescue::{MESSAGE_HEADING, Preview};
use crate::report::{Explanation, Question, Report};

impl<'a> Card<'a> {
    /// Returns the answer about a bot.
    #[must_use]
    pub fn of(report: &'a Report, layout: Layout) -> Self {
        let mut sections = Vec::new();
        if layout.above == Above::Nothing {
            sections.push(Section::Headline { outcome: Some(report.outcome_words()), title: &report.title });
        }
        if layout.above != Above::Alert {
            let (name, platform) = (report.name(), report.platform_name());
            sections.push(Section::Bot { name, platform, id: report.bot_id });
        }
        if let Some(recurrence) = report.recurrence.as_ref().filter(|_| layout.above != Above::Alert) {
            sections.push(Section::Recurrence(recurrence.lines()));
        }
        sections.push(Section::Why(
            std::iter::once(&report.why)
                .chain(report.notes.iter().filter(|note| !report.small_notes.contains(note)))
                .map(String::as_str)
                .collect(),
        ));
        sections.push(Section::Basis(report.basis()));
        let question = question(report, layout.buttons);
        if layout.buttons == ButtonPlace::AnySection {
            sections.extend(question.clone().map(Section::Question));
        }
        sections.extend(rescue(report, layout.buttons));
        sections.extend(advice(report, layout.buttons));
        sections.push(Section::Timeline(timeline(report)));
        let small_print = small_print(report, layout.buttons);
        sections.extend((!small_print.is_empty()).then_some(Section::SmallPrint(small_print)));
        let dashboard = report.dashboard_url.iter().filter(|_| layout.buttons == ButtonPlace::Nowhere);
        sections.extend(links(report.host_page.as_ref(), dashboard.chain(&report.docs)));
        if layout.buttons != ButtonPlace::AnySection {
            sections.extend(question.map(Section::Question));
        }
        let buttons = buttons(report, layout.buttons);
        sections.extend((!buttons.is_empty()).then_some(Section::Buttons(buttons)));
        Self { bot: report.bot_id, sections }
    }

    /// Returns the card for a catalogue entry, without a bot.
    #[must_use]
    pub fn explaining(entry: &'a Explanation) -> Self {
        let mut sections = vec![
            Section::Headline { outcome: None, title: &entry.title },
            Section::Entry(&entry.cause),
            Section::Why(vec![&entry.why]),
        ];
        sections.extend(steps("What to do", texts(&entry.steps)));
        sections.extend(entry.host_message.as_deref().map(|text| Section::HostMessage {
            heading: TEMPLATE_FOR_HOST,
            text,
            then: Vec::new(),
        }));
        sections.extend(links(entry.host_page.as_ref(), entry.docs.iter()));
        Self { bot: None, sections }
    }

    /// Returns the preview of what is sent into a meeting. `from` is the card from which it was opened.
    #[must_use]
    pub fn previewing(preview: &'a Preview, from: Option<&'a str>) -> Self {
        let mut sections = vec![Section::Headline { outcome: None, title: preview.heading() }];
        sections.extend(Self::preview_body(preview));
        let send = Button::Send { label: preview.send_label(), digest: &preview.digest, card: from };
        sections.push(Section::Buttons(vec![send, Button::Cancel]));
        Self { bot: Some(preview.bot), sections }
    }

    /// Returns the sections of a preview between its heading and its buttons.
    #[must_use]
    pub fn preview_body(preview: &'a Preview) -> Vec<Section<'a>> {
        let platform = Some(preview.platform.label());
        let mut sections = vec![
            Section::Bot { name: &preview.bot_name, platform, id: Some(preview.bot) },
            Section::Why(vec![preview.consequence()]),
        ];
        sections.extend(preview.text.as_deref().map(|text| Section::HostMessage {
            heading: MESSAGE_HEADING,
            text,
            then: Vec::new(),
        }));
        let lines = preview.times.as_slice();
        sections.extend((!lines.is_empty()).then_some(Section::Rescue { lines, buttons: Vec::new() }));
        sections
    }

    /// Returns all buttons, in the order in which they are shown.
    pub fn buttons(&self) -> impl Iterator<Item = Button<'a>> {
        self.sections
            .iter()
            .flat_map(|section| match section {
                Section::Question(question) => question.answers.as_slice(),
                Section::Rescue { buttons, .. } => buttons,
                Section::Buttons(buttons) => buttons,
                _ => &[],
            })
            .copied()
    }
}

/// Returns what is said of asking again. It comes before the advice, because it may still save the meeting.
fn rescue(report: &Report, place: ButtonPlace) -> Option<Section<'_>> {
    let rescue = report.rescue.as_ref().filter(|_| report.bot_id.is_some())?;
    let button = rescue.button.map(Button::Rescue).filter(|_| place == ButtonPlace::AnySection);
    Some(Section::Rescue { lines: &rescue.lines, buttons: button.into_iter().collect() })
}

fn question(report: &Report, place: ButtonPlace) -> Option<QuestionSection<'_>> {
    let question = report.question.as_ref()?;
    let answers = if place == ButtonPlace::AnySection { answers(report) } else { Vec::new() };
    Some(QuestionSection { text: &question.text, answers, readings: Question::READINGS })
}

fn answers<'a>(report: &Report) -> Vec<Button<'a>> {
    let can_answer = report.question.is_some() && report.bot_id.is_some();
    if can_answer { vec![Button::HostWasThere, Button::HostWasNotThere] } else { Vec::new() }
}

/// Returns what to do, what to send, and which other causes are possible. While a question is open, what
/// depends on its answer is left out. The exception is what can still save the meeting, which comes first.
fn advice(report: &Report, place: ButtonPlace) -> Vec<Section<'_>> {
    let vendor_report = report.recurrence.as_ref().and_then(|recurrence| recurrence.vendor_report.as_deref());
    // It takes the place of the message for the host, who can't change anything about such a cause.
    let message = host_message(report, place).filter(|_| vendor_report.is_none());
    let mut sections = Vec::new();
    if report.fixable_now || message.is_none() && report.question.is_none() {
        sections.extend(steps(report.what_to_do(), texts(&report.steps)));
    }
    sections.extend(vendor_report.map(|text| Section::VendorReport { heading: SEND_TO_RECALL, text }));
    sections.extend(message.map(|text| {
        let then = if report.fixable_now { Vec::new() } else { texts(&report.reader_steps) };
        Section::HostMessage { heading: SEND_TO_HOST, text, then }
    }));
    if report.question.is_none() && report.confidence != Confidence::Stated {
        sections.extend(alternatives(report));
    }
    sections
}

/// Returns the message for the host, if it is a part of the card.
fn host_message(report: &Report, place: ButtonPlace) -> Option<&str> {
    let is_for_host = report.actor == Actor::Host && report.question.is_none() && !report.fixable_now;
    // Without buttons, this is the only place for it.
    report.host_message.as_deref().filter(|_| is_for_host || place == ButtonPlace::Nowhere)
}

fn texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn steps<'a>(heading: &'static str, steps: Vec<&'a str>) -> Option<Section<'a>> {
    (!steps.is_empty()).then_some(Section::Steps { heading, steps })
}

fn alternatives(report: &Report) -> Option<Section<'_>> {
    let lines = report.alternatives.iter().map(|other| format!("{} (if {})", other.title, other.condition));
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then_some(Section::Alternatives { heading: "It could also be", lines })
}

fn links<'a>(host_page: Option<&'a String>, others: impl Iterator<Item = &'a String>) -> Option<Section<'a>> {
    let host_page = host_page.into_iter().map(Link::host_page);
    let links: Vec<Link<'_>> = host_page.chain(others.map(Link::bare)).collect();
    (!links.is_empty()).then_some(Section::Links(links))
}

fn buttons(report: &Report, place: ButtonPlace) -> Vec<Button<'_>> {
    let mut buttons = Vec::new();
    if place == ButtonPlace::Nowhere {
        return buttons;
    }
    if place == ButtonPlace::End {
        buttons.extend(answers(report));
    }
    if report.bot_id.is_some() {
        if place == ButtonPlace::End {
            buttons.extend(report.rescue.as_ref().and_then(|rescue| rescue.button).map(Button::Rescue));
        }
        buttons.extend(report.can_change.then_some(Button::Recheck));
        let is_shown = host_message(report, place).is_some();
        buttons.extend((report.host_message.is_some() && !is_shown).then_some(Button::HostMessage));
        buttons.extend((is_shown && !report.translations.is_empty()).then_some(Button::OtherLanguages));
    }
    buttons.extend(report.dashboard_url.as_deref().map(Button::Dashboard));
    buttons
}

fn small_print(report: &Report, place: ButtonPlace) -> Vec<String> {
    let is_in_timeline =
        |cause: &String| report.evidence.iter().any(|line| line.sub_code.as_ref() == Some(cause));
    let also = report.contributing.iter().filter(|(cause, _)| !is_in_timeline(cause));
    let mut lines: Vec<String> = also.map(|(_, title)| format!("Also: {title}.")).collect();
    // If the host has to act, a change of the bot's own limits has no effect.
    let is_for_host = place != ButtonPlace::Nowhere && host_message(report, place).is_some();
    lines.extend(report.small_notes.iter().filter(|_| !is_for_host).cloned());
    lines.extend(report.gaps.iter().cloned());
    match report.unknown_codes.as_slice() {
        [] => {}
        [code] => lines.push(format!("Unknown code: {code}")),
        codes => lines.push(format!("Unknown codes: {}", codes.join(", "))),
    }
    lines
}
