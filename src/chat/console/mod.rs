//! The console as a chat platform: threads are indented, buttons are numbered choices.

pub mod render;

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::action::Action;
use super::interaction::Requester;
use super::{CardNote, DeliveryError, Destination, Message, MessageId, Messenger, SendRequest};
use crate::mutes::Scope;
use crate::mutes::request::End;
use crate::report::card::{Above, Button, ButtonPlace, Card, Layout};
use crate::report::mute::{self, MuteForm, MuteNotice};
use crate::report::notices;

/// The prefix of each line in a thread.
const THREAD: &str = "  │ ";

/// A chat on a terminal, or on any other writer.
#[derive(Debug)]
pub struct Console<W> {
    columns: usize,
    state: Mutex<State<W>>,
}

#[derive(Debug)]
struct State<W> {
    out: W,
    /// The kind of the last line.
    ended: Ended,
    posted: usize,
    choices: Vec<(Action, Destination, MessageId)>,
}

/// The kind of line above the next output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// A blank line, or nothing.
    Blank,
    /// A line with words.
    Words,
    /// A prompt, perhaps with a person's unfinished input.
    Prompt,
}

impl<W: Write> State<W> {
    /// Writes a line. A blank one is left out below another blank line.
    fn put(&mut self, line: &str) -> std::io::Result<()> {
        if self.ended == Ended::Prompt {
            writeln!(self.out)?;
            self.ended = Ended::Words;
        }
        let line = line.trim_end();
        if !line.is_empty() || self.ended != Ended::Blank {
            writeln!(self.out, "{line}")?;
        }
        self.ended = if line.is_empty() { Ended::Blank } else { Ended::Words };
        Ok(())
    }
}

impl<W: Write + Send> Console<W> {
    /// Creates a chat with this width in columns.
    pub const fn new(out: W, columns: usize) -> Self {
        Self {
            columns,
            state: Mutex::new(State { out, ended: Ended::Blank, posted: 0, choices: Vec::new() }),
        }
    }

    /// Writes text that is not a message: the input, or what happens next.
    ///
    /// # Errors
    /// Returns the I/O error if the terminal is gone.
    pub fn say(&self, text: &str) -> std::io::Result<()> {
        let mut state = self.lock();
        text.split('\n').try_for_each(|line| state.put(line))?;
        state.out.flush()
    }

    /// Prompts for a line. Output during the input starts below it.
    ///
    /// # Errors
    /// Returns the I/O error if the terminal is gone.
    pub fn prompt(&self) -> std::io::Result<()> {
        let mut state = self.lock();
        state.put("")?;
        write!(state.out, "> ")?;
        state.ended = Ended::Prompt;
        state.out.flush()
    }

    /// Notes that the person ended the line; the terminal has already shown it.
    pub fn entered(&self) {
        self.lock().ended = Ended::Words;
    }

