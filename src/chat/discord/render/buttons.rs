//! The buttons of a card.

use serenity::all::ButtonStyle;
use serenity::builder::{CreateActionRow, CreateButton};

use super::super::markdown::clip;
use crate::chat::action::Action;
use crate::diagnosis::bot_id::BotId;
use crate::report::card::{Button, Card};

// Limits: <https://docs.discord.com/developers/components/reference#button>
/// Characters on a button.
const LABEL_MAX: usize = 80;
/// Characters in the address of a button.
const URL_MAX: usize = 512;

/// One row: a card of ours has at most four buttons, and the link to the dashboard.
pub(super) fn draw(card: &Card<'_>) -> Vec<CreateActionRow> {
    let buttons: Vec<CreateButton> = card.buttons().filter_map(|button| draw_one(button, card.bot)).collect();
    if buttons.is_empty() { Vec::new() } else { vec![CreateActionRow::Buttons(buttons)] }
}

fn draw_one(button: Button<'_>, bot: Option<BotId>) -> Option<CreateButton> {
    let label = clip(button.label(), LABEL_MAX);
    match button {
        // Discord takes no addresses of this machine, which only a demo or a test has.
        Button::Dashboard(url) => (url.starts_with("https://") && url.chars().count() <= URL_MAX)
            .then(|| CreateButton::new_link(url).label(label)),
        _ => {
            let id = Action::of(button, bot?)?.id();
            Some(CreateButton::new(id).style(ButtonStyle::Secondary).label(label))
        }
    }
}
