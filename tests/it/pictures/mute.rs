//! Muting: the card that somebody takes care of, the mute below it, and the forms.

use serde_json::json;
use why_no_recording::chat::form::{Form, OpenedBy};
use why_no_recording::chat::interaction::{ButtonOn, Requester};
use why_no_recording::chat::{Destination, Message, discord as to_discord, slack as to_slack};
use why_no_recording::report::alert::{Alert, AlertState};
use why_no_recording::report::mute::{Ended, MuteFacts, MuteForm, Muted, Taken};

use super::{appearance, discord, sample, says, slack};
use crate::alerts::at;
use crate::generated::check;
use crate::slack::rendering::report_of;

fn form() -> MuteForm {
    let report = report_of("zoom_internal_error");
    MuteForm {
        bot: sample::ID.parse().unwrap(),
        cause: Some(report.cause),
        title: report.title,
        common: Some("customer".to_owned()),
        zone: "UTC".to_owned(),
    }
}

/// An alert of which somebody takes care, the mute, and its end.
fn messages(person: &str) -> [Message; 3] {
    let mut report = report_of("zoom_internal_error");
    report.taken = Some(Taken { person: person.to_owned(), at: at(240) });
    let title = report.title.clone();
    let level = why_no_recording::diagnosis::vocabulary::AlertLevel::Notify;
    let alert = Alert {
        state: AlertState::Failed,
        level,
        report,
        before: None,
        until: None,
        is_overdue: false,
        late: None,
    };
    let facts = MuteFacts {
        id: "3f2b8c1e7a",
        muted: Muted::Cause(&title),
        author: person,
        reason: Some("Zoom has an incident"),
        ends_at: at(7 * 86_400),
    };
    [
        Message::Alert(Box::new(alert)),
        Message::Mute(Box::new(facts.announcement())),
        Message::Mute(Box::new(facts.end(Ended::InTime, 12))),
    ]
}

#[test]
fn in_slack() {
    let payloads = messages("U2").map(|message| to_slack::render::render(&message));
    let blocks = payloads.each_ref().map(slack::blocks);
    let at = ["10:02 AM", "10:05 AM", "10:00 AM"];
    let above = [None, None, Some("In its thread, a week later")];
    let shown: Vec<slack::Shown<'_>> = (0..3)
        .map(|place| slack::Shown { above: above[place], at: at[place], blocks: &blocks[place], replies: 0 })
        .collect();
    let says =
        says("An alert, and a mute of its cause", &payloads.each_ref().map(|payload| payload.text.as_str()));
    let drawn = slack::draw("A mute in a channel of Slack", &says, ["# recording-alerts", ""], &shown);
    check("docs/pictures/mute.svg", &drawn);
    check("docs/pictures/mute-dark.svg", &appearance::other(&drawn, appearance::SLACK_DARK));
}

#[test]
fn the_form_in_slack() {
    let place = Destination { channel: "C1".to_owned(), thread: None };
    let requester = Requester::new("U2".to_owned(), place);
    let by = OpenedBy { requester: &requester, on: &ButtonOn::Ephemeral };
    let view = json!(to_slack::modal::view(Form::Mute(&form()), by));
    let drawn =
        slack::draw_modal("The form in which alerts are muted, in Slack", "What, until when, and why", &view);
    check("docs/pictures/mute-form.svg", &drawn);
    check("docs/pictures/mute-form-dark.svg", &appearance::other(&drawn, appearance::SLACK_DARK));
}

#[test]
fn in_discord() {
    let [alert, mute, _] = messages("600000000000000001");
    let menus = Message::MuteForm(Box::new(form()));
    let bodies = [alert, menus, mute].map(|message| discord::drawable(&to_discord::render::render(&message)));
    let times = ["Today at 10:02", "Only you can see this", "Today at 10:05"];
    let shown: Vec<discord::Shown<'_>> = bodies
        .iter()
        .zip(times)
        .map(|(body, at)| discord::Shown { asked: None, at, body, thread: None })
        .collect();
    let drawn = discord::draw(
        "A mute in Discord",
        "The alert, the menus, and the mute",
        "recording-alerts",
        &shown,
        at(300),
    );
    check("docs/pictures/mute-discord.svg", &drawn);
    check("docs/pictures/mute-discord-light.svg", &appearance::other(&drawn, appearance::DISCORD_LIGHT));
}