    /// Returns the button with this number, and its message.
    #[must_use]
    pub fn choice(&self, number: usize) -> Option<(Action, Destination, MessageId)> {
        self.lock().choices.get(number.checked_sub(1)?).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State<W>> {
        // At worst, a panic while writing left half a line behind.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a message and returns its ID: a new one, or its previous one.
    fn write(
        &self,
        to: &Destination,
        message: &Message,
        id: Option<&MessageId>,
        shown: Shown,
    ) -> std::io::Result<MessageId> {
        let indent = if to.thread.is_some() { THREAD } else { "" };
        let columns = self.columns - indent.chars().count();
        let text = match shown {
            Shown::Posted => text(message, columns, shown),
            Shown::Edited => format!("{} {}", shown.remark(), change(message, columns, shown)),
            Shown::Ephemeral | Shown::EditedEphemeral => {
                format!("{}\n{}", shown.remark(), text(message, columns, shown))
            }
        };
        let mut state = self.lock();
        if id.is_none() {
            state.posted += 1;
        }
        let id = id.cloned().unwrap_or_else(|| MessageId(state.posted.to_string()));
        // A blank line separates alerts from the output above.
        if message.is_alert() {
            state.put("")?;
        }
        for line in text.trim_end().lines() {
            state.put(&format!("{indent}{line}"))?;
        }
        let buttons = buttons(message, shown);
        let choices: Vec<_> =
            buttons.iter().map(|(_, action)| (action.clone(), to.clone(), id.clone())).collect();
        if choices.is_empty() {
            // An edit replaces the message's previous buttons.
            state.choices.retain(|(_, at, of)| (at, of) != (to, &id));
        }
        // The same buttons of the same message keep their numbers.
        if !choices.is_empty() && choices != state.choices {
            let numbered = buttons.iter().enumerate();
            let labels: Vec<String> =
                numbered.map(|(index, (label, _))| format!("[{}] {label}", index + 1)).collect();
            state.put(indent)?;
            state.put(&format!("{indent}{}", labels.join("   ")))?;
            state.choices = choices;
        }
        state.out.flush()?;
        Ok(id)
    }
}

/// How a message is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// To all in the channel or thread.
    Posted,
    /// In place of a posted message.
    Edited,
    /// To one person.
    Ephemeral,
    /// In place of a message to one person.
    EditedEphemeral,
}

impl Shown {
    /// Returns the remark above the message, because a terminal shows all messages alike.
    const fn remark(self) -> &'static str {
        match self {
            Self::Posted => "",
            Self::Edited => "(edited)",
            Self::Ephemeral => "(only you see this)",
            Self::EditedEphemeral => "(edited, only you see this)",
        }
    }

    /// Returns the layout. Buttons are below the message, and a message to one person has no verdict above
    /// it.
    const fn layout(self) -> Layout {
        let above = match self {
            Self::Posted | Self::Edited => Above::Verdict,
            Self::Ephemeral | Self::EditedEphemeral => Above::Nothing,
        };
        Layout { buttons: ButtonPlace::End, above }
    }
}

/// Returns the buttons of a message: label and action.
fn buttons(message: &Message, shown: Shown) -> Vec<(&'static str, Action)> {
    let card = message.card(shown.layout());
    let (buttons, bot) = match (message, &card) {
        (Message::HostMessage(message), _) => (message.buttons(), message.bot),
        (Message::Alert(alert), _) => (alert.buttons(), alert.report.bot_id),
        (Message::Mute(notice), _) => return unmute(notice).into_iter().collect(),
        (Message::Listing(listing), _) => return listing.entries.iter().filter_map(unmute).collect(),
        (Message::MuteForm(form), _) => return choices_of(form),
        (_, Some(card)) => (card.buttons().collect(), card.bot),
        (_, None) => return Vec::new(),
    };
    let action = |button: Button<'_>| Some((button.label(), Action::of(button, bot?)?));
    buttons.into_iter().filter_map(action).collect()
}

fn unmute(notice: &MuteNotice) -> Option<(&'static str, Action)> {
    Some((mute::UNMUTE, Action::Unmute(notice.unmute.as_ref()?.parse().ok()?)))
}

/// Returns the mutes that need no reason. A terminal has no form.
fn choices_of(form: &MuteForm) -> Vec<(&'static str, Action)> {
    let cause = form.cause.clone().map(Scope::Cause);
    let [hour, tomorrow, _] = End::OFFERED;
    let choices = [
        ("This bot for 1 hour", Some(Scope::Bot(form.bot)), hour),
        ("This bot until tomorrow", Some(Scope::Bot(form.bot)), tomorrow),
        ("This cause for 1 hour", cause.clone(), hour),
        ("This cause until tomorrow", cause, tomorrow),
        (
            "Same customer or host, until tomorrow",
            form.common.is_some().then_some(Scope::SameAs(form.bot)),
            tomorrow,
        ),
        ("All alerts for 1 hour", Some(Scope::Channel), hour),
    ];
    let choice =
        |(label, scope, end): (_, Option<Scope>, _)| Some((label, Action::MuteAs { scope: scope?, end }));
    choices.into_iter().filter_map(choice).collect()
}

