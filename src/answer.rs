//! Answers an interaction: fetches, diagnoses, composes and addresses the answer.

use jiff::Timestamp;

use crate::chat::action::Action;
use crate::chat::interaction::{ButtonOn, Interaction, InteractionKind, Requester};
use crate::chat::outbox_message::{Delivery, Draft, OutboxMessage};
use crate::chat::question::{BOTS_MAX, Question};
use crate::chat::{CardNote, Chat, Destination, HostMessage, Message, MessageId, Messenger};
use crate::diagnosis::bot_id::BotId;
use crate::diagnosis::case_file::CaseFile;
use crate::diagnosis::catalogue::Catalogue;
use crate::diagnosis::vocabulary::ParticipantNames;
use crate::diagnosis::{Diagnosis, diagnose};
use crate::observe::traces;
use crate::observe::verdict::{Trigger, Verdict};
use crate::pages::Pages;
use crate::recall::Fetcher;
use crate::report::language::Language;
use crate::report::people::compose_with_people;
use crate::report::recurrence::Recurrence;
use crate::report::{Explanation, Report, did_you_mean, notices};
use crate::rescue::attempt::Attempt;
use crate::rescue::offer::Known;
use crate::rescue::{self, Mode};

/// Everything that an answer depends on.
#[derive(Debug)]
pub struct Answerer {
    /// The source of bots.
    pub fetcher: Fetcher,
    /// The catalogue of causes.
    pub catalogue: Catalogue,
    /// What is for the host, in its languages.
    pub pages: &'static Pages,
    /// How answers name people.
    pub participant_names: ParticipantNames,
    /// Where people reach this service, without a slash at its end; pages for hosts are linked there.
    pub public_url: Option<String>,
    /// Who may send something into a running meeting.
    pub rescue: Mode,
}

/// What the service remembers about a bot, beside what Recall.ai says.
#[async_trait::async_trait]
pub trait Memory: Send + Sync {
    /// Returns what is remembered about this bot of this workspace.
    async fn of(&self, bot: BotId, workspace: &str) -> Remembered;
}

/// What is remembered about a bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The attempts to get a recording while the meeting runs, oldest first.
    pub attempts: Vec<Attempt>,
    /// `false` if Recall.ai said that bots of this workspace can't ask again.
    pub can_ask: bool,
}

/// The stored context for a button that a person selected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriorContext {
    /// The host answer for this bot, and the user who gave it.
    pub answer: Option<(bool, String)>,
    /// The message above the thread, if it is our verdict about this bot.
    pub verdict: Option<MessageId>,
}

/// What is stored about earlier failures.
#[async_trait::async_trait]
pub trait Recurrences: Send + Sync {
    /// Returns how often it failed lately for whoever's bot this is; `None` if this is the first time, the bot didn't
    /// fail, or that can't be read.
    async fn recurrence(&self, bot: BotId, report: &Report) -> Option<Recurrence>;
}

/// What an answer is made from, besides Recall.ai.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The platform on which the question was asked.
    pub messenger: &'a dyn Messenger,
    /// What is stored about earlier failures.
    pub recurrences: &'a dyn Recurrences,
    /// What is stored about attempts in the meeting.
    pub memory: &'a dyn Memory,
}

impl Answerer {
    /// Answers an interaction. The drafts are addressed and in the order in which they are to be posted.
    ///
    /// This never fails: if something could not be learned, the answer says so.
    pub async fn answer(
        &self,
        interaction: &Interaction,
        prior: &PriorContext,
        sources: Sources<'_>,
        now: Timestamp,
    ) -> Vec<Draft> {
        let address = Address::of(interaction);
        let mut drafts = self.drafts(interaction, &address, prior, sources, now).await;
        if let Some(first) = drafts.first_mut() {
            first.outgoing.replaces_placeholder = true;
        }
        drafts
    }

    async fn drafts(
        &self,
        interaction: &Interaction,
        address: &Address<'_>,
        prior: &PriorContext,
        sources: Sources<'_>,
        now: Timestamp,
    ) -> Vec<Draft> {
        match &interaction.kind {
            InteractionKind::Ask { question: Question::ThreadStart, privately } => {
                let first = sources.messenger.thread_start(&interaction.requester.destination).await;
                match first.ok().flatten().map(|text| Question::in_message(&text)) {
                    Some(question @ (Question::Bots(_) | Question::TooMany(_))) => {
                        self.answer_question(&question, *privately, address, sources, now).await
                    }
                    Some(_) => address.notice(notices::NO_ID_IN_THREAD),
                    None => address.notice(notices::THREAD_UNREADABLE),
                }
            }
            InteractionKind::Ask { question, privately } => {
                self.answer_question(question, *privately, address, sources, now).await
            }
            InteractionKind::Press { action, on } => self.act(action, on, address, prior, sources, now).await,
            // Nobody asked, so there is nothing to say.
            InteractionKind::Links { .. } | InteractionKind::Home => Vec::new(),
            InteractionKind::Mute { .. } | InteractionKind::NotUnderstood => {
                address.notice(notices::NOT_UNDERSTOOD)
            }
        }
    }

