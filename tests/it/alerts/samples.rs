//! Messages that nobody asked for, one of each kind, for the tests of how they look.

use why_no_recording::chat::Message;
use why_no_recording::diagnosis::vocabulary::{Actor, AlertLevel, Platform};
use why_no_recording::report::Report;
use why_no_recording::report::alert::{Alert, AlertState};
use why_no_recording::report::alert_group::{AlertGroup, GROUP_LIST_MAX, GroupedBot};
use why_no_recording::report::mute::{self, Ended, MuteFacts, MuteForm, Muted, RecentFailure, Taken};

use super::{at, bot};

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
    vec![
        ("alert, still to be saved", alert(AlertState::Warning, AlertLevel::Notify, false, false)),
        ("alert, failed", alert(AlertState::Failed, AlertLevel::Page, true, false)),
        ("alert, told late", alert(AlertState::Failed, AlertLevel::Notify, false, true)),
        ("alert, no longer so", alert(AlertState::Monitoring, AlertLevel::Notify, true, false)),
        ("alert, resolved", alert(AlertState::Resolved, AlertLevel::Notify, true, false)),
        ("alert, over", alert(AlertState::Closed, AlertLevel::Quiet, true, false)),
        ("group of one cause", group(Some(&report.title), 5, false)),
        ("group of various causes, over", group(None, 0, true)),
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
    ]
}
