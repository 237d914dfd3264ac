//! What others wrote neither pings nor leads anywhere, on either platform, wherever it is shown.

use serde_json::json;
use why_no_recording::chat::{CardNote, Message, SendRequest, Shown, discord, slack};

use crate::alerts::samples;
use crate::slack::rendering::{blocks, markup, stuffed};
use crate::world::discord::{alive, alive_in, as_posted};
use crate::world::slack::Parse;

/// Names of bots, titles and codes as somebody may write them who wants to be clicked on or to wake a channel.
pub const FOREIGN: &[&str] = &[
    "discord.gg/abcdef",
    "DISCORD.GG/abcdef",
    "Discord.gg/invite/abcdef",
    "discord.com/invite/abcdef",
    "discordapp.com/invite/abcdef",
    "DiscordApp.com/Invite/abcdef",
    "ptb.discord.com/invite/abcdef",
    "discord.com/events/123456789012345678/123456789012345678",
    "discord.com/channels/123456789012345678/123456789012345678",
    "discord.new/abcdef",
    "discord.gift/abcdef",
    "dis\u{200b}cord.gg/abcdef",
    "discord\u{200b}.gg/abcdef",
    "discord.\u{2060}gg/abcdef",
    "discord.gg\u{200b}/abcdef",
    "discord.gg\\/abcdef",
    "discord\\.gg/abcdef",
    "xdiscord.gg/abcdef discord.discord.gg/abcdef",
    "https://discord.gg/abcdef",
    "HTTPS://evil.example",
    "http://evil.example/x?y=<z>",
    "<https://evil.example>",
    "<https://evil.example|here>",
    "[here](https://evil.example)",
    "[here]( <https://evil.example> )",
    "\\[here\\](https://evil.example)",
    "https:\\//evil.example",
    "www.evil.example",
    "mailto:sam@evil.example",
    "@everyone",
    "@here",
    "\\@everyone",
    "@\u{200b}everyone @everyone",
    "<@123456789012345678>",
    "<@!123456789012345678>",
    "<@&123456789012345678>",
    "\\<@123456789012345678>",
    "<#123456789012345678>",
    "</why-no-recording:123456789012345678>",
    "<id:customize>",
    "<:wave:123456789012345678>",
    "<a:wave:123456789012345678>",
    "<!here>",
    "<!channel>",
    "<!everyone|here>",
    "<@U0123456789>",
    "<!subteam^S0123456789>",
    "<#C0123456789>",
    "<!date^1795014000^{date}^https://evil.example|now>",
    "&lt;!here&gt; <!here>",
    "<<!here>>",
    "`<!here>` ```<!here>``` `@everyone`",
];

/// All messages that can hold what others wrote, with this text in all places.
fn messages(text: &str) -> Vec<Message> {
    let texts = vec![text.to_owned(); 6];
    let report = stuffed(&texts, 2, 2);
    let note = Some(CardNote::AnsweredBy(text.to_owned()));
    let mut messages: Vec<Message> =
        samples::messages(&report).into_iter().map(|(_, message)| message).collect();
    messages.extend([
        Message::Details { report: Box::new(report.clone()), note },
        Message::Verdict(Box::new(report)),
        Message::Notice(text.to_owned()),
        Message::HostMessage(text.to_owned().into()),
    ]);
    messages
}

fn request<'a>(message: &'a Message, text: &'a str, threadless: bool) -> SendRequest<'a> {
    SendRequest { redirect_note: Some(text), threadless, ..SendRequest::plain(message, "m") }
}

fn alive_in_slack(message: &Message, text: &str, threadless: bool) -> Vec<String> {
    let payload = slack::render::render_request(&request(message, text, threadless), Shown::Ephemeral);
    let texts = markup(&blocks(&payload)).into_iter().chain([payload.text]);
    texts.flat_map(|text| Parse::None.alive(&text)).collect()
}

fn alive_in_discord(message: &Message, text: &str, threadless: bool) -> Vec<String> {
    let body =
        as_posted(&discord::render::render_request(&request(message, text, threadless), Shown::Posted));
    assert_eq!(body["allowed_mentions"], json!({ "parse": [], "roles": [], "users": [] }));
    alive_in(&body)
}

#[test]
fn nothing_that_others_wrote_pings_or_links() {
    for threadless in [false, true] {
        let harmless = messages("Notes");
        for text in FOREIGN {
            for (message, harmless) in messages(text).iter().zip(&harmless) {
                let own = alive_in_slack(harmless, "Notes", threadless);
                assert_eq!(alive_in_slack(message, text, threadless), own, "{text:?} in Slack's {message:?}");
                let own = alive_in_discord(harmless, "Notes", threadless);
                assert_eq!(
                    alive_in_discord(message, text, threadless),
                    own,
                    "{text:?} in Discord's {message:?}"
                );
            }
        }
    }
}

/// The reader of the tests sees what it is there for.
#[test]
fn what_pings_or_links_is_seen() {
    for (text, seen) in [
        ("see DISCORD.gg/abcdef", vec!["discord.gg/abcdef"]),
        ("see discord\\.gg/abcdef", vec!["discord.gg/abcdef"]),
        ("a <@1> and @here", vec!["<@1", "@here"]),
        ("[a](https://b.example)", vec!["](https://b.example", "https://b.example"]),
        ("discord\u{200b}.gg/abcdef @\u{200b}here", vec![]),
    ] {
        assert_eq!(alive(text), seen, "{text}");
    }
}
