//! What the database tells of the set-up: itself, webhooks that come, messages and channels that were given up.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use crate::outbox::CLOCK_OFF_MAX;
use crate::report::fill::{format_duration, format_utc};
use crate::report::finding::Finding;
use crate::settings::Settings;
use crate::settings::recall::{DEFAULT_WORKSPACE, Workspace};
use crate::store::{Store, StoreError};

/// Bots are in meetings on most days.
const WEBHOOKS_EXPECTED_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// A channel that took nothing is tried again after this time, so older news says nothing.
const CLOSED_LATELY: SignedDuration = SignedDuration::from_hours(24);

pub(super) async fn examine(settings: &Settings, now: Timestamp) -> Vec<Finding> {
    let part = format!("Database {}", settings.database.url);
    let store = match Store::open_existing(settings.database.url.expose()).await {
        Ok(store) => store,
        Err(error) => {
            // What is missing in the settings is missing without a database, too.
            let is_new = matches!(error, StoreError::NotThere(_) | StoreError::NoTables);
            let webhooks = settings.recall.workspaces().into_iter().filter_map(|workspace| {
                let last = if is_new { LastWebhook::None } else { LastWebhook::Unknown };
                webhooks(last, settings, &workspace, now)
            });
            return [not_opened(&error, part)].into_iter().chain(webhooks).collect();
        }
    };
    let mut findings = vec![database(&store, part, now).await];
    for workspace in settings.recall.workspaces() {
        let last = match store.last_webhook(&workspace.name).await {
            Ok(Some(last)) => LastWebhook::At(last),
            Ok(None) => LastWebhook::None,
            Err(error) => LastWebhook::Failed(error),
        };
        findings.extend(webhooks(last, settings, &workspace, now));
    }
    findings.extend(super::signatures::examine(&store, settings, now).await);
    for (channel, since, why) in store.unavailable_channels(now - CLOSED_LATELY).await.unwrap_or_default() {
        let words = format!(
            "took no alert on {}: {why}; they went to the fallback, if there is one",
            format_utc(since)
        );
        findings.push(Finding::fail(format!("Channel {channel}"), words));
    }
    store.close().await;
    findings
}

/// What `serve` will do by itself is for a person to know, and no failure.
fn not_opened(error: &StoreError, part: String) -> Finding {
    match error {
        StoreError::NotThere(file) => not_there_yet(Path::new(file), part),
        StoreError::NoTables => Finding::skipped(part, "nothing is in it yet; `serve` creates its tables"),
        StoreError::EarlierVersion => {
            Finding::skipped(part, "is of an earlier version; `serve` brings it up to date")
        }
        error => Finding::fail(part, with_reason(error)),
    }
}

fn not_there_yet(file: &Path, part: String) -> Finding {
    let folder = file.parent().unwrap_or(file);
    if !folder.is_dir() {
        let words = format!("its folder {} is not there: create it, or set database.url", folder.display());
        return Finding::fail(part, words);
    }
    // A file without a name: nothing is left of it.
    match tempfile::tempfile_in(folder) {
        Ok(_) => Finding::skipped(part, "not there yet; `serve` creates it"),
        Err(error) => {
            Finding::fail(part, format!("its folder {} cannot be written to: {error}", folder.display()))
        }
    }
}

async fn database(store: &Store, part: String, now: Timestamp) -> Finding {
    match (store.probe().await, store.outbox_backlog().await) {
        (Ok(()), Ok(outbox)) if outbox.dead > 0 => Finding::fail(
            part,
            format!(
                "{} messages could not be delivered: `why-no-recording outbox list` says why",
                outbox.dead
            ),
        ),
        (Ok(()), Ok(_)) => match store.clock_off(now).await {
            Ok(Some(off)) if off.abs() > CLOCK_OFF_MAX => Finding::fail(
                part,
                format!(
                    "its server's clock and ours differ by {} seconds, and leases are times: set both by NTP",
                    off.abs().as_secs()
                ),
            ),
            _ => Finding::pass(part, "can be written to"),
        },
        (Err(error), _) | (_, Err(error)) => {
            let reason = with_reason(&error);
            Finding::fail(part, format!("{reason}; is the disk full, or the database read-only?"))
        }
    }
}

/// What the database says of the last webhook of a workspace.
enum LastWebhook {
    At(Timestamp),
    None,
    Failed(StoreError),
    /// It could not be opened, which is told already.
    Unknown,
}

/// Whether webhooks come, where somebody wants alerts or has set a secret.
fn webhooks(
    last: LastWebhook,
    settings: &Settings,
    workspace: &Workspace,
    now: Timestamp,
) -> Option<Finding> {
    let alerts = &settings.alerts;
    let wanted = !alerts.slack_channels().is_empty() || !alerts.discord_channels().is_empty();
    let part = format!("Webhooks of workspace {}", workspace.name);
    let path = match workspace.name.as_str() {
        DEFAULT_WORKSPACE => String::new(),
        name => format!("/{name}"),
    };
    let how = format!(
        "In Recall.ai's dashboard, add an endpoint https://…/webhooks/recall{path} with all bot.* and recording.* events"
    );
    let can_be_told = !workspace.webhook_secrets.is_empty() || settings.recall.insecure_webhooks;
    if !can_be_told {
        let words = format!(
            "no secret is set, so they are refused, and alerts come from the list of bots alone: minutes late, and never before the end. {how}, create a secret for the workspace, and set recall.webhook_secret to it"
        );
        return wanted.then(|| Finding::skipped(part, words));
    }
    Some(match last {
        LastWebhook::At(last) if now.duration_since(last) < WEBHOOKS_EXPECTED_WITHIN => Finding::pass(
            part,
            format!("the last one came {} ago", format_duration(now.duration_since(last))),
        ),
        LastWebhook::At(last) => Finding::skipped(
            part,
            format!(
                "the last one came {} ago; if bots were in meetings since, look at the endpoint's deliveries in Recall.ai's dashboard",
                format_duration(now.duration_since(last))
            ),
        ),
        LastWebhook::None => Finding::skipped(part, format!("none has come yet. {how}")),
        LastWebhook::Failed(error) => Finding::fail(part, with_reason(&error)),
        LastWebhook::Unknown => return None,
    })
}

fn with_reason(error: &StoreError) -> String {
    let reason = std::error::Error::source(error).map(|reason| format!(": {reason}"));
    format!("{error}{}", reason.unwrap_or_default())
}
