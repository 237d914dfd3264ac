//! Thinking about the bots that are due: what happened, how things stand, what is to be said.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use jiff::{SignedDuration, Timestamp};

use super::Watch;
use super::parcels::{Unaddressed, details_of, head_of};
use crate::alerts::Place;
use crate::alerts::fold::{Fold, Lately};
use crate::alerts::living::{Saying, Told};
use crate::alerts::route::Traits;
use crate::alerts::standing::{Standing, Weighed};
use crate::chat::{Aside, Message};
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::case_file::CaseFile;
use crate::diagnosis::{Diagnosis, diagnose};
use crate::observe::verdict::verdict;
use crate::recall::event::BotEvent;
use crate::recall::{Learned, case_file_from_events};
use crate::report::alert::AlertState;
use crate::report::{compose, notices};
use crate::store::{Desk, DueBot, StandingAlert, StoreError, Thought};

/// Bots in one transaction. More would make webhooks wait for the writer.
const TOGETHER_MAX: i64 = 16;
/// What does not follow from webhooks alone with certainty is told after this time, whatever Recall.ai says.
const GRACE: SignedDuration = SignedDuration::from_secs(3);
/// Recall.ai is asked so long before a warning would be given, to know the bot's own settings by then.
const ASKED_AHEAD: SignedDuration = SignedDuration::from_secs(15);
/// A place that took no message is tried again after this time.
const CLOSED_FOR: SignedDuration = SignedDuration::from_hours(1);
/// A bot that was thought about is left alone for this time, unless there is news.
const SOONEST: SignedDuration = SignedDuration::from_secs(1);
/// A bot that cannot be thought about is left alone for this time.
const AFTER_PANIC: SignedDuration = SignedDuration::from_mins(10);

impl Watch {
    /// Thinks about some of the bots that are due, and about the storms. Says whether there was anything.
    ///
    /// # Errors
    /// Where the database does not do it; then nothing has happened, and the bots are still due.
    pub async fn think(&self, now: Timestamp) -> Result<bool, StoreError> {
        let mut desk = self.store.desk().await?;
        let due = desk.due_bots(now, TOGETHER_MAX).await?;
        for bot in &due {
            self.think_about(&mut desk, bot, now).await?;
        }
        let storms = self.write_storms(&mut desk, now).await?;
        desk.commit().await?;
        let any = !due.is_empty() || storms;
        if any {
            self.said.notify_one();
            self.wondered.notify_one();
        }
        Ok(any)
    }

