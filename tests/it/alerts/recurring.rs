//! The same customer, host or meeting link again.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use why_no_recording::answer::Recurrences;
use why_no_recording::chat::interaction::{Interaction, InteractionKind, Requester};
use why_no_recording::chat::question::Question;
use why_no_recording::chat::{Chat, Destination, Message};
use why_no_recording::recall::event::BotEvent;
use why_no_recording::report::Report;
use why_no_recording::report::alert::AlertState;
use why_no_recording::report::recurrence::{Recurrence, RecurrenceKey};
use why_no_recording::store::Store;
use why_no_recording::watch::AlertConfig;

use super::{Stage, alert, alerts, at, bot, status};
use crate::world::board::Said;
use crate::world::databases::{Place, on_each_database};
use crate::world::recall::FakeRecall;

on_each_database!(
    the_third_time_says_so_and_links_the_earlier_alerts,
    what_is_shown_does_not_change_when_it_happens_again,
    a_bot_that_did_not_fail_after_all_is_not_counted,
    another_cause_is_counted_as_the_other_cause,
    old_failures_are_not_counted_and_go_with_their_bots,
    a_forgotten_bot_is_not_counted,
    one_secret_for_all_instances_and_restarts,
    two_instances_count_together,
    many_at_once_are_counted_each_once,
    the_host_and_the_meeting_link_count_where_no_metadata_does,
    the_count_is_that_of_the_events,
    a_person_who_asks_learns_it_too,
);

const DAY: i64 = 86_400;
const ZOOM: &str = "zoom_internal_error";
const TIMEOUT: &str = "zoom_join_timeout";

pub fn by_customer() -> AlertConfig {
    AlertConfig { recurrence_keys: vec!["customer".to_owned()], ..alerts() }
}

fn of_customer(number: usize, customer: &str, at: Timestamp, code: &str, sub_code: &str) -> Value {
    let mut body = status(&bot(number), at, code, sub_code);
    body["data"]["bot"]["metadata"] = json!({ "customer": customer });
    body
}

/// A bot of this customer fails at ten and so many seconds, and the service hears of it at once.
pub async fn fails(stage: &Stage, number: usize, customer: &str, seconds: i64, sub_code: &str) {
    let body = of_customer(number, customer, at(seconds), "fatal", sub_code);
    stage.deliver(&format!("{number}-{seconds}"), &body, at(seconds)).await.unwrap();
    stage.pass(seconds).await;
}

/// A bot of this customer is in the call for an hour from then on, and never records.
async fn leaves_without_recording(stage: &Stage, number: usize, customer: &str, seconds: i64) {
    for (code, sub_code, after) in [
        ("joining_call", "", 0),
        ("in_call_not_recording", "", 10),
        ("call_ended", "timeout_exceeded_in_call_not_recording", 3_600),
        ("done", "", 3_610),
    ] {
        let at = at(seconds + after);
        stage
            .deliver(&format!("{number}-{code}"), &of_customer(number, customer, at, code, sub_code), at)
            .await
            .unwrap();
        stage.pass(seconds + after + 5).await;
    }
}

fn told(stage: &Stage, number: usize) -> Said {
    let id = bot(number);
    let about = |said: &Said| said.message.report().and_then(|report| report.bot_id).map(|id| id.to_string());
    stage.alerts().into_iter().find(|said| about(said).as_ref() == Some(&id)).unwrap()
}

fn shown(stage: &Stage, number: usize) -> Option<Recurrence> {
    alert(&told(stage, number)).report.recurrence.clone()
}

/// What somebody learns who asks about this bot now.
async fn known(stage: &Stage, number: usize) -> Option<Recurrence> {
    let report = report(stage, number);
    stage.service.watch.recurrence(bot(number).parse().unwrap(), &report).await
}

fn report(stage: &Stage, number: usize) -> Report {
    alert(&told(stage, number)).report.clone()
}

fn causes(recurrence: &Recurrence) -> Vec<(&str, u32)> {
    recurrence.causes.iter().map(|cause| (cause.cause.as_str(), cause.count)).collect()
}

