//! Whatever is sent can be drawn: a new block, component or mark fails here before a picture leaves it out.

use serde_json::json;
use why_no_recording::chat::{
    CardNote, HostMessage, Message, SendRequest, Shown, discord as to_discord, slack as to_slack,
};
use why_no_recording::diagnosis::diagnose;
use why_no_recording::pages::{Language, Pages};
use why_no_recording::report::{Explanation, Report, compose};

use super::{discord, sample, slack};
use crate::alerts::{at, samples};
use crate::slack::rendering::CATALOGUE;

fn about(report: &Report) -> Vec<Message> {
    let people = ["600000000000000001", "sam_b"].map(|person| Some(CardNote::AnsweredBy(person.to_owned())));
    let asides = people.into_iter().chain([None, Some(CardNote::NotInChannel)]);
    let details = |note| Message::Details { report: Box::new(report.clone()), note };
    let mut messages: Vec<Message> = asides.map(details).collect();
    messages.push(Message::Verdict(Box::new(report.clone())));
    messages.extend(HostMessage::of(report).map(Message::HostMessage));
    messages.push(Message::Notice(report.why.clone()));
    messages
}

fn draw(message: &Message, mention: [Option<&str>; 2], redirect_note: Option<&str>) {
    let request = |mention| SendRequest { mention, redirect_note, ..SendRequest::plain(message, "m") };
    let payload = to_slack::render::render_request(&request(mention[0]), Shown::Ephemeral);
    let shown = slack::Shown { above: None, at: "", blocks: &slack::blocks(&payload), replies: 1 };
    slack::draw("", &slack::plain_text(&payload.text), ["", ""], &[shown]);
    let body = discord::drawable(&to_discord::render::render_request(&request(mention[1]), Shown::Posted));
    let shown = discord::Shown { asked: None, at: "", body: &body, thread: None };
    discord::draw("", "", "", &[shown], at(0));
}

#[test]
fn of_every_entry_of_the_catalogue() {
    for cause in CATALOGUE.causes() {
        draw(&Message::Explanation(Explanation::of(cause)), [None; 2], None);
        for example in &cause.examples {
            let diagnosis = diagnose(&example.case_file, &CATALOGUE);
            for language in Language::ALL {
                let report = compose(&diagnosis);
                let mut report = Pages::shared().unwrap().translated(report, &diagnosis, Some(*language));
                report.bot_id = Some(sample::ID.parse().unwrap());
                if *language == Language::En || report.host_language == Some(*language) {
                    about(&report).iter().for_each(|message| draw(message, [None; 2], None));
                }
            }
        }
    }
}

#[test]
fn of_every_kind_that_nobody_asked_for() {
    let [verdict, _] = sample::answer();
    let mention = [Some("<!subteam^S012345|on-call> <!here>"), Some("<@&123456789012345678>")];
    for (_, message) in samples::messages(verdict.report().unwrap()) {
        draw(&message, mention, Some("This was meant for #alerts, which is archived."));
    }
}

#[test]
#[should_panic = "nobody has drawn a block of type image yet"]
fn of_slack_a_block_that_nobody_has_drawn_fails() {
    let blocks = [json!({ "type": "image", "image_url": "https://example.com/a.png" })];
    slack::draw("", "", ["", ""], &[slack::Shown { above: None, at: "", blocks: &blocks, replies: 0 }]);
}

#[test]
#[should_panic = "nobody has drawn the member fields yet"]
fn of_discord_a_member_that_nobody_has_drawn_fails() {
    let body = json!({ "content": "", "embeds": [{ "title": "", "description": "", "fields": [] }] });
    let shown = discord::Shown { asked: None, at: "", body: &body, thread: None };
    discord::draw("", "", "", &[shown], at(0));
}
