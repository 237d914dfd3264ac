//! Whom a message pings: only those whom the settings name, each on their own platform.

use std::path::PathBuf;

use serde_json::{Value, json};
use why_no_recording::chat::{CardNote, Message, SendRequest, Shown, discord, slack};
use why_no_recording::mention::{MENTION_MAX, for_discord, for_slack};
use why_no_recording::settings::environment::Environment;
use why_no_recording::settings::{SettingsFile, Sources, load};

use crate::slack::rendering::{blocks, report_of};
use crate::world::discord::{as_posted, violations};
use crate::world::slack::{Parse, block_violations};

const SLACK: &str = "slack_channel = \"C0123456789\"";
const DISCORD: &str = "discord_channel = \"123456789012345678\"";
const BOTH: &str = "slack_channel = \"C0123456789\"\ndiscord_channel = \"123456789012345678\"";

/// What the settings make of a mention in a route to these channels: the mention, or what a person reads.
fn read(channels: &str, mention: &str) -> Result<String, String> {
    let text = format!("[[alerts.route]]\n{channels}\nmention = {}\n", json!(mention));
    let file = Some(SettingsFile { path: PathBuf::from("wnr.toml"), text });
    match load(&Sources { file, environment: Environment::default() }) {
        Ok(loaded) => Ok(loaded.settings.alerts.routes[0].mention.clone().unwrap()),
        Err(problems) => Err(problems.to_string()),
    }
}

#[test]
fn a_mention_is_one_that_its_platform_reads() {
    for (channels, mention) in [
        (SLACK, "<!here>"),
        (SLACK, "<!channel>"),
        (SLACK, "<!everyone>"),
        (SLACK, "<@U0123456789>"),
        (SLACK, "<@W0123456789>"),
        (SLACK, "<@U0123456789|sam>"),
        (SLACK, "<!subteam^S0123456789>"),
        (SLACK, "<!subteam^S0123456789|on-call> <!here>"),
        (DISCORD, "<@123456789012345678>"),
        (DISCORD, "<@!123456789012345678>"),
        (DISCORD, "<@&123456789012345678>"),
        (DISCORD, "@here"),
        (DISCORD, "@everyone"),
        (BOTH, "<!here> <@&123456789012345678>"),
        (BOTH, "@here"),
    ] {
        assert_eq!(read(channels, mention).as_deref(), Ok(mention));
    }
}

#[test]
fn what_no_platform_reads_as_a_mention_is_refused_with_the_forms() {
    let forms = "as Slack writes it (<!here>, <!channel>, <@U0123456789> or <!subteam^S0123456789>), or as Discord does \
                 (<@123456789012345678>, <@&123456789012345678>, @here or @everyone)";
    for mention in [
        "@on-call",
        "here",
        "@channel",
        "<!her>",
        "<!subteam^U0123456789>",
        "<@u0123456789>",
        "<@U0123456789",
        "@U0123456789",
        "<@&>",
        "<@&!123456789012345678>",
        "<@&&123456789012345678>",
        "<@123456789012345678901>",
        "<#123456789012345678>",
        "<https://evil.example|here>",
        "<@U0123456789|<!here>>",
        "look here: <!here>",
        "<!here>,<@U0123456789>",
    ] {
        let problem = read(BOTH, mention).unwrap_err();
        assert!(problem.contains("but must be a mention as Slack") && problem.contains(forms), "{problem}");
    }
}

#[test]
fn a_mention_that_no_channel_of_its_route_shows_is_refused() {
    let problem = read(SLACK, "<@&123456789012345678>").unwrap_err();
    assert_eq!(
        problem,
        "wnr.toml, line 3: alerts.route[1].mention must be a mention of Slack (<!here>, <!channel>, <@U0123456789> or \
         <!subteam^S0123456789>), since the route has no discord_channel."
    );
    let problem = read(DISCORD, "<!here>").unwrap_err();
    assert_eq!(
        problem,
        "wnr.toml, line 3: alerts.route[1].mention must be a mention of Discord (<@123456789012345678>, \
         <@&123456789012345678>, @here or @everyone), since the route has no slack_channel."
    );
}

#[test]
fn a_mention_has_a_length() {
    let many = |count: usize| vec!["<@&123456789012345678>"; count].join(" ");
    assert!(read(DISCORD, &many(21)).is_ok());
    assert!(read(DISCORD, &many(22)).unwrap_err().contains("500 characters at most"));
}

