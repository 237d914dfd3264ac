//! The console as a chat platform: threads are indented, buttons are numbered choices.

pub mod render;

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::action::Action;
use super::arrival::Reader;
use super::{Aside, DeliveryError, Destination, Letter, Message, MessageId, Messenger};
use crate::report::notices;

/// What stands before each line of a thread.
const THREAD: &str = "  │ ";

/// A chat on a terminal, or on anything that can be written to.
#[derive(Debug)]
pub struct Console<W> {
    columns: usize,
    state: Mutex<State<W>>,
}

#[derive(Debug)]
struct State<W> {
    out: W,
    posted: usize,
    choices: Vec<(Action, Destination, MessageId)>,
}

impl<W: Write + Send> Console<W> {
    /// A chat that is `columns` wide.
    pub const fn new(out: W, columns: usize) -> Self {
        Self { columns, state: Mutex::new(State { out, posted: 0, choices: Vec::new() }) }
    }

    /// Writes a line that is no message: what was typed, or what happens next.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub fn line(&self, text: &str) -> std::io::Result<()> {
        let mut state = self.lock();
        writeln!(state.out, "{text}")?;
        state.out.flush()
    }

    /// The button with this number, and the message that it stands below.
    #[must_use]
    pub fn choice(&self, number: usize) -> Option<(Action, Destination, MessageId)> {
        self.lock().choices.get(number.checked_sub(1)?).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State<W>> {
        // Whoever panicked while writing left at worst half a line behind.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a message, and answers with its id: a new one, or the one it had.
    fn write(
        &self,
        to: &Destination,
        message: &Message,
        id: Option<&MessageId>,
        mark: &str,
    ) -> std::io::Result<MessageId> {
        let indent = if to.thread.is_some() { THREAD } else { "" };
        let columns = self.columns - indent.chars().count();
        let text = text(message, columns);
        let mut state = self.lock();
        if id.is_none() {
            state.posted += 1;
        }
        let id = id.cloned().unwrap_or_else(|| MessageId(state.posted.to_string()));
        // What nobody asked for stands apart from what came before it.
        if matches!(message, Message::Alert(_) | Message::Storm(_)) {
            writeln!(state.out)?;
        }
        if !mark.is_empty() {
            writeln!(state.out, "{indent}{mark}")?;
        }
        for line in text.trim_end().lines() {
            writeln!(state.out, "{}", format!("{indent}{line}").trim_end())?;
        }
        let actions = message.actions();
        if !actions.is_empty() {
            let labels: Vec<String> = actions
                .iter()
                .enumerate()
                .map(|(index, action)| format!("[{}] {}", index + 1, action.label()))
                .collect();
            writeln!(state.out, "{}\n{indent}{}", indent.trim_end(), labels.join("   "))?;
            state.choices = actions.into_iter().map(|action| (action, to.clone(), id.clone())).collect();
        }
        state.out.flush()?;
        Ok(id)
    }
}

fn text(message: &Message, columns: usize) -> String {
    match message {
        Message::Verdict(report) => render::verdict(report),
        Message::Details { report, aside } => {
            let text = render::report(report, columns, None);
            match aside {
                Some(Aside::AnsweredBy(person)) => format!("{text}\nAnswered by {person}.\n"),
                Some(Aside::NotInChannel) => format!("{text}\n{}\n", notices::NOT_IN_CHANNEL),
                None => text,
            }
        }
        Message::Explanation(entry) => render::explanation(entry, columns),
        Message::HostMessage(text) | Message::Notice(text) => textwrap::fill(text, columns),
        Message::Alert(alert) => render::alert(alert, columns),
        Message::Storm(storm) => render::storm(storm, columns),
        Message::Bots(bots) => {
            bots.iter().map(|listed| listed.bot.to_string()).collect::<Vec<_>>().join("\n")
        }
    }
}

/// A terminal that is gone.
fn gone(error: &std::io::Error) -> DeliveryError {
    DeliveryError::Refused(error.to_string())
}

#[async_trait::async_trait]
impl<W: Write + Send> Messenger for Console<W> {
    async fn post(&self, to: &Destination, letter: &Letter<'_>) -> Result<MessageId, DeliveryError> {
        self.write(to, letter.message, None, "").map_err(|error| gone(&error))
    }

    /// What was written to a terminal cannot be read back.
    async fn find(&self, _: &Destination, _: &str, _: Timestamp) -> Result<Option<MessageId>, DeliveryError> {
        Ok(None)
    }

    async fn edit(&self, at: &Destination, id: &MessageId, letter: &Letter<'_>) -> Result<(), DeliveryError> {
        self.write(at, letter.message, Some(id), "(edited)").map(drop).map_err(|error| gone(&error))
    }

    async fn tell(&self, reader: &Reader, letter: &Letter<'_>) -> Result<(), DeliveryError> {
        self.write(&reader.place, letter.message, None, "(only you see this)")
            .map(drop)
            .map_err(|error| gone(&error))
    }

    async fn replace(&self, reader: &Reader, letter: &Letter<'_>) -> Result<(), DeliveryError> {
        let mark = "(edited, only you see this)";
        self.write(&reader.place, letter.message, None, mark).map(drop).map_err(|error| gone(&error))
    }

    async fn thread_start(&self, _: &Destination) -> Result<Option<String>, DeliveryError> {
        Ok(None)
    }
}
