//! What is done in a running meeting: once, in time, and with an answer that says what became of it.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpListener;
use why_no_recording::observe::metrics::METRICS;
use why_no_recording::recall::{
    ActionError, ClientConfig, FetchError, Fetcher, Happened, IdempotencyKey, MeetingAction, NotInCall,
    Recipient,
};
use why_no_recording::retry::Retry;

use super::{ID, access, bot, fetcher, id, limits, now};
use crate::world::recall::{CommandFault, FakeRecall, Fault, Host, KEY, Place};

const TEXT: &str = "Hi, \"Record\" sent me: bitte auf „Zulassen“ klicken.";
const PERMISSION: MeetingAction = MeetingAction::RequestRecordingPermission;
const START: MeetingAction = MeetingAction::StartRecording;

fn message() -> MeetingAction {
    to_host(TEXT)
}

fn to_host(text: impl Into<String>) -> MeetingAction {
    MeetingAction::SendChatMessage { to: Recipient::Host, text: text.into() }
}

fn key() -> IdempotencyKey {
    IdempotencyKey::of("press", "step")
}

/// A meeting with the bot in the call.
async fn meeting() -> FakeRecall {
    let recall = FakeRecall::start().await;
    recall.set_clock(now());
    recall.join_meeting(bot(), Place::InCall);
    recall
}

async fn act(fetcher: &Fetcher, action: &MeetingAction) -> Result<(), ActionError> {
    fetcher.act("acme", id(), action, key(), now()).await
}

/// What reached people: messages to the host, pop-ups and starts.
fn reached(recall: &FakeRecall) -> (usize, usize, usize) {
    assert!(recall.messages_to_everyone(ID).is_empty(), "nothing is ever sent to everyone");
    (recall.messages_to_host(ID).len(), recall.pop_ups(ID), recall.starts(ID))
}

/// Silence is noticed soon, and what follows has all the time that a slow machine needs.
fn impatient() -> ClientConfig {
    let [connect, request, all] = [500, 1_000, 60_000].map(Duration::from_millis);
    let limits = ClientConfig { action_connect_timeout: connect, action_timeout: all, ..limits() };
    ClientConfig { action_request_timeout: request, ..limits }
}

#[tokio::test]
async fn each_action_is_one_request_with_its_key_and_happens_once() {
    for (action, path, body, expect) in [
        (message(), "send_chat_message", true, (1, 0, 0)),
        (PERMISSION, "request_recording_permission", false, (0, 1, 0)),
        (START, "start_recording", false, (0, 0, 1)),
    ] {
        let recall = meeting().await;
        act(&fetcher(&recall, limits()), &action).await.unwrap();
        assert_eq!(reached(&recall), expect, "{action:?}");
        let seen = recall.seen();
        assert_eq!(seen.len(), 1, "{action:?}");
        assert_eq!(seen[0].method, "POST");
        assert_eq!(seen[0].path, format!("/api/v1/bot/{ID}/{path}/"));
        assert_eq!(seen[0].authorization, Some(format!("Token {KEY}")));
        assert_eq!(seen[0].idempotency_key, Some(key().to_string()));
        assert_eq!(seen[0].content_type.as_deref(), body.then_some("application/json"));
        assert_eq!(seen[0].body_bytes > 0, body);
    }
}

#[tokio::test]
async fn a_message_arrives_as_it_was_written() {
    let recall = meeting().await;
    act(&fetcher(&recall, limits()), &message()).await.unwrap();
    assert_eq!(recall.messages_to_host(ID), [TEXT]);
}

/// What goes wrong, and what is said and known about it.
struct Case {
    what: &'static str,
    arrange: fn(&FakeRecall),
    action: MeetingAction,
    expect: fn(&ActionError) -> bool,
    advice: &'static str,
    requests: usize,
    happened: Happened,
    retry: Retry,
}

