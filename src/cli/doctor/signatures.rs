//! Whether what the platforms sign is taken: nobody can ask from outside, but the service wrote down what came.

use jiff::{SignedDuration, Timestamp};

use crate::http::signatures::{Sender, Tally};
use crate::report::fill::format_utc;
use crate::report::finding::Finding;
use crate::settings::Settings;
use crate::store::Store;

/// Fewer may be somebody who tries.
const REFUSED_MIN: u64 = 3;
/// What was accepted since then shows that the secret is right.
const ACCEPTED_LATELY: SignedDuration = SignedDuration::from_hours(1);

pub(super) async fn examine(store: &Store, settings: &Settings, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    for sender in Sender::ALL.into_iter().filter(|sender| is_expected(*sender, settings)) {
        if let Ok(Some(tally)) = Tally::read(store, sender).await {
            findings.push(judge(sender, &tally, now));
        }
    }
    findings
}

fn is_expected(sender: Sender, settings: &Settings) -> bool {
    match sender {
        Sender::Slack => settings.slack.signing_secret.is_some(),
        Sender::Discord => settings.discord.public_key.is_some(),
        Sender::Recall => {
            settings.recall.workspaces().iter().any(|workspace| !workspace.webhook_secrets.is_empty())
        }
    }
}

fn judge(sender: Sender, tally: &Tally, now: Timestamp) -> Finding {
    let part = match sender {
        Sender::Slack => "Slack signatures",
        Sender::Discord => "Discord signatures",
        Sender::Recall => "Webhook signatures",
    };
    let lately = tally.accepted.is_some_and(|accepted| now.duration_since(accepted) < ACCEPTED_LATELY);
    let Some(since) = tally.since.filter(|_| tally.refused > 0) else {
        return Finding::pass(part, "the last request was accepted");
    };
    let one_or_many = if tally.refused == 1 { "request was" } else { "requests were" };
    let last = match tally.accepted {
        Some(accepted) => format!("the last accepted one came on {}", format_utc(accepted)),
        None => "none was accepted".to_owned(),
    };
    let words = format!(
        "{} {one_or_many} refused since {}, and {last}. {}",
        tally.refused,
        format_utc(since),
        page(sender)
    );
    if lately || tally.refused < REFUSED_MIN {
        Finding::skipped(part, words)
    } else {
        Finding::fail(part, words)
    }
}

const fn page(sender: Sender) -> &'static str {
    match sender {
        Sender::Slack => {
            "Copy slack.signing_secret again from https://api.slack.com/apps > your app > Basic Information > App \
             Credentials > Signing Secret. The Client Secret and the Verification Token beside it are others"
        }
        Sender::Discord => {
            "Copy discord.public_key again from https://discord.com/developers/applications > your app > General \
             Information > Public Key"
        }
        Sender::Recall => {
            "Copy recall.webhook_secret again from Recall.ai's dashboard > Developers > Webhooks, of the workspace and \
             region that send them. If the endpoint ends with a workspace's name, compare the webhook_secret of that one"
        }
    }
}
