//! The gateway's sessions: how long one goes on, and when the next is begun.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use secrecy::SecretString;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use why_no_recording::chat::discord::DiscordApi;
use why_no_recording::chat::discord::gateway::{ConnectionState, Gateway, Pace};
use why_no_recording::clock;
use why_no_recording::retry::Backoff;

use super::Talking;
use crate::slack::{DENIED, NO_HOST};
use crate::world::discord::{CHANNEL, FakeDiscord, Fault, TOKEN};

/// A connection beside a service that is asked over HTTP, and that tries again at once.
struct Listening {
    chat: Talking,
    standing: watch::Receiver<ConnectionState>,
    stop: CancellationToken,
    ended: JoinHandle<()>,
}

impl Listening {
    async fn start(prepare: impl FnOnce(&FakeDiscord)) -> Self {
        let brief = Duration::from_millis(1);
        let backoff = Backoff::new(brief, brief);
        Self::start_at(Pace { identify: backoff, backoff, ..Pace::default() }, prepare).await
    }

    async fn start_at(pace: Pace, prepare: impl FnOnce(&FakeDiscord)) -> Self {
        let chat = Talking::over_http().await;
        prepare(&chat.discord);
        let token = SecretString::from(TOKEN);
        let gateway = Arc::new(Gateway {
            api: Arc::new(DiscordApi::new(&chat.discord.origin, &token).unwrap()),
            token,
            application_id: None,
            sink: chat.running.service.inbox.clone(),
            clock: clock::now,
            pace,
        });
        let (tell, standing) = watch::channel(ConnectionState::Connected);
        let stop = CancellationToken::new();
        let told_to_stop = stop.clone();
        let ended = tokio::spawn(async move {
            gateway.run(told_to_stop, |standing| drop(tell.send_replace(standing.clone()))).await;
        });
        Self { chat, standing, stop, ended }
    }

    async fn end(self) {
        self.stop.cancel();
        self.ended.await.unwrap();
        self.chat.end().await;
    }
}

/// Each connection ends as soon as it is there: on a bad day, that must not cost the token.
#[tokio::test]
async fn the_last_identifications_of_a_day_are_kept_back() {
    let prepare = |discord: &FakeDiscord| {
        discord.starts_left_are(60, Duration::from_secs(3_600));
        (0..1000).for_each(|_| discord.gateway_refuses(4000));
    };
    let mut listening = Listening::start(prepare).await;
    let spent = |standing: &ConnectionState| match standing {
        ConnectionState::Interrupted(why) => why.contains("nearly all connections that Discord allows"),
        _ => false,
    };
    let waiting = listening.standing.wait_for(spent);
    let told =
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it waits").unwrap().clone();
    assert!(format!("{told:?}").contains("in 1 hour"), "{told:?}");
    assert_eq!(listening.chat.discord.identified(), 10);
    listening.end().await;
}

/// On a day on which no connection holds, some of it is left for whoever needs it.
#[test]
fn a_day_of_failures_does_not_use_up_what_discord_allows() {
    let mut day = Duration::from_secs(86_400);
    let mut identifications = 0;
    for pause in Pace::default().identify.pauses() {
        assert!((Duration::from_secs(5)..=Duration::from_secs(20 * 60)).contains(&pause), "{pause:?}");
        let Some(left) = day.checked_sub(pause) else { break };
        (day, identifications) = (left, identifications + 1);
    }
    assert!(identifications < 200, "{identifications}");
}

/// As [`Pace`] has it, only that the second pause is longer than any test.
const HARDLY_EVER: Backoff =
    Backoff { first: Duration::from_millis(1), factor: 10_000_000.0, longest: Duration::from_secs(3_600) };

