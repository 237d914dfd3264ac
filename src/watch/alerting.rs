//! Alerts of one bot: existing ones are updated, and new ones are placed.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Watch;
use super::decide::BotContext;
use super::decision::{Decision, Enqueue};
use super::load::Channels;
use super::messages::{ChannelMessage, details_of, head_of, line_of};
use crate::alerts::ChannelRef;
use crate::alerts::grouping::Placement;
use crate::alerts::lifecycle::AlertUpdate;
use crate::chat::{CardNote, Message};
use crate::report::alert::AlertState;
use crate::store::{DueBot, NewAlertRow, PostedAlert, ResolvedAlert};

/// An alert that is sent for the first time.
pub(super) struct NewAlert<'a> {
    /// The bot.
    pub(super) bot: &'a BotContext<'a>,
    /// The update.
    pub(super) update: &'a AlertUpdate,
    /// Whom to mention.
    pub(super) mention: Option<String>,
    /// When the webhook behind it arrived, if there is one.
    pub(super) last_event_at: Option<Timestamp>,
    /// `true` if a mute kept it back until now.
    pub(super) was_muted: bool,
}

impl Watch {
    /// Brings an alert up to date.
    pub(super) fn update_alert(
        &self,
        decision: &mut Decision,
        due: &DueBot,
        posted: &PostedAlert,
        update: &AlertUpdate,
        sent: &HashMap<String, String>,
        is_muted: impl Fn(&str) -> bool,
    ) {
        let resolved = update.alert.state == AlertState::Resolved;
        if resolved != posted.resolved {
            let (bot, channel) = (due.bot.clone(), posted.channel.clone());
            decision.resolved.push(ResolvedAlert { bot, channel, resolved });
            if let Some(group) = &posted.group_id {
                decision.counts.push((group.clone(), 0, if resolved { 1 } else { -1 }));
            }
        }
        // Neither has a message of its own.
        if posted.group_id.is_some() || posted.muted_by.is_some() {
            return;
        }
        let channel = ChannelRef(posted.channel.clone());
        let head = head_of(&due.bot, &posted.channel);
        let mark = mark_of(due, update);
        let answered = due.host_answer.as_ref().map(|(_, person)| CardNote::AnsweredBy(person.clone()));
        for (id, message, mention) in [
            (head.clone(), Message::Alert(Box::new(update.alert.clone())), posted.mention.clone()),
            (details_of(&head), details(update, answered), None),
        ] {
            let (bot, last_event_at) = (due.bot.as_str(), None);
            let changed =
                ChannelMessage { id: id.clone(), channel: &channel, bot, message, mention, last_event_at };
            decision.messages.extend(self.edit(&changed).map(|edit| Enqueue::Edit(id, edit)));
        }
        // An edit notifies nobody, so what is muted or taken care of is still kept up to date.
        let Some(place) = sent.get(&head) else { return };
        let is_quiet = is_muted(&posted.channel) || is_muted(place) || (due.taken.is_some() && !resolved);
        if update.notify && !is_quiet {
            let line = ChannelMessage {
                id: line_of(&head, &mark),
                channel: &channel,
                bot: &due.bot,
                message: Message::Notice(update.alert.thread_line()),
                mention: None,
                last_event_at: None,
            };
            decision.messages.extend(self.new_message(&line).map(|row| Enqueue::Reply(head, row)));
        }
    }

    /// Sends an alert to a channel for the first time: in a message of its own, or counted with others.
    pub(super) fn new_alert(
        &self,
        decision: &mut Decision,
        channel: &ChannelRef,
        new: &NewAlert<'_>,
        channels: &Channels,
        now: Timestamp,
    ) {
        let decided = decision.alerts.iter().chain(&decision.released);
        if decided.into_iter().any(|alert| alert.channel == channel.0) {
            return;
        }
        let NewAlert { bot, update, mention, last_event_at, was_muted } = new;
        let cause = update.last_alert.cause.as_str();
        let recent = channels.recent.get(&channel.0);
        let lately = recent.map(|recent| recent.lately(cause)).unwrap_or_default();
        let placement = self.alerts.policy.grouping.place_next(lately);
        let group_id = (placement != Placement::Own)
            .then(|| self.group(decision, channel, placement == Placement::ByCause, new, channels, now));
        if let Some(group) = &group_id {
            decision.counts.push((group.clone(), 1, 0));
        }
        let is_counted = group_id.is_some();
        let bot = bot.due.bot.as_str();
        let alerts = if *was_muted { &mut decision.released } else { &mut decision.alerts };
        alerts.push(NewAlertRow {
            bot: bot.to_owned(),
            channel: channel.0.clone(),
            cause: cause.to_owned(),
            group_id,
            mention: mention.clone(),
            muted_by: None,
        });
        if is_counted {
            return;
        }
        let head = head_of(bot, &channel.0);
        let alert = ChannelMessage {
            id: head.clone(),
            channel,
            bot,
            message: Message::Alert(Box::new(update.alert.clone())),
            mention: mention.clone(),
            last_event_at: *last_event_at,
        };
        decision.messages.extend(self.new_message(&alert).map(Enqueue::Post));
        let (id, message) = (details_of(&head), details(update, None));
        let details = ChannelMessage { id, channel, bot, message, mention: None, last_event_at: None };
        decision.messages.extend(self.new_message(&details).map(|row| Enqueue::Reply(head, row)));
    }
}

/// Returns the ID of an update: the same if it is decided again after a crash, and never that of another. The
/// revision is stored with the bot. If a purge deletes it, the event that brings the bot back is a later one.
fn mark_of(due: &DueBot, update: &AlertUpdate) -> String {
    format!("{}-{}-{}", update.alert.state.as_str(), update.last_alert.revision, due.last_event_at)
}

fn details(update: &AlertUpdate, note: Option<CardNote>) -> Message {
    Message::Details { report: Box::new(update.alert.report.clone()), note }
}
