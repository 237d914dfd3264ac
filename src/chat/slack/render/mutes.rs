//! Renders what is said about mutes for Slack.

use slack_morphism::prelude::{SlackActionsBlock, SlackBlock, SlackBlockButtonElement};

use super::super::mrkdwn::escape;
use super::alerts::lines;
use super::blocks::{plain, section};
use crate::chat::action::Action;
use crate::report::mute::{Listing, MuteNotice, UNMUTE};

/// Renders a mute, with the button that ends it.
pub(super) fn notice(notice: &MuteNotice) -> Vec<SlackBlock> {
    let id = notice.unmute.as_ref().and_then(|id| id.parse().ok());
    let button = id.map(|id| {
        let button =
            SlackBlockButtonElement::new(plain(UNMUTE).into()).with_action_id(Action::Unmute(id).id().into());
        SlackActionsBlock::new(vec![button.into()]).into()
    });
    lines(&notice.lines).into_iter().chain(button).collect()
}

pub(super) fn listing(listing: &Listing) -> Vec<SlackBlock> {
    let heading = section(&format!("*{}*", escape(&listing.heading)));
    std::iter::once(heading).chain(listing.entries.iter().flat_map(notice)).collect()
}