#[tokio::test]
async fn pauses_between_sessions_grow_while_none_holds_and_are_told() {
    let pace = Pace { identify: HARDLY_EVER, ..Pace::default() };
    let refuses = |discord: &FakeDiscord| (0..10).for_each(|_| discord.gateway_refuses(4000));
    let mut listening = Listening::start_at(pace, refuses).await;
    let waits = |standing: &ConnectionState| matches!(standing, ConnectionState::Interrupted(why) if why.contains("code 4000; the next is made in "));
    let waiting = listening.standing.wait_for(waits);
    drop(tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it waits").unwrap());
    assert_eq!(listening.chat.discord.identified(), 2);
    listening.end().await;
}

#[tokio::test]
async fn sessions_that_held_are_followed_by_the_next_at_once() {
    let pace = Pace { identify: HARDLY_EVER, steady_after: Duration::ZERO, ..Pace::default() };
    let listening = Listening::start_at(pace, |_| ()).await;
    for times in 1..=4 {
        listening.chat.connected(times).await;
        listening.chat.discord.gateway_says(&json!({ "op": 9, "d": false }));
    }
    listening.chat.connected(5).await;
    listening.end().await;
}

#[tokio::test]
async fn when_the_day_is_over_it_goes_on() {
    let mut listening =
        Listening::start(|discord| discord.starts_left_are(50, Duration::from_millis(20))).await;
    let spent = |standing: &ConnectionState| matches!(standing, ConnectionState::Interrupted(why) if why.contains("allows"));
    listening.standing.wait_for(spent).await.unwrap();
    listening.chat.discord.starts_left_are(1000, Duration::from_secs(86_400));
    listening.standing.wait_for(|standing| *standing == ConnectionState::Connected).await.unwrap();
    listening.end().await;
}

#[tokio::test]
async fn a_session_that_is_over_is_followed_by_a_new_one() {
    type Ends = fn(&FakeDiscord);
    let over: [(&str, Ends); 4] = [
        ("said so", |discord| discord.gateway_says(&json!({ "op": 9, "d": false }))),
        ("the wrong number", |discord| discord.gateway_closes(Some(4007))),
        ("away for too long", |discord| discord.gateway_closes(Some(4009))),
        ("said so when it was resumed", |discord| {
            discord.gateway_forgets();
            discord.gateway_closes(None);
        }),
    ];
    for (how, end_it) in over {
        let listening = Listening::start(|_| ()).await;
        let chat = &listening.chat;
        chat.discord.dispatch("INTERACTION_CREATE", &chat.command(DENIED)).await;
        chat.answered_once().await;
        end_it(&chat.discord);
        chat.connected(2).await;
        chat.discord.dispatch("INTERACTION_CREATE", &chat.command(NO_HOST)).await;
        let two = |discord: &FakeDiscord| (discord.posted(CHANNEL).len() == 2).then_some(());
        chat.discord.until(&format!("an answer in the new session, {how}"), two).await;
        listening.end().await;
    }
}

/// Where its own address is of no use, a session goes on where sessions begin: nothing that was asked is lost.
async fn resumed_where_sessions_begin(its_own: &str) {
    let listening = Listening::start(|discord| discord.gateway_resumes_at(its_own)).await;
    let chat = &listening.chat;
    chat.connected(1).await;
    chat.discord.gateway_closes(None);
    chat.discord.dispatch("INTERACTION_CREATE", &chat.command(DENIED)).await;
    chat.answered_once().await;
    assert_eq!((chat.discord.resumed(), chat.discord.identified()), (1, 1), "{its_own}");
    listening.end().await;
}

#[tokio::test]
async fn a_session_whose_address_is_gone_goes_on() {
    resumed_where_sessions_begin("http://127.0.0.1:9").await;
}

#[tokio::test]
async fn a_session_outlives_any_number_of_attempts_that_reach_nobody() {
    const BOT: &str = "/gateway/bot";
    let listening = Listening::start(|discord| discord.gateway_resumes_at("http://127.0.0.1:9")).await;
    let discord = &listening.chat.discord;
    listening.chat.connected(1).await;
    discord.fails_always(BOT, Fault::Refused(503, 0));
    discord.gateway_closes(None);
    let attempts = |discord: &FakeDiscord| (discord.calls(&format!("GET {BOT}")) > 10).then_some(());
    discord.until("ten attempts", attempts).await;
    discord.works_again(BOT);
    listening.chat.resumed().await;
    assert_eq!(discord.identified(), 1);
    listening.end().await;
}

/// The token is for Discord alone.
#[tokio::test]
async fn a_session_is_not_resumed_at_an_address_of_somebody_else() {
    let somebody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = somebody.local_addr().unwrap().port();
    resumed_where_sessions_begin(&format!("http://localhost:{port}")).await;
    assert!(somebody.accept().now_or_never().is_none(), "nobody came");
}

#[tokio::test]
async fn a_greeting_without_sense_is_survived() {
    for every in [Duration::ZERO, Duration::from_millis(1 << 62)] {
        let listening = Listening::start(|discord| discord.heartbeats_every(every)).await;
        listening.chat.connected(1).await;
        listening.chat.discord.gateway_says(&json!({ "op": 99, "d": every.as_secs() }));
        listening.chat.discord.dispatch("INTERACTION_CREATE", &listening.chat.command(DENIED)).await;
        listening.chat.answered_once().await;
        listening.end().await;
    }
}

#[tokio::test]
async fn other_codes_let_the_session_go_on() {
    for code in [1000, 1001, 4000, 4001, 4002, 4003, 4005, 4008] {
        let listening = Listening::start(|_| ()).await;
        let chat = &listening.chat;
        chat.connected(1).await;
        chat.discord.gateway_closes(Some(code));
        chat.resumed().await;
        chat.discord.dispatch("INTERACTION_CREATE", &chat.command(DENIED)).await;
        chat.answered_once().await;
        assert_eq!(chat.discord.identified(), 1, "{code}");
        listening.end().await;
    }
}

#[tokio::test]
async fn a_connection_that_discord_refuses_for_good_is_not_tried_again() {
    for code in [4004, 4010, 4011, 4012, 4013, 4014] {
        let mut listening = Listening::start(|discord| discord.gateway_refuses(code)).await;
        let standing =
            listening.standing.wait_for(|standing| matches!(standing, ConnectionState::Refused(_))).await;
        drop(standing.unwrap());
        // In the time of a whole conversation it would have tried again many times.
        let chat = &listening.chat;
        chat.interact(&chat.command(DENIED)).await;
        chat.answered_once().await;
        assert_eq!(chat.discord.gateway_saw("CONNECT"), 1, "{code}");
        listening.end().await;
    }
}
