//! Muting in Slack: the form, its errors, and what the channel sees.

use serde_json::{Value, json};
use why_no_recording::app;
use why_no_recording::clock;

use crate::alerts::{SECRET, key, signed, status};
use crate::slack::{NO_HOST, Talking, World, shown};
use crate::world::databases::Place;
use crate::world::slack::{FakeSlack, Fault, Posted};

const BOT: &str = "00000000-0000-4000-8000-000000000001";

/// A service with an alert in the channel `C1`.
async fn alerted(place: Place, more: &[(&'static str, &str)]) -> (Talking, Posted) {
    let world = World::on(place).await;
    let mut variables = vec![("RECALL_WEBHOOK_SECRET", SECRET), ("ALERTS_SLACK_CHANNEL", "C1")];
    variables.extend_from_slice(more);
    let running = app::start(&world.settings(&variables)).await.unwrap();
    let chat = Talking { world, running };
    fails(&chat, BOT, "zoom_internal_error").await;
    let [alert, _] = chat.posted(2).await.try_into().unwrap();
    chat.settled().await;
    (chat, alert)
}

/// A webhook tells that this bot failed.
async fn fails(chat: &Talking, bot: &str, cause: &str) {
    hears(chat, bot, "fatal", cause).await;
}

/// A webhook tells this status of a bot.
async fn hears(chat: &Talking, bot: &str, code: &str, sub_code: &str) {
    let now = clock::now();
    let body = status(bot, now, code, sub_code).to_string();
    let headers = signed(&key(), &format!("msg_{bot}_{code}"), body.as_bytes(), now);
    let request = reqwest::Client::new().post(chat.url("/webhooks/recall")).headers(headers).body(body);
    assert!(request.send().await.unwrap().status().is_success());
}

/// The form that opens when *Mute…* is pressed.
async fn form(chat: &Talking, alert: &Posted) -> Value {
    form_of(chat, BOT, alert).await
}

async fn form_of(chat: &Talking, bot: &str, alert: &Posted) -> Value {
    chat.interact(&chat.world.press(&format!("wnr:mute:{bot}"), alert)).await;
    chat.world.slack.until("a form", |slack| slack.views().pop()).await
}

/// The message about a mute.
async fn announced(chat: &Talking) -> Posted {
    let found = |slack: &FakeSlack| {
        let posted = slack.posted("C1");
        posted
            .into_iter()
            .find(|posted| posted.thread_ts.is_none() && shown(&posted.body).contains("Muted by"))
    };
    chat.world.slack.until("an announcement", found).await
}

#[tokio::test]
async fn the_form_says_what_is_wrong_and_mutes_when_nothing_is() {
    let (chat, alert) = alerted(Place::sqlite(), &[]).await;
    let buttons = shown(&alert.body);
    assert!(
        buttons.contains(&format!("wnr:mute:{BOT}")) && buttons.contains(&format!("wnr:ack:{BOT}")),
        "{buttons}"
    );
    let view = form(&chat, &alert).await;
    let options = view["blocks"][0]["element"]["options"].as_array().unwrap();
    assert_eq!(options.len(), 3, "{view}");
    assert!(view.to_string().contains("Tomorrow, 09:00 UTC"), "{view}");

    let errors = chat.submit(&view, &[("scope", json!("channel")), ("end", json!("7d"))]).await;
    assert_eq!(errors, [("reason".to_owned(), "Add a reason: this mute is longer than a day.".to_owned())]);
    let past = json!(clock::now().as_second() - 60);
    let errors = chat.submit(&view, &[("until", past)]).await;
    assert_eq!(errors[0].0, "until");
    let far = json!(clock::now().as_second() + 91 * 86_400);
    let errors = chat.submit(&view, &[("until", far), ("reason", json!("for ever"))]).await;
    assert!(errors[0].1.contains("90 days"), "{errors:?}");
    assert_eq!(chat.world.slack.views().len(), 1, "it stays open");
    assert_eq!(chat.posted(2).await.len(), 2, "and nothing is muted");

    let values = [
        ("scope", json!("cause=zoom_internal_error")),
        ("end", json!("7d")),
        ("reason", json!("Zoom <!channel> works on it")),
    ];
    assert_eq!(chat.submit(&view, &values).await, []);
    assert!(chat.world.slack.views().is_empty());
    let mute = announced(&chat).await;
    let text = shown(&mute.body);
    assert!(
        text.contains("Muted by <@U2> until") && text.contains("Zoom &lt;!channel&gt; works on it"),
        "{text}"
    );
    chat.told("chat.postEphemeral").await;

    fails(&chat, "00000000-0000-4000-8000-000000000002", "zoom_internal_error").await;
    fails(&chat, "00000000-0000-4000-8000-000000000003", "meeting_not_found").await;
    let heard = |slack: &FakeSlack| {
        slack.posted("C1").iter().any(|posted| shown(&posted.body).contains("000000000003")).then_some(())
    };
    chat.world.slack.until("the other cause", heard).await;
    chat.settled().await;
    assert!(chat.posted(1).await.iter().all(|posted| !shown(&posted.body).contains("000000000002")));
    let metrics = reqwest::get(chat.url("/metrics")).await.unwrap().text().await.unwrap();
    assert!(metrics.contains("wnr_alerts_total{kind=\"muted\"}"), "{metrics}");

    // The same form, sent once more by Slack, changes nothing.
    assert_eq!(chat.submit(&view, &values).await, []);
    chat.settled().await;
    let id = text.lines().find_map(|line| line.strip_prefix("wnr:unmute:")).unwrap().to_owned();
    chat.interact(&chat.world.press(&format!("wnr:unmute:{id}"), &mute)).await;
    let ended = |slack: &FakeSlack| {
        let posted = slack.posted("C1");
        posted.iter().find(|posted| posted.thread_ts.as_ref() == Some(&mute.ts)).cloned()
    };
    let end = chat.world.slack.until("the end in its thread", ended).await;
    assert!(
        shown(&end.body).contains("Ended by <@U2> at") && shown(&end.body).contains("1 alert was muted"),
        "{}",
        end.body
    );
    chat.settled().await;
    let after = chat.posted(1).await.into_iter().find(|posted| posted.ts == mute.ts).unwrap();
    assert!(!shown(&after.body).contains("wnr:unmute"), "the button goes");
    chat.end().await;
}

#[tokio::test]
async fn a_mute_ends_from_the_home_of_a_person_in_its_channel() {
    let (chat, alert) = alerted(Place::sqlite(), &[]).await;
    chat.world.slack.grant("channels:read");
    chat.world.slack.has_member("C1", "U2");
    let view = form(&chat, &alert).await;
    assert_eq!(chat.submit(&view, &[("scope", json!("channel"))]).await, []);
    announced(&chat).await;
    let home = chat.home("U2").await;
    assert!(home.contains("All alerts") && home.contains("<#C1>"), "{home}");
    let id = home.lines().find_map(|line| line.strip_prefix("wnr:unmute:")).expect(&home).to_owned();
    assert!(!chat.home("U3").await.contains("wnr:unmute"), "who is not in the channel sees no mute of it");

    // A home is a view: its presses are in no channel, and have no address for an answer.
    let mut press = chat.world.press(&format!("wnr:unmute:{id}"), &alert);
    press["container"] = json!({ "type": "view", "view_id": "V9" });
    for part in ["channel", "message", "response_url"] {
        press.as_object_mut().unwrap().remove(part);
    }
    press["view"] = json!({ "id": "V9", "team_id": "T1", "type": "home", "callback_id": "", "hash": "1" });
    chat.interact(&press).await;
    chat.world
        .slack
        .until("a home without it", |slack| (!shown(&slack.home("U2")).contains("wnr:unmute")).then_some(()))
        .await;
    chat.settled().await;
    let announcement = announced(&chat).await;
    assert!(!shown(&announcement.body).contains("wnr:unmute"), "{}", announcement.body);
    chat.end().await;
}

#[tokio::test]
async fn a_form_that_could_not_be_opened_is_replaced_by_words() {
    let (chat, alert) = alerted(Place::sqlite(), &[]).await;
    let press = chat.world.press(&format!("wnr:mute:{BOT}"), &alert);
    chat.world.slack.trigger_expires(press["trigger_id"].as_str().unwrap());
    chat.interact(&press).await;
    let told = chat.told("press").await;
    assert!(shown(&told.body).contains(&format!("/why-no-recording mute {BOT} 1h")), "{}", told.body);
    chat.world.slack.fails("views.open", Fault::Status(502));
    chat.interact(&chat.world.press(&format!("wnr:mute:{BOT}"), &alert)).await;
    chat.world.slack.until("a second answer", |slack| (slack.told().len() == 2).then_some(())).await;
    chat.end().await;
}

#[tokio::test]
async fn two_who_submit_at_once_set_one_mute() {
    for place in [Some(Place::sqlite()), Place::postgres().await].into_iter().flatten() {
        let (chat, alert) = alerted(place, &[]).await;
        let first = form(&chat, &alert).await;
        chat.interact(&chat.world.press(&format!("wnr:mute:{BOT}"), &alert)).await;
        let two = |slack: &FakeSlack| (slack.views().len() == 2).then(|| slack.views());
        let [_, second] = chat.world.slack.until("two forms", two).await.try_into().unwrap();
        let values = [("scope", json!("channel"))];
        let (one, other) = tokio::join!(chat.submit(&first, &values), chat.submit(&second, &values));
        assert!(one.is_empty() && other.is_empty());
        announced(&chat).await;
        chat.settled().await;
        let heads = chat.posted(1).await;
        let mutes = heads
            .iter()
            .filter(|posted| posted.thread_ts.is_none() && shown(&posted.body).contains("wnr:unmute"));
        assert_eq!(mutes.count(), 1);
        chat.end().await;
    }
}

#[tokio::test]
async fn an_answer_and_a_mute_and_two_who_take_care_at_once_leave_one_card() {
    for place in [Some(Place::sqlite()), Place::postgres().await].into_iter().flatten() {
        let world = World::on(place).await;
        let variables = [("RECALL_WEBHOOK_SECRET", SECRET), ("ALERTS_SLACK_CHANNEL", "C1")];
        let running = app::start(&world.settings(&variables)).await.unwrap();
        let chat = Talking { world, running };
        hears(&chat, NO_HOST, "call_ended", "timeout_exceeded_in_call_not_recording").await;
        let [alert, details] = chat.posted(2).await.try_into().unwrap();
        chat.settled().await;
        assert!(shown(&details.body).contains("host_was_there"), "{}", details.body);
        let view = form_of(&chat, NO_HOST, &alert).await;
        let by = |person: &str, button: &str, on: &Posted| {
            let mut press = chat.world.press(&format!("wnr:{button}:{NO_HOST}"), on);
            press["user"] = json!({ "id": person, "name": person });
            press
        };
        let (answer, alex, kim) =
            (by("U3", "host_was_there", &details), by("U4", "ack", &alert), by("U5", "ack", &alert));
        let values = [("scope", json!("channel"))];
        tokio::join!(
            chat.interact(&answer),
            chat.interact(&alex),
            chat.interact(&kim),
            chat.submit(&view, &values),
        );
        announced(&chat).await;
        hears(&chat, NO_HOST, "done", "").await;
        let as_it_should = |slack: &FakeSlack| {
            let posted = slack.posted("C1");
            let now =
                |ts: &str| posted.iter().find(|posted| posted.ts == ts).map(|posted| shown(&posted.body));
            let (head, details) = (now(&alert.ts)?, now(&details.ts)?);
            let takers = ["<@U4>", "<@U5>"].iter().filter(|person| head.contains(**person)).count();
            (takers == 1 && !details.contains("host_was_there")).then_some(())
        };
        chat.world.slack.until("one card", as_it_should).await;
        chat.settled().await;
        chat.world.slack.until("one card still", as_it_should).await;
        let mutes = chat.running.service.store.mutes_in(None, clock::now(), 9).await.unwrap();
        assert_eq!(mutes.len(), 1);
        chat.end().await;
    }
}

#[tokio::test]
async fn who_takes_care_is_shown_and_commands_do_the_same_as_forms() {
    let (chat, alert) = alerted(Place::sqlite(), &[]).await;
    chat.interact(&chat.world.press(&format!("wnr:ack:{BOT}"), &alert)).await;
    let taken = |slack: &FakeSlack| {
        let posted = slack.posted("C1").into_iter().find(|posted| posted.ts == alert.ts)?;
        shown(&posted.body).contains("Taken care of by <@U2> since").then_some(posted)
    };
    let card = chat.world.slack.until("who takes care", taken).await;
    assert!(shown(&card.body).contains("Take over or give back"), "{}", card.body);
    assert_eq!(card.edits, 1);

    let name = chat.ask("mute channel 1h we are testing").await;
    let mute = announced(&chat).await;
    assert!(shown(&chat.told(&name).await.body).contains("Done. I muted all alerts in this channel until"));
    let name = chat.ask("mutes").await;
    let list = chat.told(&name).await;
    let id = shown(&list.body)
        .lines()
        .find_map(|line| line.strip_prefix("wnr:unmute:").map(ToOwned::to_owned))
        .unwrap();
    // The list is a message to one person, and changes where it is.
    let mut press = chat.world.press(&format!("wnr:unmute:{id}"), &mute);
    press["container"]["is_ephemeral"] = true.into();
    press["response_url"] = chat.world.slack.response_url("list").into();
    chat.interact(&press).await;
    let list = chat.told("list").await;
    assert_eq!(list.body["replace_original"], true);
    assert!(shown(&list.body).contains("Nothing is muted in this channel."), "{}", list.body);
    let name = chat.ask("recent").await;
    assert!(shown(&chat.told(&name).await.body).contains(BOT));
    chat.end().await;
}

#[tokio::test]
async fn a_channel_that_the_settings_name_is_muted_by_people_in_it() {
    let world = World::on(Place::sqlite()).await;
    world.slack.is_called("#recordings", "C1");
    let variables = [("RECALL_WEBHOOK_SECRET", SECRET), ("ALERTS_SLACK_CHANNEL", "#recordings")];
    let running = app::start(&world.settings(&variables)).await.unwrap();
    let chat = Talking { world, running };
    fails(&chat, BOT, "zoom_internal_error").await;
    chat.posted(2).await;
    chat.settled().await;
    chat.ask("mute channel 1h").await;
    announced(&chat).await;
    fails(&chat, "00000000-0000-4000-8000-000000000002", "zoom_internal_error").await;
    let name = loop {
        // The alert is decided a moment after its webhook.
        let name = chat.ask("recent").await;
        if shown(&chat.told(&name).await.body).contains("muted") {
            break name;
        }
    };
    assert!(shown(&chat.told(&name).await.body).contains("000000000002"));
    chat.settled().await;
    assert!(chat.posted(1).await.iter().all(|posted| !shown(&posted.body).contains("000000000002")));
    chat.end().await;
}
