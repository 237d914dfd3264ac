//! A chat platform in memory: channels with messages and threads, which can be closed.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use jiff::Timestamp;
use why_no_recording::chat::interaction::Requester;
use why_no_recording::chat::{DeliveryError, Destination, Message, MessageId, Messenger, SendRequest};

/// A message as it stands.
#[derive(Debug, Clone)]
pub struct Said {
    pub id: String,
    pub channel: String,
    /// The message in whose thread it is.
    pub thread: Option<String>,
    pub message: Message,
    pub edits: usize,
    pub mention: Option<String>,
    pub redirect_note: Option<String>,
    pub idempotency_key: String,
}

#[derive(Default)]
struct State {
    said: Vec<Said>,
    /// What one person alone was shown.
    ephemeral: Vec<Message>,
    /// What was put in the place of something that one person alone was shown.
    edited_for_one: Vec<Message>,
    closed: HashSet<String>,
    /// What happens to the next deliveries.
    faults: HashMap<&'static str, usize>,
}

/// The platform.
#[derive(Default)]
pub struct Board(Mutex<State>);

impl Board {
    /// The messages of a channel, threads aside, oldest first.
    pub fn channel(&self, channel: &str) -> Vec<Said> {
        self.all().into_iter().filter(|said| said.channel == channel && said.thread.is_none()).collect()
    }

    /// The messages in the thread of a message.
    pub fn thread(&self, of: &Said) -> Vec<Said> {
        let within = |said: &Said| said.thread.as_ref() == Some(&of.id) && said.channel == of.channel;
        self.all().into_iter().filter(within).collect()
    }

    /// What one person alone was shown, whoever it was.
    pub fn ephemeral(&self) -> Vec<Message> {
        self.0.lock().unwrap().ephemeral.clone()
    }

    /// What was put in the place of something that one person alone was shown.
    pub fn edited_for_one(&self) -> Vec<Message> {
        self.0.lock().unwrap().edited_for_one.clone()
    }

    pub fn all(&self) -> Vec<Said> {
        self.0.lock().unwrap().said.clone()
    }

    pub fn close(&self, channel: &str) {
        self.0.lock().unwrap().closed.insert(channel.to_owned());
    }

    /// The next so many posts arrive, and nobody learns of it.
    pub fn swallow_answers(&self, posts: usize) {
        self.0.lock().unwrap().faults.insert("swallow", posts);
    }

    /// The next so many deliveries of any kind fail.
    pub fn fail(&self, deliveries: usize) {
        self.0.lock().unwrap().faults.insert("fail", deliveries);
    }

    /// Somebody deletes a message.
    pub fn delete(&self, id: &str) {
        self.0.lock().unwrap().said.retain(|said| said.id != id);
    }
}

impl State {
    fn takes(&mut self, channel: &str) -> Result<(), DeliveryError> {
        if self.closed.contains(channel) {
            return Err(DeliveryError::NotThere("the channel is archived.".to_owned()));
        }
        if self.fault("fail") { Err(DeliveryError::Failed("on purpose".to_owned())) } else { Ok(()) }
    }

    fn fault(&mut self, name: &'static str) -> bool {
        let left = self.faults.entry(name).or_default();
        let any = *left > 0;
        *left = left.saturating_sub(1);
        any
    }
}

#[async_trait::async_trait]
impl Messenger for Board {
    async fn post(&self, to: &Destination, request: &SendRequest<'_>) -> Result<MessageId, DeliveryError> {
        let mut state = self.0.lock().unwrap();
        state.takes(&to.channel)?;
        let id = format!("m{}", state.said.len());
        state.said.push(Said {
            id: id.clone(),
            channel: to.channel.clone(),
            thread: to.thread.as_ref().map(|thread| thread.0.clone()),
            message: request.message.clone(),
            edits: 0,
            mention: request.mention.map(ToOwned::to_owned),
            redirect_note: request.redirect_note.map(ToOwned::to_owned),
            idempotency_key: request.idempotency_key.to_owned(),
        });
        if state.fault("swallow") {
            return Err(DeliveryError::InDoubt("the answer was swallowed".to_owned()));
        }
        Ok(MessageId(id))
    }

    async fn find(
        &self,
        to: &Destination,
        idempotency_key: &str,
        _: Timestamp,
    ) -> Result<Option<MessageId>, DeliveryError> {
        let state = self.0.lock().unwrap();
        let found = state
            .said
            .iter()
            .find(|said| said.idempotency_key == idempotency_key && said.channel == to.channel);
        Ok(found.map(|said| MessageId(said.id.clone())))
    }

    async fn edit(
        &self,
        at: &Destination,
        id: &MessageId,
        request: &SendRequest<'_>,
    ) -> Result<(), DeliveryError> {
        let mut state = self.0.lock().unwrap();
        state.takes(&at.channel)?;
        let there = |said: &&mut Said| said.id == id.0 && said.channel == at.channel;
        let Some(said) = state.said.iter_mut().find(there) else {
            return Err(DeliveryError::MessageGone("deleted".to_owned()));
        };
        said.message = request.message.clone();
        said.redirect_note = request.redirect_note.map(ToOwned::to_owned);
        said.edits += 1;
        Ok(())
    }

    async fn post_ephemeral(&self, _: &Requester, request: &SendRequest<'_>) -> Result<(), DeliveryError> {
        self.0.lock().unwrap().ephemeral.push(request.message.clone());
        Ok(())
    }

    async fn edit_ephemeral(&self, _: &Requester, request: &SendRequest<'_>) -> Result<(), DeliveryError> {
        self.0.lock().unwrap().edited_for_one.push(request.message.clone());
        Ok(())
    }

    async fn thread_start(&self, _: &Destination) -> Result<Option<String>, DeliveryError> {
        Ok(None)
    }
}
