//! The form in which alerts are muted, as Slack's modal. <https://docs.slack.dev/surfaces/modals>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slack_morphism::prelude::{
    SlackBlock, SlackBlockChoiceItem, SlackBlockDateTimePickerElement, SlackBlockPlainTextInputElement,
    SlackBlockPlainTextOnly, SlackBlockRadioButtonsElement, SlackBlockStaticSelectElement, SlackBlockText,
    SlackInputBlock, SlackInputBlockElement, SlackModalView, SlackView,
};

use super::mrkdwn::clip;
use super::render::blocks::plain;
use super::wire::InteractionPayload;
use crate::chat::form::OpenedBy;
use crate::chat::interaction::{Interaction, InteractionKind, Requester};
use crate::chat::{Chat, Destination};
use crate::mutes::request::{End, Problem, REASON_MAX, Reason, Request, offered_by};
use crate::report::mute::{self as words, MuteForm};

/// The callback ID of the form.
pub(super) const CALLBACK: &str = "wnr_mute";
/// Most characters in an option, and in the label of a block that has none longer.
const OPTION_MAX: usize = 75;

/// The blocks of the form. An error is shown below the one that it is about.
const SCOPE: &str = "scope";
const END: &str = "end";
const UNTIL: &str = "until";
const REASON: &str = "reason";

/// What a form remembers until it is submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Metadata {
    /// The place of the card.
    place: Destination,
}

/// Returns the view of the form.
pub(super) fn view(form: &MuteForm, by: OpenedBy<'_>) -> SlackView {
    let scopes: Vec<SlackBlockChoiceItem<SlackBlockText>> = offered_by(form)
        .into_iter()
        .map(|(label, scope)| {
            SlackBlockChoiceItem::new(plain(&clip(&label, OPTION_MAX)).into(), scope.to_string())
        })
        .collect();
    let ends: Vec<SlackBlockChoiceItem<SlackBlockPlainTextOnly>> = form
        .end_labels()
        .iter()
        .zip(End::OFFERED)
        .map(|(label, end)| {
            SlackBlockChoiceItem::new(plain(&clip(label, OPTION_MAX)).into(), end.to_string())
        })
        .collect();
    let scope = SlackBlockRadioButtonsElement {
        initial_option: scopes.first().cloned(),
        ..SlackBlockRadioButtonsElement::new(scopes).with_action_id(SCOPE.into())
    };
    let end = SlackBlockStaticSelectElement {
        initial_option: ends.first().cloned(),
        ..SlackBlockStaticSelectElement::new().with_action_id(END.into()).with_options(ends)
    };
    let until = SlackBlockDateTimePickerElement::new().with_action_id(UNTIL.into());
    let reason = SlackBlockPlainTextInputElement::new()
        .with_action_id(REASON.into())
        .with_max_length(u64::try_from(REASON_MAX).unwrap_or(u64::MAX));
    let blocks: Vec<SlackBlock> = vec![
        input(SCOPE, words::WHAT, scope.into()).into(),
        input(END, words::HOW_LONG, end.into()).into(),
        input(UNTIL, words::OR_UNTIL, until.into()).with_optional(true).into(),
        input(REASON, words::REASON, reason.into())
            .with_optional(true)
            .with_hint(plain(words::REASON_HINT).into())
            .into(),
    ];
    let metadata = Metadata { place: by.requester.destination.clone() };
    let mut view = SlackModalView::new(plain(words::TITLE).into(), blocks)
        .with_callback_id(CALLBACK.into())
        .with_close(plain("Cancel").into())
        .with_submit(plain(words::SUBMIT).into());
    view.private_metadata = serde_json::to_string(&metadata).ok();
    SlackView::Modal(view)
}

fn input(id: &str, label: &str, element: SlackInputBlockElement) -> SlackInputBlock {
    SlackInputBlock::new(plain(label).into(), element).with_block_id(id.into())
}

/// Parses a form that was submitted. `None` if it isn't this one.
///
/// # Errors
/// Returns Slack's acknowledgement that shows in the form what is wrong.
pub(super) fn submission(
    interaction: InteractionPayload,
    now: Timestamp,
) -> Option<Result<Interaction, Value>> {
    let view = interaction.view.filter(|view| view.callback_id == CALLBACK)?;
    let Metadata { place } = serde_json::from_str(&view.private_metadata).ok()?;
    let user = interaction.user?;
    let requester = Requester { server: user.team_id, time_zone: user.tz, ..Requester::new(user.id, place) };
    let values = &view.state["values"];
    let request = match request(values) {
        Ok(request) => request,
        Err((block, problem)) => return Some(Err(errors(block, problem))),
    };
    if let Err(problem) = request.ends_at(now, &requester.zone()) {
        let block = match (problem, request.end) {
            (Problem::NoReason, _) => REASON,
            (_, End::At(_)) => UNTIL,
            _ => END,
        };
        return Some(Err(errors(block, problem)));
    }
    Some(Ok(Interaction {
        delivery_id: format!("slack:view:{}", view.id),
        chat: Chat::Slack,
        at: now,
        requester,
        kind: InteractionKind::Mute { request, in_place: false },
    }))
}

/// Reads what was selected and typed. A time that was picked replaces the end that was selected.
fn request(values: &Value) -> Result<Request, (&'static str, Problem)> {
    let selected = |block: &str| values[block][block]["selected_option"]["value"].as_str();
    let scope = selected(SCOPE).and_then(|scope| scope.parse().ok());
    let picked = values[UNTIL][UNTIL]["selected_date_time"].as_i64();
    let end = match picked {
        Some(picked) => Timestamp::from_second(picked).ok().map(End::At),
        None => selected(END).and_then(|end| end.parse().ok()),
    };
    let reason = values[REASON][REASON]["value"].as_str().and_then(Reason::of);
    let block = if picked.is_some() { UNTIL } else { END };
    Ok(Request {
        scope: scope.ok_or((SCOPE, Problem::Unclear))?,
        end: end.ok_or((block, Problem::UnclearEnd))?,
        reason,
    })
}

fn errors(block: &str, problem: Problem) -> Value {
    json!({ "response_action": "errors", "errors": { block: problem.words() } })
}
