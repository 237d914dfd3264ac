//! Forms as Slack's modals. <https://docs.slack.dev/surfaces/modals>

use serde::{Deserialize, Serialize};
use slack_morphism::prelude::{SlackModalView, SlackView};

use super::mrkdwn::escape;
use super::render::blocks::{plain, section};
use super::render::draw_sections;
use crate::chat::Destination;
use crate::chat::action::{Action, Decision};
use crate::chat::form::{Form, OpenedBy};
use crate::chat::interaction::ButtonOn;
use crate::report::card::Card;
use crate::report::rescue;

/// The callback ID of our forms.
pub(super) const CALLBACK: &str = "wnr_rescue";
/// The title of the modal, within Slack's 24 characters.
const TITLE: &str = "Before anything is sent";

/// What a form remembers until it is submitted: the decision that submitting it means, and the place of its card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Metadata {
    /// The decision; `None` if there is nothing to decide.
    pub(super) action: Option<Action>,
    /// The place of the card.
    pub(super) place: Destination,
}

/// Returns the view of a form, within Slack's limits.
#[must_use]
pub fn view(form: Form<'_>, by: OpenedBy<'_>) -> SlackView {
    let card = match by.on {
        ButtonOn::Posted(message) => Some(message.clone()),
        ButtonOn::Ephemeral => None,
    };
    let (blocks, submit, action) = match form {
        Form::Waiting => (vec![section("Checking the bot…")], None, None),
        Form::Notice(text) => (vec![section(&escape(text))], None, None),
        Form::Preview(preview) => {
            let card_of = Card { bot: Some(preview.bot), sections: Card::preview_body(preview) };
            let decision = Decision { bot: preview.bot, digest: preview.digest.clone(), card };
            (draw_sections(&card_of), Some(preview.send_label()), Some(Action::Send(decision)))
        }
    };
    let metadata = Metadata { action, place: by.requester.destination.clone() };
    let close = if submit.is_some() { rescue::CANCEL } else { "Close" };
    let mut view = SlackModalView::new(plain(TITLE).into(), blocks)
        .with_callback_id(CALLBACK.into())
        .with_close(plain(close).into());
    view.private_metadata = serde_json::to_string(&metadata).ok();
    view.submit = submit.map(|label| plain(label).into());
    SlackView::Modal(view)
}

/// Returns the decision that submitting a form means, and the place of its card.
pub(super) fn read_metadata(text: &str) -> Option<(Action, Destination)> {
    let Metadata { action, place } = serde_json::from_str(text).ok()?;
    Some((action?, place))
}