async fn the_third_time_says_so_and_links_the_earlier_alerts(place: Place) {
    let stage = Stage::on_with(place, by_customer(), None).await;
    fails(&stage, 1, "acme", 0, TIMEOUT).await;
    fails(&stage, 2, "other", 2 * DAY, ZOOM).await;
    fails(&stage, 3, "acme", 3 * DAY, TIMEOUT).await;
    fails(&stage, 4, "acme", 9 * DAY, ZOOM).await;
    assert_eq!((shown(&stage, 1), shown(&stage, 2)), (None, None), "the first time says nothing");
    assert_eq!(shown(&stage, 3).unwrap().count, 2);
    let third = shown(&stage, 4).unwrap();
    assert_eq!((third.count, third.since), (3, at(0)));
    assert_eq!(causes(&third), [(TIMEOUT, 2), (ZOOM, 1)]);
    assert_eq!(third.key.for_machines(), "customer = acme");
    let links: Vec<_> = third.earlier.iter().map(|earlier| earlier.url.clone().unwrap()).collect();
    let expect = [3, 1].map(|number| format!("https://board.example/alerts/{}", told(&stage, number).id));
    assert_eq!(links, expect, "newest first");
    assert_eq!(known(&stage, 4).await.unwrap().count, 3);
    let details = stage.board.thread(&told(&stage, 4));
    let of_details = details[0].message.report().unwrap().recurrence.clone().unwrap();
    assert_eq!(of_details.count, 3);
    assert!(of_details.earlier.iter().all(|earlier| earlier.url.is_some()));
}

async fn what_is_shown_does_not_change_when_it_happens_again(place: Place) {
    let stage = Stage::on_with(place, by_customer(), None).await;
    for number in 1..=4 {
        fails(&stage, number, "acme", i64::try_from(number).unwrap() * DAY, TIMEOUT).await;
    }
    assert_eq!(told(&stage, 3).edits, 0);
    assert_eq!(shown(&stage, 4).unwrap().count, 4);
    // Something else about the third bot edits its card, which keeps its number.
    let third = of_customer(3, "acme", at(3 * DAY - 60), "joining_call", "");
    stage.deliver("late", &third, at(5 * DAY)).await.unwrap();
    stage.pass(5 * DAY).await;
    let said = told(&stage, 3);
    assert_eq!((said.edits, shown(&stage, 3).unwrap().count), (1, 3));
}

async fn a_bot_that_did_not_fail_after_all_is_not_counted(place: Place) {
    let stage = Stage::on_with(place, by_customer(), None).await;
    fails(&stage, 1, "acme", 0, TIMEOUT).await;
    leaves_without_recording(&stage, 2, "acme", 3_600).await;
    assert_eq!(shown(&stage, 2).unwrap().count, 2);
    for (code, seconds) in [("in_call_recording", 3_620), ("recording_done", 7_190)] {
        stage.deliver(code, &of_customer(2, "acme", at(seconds), code, ""), at(7_300)).await.unwrap();
    }
    stage.pass(7_300).await;
    let said = told(&stage, 2);
    assert_eq!((alert(&said).state, shown(&stage, 2)), (AlertState::Resolved, None), "{:?}", stage.lines());
    fails(&stage, 3, "acme", DAY, TIMEOUT).await;
    assert_eq!(shown(&stage, 3).unwrap().count, 2, "the second one recorded");
}

async fn another_cause_is_counted_as_the_other_cause(place: Place) {
    let stage = Stage::on_with(place, by_customer(), None).await;
    leaves_without_recording(&stage, 1, "acme", 0).await;
    let before = report(&stage, 1).cause;
    // What is known later is that it was refused before.
    let refused =
        of_customer(1, "acme", at(20), "recording_permission_denied", "zoom_local_recording_disabled");
    stage.deliver("later", &refused, at(3_700)).await.unwrap();
    stage.pass(3_710).await;
    let cause = report(&stage, 1).cause;
    assert_ne!(cause, before);
    fails(&stage, 2, "acme", DAY, ZOOM).await;
    assert_eq!(causes(&shown(&stage, 2).unwrap()), [(ZOOM, 1), (cause.as_str(), 1)]);
}

