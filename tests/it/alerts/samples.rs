//! Messages that nobody asked for, one of each kind, for the tests of how they look.

use why_no_recording::chat::Message;
use why_no_recording::diagnosis::vocabulary::{Actor, AlertLevel, Platform};
use why_no_recording::report::Report;
use why_no_recording::report::alert::{Alert, AlertState};
use why_no_recording::report::alert_group::{AlertGroup, GROUP_LIST_MAX, GroupedBot};
use why_no_recording::report::mute::{self, Ended, MuteFacts, MuteForm, Muted, RecentFailure, Taken};
use why_no_recording::report::recurrence::{
    EarlierAlert, Recurrence, RecurrenceKey, RecurringCause, ReportedFailure, vendor_report,
};

use super::{at, bot};
use crate::digest::samples::messages as digests;

/// Every kind of alert about this report, and of an alert group.
pub fn messages(report: &Report) -> Vec<(&'static str, Message)> {
    let alert = |state, level, before: bool, late: bool| {
        Message::Alert(Box::new(Alert {
            state,
            level,
            report: report.clone(),
            before: before.then(|| "The bot is still in the waiting room and has to be admitted".to_owned()),
            until: (state == AlertState::Warning).then(|| at(1_200)),
            is_overdue: false,
            late: late.then(|| (at(0), at(7_200))),
        }))
    };
    let group = |title: Option<&str>, own, over| {
        Message::AlertGroup(Box::new(AlertGroup {
            title: title.map(ToOwned::to_owned),
            with_own_message: own,
            grouped: 9_995,
            resolved: 3,
            actor: if title.is_some() { Actor::Platform } else { Actor::Unknown },
            platform: Platform::Zoom,
            since: at(0),
            last: at(600),
            over,
        }))
    };
    let taken = {
        let mut report = report.clone();
        report.taken = Some(Taken { person: "sam_b".to_owned(), at: at(300) });
        Message::Alert(Box::new(Alert {
            state: AlertState::Failed,
            level: AlertLevel::Notify,
            report,
            before: None,
            until: None,
            is_overdue: false,
            late: None,
        }))
    };
    let facts =
        |muted, reason| MuteFacts { id: "3f2b8c1e7a", muted, author: "sam_b", reason, ends_at: at(3_600) };
    let cause = facts(Muted::Cause(&report.title), Some("Zoom knows about it & works on it"));
    let bot_id = bot(1);
    let one_bot = facts(Muted::Bot(&bot_id), None);
    let form = MuteForm {
        bot: bot(1).parse().unwrap(),
        cause: Some(report.cause.clone()),
        title: report.title.clone(),
        common: Some("customer".to_owned()),
        zone: "UTC".to_owned(),
    };
    let failures = [true, false].map(|flag| RecentFailure {
        bot: &bot_id,
        title: &report.title,
        at: at(300),
        resolved: flag,
        muted: !flag,
    });
    let mute = |notice| Message::Mute(Box::new(notice));
    let list = |listing| Message::Listing(Box::new(listing));
    let listed =
        (0..GROUP_LIST_MAX).map(|number| GroupedBot { bot: bot(number).parse().unwrap(), at: at(0) });
    let again = again(report);
    let failed_again = Alert {
        state: AlertState::Failed,
        level: AlertLevel::Notify,
        report: again.clone(),
        before: None,
        until: None,
        is_overdue: false,
        late: None,
    };
    let mut messages = vec![
        ("alert, still to be saved", alert(AlertState::Warning, AlertLevel::Notify, false, false)),
        ("alert, failed", alert(AlertState::Failed, AlertLevel::Page, true, false)),
        ("alert, told late", alert(AlertState::Failed, AlertLevel::Notify, false, true)),
        ("alert, no longer so", alert(AlertState::Monitoring, AlertLevel::Notify, true, false)),
        ("alert, resolved", alert(AlertState::Resolved, AlertLevel::Notify, true, false)),
        ("alert, over", alert(AlertState::Closed, AlertLevel::Quiet, true, false)),
        ("group of one cause", group(Some(&report.title), 5, false)),
        ("group of various causes, over", group(None, 0, true)),
        ("alert, for the third time", Message::Alert(Box::new(failed_again))),
        ("details, to be reported to Recall.ai", Message::Details { report: Box::new(again), note: None }),
        ("list in the thread of a group", Message::Bots(listed.collect())),
        ("alert that somebody takes care of", taken),
        ("mute", mute(cause.announcement())),
        ("mute, in its thread: for longer", mute(cause.extension())),
        ("mute, over", mute(cause.after_its_end(Ended::By("alex")))),
        ("mute, in its thread: over", mute(cause.end(Ended::InTime, 3))),
        ("mute, to its author", mute(one_bot.done())),
        ("mute, to somebody who mutes again", mute(one_bot.already())),
        ("form of a mute", Message::MuteForm(Box::new(form))),
        ("mutes of a channel", list(mute::list(&[cause, one_bot, facts(Muted::Channel, None)]))),
        ("latest alerts of a channel", list(mute::recent(&failures))),
    ];
    messages.extend(digests(report.name()));
    messages
}

/// The same report about a bot that failed for the third time, with what to send to Recall.ai.
fn again(report: &Report) -> Report {
    let days_ago = |days: i64| at(-86_400 * days);
    let earlier = |days| EarlierAlert {
        at: days_ago(days),
        posted: vec![("slack:C9".to_owned(), "1795014000.000100".to_owned())],
        url: Some(format!("https://acme.slack.com/archives/C9/p179501400000010{days}")),
    };
    let reported = (0..3).map(|number| ReportedFailure {
        bot: bot(number),
        at: days_ago(2 - i64::try_from(number).unwrap()),
        sub_code: "zoom_internal_error".to_owned(),
    });
    let cause = |cause: &str, title: &str, count| RecurringCause {
        cause: cause.to_owned(),
        title: title.to_owned(),
        count,
    };
    report.clone().with_recurrence(Some(Recurrence {
        key: RecurrenceKey::Metadata { name: "customer".to_owned(), value: Some(report.name().to_owned()) },
        count: 3,
        since: days_ago(6),
        causes: vec![
            cause(&report.cause, &report.title, 2),
            cause("no_recognised_host", "Nobody in the call was recognised as the host", 1),
        ],
        earlier: vec![earlier(2), earlier(6)],
        vendor_report: Some(vendor_report(&reported.collect::<Vec<_>>())),
    }))
}
