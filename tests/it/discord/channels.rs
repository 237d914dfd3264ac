//! Channels and threads that are not like the others: forums, announcements, threads that rest or are locked.

use serde_json::Value;

use super::{Talking, shown};
use crate::slack::{DENIED, NO_HOST};
use crate::world::discord::{CHANNEL, FakeDiscord, Fault, Posted};

const THREAD: &str = "900000000000000001";

impl Talking {
    /// The messages in a channel or thread, when there are so many.
    async fn posted_in(&self, channel: &str, many: usize) -> Vec<Posted> {
        let enough =
            |discord: &FakeDiscord| Some(discord.posted(channel)).filter(|posted| posted.len() >= many);
        self.discord.until("messages", enough).await
    }

    fn woken(&self, thread: &str) -> usize {
        self.discord.calls(&format!("PATCH /channels/{thread}"))
    }
}

#[tokio::test]
async fn asked_in_the_post_of_a_forum_the_answer_stays_in_that_post() {
    const FORUM: &str = "220000000000000001";
    for is_over in [false, true] {
        let chat = Talking::over_http().await;
        chat.discord.channel(FORUM, 15);
        chat.discord.thread(THREAD, 11, FORUM);
        let command = chat.command_in(THREAD, DENIED);
        if is_over {
            // The acknowledgement was lost on its way, so Discord knows no reply to edit.
            chat.post(&command.to_string()).await;
        } else {
            chat.interact(&command).await;
        }
        let [verdict, details] = chat.posted_in(THREAD, 2).await.try_into().unwrap();
        assert!(shown(&verdict).starts_with("**Not recorded:**") && shown(&details).contains("Timeline"));
        chat.settled().await;
        assert_eq!(chat.discord.calls(&format!("POST /channels/{FORUM}/messages")), 0);
        assert_eq!(chat.discord.posted(THREAD).len(), 2);
        chat.end().await;
    }
}

#[tokio::test]
async fn below_an_announcement_hangs_a_thread_of_its_kind_where_buttons_work() {
    const NEWS: &str = "230000000000000001";
    let chat = Talking::over_http().await;
    chat.discord.channel(NEWS, 5);
    chat.interact(&chat.command_in(NEWS, NO_HOST)).await;
    let verdict = chat.posted_in(NEWS, 1).await.remove(0);
    let details = chat.posted_in(&verdict.id, 1).await.remove(0);
    assert_eq!(chat.discord.kind(&verdict.id), 10);
    chat.interact(&chat.press(&format!("wnr:host_was_there:{NO_HOST}"), &details)).await;
    chat.settled().await;
    assert!(shown(&chat.discord.posted(&verdict.id)[0]).contains("answered the question"));
    assert!(shown(&chat.discord.posted(NEWS)[0]).contains("different Zoom account"), "the verdict above too");
    chat.end().await;
}

#[tokio::test]
async fn asked_in_a_thread_that_rests_the_answer_wakes_it() {
    let chat = Talking::over_http().await;
    chat.discord.thread(THREAD, 11, CHANNEL);
    chat.discord.archives(THREAD);
    chat.post(&chat.command_in(THREAD, DENIED).to_string()).await;
    chat.posted_in(THREAD, 2).await;
    chat.settled().await;
    assert!(!chat.discord.is_archived(THREAD));
    assert_eq!(chat.woken(THREAD), 0, "a message does that by itself");
    chat.end().await;
}

#[tokio::test]
async fn what_changes_in_a_thread_that_rests_wakes_it_once() {
    let chat = Talking::over_http().await;
    chat.interact(&chat.command(NO_HOST)).await;
    let (verdict, details) = chat.answered().await;
    chat.discord.archives(&verdict.id);
    chat.interact(&chat.press(&format!("wnr:host_was_there:{NO_HOST}"), &details)).await;
    chat.settled().await;
    let (_, details) = chat.answered().await;
    assert!(shown(&details).contains("answered the question"), "{}", shown(&details));
    assert_eq!((chat.woken(&verdict.id), details.edits), (1, 1));
    assert!(chat.discord.told().is_empty(), "nobody is told alone what all can see");
    chat.end().await;
}

