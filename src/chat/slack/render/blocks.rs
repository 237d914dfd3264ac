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

/// Blocks in a message.
pub const BLOCKS_MAX: usize = 50;
/// Characters in the text of a section.
pub const SECTION_MAX: usize = 3000;
/// Characters in a header.
pub const HEADER_MAX: usize = 150;
/// Characters in one element of a context block; a text object takes no more.
pub const CONTEXT_MAX: usize = 3000;
/// Characters on a button.
pub const BUTTON_MAX: usize = 75;
/// Characters in the address of a button.
pub const URL_MAX: usize = 3000;
/// Characters in the text beside the blocks. Slack takes ten times as many and advises these.
pub const TEXT_MAX: usize = 4000;

pub(super) fn header(text: &str) -> SlackBlock {
    SlackHeaderBlock::new(plain(&filled(text, HEADER_MAX)).into()).into()
}

/// `text` is mark-up whose foreign parts are escaped. Addresses in it are not made into links.
pub(super) fn section(text: &str) -> SlackBlock {
    let text = SlackBlockText::MarkDown(mrkdwn(&filled(text, SECTION_MAX)));
    SlackSectionBlock::new().with_text(text).into()
}

/// Small print; the same rules as for [`section`].
pub(super) fn context(text: &str) -> SlackBlock {
    SlackContextBlock::new(vec![mrkdwn(&filled(text, CONTEXT_MAX)).into()]).into()
}

/// Text that is copied exactly as it is shown.
pub(super) fn preformatted(text: &str) -> SlackBlock {
    let text = SlackRichTextInlineElement::Text(SlackRichTextText::new(filled(text, SECTION_MAX)));
    SlackRichTextBlock::new(vec![SlackRichTextPreformatted::new(vec![text]).into()]).into()
}

/// A row of buttons about a bot, if one of them can be drawn.
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

/// Slack refuses a text that is empty, and with it the whole message.
pub(super) fn filled(text: &str, max: usize) -> String {
    if text.trim().is_empty() { "–".to_owned() } else { clip(text, max) }
}

fn mrkdwn(text: &str) -> SlackBlockMarkDownText {
    SlackBlockMarkDownText::new(text.to_owned()).with_verbatim(true)
}

fn plain(text: &str) -> SlackBlockPlainText {
    SlackBlockPlainText::new(text.to_owned()).with_emoji(false)
}
