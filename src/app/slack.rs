//! Slack's side of the composition: the messenger, the connections, and a look at whether they work.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::chat::slack::SlackMessenger;
use crate::chat::slack::checkup::{self, Access};
use crate::chat::slack::socket::SocketMode;
use crate::chat::{InteractionSink, Messenger};
use crate::clock;
use crate::health::Health;
use crate::report::finding::CheckStatus;
use crate::settings::slack::Slack;

/// How often the connections are looked at. Slack renews them every few hours.
const LOOK: Duration = Duration::from_secs(10);

/// Speaks in Slack, where Slack is on.
pub(super) fn messenger(slack: &Slack) -> anyhow::Result<Option<Arc<dyn Messenger>>> {
    let Some(token) = &slack.bot_token else { return Ok(None) };
    Ok(Some(Arc::new(SlackMessenger::new(&api_url(slack)?, token))))
}

/// Opens the connections of Socket Mode, where it is set.
pub(super) async fn socket(
    slack: &Slack,
    sink: Arc<dyn InteractionSink>,
) -> anyhow::Result<Option<Arc<SocketMode>>> {
    let Some(app_token) = &slack.app_token else { return Ok(None) };
    let socket = SocketMode::start(&api_url(slack)?, app_token, sink, clock::now).await;
    Ok(Some(Arc::new(socket.map_err(anyhow::Error::msg)?)))
}

/// Says once whether Slack takes the tokens, and then again and again whether it has greeted us. A Slack
/// that is out of reach does not keep the service from starting: it comes back, and so do the questions.
pub(super) fn watch(
    slack: &Slack,
    socket: Option<Arc<SocketMode>>,
    health: &Health,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    let (slack, health, stop) = (slack.clone(), health.clone(), stop.clone());
    tasks.spawn(async move {
        let look = async {
            examine(&slack, &health).await;
            while let Some(socket) = &socket {
                let silent = (!socket.connected())
                    .then(|| "Slack has not greeted us yet; `doctor` says why".to_owned());
                health.trouble("slack socket mode", silent, clock::now());
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = look => {}
        }
    });
}

async fn examine(slack: &Slack, health: &Health) {
    let (Some(bot_token), Ok(api_url)) = (&slack.bot_token, api_url(slack)) else { return };
    let access = Access { api_url: &api_url, bot_token, app_token: slack.app_token.as_ref() };
    let findings = checkup::examine(&access, &[], clock::now()).await;
    let bad: Vec<String> = findings
        .into_iter()
        .filter(|finding| finding.status == CheckStatus::Fail)
        .map(|finding| format!("{}: {}", finding.part, finding.words))
        .collect();
    for finding in &bad {
        tracing::error!(finding, "Slack's settings are not as they have to be.");
    }
    health.trouble("slack", (!bad.is_empty()).then(|| bad.join("; ")), clock::now());
}

fn api_url(slack: &Slack) -> anyhow::Result<Url> {
    Url::parse(&slack.api_url).context("slack.api_url")
}
