//! Whatever happened, and whenever it is looked at, no line of an alert contradicts it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use why_no_recording::alerts::Policy;
use why_no_recording::alerts::lifecycle::LastAlert;
use why_no_recording::diagnosis::case_file::CaseFile;
use why_no_recording::diagnosis::vocabulary::{Outcome, Platform};
use why_no_recording::diagnosis::{Diagnosis, diagnose};
use why_no_recording::report::alert::{Alert, AlertState, BodyLine, Span};
use why_no_recording::report::alert_group::AlertGroup;
use why_no_recording::report::{Explanation, compose};
use why_no_recording::watch::AlertConfig;

use crate::stories::{CATALOGUE, story};
use crate::texts::{faults, texts};

/// How long after a status it is looked at, where nothing else has happened by then.
const LATER: [i64; 6] = [1, 29, 200, 1_400, 4_000, 90_000];

/// The story as it was known at several points of its time, in their order: after each status, later, and at the end.
fn moments(case: &CaseFile) -> Vec<CaseFile> {
    let changes = &case.status_changes;
    let mut moments = Vec::new();
    for known in 1..=changes.len() {
        let Some(last) = changes[..known].iter().filter_map(|change| change.at).max() else { continue };
        let next = changes.get(known).and_then(|change| change.at);
        for after in LATER.map(SignedDuration::from_secs) {
            let now = last + after;
            if next.is_some_and(|next| next <= now) {
                break;
            }
            let mut then = case.clone();
            then.now = now;
            then.status_changes.truncate(known);
            if known < changes.len() {
                then.recordings.clear();
            }
            moments.push(then);
        }
    }
    moments.push(case.clone());
    // A status without a time may stand anywhere; looking goes on in time all the same.
    let mut now = Timestamp::MIN;
    moments.retain(|then| {
        let is_next = then.now >= now && then.now <= case.now;
        now = if is_next { then.now } else { now };
        is_next
    });
    moments
}

/// Every line of an alert, each with where it stands.
fn lines(alert: &Alert) -> Vec<(String, String)> {
    let mut lines = vec![
        ("title".to_owned(), alert.title()),
        ("label".to_owned(), alert.status_label().to_owned()),
        ("headline".to_owned(), alert.headline().text),
        ("thread".to_owned(), alert.thread_line()),
        ("notification".to_owned(), alert.notification_text()),
    ];
    lines.extend(alert.body_lines().iter().map(|line| ("body".to_owned(), written(line))));
    lines
}

fn written(line: &BodyLine) -> String {
    let span = |span: &Span| match span {
        Span::Words(words) | Span::Code(words) | Span::Person(words) => words.clone(),
        Span::Time(at) | Span::Date(at) | Span::LinkedDay { at, .. } => at.to_string(),
    };
    line.0.iter().map(span).collect()
}

/// What is wrong with an alert as a whole.
fn contradictions(alert: &Alert, diagnosis: &Diagnosis<'_>) -> Vec<(&'static str, String)> {
    let now = diagnosis.case.now;
    let report = &alert.report;
    let mut wrong = Vec::new();
    let mut fault = |holds: bool, what, text: String| wrong.extend(holds.then_some((what, text)));
    let label = alert.status_label();
    let all = lines(alert).into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" / ");
    fault(alert.until.is_some_and(|until| until <= now), "a past time as a deadline", all.clone());
    let is_past = alert.headline().leaves_at.is_some_and(|leaves_at| leaves_at <= now);
    fault(is_past, "a past time as a deadline", all.clone());
    let heard = alert.late.is_some_and(|(happened, heard)| happened > heard || heard > now);
    fault(heard, "heard of before it happened", all.clone());
    let can_be_saved = alert.state == AlertState::Warning;
    fault(can_be_saved && !report.fixable_now, "saved although it is over", all.clone());
    let recorded = diagnosis.signals.has(why_no_recording::diagnosis::signals::Signal::RecordedBefore);
    fault(recorded && label == "Not recorded", "a recording denied", all.clone());
    fault(!recorded && alert.state == AlertState::Resolved, "a recording that never was", all.clone());
    let page = alert.body_lines().iter().any(|line| written(line).starts_with("Until it's fixed"));
    fault(page && report.outcome == Outcome::Unknown, "a fault of others that nobody knows", all.clone());
    fault(alert.before.as_deref() == Some(&alert.title()), "before it was the same", all.clone());
    fault(all.contains(".."), "two full stops", all.clone());
    let first = report.steps.first().filter(|_| can_be_saved);
    for words in ["next time", "next meeting", "Look at what happened", "before the next"] {
        let late = first.is_some_and(|step| step.contains(words));
        fault(late, "nothing that can be done now", first.cloned().unwrap_or_default());
    }
    wrong
}

/// The groups that count this alert, in all their numbers.
fn groups(alert: &Alert, now: Timestamp) -> Vec<AlertGroup> {
    let mut groups = Vec::new();
    for title in [Some(alert.report.title.clone()), None] {
        for (with_own_message, grouped, resolved) in [(0, 1, 0), (1, 1, 1), (5, 1, 0), (5, 2, 1), (5, 7, 7)] {
            for over in [false, true] {
                groups.push(AlertGroup {
                    title: title.clone(),
                    with_own_message,
                    grouped,
                    resolved,
                    actor: alert.report.actor,
                    platform: alert.report.platform,
                    since: now,
                    last: now,
                    over,
                });
            }
        }
    }
    groups
}

