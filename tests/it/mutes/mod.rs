//! Mutes, and who takes care of a bot.

mod discord;
mod killed;
mod policy;
mod property;
mod slack;
mod telling;
mod terminal;
mod watched;

use std::sync::atomic::{AtomicUsize, Ordering};

use why_no_recording::chat::action::Action;
use why_no_recording::chat::interaction::{ButtonOn, Interaction, InteractionKind, Requester};
use why_no_recording::chat::question::Question;
use why_no_recording::chat::{Chat, Destination, Message, MessageId};
use why_no_recording::report::mute::{MuteNotice, UNMUTE};
use why_no_recording::service::Service;

use crate::alerts::{Stage, at};
use crate::world::board::Said;

static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// What a person does in a channel of the board, at ten and so many seconds.
pub fn interaction(person: &str, channel: &str, seconds: i64, kind: InteractionKind) -> Interaction {
    let place = Destination { channel: channel.to_owned(), thread: None };
    Interaction {
        delivery_id: format!("console:mute-{}", NUMBER.fetch_add(1, Ordering::Relaxed)),
        chat: Chat::Console,
        at: at(seconds),
        requester: Requester::new(person.to_owned(), place),
        kind,
    }
}

/// The command with these words.
pub fn command(person: &str, channel: &str, seconds: i64, words: &str) -> Interaction {
    let (question, privately) = Question::parse_command(words);
    interaction(person, channel, seconds, InteractionKind::Ask { question, privately })
}

/// A button below a message.
pub fn press(person: &str, said: &Said, seconds: i64, action: Action) -> Interaction {
    let on = ButtonOn::Posted(MessageId(said.id.clone()));
    interaction(person, &said.channel, seconds, InteractionKind::Press { action, on })
}

/// Does it, and everything that follows.
pub async fn perform(service: &Service, interaction: &Interaction) {
    service.inbox.accept(interaction).await.unwrap();
    service.wait_until_idle(interaction.at).await.unwrap();
}

/// Types a command in the channel of the alerts.
pub async fn say(stage: &Stage, seconds: i64, words: &str) {
    perform(&stage.service, &command("sam", "alerts", seconds, words)).await;
}

/// The messages in the channel that are about mutes.
pub fn mutes(stage: &Stage) -> Vec<(Said, MuteNotice)> {
    stage.alerts().into_iter().filter_map(|said| Some((said.clone(), mute(&said)?.clone()))).collect()
}

/// The messages in the channel that are not.
pub fn others(stage: &Stage) -> Vec<Said> {
    stage.alerts().into_iter().filter(|said| mute(said).is_none()).collect()
}

pub fn mute(said: &Said) -> Option<&MuteNotice> {
    match &said.message {
        Message::Mute(notice) => Some(notice),
        _ => None,
    }
}

/// All words of a message, with names and times as they are stored.
pub fn words(notice: &MuteNotice) -> String {
    let button = notice.unmute.as_ref().map(|id| format!("[{UNMUTE} {id}]")).unwrap_or_default();
    format!("{:?}{button}", notice.lines)
}

/// The last thing that a person alone was told, in words.
pub fn told(stage: &Stage) -> String {
    match stage.board.ephemeral().last().expect("somebody was told something") {
        Message::Notice(words) => words.clone(),
        Message::Mute(notice) => words(notice),
        Message::Listing(list) => {
            format!("{} {}", list.heading, list.entries.iter().map(words).collect::<String>())
        }
        other => panic!("{other:?}"),
    }
}
