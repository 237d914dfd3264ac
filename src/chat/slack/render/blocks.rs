//! Blocks as slack-morphism models them, each within the limits that Slack documents.
//! <https://docs.slack.dev/reference/block-kit/blocks>

use slack_morphism::prelude::{
    SlackActionBlockElement, SlackActionsBlock, SlackBlock, SlackBlockButtonElement, SlackBlockMarkDownText,
    SlackBlockPlainText, SlackBlockText, SlackContextBlock, SlackHeaderBlock, SlackRichTextBlock,
    SlackRichTextInlineElement, SlackRichTextPreformatted, SlackRichTextText, SlackSectionBlock,
};
use url::Url;

use super::super::mrkdwn::clip;
use crate::chat::action::Action;
use crate::diagnosis::bot_id::BotId;
use crate::report::card::Button;

/// Most blocks in a message.
pub const BLOCKS_MAX: usize = 50;
/// Most characters in the text of a section.
pub const SECTION_MAX: usize = 3000;
/// Most characters in a header.
pub const HEADER_MAX: usize = 150;
/// Most characters in one element of a context block, which is the limit of a text object.
pub const CONTEXT_MAX: usize = 3000;
/// Most characters in the label of a button.
pub const BUTTON_MAX: usize = 75;
/// Most characters in the URL of a button.
pub const URL_MAX: usize = 3000;
/// Most characters in the text beside the blocks. Slack accepts ten times as many and recommends this limit.
pub const TEXT_MAX: usize = 4000;

pub(super) fn header(text: &str) -> SlackBlock {
    SlackHeaderBlock::new(plain(&filled(text, HEADER_MAX)).into()).into()
}

/// Returns a section. `text` is mark-up whose untrusted parts are escaped. URLs in it do not become links.
pub(in crate::chat::slack) fn section(text: &str) -> SlackBlock {
    let text = SlackBlockText::MarkDown(mrkdwn(&filled(text, SECTION_MAX)));
    SlackSectionBlock::new().with_text(text).into()
}

/// Returns small print, with the same rules as [`section`].
pub(super) fn context(text: &str) -> SlackBlock {
    SlackContextBlock::new(vec![mrkdwn(&filled(text, CONTEXT_MAX)).into()]).into()
}

/// Returns a preformatted block, whose text is copied exactly as shown.
pub(super) fn preformatted(text: &str) -> SlackBlock {
    let text = SlackRichTextInlineElement::Text(SlackRichTextText::new(filled(text, SECTION_MAX)));
    SlackRichTextBlock::new(vec![SlackRichTextPreformatted::new(vec![text]).into()]).into()
}

/// Returns a row of buttons about a bot, if one of them can be drawn.
pub(super) fn actions(buttons: &[Button<'_>], bot: Option<BotId>) -> Option<SlackBlock> {
    let elements: Vec<SlackActionBlockElement> =
        buttons.iter().filter_map(|button| Some(element(*button, bot)?.into())).collect();
    (!elements.is_empty()).then(|| SlackActionsBlock::new(elements).into())
}

fn element(button: Button<'_>, bot: Option<BotId>) -> Option<SlackBlockButtonElement> {
    let label = plain(&clip(button.label(), BUTTON_MAX)).into();
    let element = SlackBlockButtonElement::new(label);
    Some(match button {
        Button::Dashboard(url) => {
            let url = Url::parse(url).ok().filter(|url| url.as_str().chars().count() <= URL_MAX)?;
            element.with_url(url).with_action_id("wnr:dashboard".into())
        }
        _ => element.with_action_id(Action::of(button, bot?)?.id().into()),
    })
}

/// Fills an empty text, because Slack rejects a message with one.
pub(super) fn filled(text: &str, max: usize) -> String {
    if text.trim().is_empty() { "–".to_owned() } else { clip(text, max) }
}

fn mrkdwn(text: &str) -> SlackBlockMarkDownText {
    SlackBlockMarkDownText::new(text.to_owned()).with_verbatim(true)
}

pub(in crate::chat::slack) fn plain(text: &str) -> SlackBlockPlainText {
    SlackBlockPlainText::new(text.to_owned()).with_emoji(false)
}