/// Returns what an edit changed: the headline, or all of the message if the person asked for it.
fn change(message: &Message, columns: usize, shown: Shown) -> String {
    match message {
        Message::Details { report, note: None } => {
            render::headline(report) + &render::rescue(report, columns)
        }
        Message::Alert(alert) => render::alert_headline(&alert.headline()),
        Message::AlertGroup(group) => render::alert_headline(&group.headline()),
        Message::Verdict(_)
        | Message::Details { note: Some(_), .. }
        | Message::Explanation(_)
        | Message::HostMessage(_)
        | Message::Preview { .. }
        | Message::Notice(_)
        | Message::Mute(_)
        | Message::MuteForm(_)
        | Message::Listing(_)
        | Message::Bots(_)
        | Message::Digest(_) => text(message, columns, shown),
    }
}

fn text(message: &Message, columns: usize, shown: Shown) -> String {
    let card = |report| render::card(&Card::of(report, shown.layout()), columns, "");
    match message {
        Message::Details { report, note: None } => card(report),
        Message::Details { report, note: Some(note) } => format!("{}\n{}\n", card(report), note_text(note)),
        Message::Explanation(entry) => render::explanation(entry, columns),
        Message::Preview { preview, card } => {
            let card = card.as_ref().map(|card| card.0.as_str());
            render::card(&Card::previewing(preview, card), columns, "")
        }
        Message::Verdict(report) => render::verdict(report),
        Message::HostMessage(message) => render::words(&message.text, columns),
        Message::Notice(text) => render::words(text, columns),
        Message::Alert(alert) => render::alert(alert, columns),
        Message::AlertGroup(group) => render::group(group, columns),
        Message::Mute(notice) => render::lines(&notice.lines, columns),
        Message::MuteForm(form) => render::words(&form.by_number(), columns),
        Message::Listing(listing) => {
            let entries = listing.entries.iter().map(|entry| render::lines(&entry.lines, columns));
            std::iter::once(render::words(&listing.heading, columns)).chain(entries).collect()
        }
        Message::Digest(digest) => render::digest(digest, columns),
        Message::Bots(bots) => {
            bots.iter().map(|listed| listed.bot.to_string()).collect::<Vec<_>>().join("\n")
        }
    }
}

fn note_text(note: &CardNote) -> String {
    match note {
        CardNote::AnsweredBy(person) => notices::answered_by(person),
        CardNote::NotInChannel => notices::NOT_IN_CHANNEL.to_owned(),
    }
}

/// Returns the error for a terminal that is gone.
fn gone(error: &std::io::Error) -> DeliveryError {
    DeliveryError::Refused(error.to_string())
}

#[async_trait::async_trait]
impl<W: Write + Send> Messenger for Console<W> {
    async fn post(&self, to: &Destination, request: &SendRequest<'_>) -> Result<MessageId, DeliveryError> {
        self.write(to, request.message, None, Shown::Posted).map_err(|error| gone(&error))
    }

    /// Output to a terminal cannot be read back.
    async fn find(&self, _: &Destination, _: &str, _: Timestamp) -> Result<Option<MessageId>, DeliveryError> {
        Ok(None)
    }

    async fn edit(
        &self,
        at: &Destination,
        id: &MessageId,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError> {
        self.write(at, request.message, Some(id), Shown::Edited).map(drop).map_err(|error| gone(&error))
    }

    async fn post_ephemeral(
        &self,
        requester: &Requester,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError> {
        self.write(&requester.destination, request.message, None, Shown::Ephemeral)
            .map(drop)
            .map_err(|error| gone(&error))
    }

    async fn edit_ephemeral(
        &self,
        requester: &Requester,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError> {
        self.write(&requester.destination, request.message, None, Shown::EditedEphemeral)
            .map(drop)
            .map_err(|error| gone(&error))
    }

    async fn thread_start(&self, _: &Destination) -> Result<Option<String>, DeliveryError> {
        Ok(None)
    }
}