async fn old_failures_are_not_counted_and_go_with_their_bots(place: Place) {
    let stage = Stage::on_with(place, by_customer(), None).await;
    fails(&stage, 1, "acme", 0, TIMEOUT).await;
    fails(&stage, 2, "acme", DAY, TIMEOUT).await;
    fails(&stage, 3, "acme", 30 * DAY, TIMEOUT).await;
    assert_eq!(shown(&stage, 3).unwrap().count, 2, "30 days ago is too long ago");
    let kept = SignedDuration::from_hours(24 * 30);
    let stored = || stage.place.texts("SELECT bot FROM failures ORDER BY bot");
    stage.service.store.purge(at(30 * DAY + 60), kept).await.unwrap();
    assert_eq!(stored().await, [bot(2), bot(3)]);
    stage.service.store.purge(at(62 * DAY), kept).await.unwrap();
    assert_eq!(stored().await, [""; 0]);
}

async fn a_forgotten_bot_is_not_counted(place: Place) {
    let stage = Stage::on_with(place, by_customer(), None).await;
    for number in 1..=2 {
        fails(&stage, number, "acme", i64::try_from(number).unwrap(), TIMEOUT).await;
    }
    let forgotten = stage.service.store.forget(&bot(1)).await.unwrap();
    assert!(forgotten.contains(&("failures", 1)), "{forgotten:?}");
    fails(&stage, 3, "acme", DAY, TIMEOUT).await;
    assert_eq!(shown(&stage, 3).unwrap().count, 2);
}

async fn one_secret_for_all_instances_and_restarts(place: Place) {
    use secrecy::ExposeSecret;
    let stores = [Store::open(&place.url()).await.unwrap(), Store::open(&place.url()).await.unwrap()];
    let (one, other) = tokio::join!(stores[0].recurrence_secret(), stores[1].recurrence_secret());
    let one = one.unwrap();
    assert_eq!(one.expose_secret(), other.unwrap().expose_secret());
    assert!(one.expose_secret().len() >= 64);
    let again = Store::open(&place.url()).await.unwrap().recurrence_secret().await.unwrap();
    assert_eq!(again.expose_secret(), one.expose_secret());
    for store in &stores {
        assert!(!format!("{store:?}").contains(one.expose_secret()), "it does not print");
    }
    let place = place.another().await;
    let another = Store::open(&place.url()).await.unwrap().recurrence_secret().await.unwrap();
    assert_ne!(another.expose_secret(), one.expose_secret(), "each database has its own");
}

async fn two_instances_count_together(place: Place) {
    let stage = Stage::on_with(place, by_customer(), None).await;
    let other = super::service_at(&stage.place.url(), &stage.board, by_customer(), None).await;
    for number in 1..=4 {
        let seconds = i64::try_from(number).unwrap() * DAY;
        let body = of_customer(number, "acme", at(seconds), "fatal", TIMEOUT);
        stage.deliver(&format!("m{number}"), &body, at(seconds)).await.unwrap();
        let evaluates = if number % 2 == 0 { &stage.service } else { &other };
        evaluates.wait_until_idle(at(seconds)).await.unwrap();
        assert_eq!(shown(&stage, number).map_or(1, |shown| shown.count), u32::try_from(number).unwrap());
    }
    let stage = stage.restarted(by_customer()).await;
    fails(&stage, 5, "acme", 5 * DAY, TIMEOUT).await;
    assert_eq!(shown(&stage, 5).unwrap().count, 5, "after a restart");
    other.store.close().await;
}

/// They are evaluated in one transaction, and each counts for the next.
async fn many_at_once_are_counted_each_once(place: Place) {
    let stage = Stage::on_with(place, by_customer(), None).await;
    for round in 0..2 {
        for number in [3, 1, 2] {
            let seconds = i64::try_from(number).unwrap();
            let body = of_customer(number, "acme", at(seconds), "fatal", TIMEOUT);
            stage.deliver(&format!("{round}-{number}"), &body, at(10)).await.unwrap();
        }
    }
    stage.pass(11).await;
    let mut counts: Vec<u32> =
        (1..=3).map(|number| shown(&stage, number).map_or(1, |shown| shown.count)).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2, 3]);
    for number in 1..=3 {
        let known = known(&stage, number).await.map_or(1, |known| known.count);
        assert_eq!(known, u32::try_from(number).unwrap(), "by the time of the failure");
    }
}

