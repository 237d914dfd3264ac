//! Checks that signatures are accepted. Only the service can see that, so it counts the requests that it
//! rejected.

use jiff::{SignedDuration, Timestamp};

use super::{Found, day_and_time};
use crate::http::signatures::{Sender, Tally};
use crate::report::finding::Finding;
use crate::settings::Settings;
use crate::store::Store;

/// Fewest rejected requests that count as a failure. Fewer may come from an attacker.
const REFUSED_MIN: u64 = 3;
/// Hours within which an accepted signature shows that the secret is right.
const ACCEPTED_LATELY: SignedDuration = SignedDuration::from_hours(1);

pub(super) async fn examine(store: &Store, settings: &Settings, now: Timestamp, found: &Found) {
    for sender in expected(settings) {
        if let Ok(Some(tally)) = Tally::read(store, &sender).await {
            found.tell(judge(&sender, &tally, now));
        }
    }
}

/// Returns the services that may send signed requests.
fn expected(settings: &Settings) -> Vec<Sender> {
    let mut senders = Vec::new();
    senders.extend(settings.slack.signing_secret.is_some().then_some(Sender::Slack));
    senders.extend(settings.discord.public_key.is_some().then_some(Sender::Discord));
    let workspaces = settings.recall.workspaces();
    let signing = workspaces.iter().filter(|workspace| !workspace.webhook_secrets.is_empty());
    let mut named: Vec<Sender> =
        signing.map(|workspace| Sender::Recall(Some(workspace.name.clone()))).collect();
    if !named.is_empty() {
        senders.push(Sender::Recall(None));
        senders.append(&mut named);
    }
    senders
}

fn judge(sender: &Sender, tally: &Tally, now: Timestamp) -> Finding {
    let part = match sender {
        Sender::Slack => "Slack signatures".to_owned(),
        Sender::Discord => "Discord signatures".to_owned(),
        Sender::Recall(None) => "Webhook signatures".to_owned(),
        Sender::Recall(Some(workspace)) => format!("Webhook signatures of workspace {workspace}"),
    };
    let lately = tally.accepted.is_some_and(|accepted| now.duration_since(accepted) < ACCEPTED_LATELY);
    let Some(since) = tally.since.filter(|_| tally.refused > 0) else {
        return Finding::pass(part, "the last request was accepted");
    };
    let requests = if tally.refused == 1 { "request" } else { "requests" };
    let last = match tally.accepted {
        Some(accepted) => format!("the last accepted one arrived on {}", day_and_time(accepted)),
        None => "none was accepted".to_owned(),
    };
    let words = format!(
        "{} {requests} rejected since {}, and {last}. {}",
        tally.refused,
        day_and_time(since),
        page(sender)
    );
    if lately || tally.refused < REFUSED_MIN {
        Finding::skipped(part, words)
    } else {
        Finding::fail(part, words)
    }
}

fn page(sender: &Sender) -> String {
    let place = match sender {
        Sender::Slack => {
            "https://api.slack.com/apps > your app > Basic Information > App Credentials > Signing Secret (neither the \
             Client Secret nor the Verification Token)"
        }
        Sender::Discord => {
            "https://discord.com/developers/applications > your app > General Information > Public Key"
        }
        Sender::Recall(_) => {
            "Recall.ai's dashboard > Developers > Webhooks, in the workspace and region that sends them"
        }
    };
    format!("Copy {} again from {place}", sender.setting())
}
