//! The buttons of a card.

use serenity::all::ButtonStyle;
use serenity::builder::{CreateActionRow, CreateButton};

use super::super::markdown::clip;
use crate::chat::action::Action;
use crate::diagnosis::bot_id::BotId;
use crate::report::card::{Button, Card};

// Limits: <https://docs.discord.com/developers/components/reference#button>
/// Most characters in a label.
const LABEL_MAX: usize = 80;
/// Most characters in a URL.
const URL_MAX: usize = 512;

/// Most buttons in a row.
const ROW_MAX: usize = 5;

/// Draws the buttons of a card. There are at most four, and the link to the dashboard.
pub(super) fn draw(card: &Card<'_>) -> Vec<CreateActionRow> {
    rows(card.buttons(), card.bot)
}

/// Draws buttons in as many rows as needed.
pub(super) fn rows<'a>(
    buttons: impl Iterator<Item = Button<'a>>,
    bot: Option<BotId>,
) -> Vec<CreateActionRow> {
    let buttons: Vec<CreateButton> = buttons.filter_map(|button| draw_one(button, bot)).collect();
    buttons.chunks(ROW_MAX).map(|row| CreateActionRow::Buttons(row.to_vec())).collect()
}

fn draw_one(button: Button<'_>, bot: Option<BotId>) -> Option<CreateButton> {
    let label = clip(button.label(), LABEL_MAX);
    match button {
        // Discord rejects URLs of this machine, which occur only in a demo or a test.
        Button::Dashboard(url) => (url.starts_with("https://") && url.chars().count() <= URL_MAX)
            .then(|| CreateButton::new_link(url).label(label)),
        _ => {
            let id = Action::of(button, bot?)?.id();
            Some(CreateButton::new(id).style(ButtonStyle::Secondary).label(label))
        }
    }
}
