//! Renders what is said about mutes for Discord.

use serenity::all::ButtonStyle;
use serenity::builder::{CreateActionRow, CreateButton};
use serenity::constants::MESSAGE_CODE_LIMIT;

use super::super::markdown::{clip, escape};
use super::{Body, alerts};
use crate::chat::action::Action;
use crate::report::mute::{Listing, MuteNotice, UNMUTE};

/// Most buttons in a row.
const ROW_MAX: usize = 5;

/// Renders a mute, with the button that ends it.
pub(super) fn notice(notice: &MuteNotice) -> Body {
    let button = button(notice, UNMUTE.to_owned());
    let components = button.map(|button| CreateActionRow::Buttons(vec![button])).into_iter().collect();
    Body { content: clip(&text(notice), MESSAGE_CODE_LIMIT), components, ..Body::default() }
}

/// Renders a list. Buttons are below all entries, so those of a list with several are numbered.
pub(super) fn listing(listing: &Listing) -> Body {
    let can_end = listing.entries.iter().filter(|entry| entry.unmute.is_some()).count();
    let is_numbered = can_end > 1;
    let mut content = format!("**{}**", escape(&listing.heading));
    let mut buttons = Vec::new();
    for (index, entry) in listing.entries.iter().enumerate() {
        let (number, label) = if is_numbered {
            (format!("{}. ", index + 1), format!("{UNMUTE} {}", index + 1))
        } else {
            (String::new(), UNMUTE.to_owned())
        };
        content.push_str(&format!("\n{number}{}", text(entry)));
        buttons.extend(button(entry, label));
    }
    let components = buttons.chunks(ROW_MAX).map(|row| CreateActionRow::Buttons(row.to_vec())).collect();
    Body { content: clip(&content, MESSAGE_CODE_LIMIT), components, ..Body::default() }
}

fn text(notice: &MuteNotice) -> String {
    notice.lines.iter().map(alerts::line).collect::<Vec<_>>().join("\n")
}

fn button(notice: &MuteNotice, label: String) -> Option<CreateButton> {
    let id = notice.unmute.as_ref()?.parse().ok()?;
    Some(CreateButton::new(Action::Unmute(id).id()).style(ButtonStyle::Secondary).label(label))
}