fn group_lines(group: &AlertGroup) -> Vec<(String, String)> {
    let mut lines = vec![
        ("group title".to_owned(), group.title()),
        ("group label".to_owned(), group.headline().label),
        ("group notification".to_owned(), group.notification_text()),
    ];
    for threadless in [false, true] {
        let body = group.body_lines(threadless);
        lines.extend(body.iter().map(|line| ("group body".to_owned(), written(line))));
    }
    lines
}

/// What is wrong with the lines of a group.
fn group_contradictions(group: &AlertGroup) -> Vec<(&'static str, String)> {
    let lines = group_lines(group);
    let text = || lines.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" / ");
    let says = |words: &str| lines.iter().any(|(_, text)| text.contains(words));
    let mut wrong = Vec::new();
    let mut fault = |holds: bool, what| wrong.extend(holds.then(|| (what, text())));
    fault(says("1 are") || says("1 bots") || says("first 1 "), "one of several");
    fault(
        group.grouped == 1 && (says("The others are") || says("All 1") || says("other 1 ")),
        "one of several",
    );
    fault(group.with_own_message == 0 && (says("The others") || says("The other ")), "others than nobody");
    fault(group.grouped == 1 && says("of those"), "one of several");
    wrong
}

/// The faults of one story, over its time.
fn wrong(case: &CaseFile, policy: &Policy) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    let mut last: Option<LastAlert> = None;
    for then in moments(case) {
        let diagnosis = diagnose(&then, &CATALOGUE);
        let assessed = policy.assess(&diagnosis);
        let report = compose(&diagnosis);
        let about = format!("{} on {}", report.cause, diagnosis.platform);
        for (place, text) in texts(&report) {
            let faults = faults(&then, &diagnosis, &text, &place);
            wrong.extend(
                faults.into_iter().map(|fault| (format!("{fault}, {place} of {about}"), text.clone())),
            );
        }
        let Some(update) = policy.next_update(&diagnosis, &assessed, report, last.as_ref()) else { continue };
        let alert = &update.alert;
        let state = alert.state.as_str();
        for (place, text) in lines(alert) {
            // What was so before is told as that.
            let is_past = text.starts_with("Before: ");
            let faults = faults(&then, &diagnosis, &text, &place).into_iter().filter(|_| !is_past);
            wrong.extend(faults.map(|fault| (format!("{fault}, {place} of {state} {about}"), text.clone())));
        }
        let found = contradictions(alert, &diagnosis).into_iter();
        wrong.extend(found.map(|(what, text)| (format!("{what}, {state} {about}"), text)));
        for group in groups(alert, then.now) {
            let found = group_contradictions(&group).into_iter();
            wrong.extend(found.map(|(what, text)| (format!("{what}, group"), text)));
            if group.platform != Platform::Unknown {
                for (place, text) in group_lines(&group) {
                    let faults = faults(&then, &diagnosis, &text, &place).into_iter();
                    wrong.extend(faults.map(|fault| (format!("{fault}, {place} of {about}"), text.clone())));
                }
            }
        }
        last = Some(update.last_alert);
    }
    wrong
}

/// The policy by default.
fn policy() -> Policy {
    AlertConfig::default().policy
}

proptest! {
    #[test]
    fn no_line_of_an_alert_contradicts_the_story(case in story()) {
        prop_assert_eq!(wrong(&case, &policy()), Vec::new());
    }
}

/// Every worked example of every cause, too.
#[test]
fn no_line_of_an_alert_contradicts_an_example() {
    for cause in CATALOGUE.causes() {
        for example in &cause.examples {
            assert_eq!(wrong(&example.case_file, &policy()), Vec::new(), "{}", cause.id);
        }
    }
}

/// What is not known of a bot that nobody asks about is left out, or said in other words.
#[test]
fn what_is_explained_apart_from_any_bot_has_no_holes() {
    for cause in CATALOGUE.causes() {
        let Explanation { title, why, steps, host_message, .. } = Explanation::of(cause);
        let texts = [title, why].into_iter().chain(steps).chain(host_message);
        for text in texts {
            assert!(!text.contains(['{', '}', '[', ']', '|']), "{}: {text}", cause.id);
            assert!(!text.contains("an unknown time"), "{}: {text}", cause.id);
            assert!(!text.contains("  ") && !text.contains(" ."), "{}: {text}", cause.id);
        }
    }
}

#[test]
#[ignore = "a list to read, of all that is said wrongly"]
fn read_what_is_wrong_with_alerts() {
    let mut runner = TestRunner::deterministic();
    let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let examples = CATALOGUE.causes().flat_map(|cause| &cause.examples).map(|example| &example.case_file);
    let stories = (0..4_000).map(|_| story().new_tree(&mut runner).unwrap().current());
    for case in examples.cloned().chain(stories) {
        for (what, text) in wrong(&case, &policy()) {
            found.entry(what).or_insert((0, text)).0 += 1;
        }
    }
    for (what, (many, text)) in &found {
        println!("{many:5} {what}\n      {}", text.replace('\n', " / "));
    }
}