/// The whole answer is told to the asker alone, and nothing stands in the thread.
async fn check_told_alone(prepare: impl FnOnce(&Talking) -> Value) {
    let chat = Talking::over_http().await;
    chat.discord.thread(THREAD, 11, CHANNEL);
    let command = prepare(&chat);
    chat.interact(&command).await;
    chat.settled().await;
    let told: Vec<String> = chat.discord.told().iter().map(shown).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("Timeline") && told[0].contains("Only you can see this"), "{told:?}");
    assert!(chat.discord.posted(THREAD).is_empty());
    chat.end().await;
}

#[tokio::test]
async fn asked_in_a_locked_thread_the_whole_answer_is_for_the_asker_alone() {
    check_told_alone(|chat| {
        chat.discord.locks(THREAD);
        chat.command_in(THREAD, DENIED)
    })
    .await;
    check_told_alone(|chat| {
        chat.discord.locks(THREAD);
        chat.discord.archives(THREAD);
        chat.command_in(THREAD, DENIED)
    })
    .await;
}

#[tokio::test]
async fn details_whose_thread_was_locked_meanwhile_are_told_to_the_asker_alone() {
    let chat = Talking::over_http().await;
    // Somebody was quicker with a thread below the verdict, and has locked it.
    chat.discord.fails("/threads", Fault::DoneAndReset);
    let command = chat.command(DENIED);
    let locking = async {
        let verdict = chat.posted_in(CHANNEL, 1).await.remove(0);
        chat.discord.thread(&verdict.id, 11, CHANNEL);
        chat.discord.locks(&verdict.id);
    };
    tokio::join!(locking, chat.interact(&command));
    chat.settled().await;
    assert!(shown(&chat.told().await).contains("Timeline"));
    assert_eq!(chat.discord.posted(CHANNEL).len(), 1);
    chat.end().await;
}

#[tokio::test]
async fn what_changes_in_a_locked_thread_is_told_to_whoever_pressed() {
    let chat = Talking::over_http().await;
    chat.interact(&chat.command(NO_HOST)).await;
    let (verdict, details) = chat.answered().await;
    chat.discord.archives(&verdict.id);
    chat.discord.locks(&verdict.id);
    chat.interact(&chat.press(&format!("wnr:host_was_there:{NO_HOST}"), &details)).await;
    chat.settled().await;
    assert!(shown(&chat.told().await).contains("answered the question"));
    assert_eq!(chat.woken(&verdict.id), 1, "it is tried once");
    let (verdict, details) = chat.answered().await;
    assert!(details.edits == 0 && shown(&verdict).contains("different Zoom account"));
    chat.end().await;
}

#[tokio::test]
async fn where_no_further_thread_can_be_had_the_answer_is_one_message() {
    for code in [160_006, 160_007] {
        let chat = Talking::over_http().await;
        chat.discord.fails("/threads", Fault::Refused(400, code));
        chat.interact(&chat.command(DENIED)).await;
        let whole = |discord: &FakeDiscord| {
            discord.posted(CHANNEL).into_iter().find(|posted| shown(posted).contains("Timeline"))
        };
        chat.discord.until("the whole answer", whole).await;
        chat.settled().await;
        assert_eq!(chat.discord.posted(CHANNEL).len(), 1);
        chat.end().await;
    }
}

#[tokio::test]
async fn an_interaction_whose_token_is_not_taken_any_more_is_answered_in_the_channel() {
    let chat = Talking::over_http().await;
    chat.discord.fails("@original", Fault::Refused(401, 50027));
    chat.interact(&chat.command(DENIED)).await;
    let posted = chat.posted_in(CHANNEL, 1).await;
    assert!(shown(&posted[0]).starts_with("**Not recorded:**"));
    chat.settled().await;
    assert_eq!(chat.discord.calls(&format!("POST /channels/{CHANNEL}/messages")), 1);
    chat.running.stop().await;
}