fn in_slack(message: &Message, mention: &str) -> (String, Value) {
    let request = SendRequest { mention: Some(mention), ..SendRequest::plain(message, "m") };
    let payload = slack::render::render_request(&request, Shown::Posted);
    let blocks = blocks(&payload);
    (payload.text, blocks)
}

fn in_discord(message: &Message, mention: &str) -> Value {
    let request = SendRequest { mention: Some(mention), ..SendRequest::plain(message, "m") };
    as_posted(&discord::render::render_request(&request, Shown::Posted))
}

/// Whatever the outbox holds, also what was put there before the settings were checked.
#[test]
fn a_message_with_a_mention_of_any_length_fits() {
    let ids: Vec<String> = (0..200).map(|number| format!("<@&1234567890123{number:05}>")).collect();
    let groups: Vec<String> = (0..200).map(|number| format!("<!subteam^S{number:010}>")).collect();
    for message in [
        Message::Verdict(Box::new(report_of("no_recognised_host"))),
        Message::Notice("x".repeat(3_000)),
        Message::Details { report: Box::new(report_of("no_recognised_host")), note: None },
    ] {
        for mention in ["x".repeat(2_000), ids.join(" "), "<@&1>".repeat(2_000), groups.join(" ")] {
            let body = in_discord(&message, &mention);
            let mut quiet = body.clone();
            quiet["allowed_mentions"]["parse"] = json!([]);
            assert_eq!(violations("/messages", &quiet), Vec::<String>::new());
            let (text, blocks) = in_slack(&message, &mention);
            assert_eq!(block_violations(&blocks), Vec::<String>::new());
            assert!(text.chars().count() <= 4_000);
        }
    }
    for mentions in [for_discord(&ids.join(" ")).unwrap(), for_slack(&groups.join(" ")).unwrap()] {
        assert!(mentions.chars().count() <= MENTION_MAX && mentions.ends_with('>'), "{mentions}");
    }
}

#[test]
fn each_platform_shows_its_own_mentions_alone() {
    let message = Message::Verdict(Box::new(report_of("no_recognised_host")));
    let both = "<!here> <@&123456789012345678> <@U0123456789> @here <@&123456789012345678>";
    let (text, blocks) = in_slack(&message, both);
    assert!(text.starts_with("<!here> <@U0123456789> "), "{text}");
    assert_eq!(Parse::None.alive(&text), ["<!here>", "<@U0123456789>"], "{text}");
    assert!(
        !blocks.to_string().contains("123456789012345678") && !blocks.to_string().contains(" @here"),
        "{blocks}"
    );
    let body = in_discord(&message, both);
    let content = body["content"].as_str().unwrap();
    assert!(content.ends_with("\n<@&123456789012345678> @here"), "{content}");
    assert_eq!(
        body["allowed_mentions"],
        json!({ "parse": ["everyone"], "roles": ["123456789012345678"], "users": [] })
    );
    assert_eq!(
        in_discord(&message, "<!here>")["allowed_mentions"],
        json!({ "parse": [], "roles": [], "users": [] })
    );
    // Discord refuses a message that is to notify a person who cannot be.
    for nobody in ["<@&0>", "<@99999999999999999999>"] {
        let allowed = &in_discord(&message, nobody)["allowed_mentions"];
        assert_eq!(allowed, &json!({ "parse": [], "roles": [], "users": [] }), "{nobody}");
    }
    assert!(!in_slack(&message, "@everyone").0.contains("@everyone"));
}

/// The alert of a bot stands on both platforms, and the question is answered on one of them.
#[test]
fn who_answered_is_named_where_they_are_known() {
    let details = |person: &str| Message::Details {
        report: Box::new(report_of("no_recognised_host")),
        note: Some(CardNote::AnsweredBy(person.to_owned())),
    };
    let by = |who: &str| format!("{who} answered the question about the host.");
    for (person, slack, discord) in [
        (
            "U0123456789",
            by("<@U0123456789>"),
            "The question about the host was answered in Slack.".to_owned(),
        ),
        (
            "123456789012345678",
            "The question about the host was answered in Discord.".to_owned(),
            by("<@123456789012345678>"),
        ),
        ("you", by("you"), by("you")),
        ("<!here>", by("&lt;!here&gt;"), by("\\<!here\\>")),
    ] {
        let blocks = blocks(&slack::render::render(&details(person)));
        let shown = blocks.as_array().unwrap().iter().any(|block| block["elements"][0]["text"] == slack);
        assert!(shown, "{blocks}");
        let body = as_posted(&discord::render::render(&details(person)));
        let shown = body["embeds"][0]["description"].as_str().unwrap();
        assert!(shown.contains(&discord), "{shown}");
    }
}
