//! Live rescue seen from the watch: the service's own attempt, and cards that say what came of others.

use jiff::Timestamp;

use super::Watch;
use super::decide::BotContext;
use super::decision::{Decision, Enqueue};
use crate::acting::{CardPlace, attempts, heard_until, no_step, shown};
use crate::chat::Message;
use crate::chat::outbox_message::{Delivery, OutboxMessage};
use crate::observe::traces;
use crate::outbox::stored;
use crate::report::Report;
use crate::rescue::attempt::{Attempt, By};
use crate::rescue::offer::{Known, is_automatic, offer};
use crate::rescue::preview::preview;
use crate::rescue::{self, ATTEMPTS_MAX, Mode, Plan};
use crate::store::{DueBot, NewRescue};

impl Watch {
    /// Adds to the report what is said of asking again, decides if the service asks by itself, and edits the cards from
    /// which people asked.
    pub(super) fn rescue(
        &self,
        bot: &BotContext<'_>,
        can_ask: bool,
        report: &mut Report,
        decision: &mut Decision,
        now: Timestamp,
    ) {
        let mut so_far = attempts(&bot.due.rescues);
        let mode = self.answerer.rescue;
        if mode == Mode::Off && so_far.is_empty() {
            return;
        }
        let known = Known { mode, attempts: &so_far, can_ask };
        if is_automatic(bot.diagnosis, known) {
            decision.rescue = self.automatic(bot, known);
        }
        if decision.rescue.is_some() {
            so_far.push(Attempt {
                by: By::Service,
                plan: Plan::Ask,
                at: now,
                heard_until: heard_until(bot.diagnosis),
                is_over: false,
                not_begun: None,
                message: None,
                request: None,
            });
        }
        let known = Known { mode, attempts: &so_far, can_ask };
        report.rescue = rescue::card::card(bot.diagnosis, known);
        // The button comes back when the next attempt is possible.
        if let rescue::offer::Offer::NotBefore(at) = offer(bot.diagnosis, known) {
            let due_at = &mut decision.evaluation.due_at;
            *due_at = Some(due_at.map_or(at, |due_at| due_at.min(at)));
        }
        cards(bot.due, report, decision);
    }

    fn automatic(&self, bot: &BotContext<'_>, known: Known<'_>) -> Option<NewRescue> {
        let found = preview(bot.diagnosis, offer(bot.diagnosis, known), self.answerer.public_url.as_deref())?;
        let tried = known.attempts.iter().filter(|attempt| attempt.counts()).count();
        (tried < ATTEMPTS_MAX).then(|| NewRescue {
            press: format!("automatic/{}", bot.due.bot),
            bot: bot.due.bot.clone(),
            number: i64::try_from(tried + 1).unwrap_or(i64::MAX),
            workspace: bot.due.workspace.clone(),
            plan: Plan::Ask.as_str().to_owned(),
            digest: found.digest,
            text: found.text,
            heard_until: heard_until(bot.diagnosis).as_millisecond(),
            ..NewRescue::default()
        })
    }

    /// The names of the facts that bots of a workspace can't ask again.
    pub(super) fn no_steps(&self) -> Vec<String> {
        self.alerts.workspaces.iter().map(|workspace| no_step(&workspace.name)).collect()
    }
}

/// Edits the cards that say something else than what is known now.
fn cards(due: &DueBot, report: &Report, decision: &mut Decision) {
    let said = shown(report);
    for row in due.rescues.iter().filter(|row| row.is_over && row.shown.as_ref() != Some(&said)) {
        let Some(CardPlace::Message(chat, place, message)) = CardPlace::read(row.card.as_deref()) else {
            continue;
        };
        let outgoing = OutboxMessage {
            chat,
            delivery: Delivery::Edit(place, message),
            message: Message::Details { report: Box::new(report.clone()), note: None },
            asker: None,
            replaces_placeholder: false,
            mention: None,
            fallback_channel: None,
            last_event_at: None,
            trace: traces::here(),
        };
        let id = format!("rescue/{}/{}", row.press, due.last_event_at);
        let key = outgoing.ordering_key(&id);
        decision.messages.push(Enqueue::Post(stored(&outgoing, id, None, key)));
        decision.shown.push((row.press.clone(), said.clone()));
    }
}