    #[tracing::instrument(name = "think", skip_all, fields(bot.id = due.bot))]
    async fn think_about(&self, desk: &mut Desk, due: &DueBot, now: Timestamp) -> Result<(), StoreError> {
        let Ok(id) = due.bot.parse::<BotId>() else {
            return desk.put_away(&due.bot, &Thought::default()).await;
        };
        let events: Vec<BotEvent> =
            desk.events(&due.bot).await?.iter().filter_map(|body| serde_json::from_str(body).ok()).collect();
        let answer = desk.answer_about(&due.bot).await?;
        let case = self.case_file(id, due, &events, answer.as_ref().map(|(present, _)| *present), now);
        // One bot that breaks the engine must not stop the others.
        let thought = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let diagnosis = diagnose(&case, &self.answering.catalogue);
            let weighed = self.unasked.policy.weigh(&diagnosis);
            (diagnosis, weighed)
        }));
        let Ok((diagnosis, weighed)) = thought else {
            tracing::error!(bot.id = due.bot, "Thinking about a bot panicked.");
            metrics::counter!("wnr_thoughts_failed_total").increment(1);
            let later = Thought { due_at: Some(now + AFTER_PANIC), told: due.told.clone(), ask_at: None };
            return desk.put_away(&due.bot, &later).await;
        };
        let told: Option<Told> = due.told.as_deref().and_then(|told| serde_json::from_str(told).ok());
        let news = News::of(due, now);
        let about = About { due, diagnosis: &diagnosis, weighed, told, news, events: &events };
        let person = answer.map(|(_, person)| person);
        let mut thought = self.decide(desk, about, person, now).await?;
        // Never due again at once: a mistake in a timer must not become a loop.
        thought.due_at = thought.due_at.map(|due_at| due_at.max(now + SOONEST));
        desk.put_away(&due.bot, &thought).await
    }

    fn case_file(
        &self,
        id: BotId,
        due: &DueBot,
        events: &[BotEvent],
        host_was_present: Option<bool>,
        now: Timestamp,
    ) -> CaseFile {
        let learned: Option<CaseFile> =
            due.learned.as_deref().and_then(|learned| serde_json::from_str(learned).ok());
        let at = due.learned_at.and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or(now);
        let learned = learned.as_ref().map(|case| Learned { case, at });
        let mut case = case_file_from_events(id, events, learned, now);
        case.host_was_present = host_was_present;
        if case.dashboard_url.is_none() {
            let workspace = self.watched(&due.workspace);
            case.dashboard_url = workspace.map(|own| crate::recall::dashboard_url(&own.base_url, id));
        }
        case
    }

    async fn decide(
        &self,
        desk: &mut Desk,
        about: About<'_>,
        person: Option<String>,
        now: Timestamp,
    ) -> Result<Thought, StoreError> {
        let About { due, diagnosis, weighed, told, news, .. } = &about;
        let policy = &self.unasked.policy;
        let mut thought =
            Thought { due_at: weighed.look_again, told: due.told.clone(), ask_at: about.ask_at(now) };
        let Some(saying) = policy.say(diagnosis, weighed, compose(diagnosis), told.as_ref()) else {
            return Ok(thought);
        };
        let metadata = about.metadata();
        let routed = policy.route(&Traits {
            workspace: &due.workspace,
            platform: diagnosis.platform,
            cause: diagnosis.cause.id.as_str(),
            actor: diagnosis.actor,
            metadata: &metadata,
        });
        let uncertain = !weighed.stated || routed.depends_on_platform;
        if told.is_none() && uncertain && !news.was_learned && now < news.heard_at + GRACE {
            // Recall.ai gets its chance to say more, and so do webhooks that come right behind this one.
            thought.due_at = Some(news.heard_at + GRACE);
            return Ok(thought);
        }
        if told.as_ref().is_none_or(|told| told.cause != saying.told.cause) {
            verdict(&due.bot, diagnosis, false);
            if routed.places.is_empty() {
                metrics::counter!("wnr_alerts_total", "told" => "nowhere").increment(1);
            }
        }
        let standing = desk.alerts_of(&due.bot).await?;
        for alert in &standing {
            self.update(desk, due, alert, &saying, person.as_deref(), now).await?;
        }
        let mut own = standing.iter().any(|alert| alert.storm.is_none());
        // What is old wakes nobody.
        let mention = routed.mention.filter(|_| saying.alert.late.is_none());
        // Other warnings come when their time has come, long after the webhook.
        let by_webhook = weighed.stated || saying.alert.state == AlertState::Failed;
        let heard_at = by_webhook.then_some(news.heard_at);
        let telling = Telling { saying: &saying, diagnosis, mention, heard_at };
        if matches!(saying.alert.state, AlertState::Warning | AlertState::Failed) {
            for place in &routed.places {
                if standing.iter().all(|alert| alert.place != place.0) {
                    own |= self.tell(desk, &due.bot, place, &telling, now).await?;
                }
            }
        }
        // Whoever is only counted in a storm is not looked up: there are too many of them.
        thought.ask_at = thought.ask_at.filter(|_| own);
        thought.told = serde_json::to_string(&saying.told).ok();
        Ok(thought)
    }

    /// Brings a message that stands up to date.
    async fn update(
        &self,
        desk: &mut Desk,
        due: &DueBot,
        standing: &StandingAlert,
        saying: &Saying,
        person: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let good = saying.alert.state == AlertState::Resolved;
        if good != standing.good {
            desk.is_good(&due.bot, standing, good).await?;
            if let Some(storm) = &standing.storm {
                self.count(desk, storm, 0, if good { 1 } else { -1 }, now).await?;
            }
        }
        if standing.storm.is_some() {
            return Ok(());
        }
        let place = Place(standing.place.clone());
        let head = head_of(&due.bot, &standing.place);
        let answered = person.map(|person| Aside::AnsweredBy(person.to_owned()));
        for (id, message, mention) in [
            (head.clone(), Message::Alert(Box::new(saying.alert.clone())), standing.mention.clone()),
            (details_of(&head), details(saying, answered), None),
        ] {
            let changed = Unaddressed {
                id: id.clone(),
                place: &place,
                subject: &due.bot,
                message,
                mention,
                heard_at: None,
            };
            if let (Some(new), Some(change)) = (self.new_message(&changed), self.change(&changed)) {
                desk.amend(&id, &new.body, &change, now).await?;
            }
        }
        let Some(news) = &saying.news else { return Ok(()) };
        let id = format!("{head}/news/{}", now.as_millisecond());
        let message = Message::Notice(notices::news(news));
        let news =
            Unaddressed { id, place: &place, subject: &due.bot, message, mention: None, heard_at: None };
        if let Some(parcel) = self.new_message(&news) {
            desk.post_below(&head, parcel, now).await?;
        }
        Ok(())
    }

    /// Tells a place of a bot for the first time: in a message of its own, or counted with others. Says
    /// whether it has its own.
    async fn tell(
        &self,
        desk: &mut Desk,
        bot: &str,
        place: &Place,
        telling: &Telling<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Telling { saying, mention, heard_at, .. } = telling;
        let folding = self.unasked.policy.folding;
        let cause = saying.told.cause.as_str();
        let said = desk.said_lately(&place.0, cause, now - folding.window).await?;
        let fold = folding.one_more(Lately {
            of_this_cause: said.of_this_cause,
            messages: said.messages,
            counting_this_cause: said.storm_of_this_cause.is_some(),
            counting_all: said.storm_of_all.is_some(),
        });
        if fold != Fold::Own {
            let storm = self.storm(desk, place, fold, &said, telling, now).await?;
            if desk.tell(bot, &place.0, cause, Some(&storm), mention.as_deref(), now).await? {
                self.count(desk, &storm, 1, 0, now).await?;
            }
            metrics::counter!("wnr_alerts_total", "told" => "folded").increment(1);
            return Ok(false);
        }
        if !desk.tell(bot, &place.0, cause, None, mention.as_deref(), now).await? {
            return Ok(true);
        }
        metrics::counter!("wnr_alerts_total", "told" => "own").increment(1);
        let head = head_of(bot, &place.0);
        let message = Message::Alert(Box::new(saying.alert.clone()));
        let mention = mention.clone();
        let alert =
            Unaddressed { id: head.clone(), place, subject: bot, message, mention, heard_at: *heard_at };
        self.post(desk, &alert, now).await?;
        let id = details_of(&head);
        let message = details(saying, None);
        let details = Unaddressed { id, place, subject: bot, message, mention: None, heard_at: None };
        if let Some(parcel) = self.new_message(&details) {
            desk.post_below(&head, parcel, now).await?;
        }
        Ok(true)
    }

    /// Posts a new message: where it is meant to go, or at once in the fallback of a place that is closed.
    pub(super) async fn post(
        &self,
        desk: &mut Desk,
        message: &Unaddressed<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(mut parcel) = self.new_message(message) else { return Ok(()) };
        if let Some((fallback, why)) = self.instead_of(desk, message.place, now).await? {
            parcel.lane = fallback;
            parcel.remark = Some(why);
        }
        desk.post(&parcel, now).await
    }

    /// The place that takes what this one does not, and why it does.
    async fn instead_of(
        &self,
        desk: &mut Desk,
        place: &Place,
        now: Timestamp,
    ) -> Result<Option<(String, String)>, StoreError> {
        let Some(why) = desk.closed_since(&place.0, now - CLOSED_FOR).await? else { return Ok(None) };
        let Some((chat, channel)) = place.0.split_once(':') else { return Ok(None) };
        let fallback = crate::chat::Chat::from_word(chat).and_then(|chat| self.unasked.fallbacks.get(&chat));
        Ok(fallback
            .filter(|fallback| *fallback != channel)
            .map(|fallback| (format!("{chat}:{fallback}"), notices::meant_for(channel, &why))))
    }
}