#[tokio::test]
async fn each_failure_is_an_error_of_its_own() {
    let plain = |what, arrange, expect, advice| Case {
        what,
        arrange,
        action: message(),
        expect,
        advice,
        requests: 1,
        happened: Happened::No,
        retry: Retry::Never,
    };
    let unstarted: fn(&ActionError) -> bool = |e| matches!(e, ActionError::NotInCall(NotInCall::Unstarted));
    let completed: fn(&ActionError) -> bool = |e| matches!(e, ActionError::NotInCall(NotInCall::Completed));
    let no_step: fn(&ActionError) -> bool = |e| matches!(e, ActionError::NoSuchStep);
    let in_doubt: fn(&ActionError) -> bool = |e| matches!(e, ActionError::InDoubt);
    let refused: fn(&ActionError) -> bool = |e| matches!(e, ActionError::Refused { reason: Some(_), .. });
    let unknown = |case| Case { requests: 5, happened: Happened::Unknown, retry: Retry::Backoff, ..case };
    let of = |action, case| Case { action, ..case };
    let cases = [
        plain("joining", |recall| recall.move_to(ID, Place::Joining), unstarted, "isn't in the call"),
        plain(
            "the waiting room",
            |recall| recall.move_to(ID, Place::WaitingRoom),
            unstarted,
            "isn't in the call",
        ),
        plain("the end", |recall| recall.end_meeting(ID), completed, "isn't in the call"),
        of(PERMISSION, plain("the end", |recall| recall.end_meeting(ID), completed, "isn't in the call")),
        of(
            START,
            plain("the lobby", |recall| recall.move_to(ID, Place::WaitingRoom), unstarted, "in the call"),
        ),
        plain(
            "a bot that left, by its other code",
            |recall| {
                recall.left_bots_are_unstarted();
                recall.end_meeting(ID);
            },
            unstarted,
            "isn't in the call",
        ),
        of(PERMISSION, plain("404", |recall| recall.without_permission_step(404), no_step, "can't request")),
        of(PERMISSION, plain("405", |recall| recall.without_permission_step(405), no_step, "can't request")),
        of(
            PERMISSION,
            plain("an unrouted path", |recall| recall.fail_next([Fault::WebPage(404)]), no_step, "The host"),
        ),
        plain(
            "no bot",
            |recall| recall.remove_bot(ID),
            |e| matches!(e, ActionError::NoSuchBot { .. }),
            "Workspace acme has no bot with this ID",
        ),
        plain(
            "a key that may only read",
            FakeRecall::key_may_only_read,
            |e| matches!(e, ActionError::MayOnlyRead { .. }),
            "may only read",
        ),
        plain(
            "a firewall",
            |recall| recall.fail_next([Fault::WebPage(403)]),
            |e| matches!(e, ActionError::Blocked { .. }),
            "A firewall",
        ),
        plain(
            "a wrong key",
            |recall| recall.fail_next([Fault::Status(401)]),
            |e| matches!(e, ActionError::WrongKey { .. }),
            "rejected the API key of workspace acme",
        ),
        plain(
            "no credit",
            |recall| recall.fail_next([Fault::Status(402)]),
            |e| matches!(e, ActionError::NoCredit { .. }),
            "no credit",
        ),
        plain(
            "no room",
            |recall| recall.fail_commands([CommandFault::OutOfCapacity]),
            |e| matches!(e, ActionError::OutOfCapacity) && e.needs_new_key(),
            "Try again in 30 seconds",
        ),
        of(to_host(""), plain("no text", |_| (), refused, "message: This field may not be blank.")),
        of(to_host("ä".repeat(4_097)), plain("a long text", |_| (), refused, "no more than 4096 characters")),
        plain(
            "a meeting that can't address its host",
            |recall| {
                let mut meet = bot();
                meet["meeting_url"] = json!({ "meeting_id": "abc", "platform": "google_meet" });
                recall.join_meeting(meet, Place::InCall);
            },
            refused,
            "status 400): to: This platform",
        ),
        plain(
            "another place",
            |recall| recall.fail_next([Fault::Redirect("http://127.0.0.1:9/".to_owned())]),
            |e| matches!(e, ActionError::Refused { status: 307, reason: None }),
            "status 307) and gave no reason",
        ),
        Case {
            retry: Retry::After(Duration::from_secs(120)),
            ..plain(
                "too many",
                |recall| recall.fail_next([Fault::RetryAfter(429, "120")]),
                |e| matches!(e, ActionError::RateLimited { after: Some(_), .. }),
                "Try again in 120 seconds",
            )
        },
        Case {
            requests: 5,
            retry: Retry::Backoff,
            ..plain(
                "overload",
                |recall| recall.fail_always(Fault::Status(503)),
                |e| matches!(e, ActionError::Failed { status: Some(503) }),
                "overloaded",
            )
        },
        unknown(plain(
            "a failure within",
            |recall| recall.fail_always(Fault::Status(500)),
            in_doubt,
            "I don't know",
        )),
        unknown(plain(
            "a gateway",
            |recall| recall.fail_always(Fault::WebPage(504)),
            in_doubt,
            "I don't know",
        )),
        unknown(plain(
            "a page between",
            |recall| recall.fail_always(Fault::WebPage(200)),
            in_doubt,
            "I don't know",
        )),
        unknown(plain("a broken line", |recall| recall.fail_always(Fault::Reset), in_doubt, "I don't know")),
        unknown(plain(
            "in flight for long",
            |recall| recall.fail_commands(vec![CommandFault::InFlight; 5]),
            |e| matches!(e, ActionError::InFlight),
            "still working on it",
        )),
    ];
    let mut words = BTreeSet::from(["done", "no_workspace"]);
    for case in cases {
        let recall = meeting().await;
        (case.arrange)(&recall);
        let error = act(&fetcher(&recall, limits()), &case.action).await.unwrap_err();
        let (what, advice) = (case.what, error.advice());
        assert!((case.expect)(&error), "{what}: {error:?}");
        assert!(advice.contains(case.advice), "{what}: {advice}");
        assert_eq!(recall.seen().len(), case.requests, "{what}");
        assert_eq!(error.did_happen(), case.happened, "{what}");
        assert_eq!(error.retry(), case.retry, "{what}");
        assert_eq!(error.is_final(), case.retry == Retry::Never, "{what}");
        let claims_nothing =
            advice.starts_with("Nothing happened") || advice.starts_with("The host wasn't asked");
        assert_eq!(claims_nothing, case.happened == Happened::No, "{what}: {advice}");
        assert_eq!(reached(&recall), (0, 0, 0), "{what}");
        words.insert(error.word());
    }
    let counted = METRICS.iter().find(|metric| metric.name == "wnr_meeting_actions_total").unwrap();
    let values = |label: usize| counted.labels[label].values.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(words, values(1), "each outcome is a value in the table of metrics, and the reverse");
    assert_eq!(values(0), [message(), PERMISSION, START].iter().map(MeetingAction::kind).collect());
}