const MEETING: &str = "84731728293";
const HOST: &str = "RiajKBaChMxzJAmuF90nln";

fn listed(number: usize, seconds: i64, host: Option<&str>) -> Value {
    let extra_data = json!({ "zoom": { "guest": false, "conf_user_id": host } });
    let people = json!([{ "id": 200, "is_host": host.is_some(), "extra_data": extra_data }]);
    json!({
        "id": bot(number), "bot_name": "Acme Notetaker", "meeting_participants": people,
        "meeting_url": { "platform": "zoom", "meeting_id": MEETING, "meeting_password": "sesame" },
        "status_changes": [
            { "code": "joining_call", "created_at": at(seconds - 60).to_string() },
            { "code": "fatal", "sub_code": TIMEOUT, "created_at": at(seconds).to_string() },
        ],
    })
}

async fn the_host_and_the_meeting_link_count_where_no_metadata_does(place: Place) {
    let recall = FakeRecall::start().await;
    let stage = Stage::on_with(place, by_customer(), Some(&recall)).await;
    for (number, host) in [(1, None), (2, Some(HOST)), (3, None), (4, Some(HOST))] {
        let seconds = i64::try_from(number).unwrap() * DAY;
        recall.add_bot(listed(number, seconds, host));
        stage.hear(&bot(number), seconds, "fatal", TIMEOUT).await;
        stage.pass(seconds + 30).await;
    }
    let third = shown(&stage, 3).unwrap();
    assert_eq!((third.key, third.count), (RecurrenceKey::Meeting, 2));
    let fourth = shown(&stage, 4).unwrap();
    assert_eq!((fourth.key, fourth.count), (RecurrenceKey::Host, 2));
    // Neither stands anywhere, not even in pages that are free again.
    if let Place::Sqlite(folder) = &stage.place {
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            for clear in [MEETING, HOST, "sesame"] {
                let stands = bytes.windows(clear.len()).any(|here| here == clear.as_bytes());
                assert!(!stands, "{clear} is stored");
            }
        }
    }
}

/// A value stands in the events alone. Messages hold it until they are sent, as all texts are.
#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_stored_with_the_events_alone() {
    const CUSTOMER: &str = "acme-and-nobody-else";
    let stage = Stage::on_with(Place::sqlite(), by_customer(), None).await;
    for number in 1..=3 {
        fails(&stage, number, CUSTOMER, i64::try_from(number).unwrap() * DAY, TIMEOUT).await;
    }
    assert_eq!(shown(&stage, 3).unwrap().key.for_machines(), format!("customer = {CUSTOMER}"));
    let columns = [
        "body FROM outbox",
        "last_error FROM outbox",
        "last_alert FROM bots",
        "api_response FROM bots",
        "recurrence_key FROM bots",
        "recurrence_key FROM failures",
        "cause FROM failures",
        "body FROM webhooks",
        "event FROM webhooks",
        "body FROM inbox",
        "action FROM audit",
        "body FROM alert_groups",
        "value FROM service_state",
    ];
    for column in columns {
        let (name, table) = column.split_once(" FROM ").unwrap();
        let sql = Box::leak(format!("SELECT COALESCE({name}, '') FROM {table}").into_boxed_str());
        let texts = stage.place.texts(sql).await;
        assert!(!texts.iter().any(|text| text.contains(CUSTOMER)), "{column}");
    }
    let Place::Sqlite(folder) = &stage.place else { unreachable!("it is a file") };
    let stands = || -> usize {
        let files = std::fs::read_dir(folder.path()).unwrap();
        let bytes = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        bytes
            .map(|bytes| bytes.windows(CUSTOMER.len()).filter(|here| *here == CUSTOMER.as_bytes()).count())
            .sum()
    };
    assert!(stands() > 0, "the events have it");
    for number in 1..=3 {
        stage.service.store.forget(&bot(number)).await.unwrap();
    }
    assert_eq!(stands(), 0, "nothing is left when the bots are forgotten");
}

