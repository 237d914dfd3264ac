//! The order of an answer: sections with their headings and buttons. Each platform draws them, and decides nothing.
//!
//! Nothing is said twice. A question stands where its buttons are, and while it is open nothing is shown that depends
//! on its answer. Of the steps, those that the message for the host contains are left out below it.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{EvidenceLine, Explanation, Question, Report, host_page};
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::status::EventCode;
use crate::diagnosis::vocabulary::{Actor, Confidence};

/// The heading of the message for the host.
pub const SEND_TO_HOST: &str = "Send this to the host";
/// The heading of the same where it is about no bot.
pub const TEMPLATE_FOR_HOST: &str = "Template for the host";
/// What the link to the bot's page says.
pub const OPEN_IN_RECALL: &str = "Open in Recall.ai";

/// Where a platform can put buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonPlace {
    /// Below any section, so a question stands early, right above its buttons.
    AnySection,
    /// Below everything, so a question comes last.
    End,
    /// Nowhere. The question comes last, for how it is answered to be written below it, and the message for the host
    /// is shown, since nothing else leads to it.
    Nowhere,
}

/// How a card is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Where buttons can be.
    pub buttons: ButtonPlace,
    /// What the reader has seen above it.
    pub above: Above,
}

/// What stands above a card, and is not said again in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Above {
    /// Nothing, so the card begins with the verdict.
    Nothing,
    /// The verdict.
    Verdict,
    /// An alert about the same bot.
    Alert,
}

/// An answer, in the order in which it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card<'a> {
    /// The bot that its buttons are about.
    pub bot: Option<BotId>,
    /// What it consists of.
    pub sections: Vec<Section<'a>>,
}

/// A part of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section<'a> {
    /// The first line of a card that stands alone.
    Headline {
        /// What became of the recording, in a word or two; `None` where the card is about no bot.
        outcome: Option<&'static str>,
        /// The cause in one line.
        title: &'a str,
    },
    /// Which bot it is. Small print.
    Bot {
        /// The name that it shows in the meeting.
        name: &'a str,
        /// The platform of the meeting, where it is known.
        platform: Option<&'static str>,
        /// Its ID, where it is known.
        id: Option<BotId>,
    },
    /// The id of a catalogue entry. Small print, in code style.
    Entry(&'a str),
    /// What happened and what it means, a paragraph each.
    Why(Vec<&'a str>),
    /// How sure it is, and who can fix it. Small print.
    Basis(String),
    /// What only a person can answer.
    Question(QuestionSection<'a>),
    /// What can be sent to the host as it is.
    HostMessage {
        /// What stands above it.
        heading: &'static str,
        /// The message.
        text: &'a str,
        /// What the reader does after sending it.
        then: Vec<&'a str>,
    },
    /// What to do, in order.
    Steps {
        /// What stands above them.
        heading: &'static str,
        /// The steps.
        steps: Vec<&'a str>,
    },
    /// What it could be instead.
    Alternatives {
        /// What stands above them.
        heading: &'static str,
        /// A sentence for each.
        lines: Vec<String>,
    },
    /// What happened, oldest first.
    Timeline(Timeline<'a>),
    /// What else is so, what could not be learned, and codes that are unknown. Small print.
    SmallPrint(Vec<String>),
    /// The page for the host, further reading, and the bot's page in Recall.ai's dashboard where no button leads to it.
    /// Small print.
    Links(Vec<Link<'a>>),
    /// The buttons below everything.
    Buttons(Vec<Button<'a>>),
}

/// An address that a card leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'a> {
    /// What it says, where its address does not.
    pub label: Option<&'static str>,
    /// The address.
    pub url: &'a str,
}

impl<'a> Link<'a> {
    fn bare(url: &'a String) -> Self {
        Self { label: None, url }
    }

    fn host_page(url: &'a String) -> Self {
        Self { label: Some(host_page::LABEL), url }
    }
}

/// A question with its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionSection<'a> {
    /// The question.
    pub text: &'a str,
    /// The buttons right below it; none where they stand at the end, or nowhere.
    pub answers: Vec<Button<'a>>,
    /// What each answer would mean, for those who do not answer. Small print.
    pub readings: &'static str,
}

/// What can be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button<'a> {
    /// "The host was there."
    HostWasThere,
    /// "The host was not there."
    HostWasNotThere,
    /// "Ask Recall.ai again."
    Recheck,
    /// "Give me the text for the host."
    HostMessage,
    /// A link to the bot's page in Recall.ai's dashboard.
    Dashboard(&'a str),
}

impl Button<'_> {
    /// What stands on it.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::HostWasThere => "Yes, they were there",
            Self::HostWasNotThere => "No, they weren't",
            Self::Recheck => "Check again",
            Self::HostMessage => "Message for the host",
            Self::Dashboard(_) => OPEN_IN_RECALL,
        }
    }
}

