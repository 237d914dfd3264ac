//! The machine output, version 1. Fields are only ever added.

use serde::Serialize;

use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::catalogue::Cause;
use crate::report::{Report, recurrence};

const VERSION: u8 = 1;

#[derive(Serialize)]
struct Answer<'a> {
    version: u8,
    bot_id: Option<String>,
    platform: &'a str,
    outcome: &'a str,
    cause: &'a str,
    confidence: &'a str,
    actor: &'a str,
    title: &'a str,
    why: &'a str,
    notes: &'a [String],
    steps: &'a [String],
    host_message: Option<&'a str>,
    host_page: Option<&'a str>,
    contributing: Vec<Other<'a>>,
    alternatives: Vec<Alternative<'a>>,
    question: Option<Question<'a>>,
    fixable_now: bool,
    retry_helps: bool,
    history: &'a str,
    recurrence: Option<Recurrence<'a>>,
    evidence: Vec<Evidence<'a>>,
    gaps: &'a [String],
    unknown_codes: &'a [String],
    docs: &'a [String],
    dashboard: Option<&'a str>,
}

#[derive(Serialize)]
struct Other<'a> {
    cause: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct Alternative<'a> {
    cause: &'a str,
    title: &'a str,
    r#if: &'a str,
}

#[derive(Serialize)]
struct Question<'a> {
    id: &'a str,
    text: &'a str,
    answers: Answers<'a>,
}

#[derive(Serialize)]
struct Answers<'a> {
    yes: &'a str,
    no: &'a str,
}

#[derive(Serialize)]
struct Recurrence<'a> {
    key: String,
    count: u32,
    since: String,
    causes: Vec<RecurringCause<'a>>,
}

#[derive(Serialize)]
struct RecurringCause<'a> {
    cause: &'a str,
    title: &'a str,
    count: u32,
}

#[derive(Serialize)]
struct Evidence<'a> {
    at: Option<String>,
    code: &'a str,
    sub_code: Option<&'a str>,
    note: &'a str,
}

/// One of several bots, with its source: its ID, or the name of a file.
#[derive(Serialize)]
struct Entry<'a> {
    source: &'a str,
    #[serde(flatten)]
    answer: Answer<'a>,
}

/// One of several bots that could not be diagnosed.
#[derive(Serialize)]
struct Failure<'a> {
    source: &'a str,
    version: u8,
    bot_id: Option<&'a str>,
    error: &'a str,
}

/// Returns the report as the text of one object.
///
/// # Errors
/// Never for a report: its fields are texts, numbers and flags.
pub fn report(report: &Report) -> Result<String, serde_json::Error> {
    // The order of the fields is that of the struct, which a `Value` would not keep.
    Ok(serde_json::to_string_pretty(&answer(report))? + "\n")
}

/// Returns the report as one object.
///
/// # Errors
/// As [`report`].
pub fn object(report: &Report) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::to_value(answer(report))
}

/// Returns one of several reports, as an object for an array.
///
/// # Errors
/// As [`report`].
pub fn entry(source: &str, report: &Report) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::to_value(Entry { source, answer: answer(report) })
}

/// Returns the object in the array for a bot that could not be diagnosed.
///
/// # Errors
/// As [`report`].
pub fn failure(source: &str, error: &str) -> Result<serde_json::Value, serde_json::Error> {
    let bot_id = source.parse::<BotId>().is_ok().then_some(source);
    serde_json::to_value(Failure { source, version: VERSION, bot_id, error })
}

/// Returns one entry of the catalogue as an object.
#[must_use]
pub fn cause(cause: &Cause) -> serde_json::Value {
    serde_json::json!({
        "id": cause.id.as_str(),
        "family": cause.family,
        "title": cause.title,
        "outcome": cause.outcome,
        "actor": cause.actor,
        "retry": cause.resend,
        "alert": cause.alert,
        "why": cause.why.to_string(),
        "steps": cause.steps.iter().map(|step| step.text.to_string()).collect::<Vec<_>>(),
        "host_message": cause.host_message.as_ref().map(ToString::to_string),
        "docs": cause.docs,
        "added": cause.added,
        "retired": cause.retired,
    })
}

/// Returns how often it failed as an object.
///
/// # Errors
/// As [`report`].
pub fn recurrence(recurrence: &recurrence::Recurrence) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::to_value(repeated(recurrence))
}

fn answer(report: &Report) -> Answer<'_> {
    Answer {
        version: VERSION,
        bot_id: report.bot_id.map(|id| id.to_string()),
        platform: report.platform.as_str(),
        outcome: report.outcome.as_str(),
        cause: &report.cause,
        confidence: report.confidence.as_str(),
        actor: report.actor.as_str(),
        title: &report.title,
        why: &report.why,
        notes: &report.notes,
        steps: &report.steps,
        host_message: report.host_message.as_deref(),
        host_page: report.host_page.as_deref(),
        contributing: report.contributing.iter().map(|(cause, title)| Other { cause, title }).collect(),
        alternatives: report
            .alternatives
            .iter()
            .map(|other| Alternative { cause: &other.cause, title: &other.title, r#if: &other.condition })
            .collect(),
        question: report.question.as_ref().map(|question| Question {
            id: &question.id,
            text: &question.text,
            answers: Answers { yes: &question.yes, no: &question.no },
        }),
        fixable_now: report.fixable_now,
        retry_helps: report.retry_helps,
        history: report.history.as_str(),
        recurrence: report.recurrence.as_ref().map(repeated),
        evidence: report
            .evidence
            .iter()
            .map(|line| Evidence {
                at: line.at.map(|at| at.to_string()),
                code: &line.code,
                sub_code: line.sub_code.as_deref(),
                note: &line.note,
            })
            .collect(),
        gaps: &report.gaps,
        unknown_codes: &report.unknown_codes,
        docs: &report.docs,
        dashboard: report.dashboard_url.as_deref(),
    }
}

fn repeated(recurrence: &recurrence::Recurrence) -> Recurrence<'_> {
    Recurrence {
        key: recurrence.key.for_machines(),
        count: recurrence.count,
        since: recurrence.since.to_string(),
        causes: recurrence
            .causes
            .iter()
            .map(|cause| RecurringCause { cause: &cause.cause, title: &cause.title, count: cause.count })
            .collect(),
    }
}
