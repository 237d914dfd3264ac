//! A form: what a person sees alone, in a window of its own, before they decide.
//!
//! Slack has modals for it. On other platforms its content is a message to this person.

use crate::report::mute::MuteForm;
use crate::report::rescue::Preview;

use super::interaction::{ButtonOn, Requester};

/// The platform's ID of an open form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormId(pub String);

/// What a form shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form<'a> {
    /// What it shows isn't known yet.
    Waiting,
    /// What is sent into a meeting if the person decides so.
    Preview(&'a Preview),
    /// What is muted, and until when.
    Mute(&'a MuteForm),
    /// A few plain words, and nothing to decide.
    Notice(&'a str),
}

/// Who opened a form, and from which card.
#[derive(Debug, Clone, Copy)]
pub struct OpenedBy<'a> {
    /// The person, at the place of the card.
    pub requester: &'a Requester,
    /// The card.
    pub on: &'a ButtonOn,
}
