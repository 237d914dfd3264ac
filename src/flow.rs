//! The spine: fetch, diagnose, compose, deliver.

use jiff::Timestamp;

use crate::chat::action::Action;
use crate::chat::question::{BOTS_MAX, Question};
use crate::chat::{DeliveryError, Destination, Message, MessageId, Messenger};
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::catalogue::Catalogue;
use crate::diagnosis::diagnose;
use crate::recall::Fetcher;
use crate::report::{Explanation, Report, compose, did_you_mean};

const HELP: &str = "Ask with /why-no-recording and a bot id, or with a link to the bot in Recall.ai's dashboard. \
    Up to 5 bots at a time. \"explain\" and a cause or sub code tells what it means.";

/// What answering takes.
#[derive(Debug)]
pub struct Answering {
    /// Where bots come from.
    pub fetcher: Fetcher,
    /// What causes mean.
    pub catalogue: Catalogue,
}

impl Answering {
    /// Answers a question: the verdict where it was asked, the details in a thread below it.
    ///
    /// # Errors
    /// Where a message could not be delivered.
    pub async fn answer(
        &self,
        question: &Question,
        to: &Destination,
        messenger: &dyn Messenger,
        now: Timestamp,
    ) -> Result<(), DeliveryError> {
        let bots = match question {
            Question::Bots(bots) => bots,
            Question::Explain(code) => return messenger.tell(to, &self.explain(code)).await,
            Question::Help => return messenger.tell(to, &notice(HELP)).await,
            Question::TooMany(many) => {
                let text = format!(
                    "These are {many} bots, and one question may be about {BOTS_MAX}. Ask for fewer."
                );
                return messenger.tell(to, &Message::Notice(text)).await;
            }
            Question::NoId => {
                let text = format!("There is no bot id in this. {HELP}");
                return messenger.tell(to, &Message::Notice(text)).await;
            }
        };
        for bot in bots {
            match self.report(*bot, None, now).await {
                Ok(report) => deliver(report, to, messenger).await?,
                Err(advice) => messenger.tell(to, &Message::Notice(advice)).await?,
            }
        }
        Ok(())
    }

    /// Does what a button stands for, for the person who pressed it.
    ///
    /// # Errors
    /// Where a message could not be delivered.
    pub async fn act(
        &self,
        action: Action,
        pressed: (&Destination, &MessageId),
        person: &str,
        messenger: &dyn Messenger,
        now: Timestamp,
    ) -> Result<(), DeliveryError> {
        let (at, message) = pressed;
        let (bot, host_was_present) = match action {
            Action::HostWasThere(bot) => (bot, Some(true)),
            Action::HostWasNotThere(bot) => (bot, Some(false)),
            Action::Recheck(bot) | Action::HostMessage(bot) => (bot, None),
        };
        let report = match self.report(bot, host_was_present, now).await {
            Ok(report) => report,
            Err(advice) => return messenger.tell(at, &Message::Notice(advice)).await,
        };
        if matches!(action, Action::HostMessage(_)) {
            let told = report.host_message.map_or_else(
                || notice("There is nothing that the host could change, so there is no message for them."),
                Message::HostMessage,
            );
            return messenger.tell(at, &told).await;
        }
        let answered_by = host_was_present.map(|_| person.to_owned());
        messenger.edit(at, message, &Message::Details { report: Box::new(report), answered_by }).await
    }

    async fn report(
        &self,
        bot: BotId,
        host_was_present: Option<bool>,
        now: Timestamp,
    ) -> Result<Report, String> {
        let mut case = self.fetcher.case_file(bot, now).await.map_err(|error| error.advice())?;
        case.host_was_present = host_was_present;
        Ok(compose(&diagnose(&case, &self.catalogue)))
    }

    fn explain(&self, code: &str) -> Message {
        match self.catalogue.find(code) {
            Ok(cause) => Message::Explanation(Explanation::of(cause)),
            Err(near) => {
                let hint = did_you_mean(&near).unwrap_or_default();
                Message::Notice(format!("\"{code}\" is not in our list. {hint}").trim_end().to_owned())
            }
        }
    }
}

async fn deliver(report: Report, to: &Destination, messenger: &dyn Messenger) -> Result<(), DeliveryError> {
    let report = Box::new(report);
    let verdict = messenger.post(to, &Message::Verdict(report.clone())).await?;
    // Asked in a thread, the details stay in that thread.
    let thread = Some(to.thread.clone().unwrap_or(verdict));
    let thread = Destination { channel: to.channel.clone(), thread };
    messenger.post(&thread, &Message::Details { report, answered_by: None }).await.map(drop)
}

fn notice(text: &str) -> Message {
    Message::Notice(text.to_owned())
}