    async fn answer_question(
        &self,
        question: &Question,
        privately: bool,
        address: &Address<'_>,
        sources: Sources<'_>,
        now: Timestamp,
    ) -> Vec<Draft> {
        let in_threads = address.chat.how_to_ask_in_threads();
        let bots = match question {
            Question::Bots(bots) => bots,
            Question::Explain(code) => return address.tell(self.explain(code.as_str())),
            // The inbox has a digest for it, and here is none.
            Question::Help | Question::Digest(_) => return address.notice(&notices::help(in_threads)),
            Question::TooMany(many) => return address.notice(&notices::too_many(*many, BOTS_MAX)),
            Question::Mute(_)
            | Question::MuteUnclear(_)
            | Question::Unmute(_)
            | Question::Mutes
            | Question::Recent
            | Question::NoId
            | Question::ThreadStart => return address.notice(&notices::no_id(in_threads)),
        };
        let mut drafts = Vec::new();
        for bot in bots {
            match self.fetch_and_report(*bot, None, None, sources, now).await {
                Err(advice) => drafts.extend(address.notice(&advice)),
                Ok(report) if privately => {
                    drafts.extend(address.tell(Message::Details { report: Box::new(report), note: None }));
                }
                Ok(report) => address.verdict_and_details(report, &mut drafts),
            }
        }
        drafts
    }

    async fn act(
        &self,
        action: &Action,
        on: &ButtonOn,
        address: &Address<'_>,
        prior: &PriorContext,
        sources: Sources<'_>,
        now: Timestamp,
    ) -> Vec<Draft> {
        let answer = match action.host_was_present() {
            Some(present) => Some((present, address.requester.user_id.clone())),
            None => prior.answer.clone(),
        };
        let present = answer.as_ref().map(|(present, _)| *present);
        let language = match action {
            Action::HostMessageIn(_, language) => Some(*language),
            _ => None,
        };
        let Some(bot) = action.bot() else { return address.notice(notices::NOT_UNDERSTOOD) };
        let report = match self.fetch_and_report(bot, present, language, sources, now).await {
            Ok(report) => report,
            Err(advice) => return address.notice(&advice),
        };
        if let Action::HostMessage(_) | Action::HostMessageIn(..) = action {
            let Some(message) = HostMessage::of(&report) else {
                return address.notice(notices::NO_HOST_MESSAGE);
            };
            let delivery = match on {
                ButtonOn::Ephemeral if language.is_some() => {
                    Delivery::EditEphemeral(address.requester.clone())
                }
                _ => Delivery::Ephemeral(address.requester.clone()),
            };
            return vec![address.draft(delivery, Message::HostMessage(message))];
        }
        if let Action::Why(_) = action {
            let mut drafts = Vec::new();
            address.verdict_and_details(report, &mut drafts);
            return drafts;
        }
        let note = answer.map(|(_, person)| CardNote::AnsweredBy(person));
        let delivery = match on {
            ButtonOn::Posted(message) => {
                Delivery::Edit(address.requester.destination.clone(), message.clone())
            }
            ButtonOn::Ephemeral => Delivery::EditEphemeral(address.requester.clone()),
        };
        let details = Message::Details { report: Box::new(report.clone()), note };
        let mut drafts = vec![address.draft(delivery, details)];
        if let Some(verdict) = &prior.verdict {
            let above = Destination { channel: address.requester.destination.channel.clone(), thread: None };
            let message = Message::Verdict(Box::new(report));
            drafts.push(address.draft(Delivery::Edit(above, verdict.clone()), message));
        }
        drafts
    }

    /// Fetches what is known of a bot, with what a person answered about its host.
    ///
    /// # Errors
    /// Returns the text to show instead if the bot could not be fetched.
    pub async fn case_file(
        &self,
        bot: BotId,
        host_was_present: Option<bool>,
        now: Timestamp,
    ) -> Result<CaseFile, String> {
        let mut case = self.fetcher.case_file(bot, now).await.map_err(|error| error.advice())?;
        case.host_was_present = host_was_present;
        Ok(case)
    }

    /// Diagnoses a bot that was asked about, counts the verdict, and composes its report.
    #[must_use]
    pub fn report(&self, case: &CaseFile) -> Report {
        let diagnosis = diagnose(case, &self.catalogue);
        if let Some(bot) = case.bot_id {
            Verdict::of(&diagnosis).count(bot, Trigger::Question);
        }
        self.composed(&diagnosis)
    }

    /// Diagnoses a bot and composes its report, without counting the verdict.
    #[must_use]
    pub fn compose(&self, case: &CaseFile) -> Report {
        self.composed(&diagnose(case, &self.catalogue))
    }