#[tokio::test]
async fn an_answer_that_is_lost_is_asked_for_with_the_same_key_and_nobody_notices() {
    for (fault, requests) in [
        (CommandFault::Reset, 2),
        (CommandFault::DoneAndReset, 2),
        (CommandFault::DoneAndText("<!DOCTYPE html>"), 2),
        (CommandFault::DoneAndText("{\"id\": \"52"), 2),
        (CommandFault::DoneAndSilent(0), 2),
        (CommandFault::DoneAndSilent(2), 4),
        (CommandFault::InFlight, 2),
    ] {
        // At the same time, because silence takes its time.
        let check = async |action: MeetingAction, expect: (usize, usize, usize)| {
            let recall = meeting().await;
            recall.fail_commands([fault.clone()]);
            act(&fetcher(&recall, impatient()), &action).await.unwrap();
            assert_eq!(reached(&recall), expect, "{action:?} {fault:?}");
            assert_eq!(recall.seen().len(), requests, "{action:?} {fault:?}");
            let keys: Vec<_> = recall.seen().into_iter().map(|seen| seen.idempotency_key).collect();
            assert!(keys.iter().all(|sent| *sent == Some(key().to_string())), "{keys:?}");
        };
        tokio::join!(check(message(), (1, 0, 0)), check(PERMISSION, (0, 1, 0)), check(START, (0, 0, 1)));
    }
}

