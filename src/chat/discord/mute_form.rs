//! The form in which alerts are muted: a message to one person with two menus and a button, and a modal where a reason
//! or a time has to be typed.
//!
//! What is selected so far is in the ID of the button, so nothing is stored until it is pressed. A modal has to be the
//! first response to a press, so the ID also says whether one is needed.

use serde_json::{Value, json};
use serenity::all::{ButtonStyle, InputTextStyle};
use serenity::builder::{
    CreateActionRow, CreateButton, CreateInputText, CreateInteractionResponse,
    CreateInteractionResponseMessage, CreateModal, CreateSelectMenu, CreateSelectMenuKind,
    CreateSelectMenuOption,
};

use super::api::to_json;
use super::markdown::clip;
use crate::chat::action::{ACTION_PREFIX, MUTE_AS};
use crate::mutes::Scope;
use crate::mutes::request::{End, Problem, REASON_MAX, Reason, Request, offered_by};
use crate::report::mute::{self as words, MuteForm};

/// The IDs of the menus.
const PICK_SCOPE: &str = "wnr:mute_pick:scope";
const PICK_END: &str = "wnr:mute_pick:end";
/// The value of an end that has to be typed.
const OTHER: &str = "other";
/// The IDs of the modal's fields.
const UNTIL: &str = "until";
const REASON: &str = "reason";
/// Most characters in the label of an option.
const OPTION_MAX: usize = 100;
/// Most characters of a typed time.
const TIME_MAX: u16 = 40;

/// An option of a menu: its label and its value.
type Choice = (String, String);

/// Returns the menus and the button as they are first shown.
pub(super) fn components(form: &MuteForm) -> Vec<CreateActionRow> {
    let scopes: Vec<Choice> =
        offered_by(form).into_iter().map(|(label, scope)| (label, scope.to_string())).collect();
    let ends = form.end_labels().into_iter().zip(End::OFFERED.map(|end| end.to_string()));
    let ends: Vec<Choice> = ends.chain([(words::ANOTHER_TIME.to_owned(), OTHER.to_owned())]).collect();
    let (scope, end) = (scopes[0].1.clone(), ends[0].1.clone());
    rows(&scopes, &ends, &scope, &end)
}

fn rows(scopes: &[Choice], ends: &[Choice], scope: &str, end: &str) -> Vec<CreateActionRow> {
    let button = CreateButton::new(button_id(scope, end)).style(ButtonStyle::Primary).label(words::SUBMIT);
    vec![
        menu(PICK_SCOPE, words::WHAT, scopes, scope),
        menu(PICK_END, words::HOW_LONG, ends, end),
        CreateActionRow::Buttons(vec![button]),
    ]
}

fn menu(id: &str, question: &str, choices: &[Choice], selected: &str) -> CreateActionRow {
    let option = |(label, value): &Choice| {
        CreateSelectMenuOption::new(clip(label, OPTION_MAX), value).default_selection(value == selected)
    };
    let options = choices.iter().map(option).collect();
    CreateActionRow::SelectMenu(
        CreateSelectMenu::new(id, CreateSelectMenuKind::String { options }).placeholder(question),
    )
}

fn button_id(scope: &str, end: &str) -> String {
    format!("{ACTION_PREFIX}{MUTE_AS}:{scope}:{end}")
}

/// Reads what is selected so far from the ID of the button.
fn selected(id: &str) -> Option<(Scope, &str)> {
    let (scope, end) =
        id.strip_prefix(ACTION_PREFIX)?.strip_prefix(MUTE_AS)?.strip_prefix(':')?.split_once(':')?;
    (end == OTHER || end.parse::<End>().is_ok()).then_some(())?;
    Some((scope.parse().ok()?, end))
}

/// Returns the whole response to a press that needs no answer of the service: what was selected in a menu is shown,
/// and a button that needs typed words opens a modal.
pub(super) fn response(interaction: &Value) -> Option<Value> {
    let id = interaction["data"]["custom_id"].as_str()?;
    if [PICK_SCOPE, PICK_END].contains(&id) {
        return picked(interaction, id);
    }
    let (_, end) = selected(id)?;
    let needs_reason = end.parse::<End>().is_ok_and(End::needs_a_reason);
    (end == OTHER || needs_reason).then(|| modal(id, end == OTHER))
}

fn picked(interaction: &Value, menu: &str) -> Option<Value> {
    let value = interaction["data"]["values"][0].as_str()?;
    let parts: Vec<&Value> = interaction["message"]["components"]
        .as_array()?
        .iter()
        .flat_map(|row| row["components"].as_array().into_iter().flatten())
        .collect();
    let choices = |id: &str| -> Option<Vec<Choice>> {
        let menu = parts.iter().find(|part| part["custom_id"] == id)?;
        let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
        menu["options"]
            .as_array()?
            .iter()
            .map(|option| Some((text(&option["label"])?, text(&option["value"])?)))
            .collect()
    };
    let (scope, end) = parts.iter().find_map(|part| selected(part["custom_id"].as_str()?))?;
    let (scopes, ends, scope) = (choices(PICK_SCOPE)?, choices(PICK_END)?, scope.to_string());
    let (offered, scope, end) =
        if menu == PICK_SCOPE { (&scopes, value, end) } else { (&ends, scope.as_str(), value) };
    if !offered.iter().any(|(_, offered)| offered == value) {
        return None;
    }
    let message = CreateInteractionResponseMessage::new().components(rows(&scopes, &ends, scope, end));
    let mut response = to_json(&CreateInteractionResponse::UpdateMessage(message));
    // The text stays as it is.
    response["data"] = json!({ "components": response["data"]["components"] });
    Some(response)
}

fn modal(id: &str, with_time: bool) -> Value {
    let until = CreateInputText::new(InputTextStyle::Short, words::TYPED_TIME, UNTIL).max_length(TIME_MAX);
    let reason = CreateInputText::new(InputTextStyle::Short, words::REASON, REASON)
        .max_length(u16::try_from(REASON_MAX).unwrap_or(u16::MAX))
        .placeholder(words::REASON_HINT)
        .required(!with_time);
    let fields = [with_time.then_some(until), Some(reason)];
    let rows = fields.into_iter().flatten().map(CreateActionRow::InputText).collect();
    to_json(&CreateInteractionResponse::Modal(CreateModal::new(id, words::TITLE).components(rows)))
}

/// Reads a modal that was submitted. `None` if it isn't ours.
pub(super) fn submitted(data: &Value) -> Option<Result<Request, Problem>> {
    let (scope, end) = selected(data["custom_id"].as_str()?)?;
    let typed = |id: &str| {
        let fields = data["components"].as_array()?.iter().flat_map(|row| {
            let inner = row["components"].as_array().into_iter().flatten();
            inner.chain(std::iter::once(&row["component"]))
        });
        let mut values = fields.filter(|field| field["custom_id"] == id);
        values.find_map(|field| field["value"].as_str())
    };
    let end = if end == OTHER { typed(UNTIL).unwrap_or_default() } else { end };
    let reason = typed(REASON).and_then(Reason::of);
    Some(end.parse().map(|end| Request { scope, end, reason }).map_err(|_| Problem::UnclearEnd))
}
