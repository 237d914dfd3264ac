//! Slack's side of the composition: the messenger, the connections, and a look at whether they work.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use url::Url;

use super::supervise::{Handle, Supervisor, Task};
use crate::chat::slack::SlackMessenger;
use crate::chat::slack::checkup::{self, Access};
use crate::chat::slack::socket::SocketMode;
use crate::chat::{InteractionSink, Messenger};
use crate::clock;
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
pub(super) fn watch(slack: &Slack, socket: Option<Arc<SocketMode>>, supervisor: &Supervisor) {
    if !slack.is_on() {
        return;
    }
    let slack = slack.clone();
    supervisor.keep(Task::optional("slack"), move |task| {
        let slack = slack.clone();
        async move {
            task.stop.run_until_cancelled(examine(&slack, &task)).await.unwrap_or(Ok(()))?;
            task.stop.cancelled().await;
            Ok::<(), anyhow::Error>(())
        }
    });
    let Some(socket) = socket else { return };
    supervisor.keep(Task::optional("slack socket mode"), move |task| {
        let socket = socket.clone();
        async move {
            loop {
                let silent = (!socket.connected())
                    .then(|| "Slack has not greeted us yet; `doctor` says why".to_owned());
                task.trouble(silent);
                if !task.pause(LOOK).await {
                    return Ok::<(), Infallible>(());
                }
            }
        }
    });
}

async fn examine(slack: &Slack, task: &Handle) -> anyhow::Result<()> {
    let Some(bot_token) = &slack.bot_token else { return Ok(()) };
    let api_url = api_url(slack)?;
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
    task.trouble((!bad.is_empty()).then(|| bad.join("; ")));
    Ok(())
}

fn api_url(slack: &Slack) -> anyhow::Result<Url> {
    Url::parse(&slack.api_url).context("slack.api_url")
}