#[tokio::test]
async fn a_doubt_is_ended_only_by_the_answer_that_is_stored_under_the_key() {
    let check = async |faults: Vec<Fault>, place: Place, expect: ActionError| {
        let recall = meeting().await;
        recall.move_to(ID, place);
        recall.fail_next(faults.clone());
        let error = act(&fetcher(&recall, limits()), &message()).await.unwrap_err();
        assert_eq!(error, expect, "{faults:?}");
    };
    let doubt = || ActionError::InDoubt;
    check(vec![Fault::Reset, Fault::Status(401)], Place::InCall, doubt()).await;
    check(vec![Fault::Reset, Fault::Status(403)], Place::InCall, doubt()).await;
    check(vec![Fault::Reset, Fault::RetryAfter(429, "60")], Place::InCall, doubt()).await;
    check(vec![Fault::Reset, Fault::WebPage(400)], Place::InCall, doubt()).await;
    check(vec![Fault::Status(500), Fault::Redirect("/".to_owned())], Place::InCall, doubt()).await;
    let dropped = std::iter::once(Fault::Reset).chain(vec![Fault::Status(503); 4]).collect();
    check(dropped, Place::InCall, doubt()).await;
    let left = ActionError::NotInCall(NotInCall::Unstarted);
    check(vec![Fault::Reset], Place::WaitingRoom, left).await;
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_for_an_hour_and_another_key_does_it_again() {
    let recall = meeting().await;
    let fetcher = fetcher(&recall, limits());
    recall.move_to(ID, Place::WaitingRoom);
    act(&fetcher, &message()).await.unwrap_err();
    recall.move_to(ID, Place::InCall);
    let stored = act(&fetcher, &message()).await.unwrap_err();
    assert_eq!(stored, ActionError::NotInCall(NotInCall::Unstarted), "a refusal is stored, too");
    let other = IdempotencyKey::of("press", "step again");
    for _ in 0..3 {
        fetcher.act("acme", id(), &message(), other, now()).await.unwrap();
    }
    assert_eq!(reached(&recall), (1, 0, 0));
    recall.fail_commands([CommandFault::OutOfCapacity]);
    let [full, anew] = ["full", "anew"].map(|press| IdempotencyKey::of(press, "step"));
    for key in [full, full] {
        let error = fetcher.act("acme", id(), &START, key, now()).await.unwrap_err();
        assert!(error.needs_new_key() && error.is_final(), "{error}");
    }
    fetcher.act("acme", id(), &START, anew, now()).await.unwrap();
    assert_eq!(reached(&recall), (1, 0, 1));
}

#[tokio::test]
async fn a_silent_server_gets_no_more_than_the_time_of_an_action() {
    let recall = meeting().await;
    recall.fail_always(Fault::Silence);
    let limits = ClientConfig { action_timeout: Duration::from_millis(2_200), ..impatient() };
    let begun = Instant::now();
    let error = act(&fetcher(&recall, limits), &message()).await.unwrap_err();
    assert_eq!(error, ActionError::InDoubt);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!((1..=3).contains(&recall.seen().len()), "{}", recall.seen().len());
}

#[test]
fn an_action_takes_five_seconds_at_most_and_leaves_time_for_a_second_attempt() {
    let limits = ClientConfig::default();
    assert!(limits.action_timeout <= Duration::from_secs(5));
    let second = limits.action_timeout
        - limits.action_request_timeout
        - limits.backoff.longest.min(limits.backoff.first);
    assert!(second > limits.action_connect_timeout, "{second:?}");
}

#[tokio::test]
async fn what_could_not_be_sent_did_not_happen() {
    let recall = meeting().await;
    let no_time = ClientConfig { action_timeout: Duration::from_millis(100), ..impatient() };
    let error = act(&fetcher(&recall, no_time), &message()).await.unwrap_err();
    assert_eq!(error, ActionError::Failed { status: None });
    assert_eq!(recall.seen().len(), 0);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let nobody = Fetcher::new(vec![access("acme", &base_url)], Vec::new(), limits()).unwrap();
    let error = act(&nobody, &message()).await.unwrap_err();
    assert_eq!((&error, error.did_happen()), (&ActionError::Failed { status: None }, Happened::No));
    assert!(error.advice().contains("I couldn't reach Recall.ai"), "{}", error.advice());
}

#[tokio::test]
async fn each_action_has_a_rate_limit_of_its_own() {
    let recall = meeting().await;
    let fetcher = fetcher(&recall, ClientConfig { actions_per_minute: NonZeroU32::MIN, ..limits() });
    for action in [message(), PERMISSION, START] {
        fetcher.act("acme", id(), &action, IdempotencyKey::of("a", action.kind()), now()).await.unwrap();
        let error = act(&fetcher, &action).await.unwrap_err();
        assert!(matches!(error, ActionError::RateLimited { after: Some(_), .. }), "{error}");
    }
    assert_eq!((recall.seen().len(), reached(&recall)), (3, (1, 1, 1)));
    fetcher.case_file(id(), now()).await.unwrap();
}

#[tokio::test]
async fn a_pause_that_recall_asks_for_holds_for_actions_and_for_questions() {
    let recall = meeting().await;
    let fetcher = fetcher(&recall, limits());
    recall.fail_next([Fault::RetryAfter(429, "60")]);
    act(&fetcher, &message()).await.unwrap_err();
    let error = act(&fetcher, &PERMISSION).await.unwrap_err();
    assert!(matches!(error, ActionError::RateLimited { .. }), "{error}");
    let error = fetcher.case_file(id(), now()).await.unwrap_err();
    assert!(matches!(error, FetchError::RateLimited { .. }), "{error}");
    assert_eq!((recall.seen().len(), reached(&recall)), (1, (0, 0, 0)));
    let later = now() + jiff::SignedDuration::from_secs(61);
    fetcher.act("acme", id(), &message(), key(), later).await.unwrap();
}

#[tokio::test]
async fn an_action_goes_to_its_own_workspace_alone() {
    let (east, west) = (meeting().await, meeting().await);
    let both = vec![access("acme", &east.base_url), access("west", &west.base_url)];
    let fetcher = Fetcher::new(both, Vec::new(), limits()).unwrap();
    fetcher.act("west", id(), &START, key(), now()).await.unwrap();
    let error = fetcher.act("north", id(), &START, key(), now()).await.unwrap_err();
    assert_eq!(error, ActionError::NoWorkspace { workspace: "north".to_owned() });
    assert_eq!((east.seen().len(), west.seen().len()), (0, 1));
}

#[tokio::test]
async fn after_an_action_the_next_question_reads_anew() {
    let recall = meeting().await;
    let fetcher = fetcher(&recall, limits());
    let changes = async || fetcher.case_file(id(), now()).await.unwrap().status_changes.len();
    let before = changes().await;
    assert_eq!((changes().await, recall.seen().len()), (before, 1), "it is kept");
    act(&fetcher, &START).await.unwrap();
    assert_eq!(changes().await, before + 1);
    // Nobody knows what a failed action did.
    recall.fail_next([Fault::Status(401)]);
    act(&fetcher, &message()).await.unwrap_err();
    recall.end_meeting(ID);
    assert_eq!(changes().await, before + 3);
}

#[tokio::test]
async fn a_question_after_an_action_does_not_wait_for_one_from_before() {
    let recall = meeting().await;
    let fetcher = fetcher(&recall, limits());
    recall.fail_next([Fault::Silence]);
    let question = tokio::spawn({
        let fetcher = fetcher.clone();
        async move { fetcher.case_file(id(), now()).await }
    });
    while recall.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    act(&fetcher, &START).await.unwrap();
    let case = fetcher.case_file(id(), now()).await.unwrap();
    assert!(case.status_changes.last().unwrap().code.as_str() == "in_call_recording", "{case:?}");
    question.abort();
}

#[tokio::test]
async fn neither_messages_nor_reasons_nor_keys_are_printed() {
    let secret = "secret-of-the-answer";
    let told = format!("{secret}\u{1b}[31m\n\u{202e}see https://docs.recall.example/x {}", "x".repeat(1_000));
    for body in [
        json!({ "detail": told }),
        json!({ "message": [told] }),
        json!([told]),
        json!({ "a": { "b": told } }),
    ] {
        let recall = meeting().await;
        recall.fail_next([Fault::Json(400, body.to_string())]);
        let fetcher = fetcher(&recall, limits());
        let error = act(&fetcher, &message()).await.unwrap_err();
        for printed in [format!("{error:?} {error:#?}"), error.to_string(), format!("{fetcher:?}")] {
            for secret in [secret, "zulassen", "Zulassen", KEY, &recall.base_url] {
                assert!(!printed.contains(secret), "{secret}: {printed}");
            }
        }
        let ActionError::Refused { status: 400, reason } = &error else { panic!("{error:?}") };
        let advice = error.advice();
        assert_eq!(reason.is_some(), advice.contains(secret), "{advice}");
        assert!(advice.chars().count() < 300, "{advice}");
        assert!(!advice.contains("://") && !advice.contains(['\u{1b}', '\n', '\u{202e}']), "{advice}");
    }
    assert_eq!(format!("{:?}", message()), "send_chat_message");
}

#[tokio::test]
async fn a_host_who_declined_reads_why_and_allows_it() {
    let recall = meeting().await;
    let fetcher = fetcher(&recall, ClientConfig { answers_kept_for: Duration::ZERO, ..limits() });
    recall.host_declined(ID);
    recall.host_will(ID, Host::Allows, 8);
    recall.advance(10);
    for (step, action) in [("message", message()), ("request", PERMISSION)] {
        fetcher.act("acme", id(), &action, IdempotencyKey::of("press", step), now()).await.unwrap();
    }
    recall.advance(60);
    let case = fetcher.case_file(id(), now()).await.unwrap();
    let codes: Vec<&str> = case.status_changes.iter().map(|change| change.code.as_str()).collect();
    let end = ["recording_permission_denied", "recording_permission_allowed", "in_call_recording"];
    assert!(codes.ends_with(&end), "{codes:?}");
    let recorded_at = now() + jiff::SignedDuration::from_secs(10 + 8 + 1);
    assert_eq!(case.status_changes.last().unwrap().at, Some(recorded_at));
    assert_eq!(reached(&recall), (1, 1, 0));
}
