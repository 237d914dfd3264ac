//! The pictures of the README, drawn from what is really printed and sent.

mod discord;
mod runs;
mod sheet;
mod slack;
mod terminal;

use why_no_recording::chat::console::render as console;
use why_no_recording::chat::discord::render as discord_render;
use why_no_recording::chat::slack::render::{Payload, render, render_letter};
use why_no_recording::chat::{Letter, Message};
use why_no_recording::diagnosis::vocabulary::AlertLevel;
use why_no_recording::report::Report;
use why_no_recording::report::alert::{Alert, AlertState};

use crate::alerts::at;
use crate::generated::check;
use crate::slack::rendering::report_of;
use slack::Shown;

const NO_HOST: &str = "no_recognised_host";
const DENIED: &str = "zoom_local_recording_disabled";

fn report(cause: &str) -> Box<Report> {
    let mut report = report_of(cause);
    let id = report.bot_id.unwrap();
    report.dashboard_url = Some(format!("https://us-east-1.recall.ai/dashboard/explorer/bot/{id}"));
    Box::new(report)
}

fn details(cause: &str) -> Message {
    Message::Details { report: report(cause), aside: None }
}

#[test]
fn in_a_terminal() {
    let report = report(NO_HOST);
    let printed = console::report(&report, 92, None);
    let command = format!("why-no-recording diagnose {}", report.bot_id.unwrap());
    let says = format!("{}: {}", report.outcome_words(), report.title);
    check(
        "docs/pictures/terminal.svg",
        &terminal::draw("A diagnosis in a terminal", &says, &command, &printed),
    );
}

#[test]
fn in_slack() {
    let (verdict, details) = (render(&Message::Verdict(report(NO_HOST))), render(&details(NO_HOST)));
    let messages = [
        Shown { above: None, blocks: &verdict.blocks },
        Shown { above: Some("1 reply"), blocks: &details.blocks },
    ];
    let drawn =
        slack::draw("An answer in Slack, with its thread", &verdict.text, "Thread  # recordings", &messages);
    check("docs/pictures/slack.svg", &drawn);
}

#[test]
fn in_discord() {
    let body = discord_render::render(&details(DENIED));
    let drawn = discord::draw("An answer in Discord", &render(&details(DENIED)).text, &body, at(3_600));
    check("docs/pictures/discord.svg", &drawn);
}

#[test]
fn an_alert_in_slack() {
    let alert = |state| {
        let alert = Alert {
            state,
            level: AlertLevel::Notify,
            report: *report(DENIED),
            before: None,
            until: (state == AlertState::Warning).then(|| at(39)),
            late: None,
        };
        Message::Alert(Box::new(alert))
    };
    let [warning, failed] = [AlertState::Warning, AlertState::Failed].map(alert);
    let letter = Letter { mention: Some("<!subteam^S012345|on-call>"), ..Letter::plain(&warning, "m") };
    let (warning, failed): (Payload, Payload) = (render_letter(&letter), render(&failed));
    let messages = [
        Shown { above: None, blocks: &warning.blocks },
        Shown { above: Some("Half a minute later the same message says:"), blocks: &failed.blocks },
    ];
    let drawn = slack::draw("An alert in Slack", &warning.text, "# recording-alerts", &messages);
    check("docs/pictures/alert.svg", &drawn);
}