/// Failures of several customers, told in any order and twice: what is known at the end is what the events say.
async fn the_count_is_that_of_the_events(place: Place) {
    const MANY: usize = 40;
    let stage = Stage::on_with(place, by_customer(), None).await;
    let seconds =
        |number: usize| i64::try_from((number * 7_919) % 60).unwrap() * DAY + i64::try_from(number).unwrap();
    let customer = |number: usize| ["acme", "other", "third"][number * number % 3];
    for number in (0..MANY).map(|number| (number * 17) % MANY) {
        let sub_code = if number % 4 == 0 { ZOOM } else { TIMEOUT };
        let body = of_customer(number, customer(number), at(seconds(number)), "fatal", sub_code);
        for delivery in 0..2 {
            stage.deliver(&format!("{delivery}-{number}"), &body, at(61 * DAY)).await.unwrap();
        }
        if number % 5 == 0 {
            stage.pass(61 * DAY).await;
        }
    }
    stage.pass(61 * DAY).await;
    let mut told = Vec::new();
    for number in 0..MANY {
        let events = stage.service.store.events_of(&bot(number)).await.unwrap();
        let [event] = events.as_slice() else { panic!("{} events", events.len()) };
        let event: BotEvent = serde_json::from_str(event).unwrap();
        told.push((event.metadata["customer"].clone(), event.at().unwrap()));
    }
    let window = SignedDuration::from_hours(24 * 30);
    let report = stage.board.all().iter().find_map(|said| said.message.report().cloned()).unwrap();
    for (number, (own, at)) in told.iter().enumerate() {
        let counts = |(customer, other): &&(String, Timestamp)| {
            customer == own && *other <= *at && at.duration_since(*other) < window
        };
        let expect = told.iter().filter(counts).count();
        let known = stage.service.watch.recurrence(bot(number).parse().unwrap(), &report).await;
        assert_eq!(known.map_or(1, |known| known.count), u32::try_from(expect).unwrap(), "bot {number}");
    }
}

async fn a_person_who_asks_learns_it_too(place: Place) {
    let recall = FakeRecall::start().await;
    let stage = Stage::on_with(place, by_customer(), Some(&recall)).await;
    for number in 1..=3 {
        let seconds = i64::try_from(number).unwrap() * DAY;
        let mut listed = listed(number, seconds, None);
        listed["status_changes"][1]["sub_code"] = ZOOM.into();
        recall.add_bot(listed);
        fails(&stage, number, "acme", seconds, ZOOM).await;
    }
    let (question, privately) = Question::parse_command(&format!("{} {}", bot(1), bot(3)));
    let destination = Destination { channel: "recordings".to_owned(), thread: None };
    let interaction = Interaction {
        delivery_id: "test".to_owned(),
        chat: Chat::Console,
        at: at(4 * DAY),
        requester: Requester::new("Sam".to_owned(), destination),
        kind: InteractionKind::Ask { question, privately },
    };
    stage.service.inbox.accept(&interaction).await.unwrap();
    stage.pass(4 * DAY).await;
    let answered = stage.board.all().into_iter().filter(|said| said.channel == "recordings");
    let details = answered.filter_map(|said| match said.message {
        Message::Details { report, .. } => Some(*report),
        _ => None,
    });
    let details: Vec<Report> = details.collect();
    assert_eq!(details[0].recurrence, None, "the first time");
    let third = details[1].recurrence.clone().unwrap();
    assert_eq!((third.count, third.key.for_machines().as_str()), (3, "customer = acme"));
    assert!(third.earlier[0].url.as_ref().unwrap().starts_with("https://board.example/alerts/"));
    assert!(details[1].steps[0].starts_with("Report this to Recall.ai"), "{:?}", details[1].steps);
    let text = third.vendor_report.unwrap();
    assert!((1..=3).all(|number| text.contains(&bot(number))), "{text}");
}