/// What happened to a bot. The day stands in the heading, so that lines have only a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline<'a> {
    /// When the first line with a time happened.
    pub day: Option<Timestamp>,
    /// Two lines share a minute, so all are told to the second.
    pub to_the_second: bool,
    /// The lines, oldest first.
    pub lines: Vec<TimelineLine<'a>>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineLine<'a> {
    /// When, where it is known.
    pub at: Option<Timestamp>,
    /// It is the first line of another day (in UTC), so its day is said as well.
    pub is_new_day: bool,
    /// What it was.
    pub text: Cow<'a, str>,
    /// The sub code, verbatim.
    pub sub_code: Option<&'a str>,
}

impl Timeline<'_> {
    /// What stands above it.
    pub const HEADING: &'static str = "Timeline";
    /// What stands there where nothing happened.
    pub const EMPTY: &'static str = "Recall.ai lists no events for this bot.";

    /// What stands for lines that are left out.
    #[must_use]
    pub fn left_out(lines: usize) -> String {
        format!("… {lines} more in Recall.ai …")
    }
}

impl<'a> Card<'a> {
    /// The answer about a bot.
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
        sections.extend(advice(report, layout.buttons));
        sections.push(Section::Timeline(timeline(report)));
        let small_print = small_print(report, layout.buttons);
        sections.extend((!small_print.is_empty()).then_some(Section::SmallPrint(small_print)));
        sections.extend(links(report, layout.buttons));
        if layout.buttons != ButtonPlace::AnySection {
            sections.extend(question.map(Section::Question));
        }
        let buttons = buttons(report, layout.buttons);
        sections.extend((!buttons.is_empty()).then_some(Section::Buttons(buttons)));
        Self { bot: report.bot_id, sections }
    }

    /// What an entry of the catalogue says, apart from any bot.
    #[must_use]
    pub fn explaining(entry: &'a Explanation) -> Self {
        let mut sections = vec![
            Section::Headline { outcome: None, title: &entry.title },
            Section::Entry(&entry.cause),
            Section::Why(vec![&entry.why]),
        ];
        sections.extend(steps("What to do", entry.steps.iter().map(String::as_str).collect()));
        sections.extend(entry.host_message.as_deref().map(|text| Section::HostMessage {
            heading: TEMPLATE_FOR_HOST,
            text,
            then: Vec::new(),
        }));
        let links = entry.host_page.iter().map(Link::host_page).chain(entry.docs.iter().map(Link::bare));
        let links: Vec<Link<'_>> = links.collect();
        sections.extend((!links.is_empty()).then_some(Section::Links(links)));
        Self { bot: None, sections }
    }

    /// All buttons, in the order in which they are shown.
    pub fn buttons(&self) -> impl Iterator<Item = Button<'a>> {
        self.sections
            .iter()
            .flat_map(|section| match section {
                Section::Question(question) => question.answers.as_slice(),
                Section::Buttons(buttons) => buttons,
                _ => &[],
            })
            .copied()
    }
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

