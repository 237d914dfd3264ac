//! Renders messages for Discord. Pure.

mod alerts;
mod body;
mod buttons;
mod card;
mod digest;
mod mutes;
mod timeline;

use serenity::builder::CreateAllowedMentions;
use serenity::constants::MESSAGE_CODE_LIMIT;

use super::markdown::{clip, code_block, escape};
use super::mute_form;
use crate::chat::{Message, SendRequest, Shown};
use crate::diagnosis::bot_id::BotId;
use crate::mention;
use crate::report::Report;
use crate::report::card::{Above, ButtonPlace, Card, Layout};

pub use body::Body;

const _: () = assert!(mention::MENTION_MAX < MESSAGE_CODE_LIMIT);

/// Renders a message without its requester.
#[must_use]
pub fn render(message: &Message) -> Body {
    render_request(&SendRequest::plain(message, ""), Shown::Posted)
}

/// Renders the message of a request, with the details of this request.
#[must_use]
pub fn render_request(request: &SendRequest<'_>, shown: Shown) -> Body {
    // It comes from the settings, and is the only text that may notify people.
    let mention = request.mention.and_then(mention::for_discord);
    let mut body = draw(request, shown, mention.as_deref());
    if let Some(redirect_note) = request.redirect_note {
        body.content = format!("{}\n-# {}", body.content, escape(&clip(redirect_note, 400)));
    }
    if let Some(mention) = mention.as_deref().filter(|_| !request.message.is_alert()) {
        let room = MESSAGE_CODE_LIMIT.saturating_sub(mention.chars().count() + 1);
        body.content = format!("{}\n{mention}", clip(&body.content, room));
    }
    body.content = clip(&body.content, MESSAGE_CODE_LIMIT);
    body.allowed_mentions = mention.as_deref().map_or_else(CreateAllowedMentions::new, alerts::may_mention);
    body
}

fn draw(request: &SendRequest<'_>, shown: Shown, mention: Option<&str>) -> Body {
    match request.message {
        Message::Verdict(report) => said(verdict(report)),
        Message::Details { report, note } => {
            let content = if request.threadless { verdict(report) } else { String::new() };
            let card = Card::of(report, layout(shown.above()));
            Body { content, ..card::draw(&card, report.outcome_words(), note.as_ref()) }
        }
        Message::Explanation(entry) => card::draw(&Card::explaining(entry), "", None),
        Message::HostMessage(message) => Body {
            components: buttons::rows(message.buttons().into_iter(), message.bot),
            ..said(code_block(&message.text, MESSAGE_CODE_LIMIT))
        },
        Message::Notice(text) => said(filled(&escape(text))),
        Message::Mute(notice) => mutes::notice(notice),
        Message::MuteForm(form) => {
            Body { components: mute_form::components(form), ..said(escape(&form.above_menus())) }
        }
        Message::Listing(listing) => mutes::listing(listing),
        Message::Alert(alert) => {
            let own = buttons::rows(alert.buttons().into_iter(), alert.report.bot_id);
            let content = alerts::alert(alert, mention);
            // No thread is possible for the details.
            if request.threadless {
                let card = Card::of(&alert.report, layout(Above::Alert));
                let body = card::draw(&card, "", None);
                Body { content, components: [body.components, own].concat(), ..body }
            } else {
                Body { components: own, ..said(content) }
            }
        }
        Message::AlertGroup(group) => said(alerts::group(group, request.threadless, mention)),
        Message::Preview { preview, card } => {
            let card = card.as_ref().map(|card| card.0.as_str());
            card::draw(&Card::previewing(preview, card), "", None)
        }
        Message::Digest(digest) => Body { embeds: vec![digest::embed(digest)], ..Body::default() },
        Message::Bots(bots) => Body { embeds: vec![alerts::bots(bots)], ..Body::default() },
    }
}

fn said(content: String) -> Body {
    Body { content, ..Body::default() }
}

/// Returns the layout. Buttons can only be below all embeds.
const fn layout(above: Above) -> Layout {
    Layout { buttons: ButtonPlace::End, above }
}

fn verdict(report: &Report) -> String {
    let title = escape(&clip(&report.title, 300));
    let name = escape(&clip(report.name(), 100));
    clip(&format!("**{}:** {title} ({name})", report.outcome_words()), MESSAGE_CODE_LIMIT)
}

/// Returns what identifies the bot, as small print.
fn bot_line(name: &str, platform: Option<&str>, id: Option<BotId>) -> String {
    let name = escape(&clip(name, 100));
    let parts = [Some(name), platform.map(str::to_owned), id.map(|id| format!("`{id}`"))];
    format!("-# {}", parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// Returns a user. Discord can show an ID that it issued, which notifies no one, because mentions are turned off. An ID
/// of Slack means nothing here.
fn person(person: &str) -> String {
    if mention::is_discord_id(person) {
        format!("<@{person}>")
    } else if mention::is_slack_user(person) {
        "someone in Slack".to_owned()
    } else {
        escape(&clip(person, 100))
    }
}

/// Fills an empty text, because Discord rejects a message with one.
fn filled(text: &str) -> String {
    if text.trim().is_empty() { "–".to_owned() } else { text.to_owned() }
}