    fn composed(&self, diagnosis: &Diagnosis<'_>) -> Report {
        let report = compose_with_people(diagnosis, self.participant_names);
        self.for_the_host(report, diagnosis, None)
    }

    async fn fetch_and_report(
        &self,
        bot: BotId,
        host_was_present: Option<bool>,
        language: Option<Language>,
        sources: Sources<'_>,
        now: Timestamp,
    ) -> Result<Report, String> {
        let found = self.fetcher.case_file_in("", bot, now).await;
        let (mut case, workspace) = found.map_err(|error| error.advice())?;
        let remembered = sources.memory.of(bot, workspace).await;
        case.host_was_present = host_was_present;
        let diagnosis = diagnose(&case, &self.catalogue);
        Verdict::of(&diagnosis).count(bot, Trigger::Question);
        let mut report = compose_with_people(&diagnosis, self.participant_names);
        let known = Known { mode: self.rescue, attempts: &remembered.attempts, can_ask: remembered.can_ask };
        report.rescue = rescue::card::card(&diagnosis, known);
        let report = self.for_the_host(report, &diagnosis, language);
        let recurrence = sources.recurrences.recurrence(bot, &report).await;
        Ok(report.with_recurrence(recurrence))
    }

    /// Adds what the host gets besides the English message: its languages, the chosen one, and the page.
    #[must_use]
    pub fn for_the_host(
        &self,
        report: Report,
        diagnosis: &Diagnosis<'_>,
        language: Option<Language>,
    ) -> Report {
        self.pages
            .translated(report, diagnosis, language)
            .with_host_page(diagnosis, self.public_url.as_deref())
    }

    fn explain(&self, code: &str) -> Message {
        match self.catalogue.find(code) {
            Ok(cause) => {
                let public_url = self.public_url.as_deref();
                Message::Explanation(Explanation::of(cause).with_host_page(cause, public_url))
            }
            Err(near) => Message::Notice(notices::not_in_the_catalogue(code, did_you_mean(&near).as_deref())),
        }
    }
}

/// Returns the notice that there will be no answer.
#[must_use]
pub fn gave_up(interaction: &Interaction) -> Vec<Draft> {
    if interaction.kind.is_quiet() {
        return Vec::new();
    }
    Address::of(interaction).opening_notice(notices::GAVE_UP)
}

/// Returns the notice that this person may not ask.
#[must_use]
pub fn may_not_ask(interaction: &Interaction) -> Vec<Draft> {
    Address::of(interaction).opening_notice(notices::MAY_NOT_ASK)
}

/// Returns an answer of a few plain words for this person alone.
#[must_use]
pub fn notice(interaction: &Interaction, text: &str) -> Vec<Draft> {
    Address::of(interaction).opening_notice(text)
}

/// Returns an answer that is one message for this person alone.
#[must_use]
pub fn message(interaction: &Interaction, message: Message) -> Vec<Draft> {
    let mut drafts = Address::of(interaction).tell(message);
    drafts.iter_mut().for_each(|draft| draft.outgoing.replaces_placeholder = true);
    drafts
}

/// The requester and the destination of an answer.
pub(crate) struct Address<'a> {
    chat: Chat,
    pub(crate) requester: &'a Requester,
}

impl<'a> Address<'a> {
    pub(crate) const fn of(interaction: &'a Interaction) -> Self {
        Self { chat: interaction.chat, requester: &interaction.requester }
    }

    pub(crate) fn draft(&self, delivery: Delivery, message: Message) -> Draft {
        let asker = Some(self.requester.clone());
        let outgoing = OutboxMessage {
            chat: self.chat,
            delivery,
            message,
            asker,
            replaces_placeholder: false,
            mention: None,
            fallback_channel: None,
            last_event_at: None,
            trace: traces::here(),
        };
        Draft { outgoing, thread_parent: None }
    }

    pub(crate) fn tell(&self, message: Message) -> Vec<Draft> {
        vec![self.draft(Delivery::Ephemeral(self.requester.clone()), message)]
    }

    pub(crate) fn notice(&self, text: &str) -> Vec<Draft> {
        self.tell(Message::Notice(text.to_owned()))
    }

    /// Returns an answer that consists of this notice alone.
    fn opening_notice(&self, text: &str) -> Vec<Draft> {
        let mut drafts = self.notice(text);
        drafts.iter_mut().for_each(|draft| draft.outgoing.replaces_placeholder = true);
        drafts
    }

    /// Adds the verdict at the place of the question, and the details in the thread below it. A question in a
    /// thread is answered in that thread.
    fn verdict_and_details(&self, report: Report, drafts: &mut Vec<Draft>) {
        let place = &self.requester.destination;
        let report = Box::new(report);
        let verdict = self.draft(Delivery::Post(place.clone()), Message::Verdict(report.clone()));
        let mut details = self.draft(Delivery::Post(place.clone()), Message::Details { report, note: None });
        details.thread_parent = place.thread.is_none().then_some(drafts.len());
        drafts.extend([verdict, details]);
    }
}