/// What to do, what to send, and what it could be instead. While a question is open nothing is shown that depends on
/// its answer, except for what can still save the meeting, which comes first.
fn advice(report: &Report, place: ButtonPlace) -> Vec<Section<'_>> {
    let message = host_message(report, place);
    let mut sections = Vec::new();
    if report.fixable_now || message.is_none() && report.question.is_none() {
        sections.extend(steps(report.what_to_do(), texts(&report.steps)));
    }
    sections.extend(message.map(|text| {
        let then = if report.fixable_now { Vec::new() } else { texts(&report.reader_steps) };
        Section::HostMessage { heading: SEND_TO_HOST, text, then }
    }));
    if report.question.is_none() && report.confidence != Confidence::Stated {
        sections.extend(alternatives(report));
    }
    sections
}

/// The message for the host, where it is a part of the card.
fn host_message(report: &Report, place: ButtonPlace) -> Option<&str> {
    let is_for_host = report.actor == Actor::Host && report.question.is_none() && !report.fixable_now;
    // Without buttons it would be nowhere.
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

fn links(report: &Report, place: ButtonPlace) -> Option<Section<'_>> {
    let dashboard = report.dashboard_url.iter().filter(|_| place == ButtonPlace::Nowhere);
    let further = dashboard.chain(&report.docs).map(Link::bare);
    let links: Vec<Link<'_>> = report.host_page.iter().map(Link::host_page).chain(further).collect();
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
        buttons.extend(report.can_change.then_some(Button::Recheck));
        let is_hidden = report.host_message.is_some() && host_message(report, place).is_none();
        buttons.extend(is_hidden.then_some(Button::HostMessage));
    }
    buttons.extend(report.dashboard_url.as_deref().map(Button::Dashboard));
    buttons
}

/// What happened. That a bot shut down after its end says nothing, and a reason that has a title is told by it.
fn timeline(report: &Report) -> Timeline<'_> {
    let mut ended = false;
    let shown: Vec<&EvidenceLine> = report
        .evidence
        .iter()
        .filter(|line| {
            let repeats_the_end = ended && line.code == EventCode::Done.as_str() && line.sub_code.is_none();
            ended |= [EventCode::CallEnded, EventCode::Fatal].iter().any(|end| line.code == end.as_str());
            !repeats_the_end
        })
        .collect();
    let times: Vec<Timestamp> = shown.iter().filter_map(|line| line.at).collect();
    let minutes: Vec<i64> = times.iter().map(|at| at.as_second().div_euclid(60)).collect();
    let mut day = times.first().copied();
    let lines = shown.into_iter().map(|line| {
        let is_new_day = line.at.zip(day).is_some_and(|(at, day)| date(at) != date(day));
        if is_new_day {
            day = line.at;
        }
        TimelineLine { at: line.at, is_new_day, text: text(line, report), sub_code: line.sub_code.as_deref() }
    });
    Timeline {
        lines: lines.collect(),
        day: times.first().copied(),
        to_the_second: minutes.windows(2).any(|pair| pair[0] == pair[1]),
    }
}

fn date(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(TimeZone::UTC).date()
}

fn text<'a>(line: &'a EvidenceLine, report: &'a Report) -> Cow<'a, str> {
    let cause =
        line.sub_code.as_deref().and_then(|code| report.contributing.iter().find(|(id, _)| id == code));
    match cause {
        Some((_, title)) => Cow::Borrowed(title.strip_prefix("The bot ").unwrap_or(title)),
        None => Cow::Borrowed(&line.note),
    }
}

fn small_print(report: &Report, place: ButtonPlace) -> Vec<String> {
    let is_in_timeline =
        |cause: &String| report.evidence.iter().any(|line| line.sub_code.as_ref() == Some(cause));
    let also = report.contributing.iter().filter(|(cause, _)| !is_in_timeline(cause));
    let mut lines: Vec<String> = also.map(|(_, title)| format!("Also: {title}.")).collect();
    // Where the host has to act, the bot's own limits change nothing.
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
