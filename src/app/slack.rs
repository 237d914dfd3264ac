//! Slack's side of the composition: the messenger, the connections, and a look at whether they work.

use std::convert::Infallible;
use std::sync::Arc;

use anyhow::Context;
use url::Url;

use super::supervise::{Handle, Supervisor, Task};
use crate::chat::slack::SlackMessenger;
use crate::chat::slack::checkup::{self, Access};
use crate::chat::slack::identity::LearnedIdentity;
use crate::chat::slack::socket::{Receiver, SocketMode, SocketPace, SocketState};
use crate::chat::{InteractionSink, Messenger};
use crate::clock;
use crate::report::finding::CheckStatus;
use crate::report::format_utc;
use crate::retry::Backoff;
use crate::settings::slack::Slack;

/// Builds the messenger for Slack, if Slack is on.
pub(super) fn messenger(
    slack: &Slack,
    identity: &LearnedIdentity,
) -> anyhow::Result<Option<Arc<dyn Messenger>>> {
    let Some(token) = &slack.bot_token else { return Ok(None) };
    let messenger = SlackMessenger::new(&api_url(slack)?, token).with_identity(identity.clone());
    Ok(Some(Arc::new(messenger)))
}

/// Checks the tokens once, and holds the Socket Mode connections if it is configured. The service starts even if
/// Slack can't be reached, because it will return.
pub(super) fn start(
    slack: &Slack,
    sink: Arc<dyn InteractionSink>,
    identity: LearnedIdentity,
    supervisor: &Supervisor,
) -> anyhow::Result<()> {
    if !slack.is_on() {
        return Ok(());
    }
    learn_identity(slack, &identity, supervisor);
    let settings = slack.clone();
    supervisor.keep(Task::optional("slack"), move |task| {
        let slack = settings.clone();
        async move {
            task.stop.run_until_cancelled(examine(&slack, &task)).await.unwrap_or(Ok(()))?;
            task.stop.cancelled().await;
            Ok::<(), anyhow::Error>(())
        }
    });
    let Some(app_token) = &slack.app_token else { return Ok(()) };
    let socket = SocketMode::new(
        &api_url(slack)?,
        app_token,
        Receiver { sink, identity, clock: clock::now },
        SocketPace::default(),
    );
    let socket = Arc::new(socket);
    supervisor.keep(Task::optional("slack socket mode"), move |task| {
        let socket = socket.clone();
        async move {
            let stop = task.stop.clone();
            socket.run(stop, move |state| tell(&task, state)).await;
            Ok::<(), Infallible>(())
        }
    });
    Ok(())
}

/// Calls `auth.test` until it succeeds.
fn learn_identity(slack: &Slack, identity: &LearnedIdentity, supervisor: &Supervisor) {
    let (slack, identity) = (slack.clone(), identity.clone());
    supervisor.keep(Task::optional("slack identity").with_backoff(Backoff::REGISTRATION), move |task| {
        let (slack, identity) = (slack.clone(), identity.clone());
        async move {
            let Some(bot_token) = &slack.bot_token else { return Ok(()) };
            let api_url = api_url(&slack)?;
            let access = Access {
                api_url: &api_url,
                bot_token,
                app_token: slack.app_token.as_ref(),
                acting_groups: &slack.acting_groups,
            };
            if let Some(asked) = task.stop.run_until_cancelled(checkup::identity(&access)).await {
                // Another task may have learned it meanwhile.
                let _ = identity.set(asked.map_err(anyhow::Error::msg)?);
            }
            // Once is enough; it is no task that ended.
            task.stop.cancelled().await;
            Ok::<(), anyhow::Error>(())
        }
    });
}

/// A lost Slack connection doesn't end readiness, because other platforms still get answers.
fn tell(task: &Handle, state: &SocketState) {
    task.trouble(match state {
        SocketState::Connected => None,
        SocketState::Deaf { since, why } => {
            Some(format!("not heard since {} UTC: {why}", format_utc(*since)))
        }
    });
}

async fn examine(slack: &Slack, task: &Handle) -> anyhow::Result<()> {
    let Some(bot_token) = &slack.bot_token else { return Ok(()) };
    let api_url = api_url(slack)?;
    let access = Access {
        api_url: &api_url,
        bot_token,
        app_token: slack.app_token.as_ref(),
        acting_groups: &slack.acting_groups,
    };
    let mut findings = Vec::new();
    checkup::examine(&access, &[], clock::now(), &mut |finding| findings.push(finding)).await;
    let bad: Vec<String> = findings
        .into_iter()
        .filter(|finding| finding.status == CheckStatus::Fail)
        .map(|finding| format!("{}: {}", finding.part, finding.words))
        .collect();
    for finding in &bad {
        tracing::error!(finding, "Slack setup check failed.");
    }
    task.trouble((!bad.is_empty()).then(|| bad.join("; ")));
    Ok(())
}

fn api_url(slack: &Slack) -> anyhow::Result<Url> {
    Url::parse(&slack.api_url).context("slack.api_url")
}