/// What is told of a bot for the first time.
pub(super) struct Telling<'a> {
    /// What is said.
    pub(super) saying: &'a Saying,
    /// What that rests on.
    pub(super) diagnosis: &'a Diagnosis<'a>,
    /// Whom to mention.
    pub(super) mention: Option<String>,
    /// When the news came.
    pub(super) heard_at: Option<Timestamp>,
}

fn details(saying: &Saying, aside: Option<Aside>) -> Message {
    Message::Details { report: Box::new(saying.alert.report.clone()), aside }
}

/// How fresh what is known of a bot is.
#[derive(Debug, Clone, Copy)]
struct News {
    heard_at: Timestamp,
    /// When Recall.ai was last asked, whatever came of it.
    asked_at: Option<Timestamp>,
    /// It was asked since the last news.
    was_asked: bool,
    /// It was asked since the last news, and answered.
    was_learned: bool,
}

impl News {
    fn of(due: &DueBot, now: Timestamp) -> Self {
        let asked_at = due.learned_at.max(due.ask_failed_at);
        Self {
            heard_at: Timestamp::from_millisecond(due.heard_at).unwrap_or(now),
            asked_at: asked_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
            was_asked: asked_at.is_some_and(|at| at >= due.heard_at),
            was_learned: due.learned_at.is_some_and(|at| at >= due.heard_at),
        }
    }
}

/// A bot that is thought about.
struct About<'a> {
    due: &'a DueBot,
    diagnosis: &'a Diagnosis<'a>,
    weighed: Weighed,
    told: Option<Told>,
    news: News,
    events: &'a [BotEvent],
}

impl About<'_> {
    /// When to ask Recall.ai about it, if that could tell more than is known.
    fn ask_at(&self, now: Timestamp) -> Option<Timestamp> {
        let should_be_gone = self.diagnosis.facts.leaves_at.filter(|leaves_at| *leaves_at < now);
        if let Some(leaves_at) = should_be_gone
            && self.diagnosis.live
            && self.news.asked_at.is_none_or(|at| at < leaves_at)
        {
            // It should have left by now, and nobody said that it did.
            return Some(now);
        }
        // After a failure there is a time to ask again already.
        if self.news.was_asked {
            return None;
        }
        match self.weighed.standing {
            Standing::AtRisk | Standing::Failed => Some(now),
            Standing::Open if !self.diagnosis.live => Some(now),
            Standing::Open => self.weighed.look_again.map(|at| (at - ASKED_AHEAD).max(now)),
            Standing::Good | Standing::Ended => self.told.as_ref().map(|_| now),
        }
    }

    /// What the developer attached to the bot, as the events tell it.
    fn metadata(&self) -> BTreeMap<String, String> {
        self.events.iter().flat_map(|event| event.metadata.clone()).collect()
    }
}
