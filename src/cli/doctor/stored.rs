//! Checks the setup with the data in the database: its version, arriving webhooks, signatures, and channels
//! that refused alerts.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::{Found, day_and_time, signatures};
use crate::outbox::CLOCK_OFF_MAX;
use crate::report::finding::Finding;
use crate::report::format_duration;
use crate::settings::Settings;
use crate::settings::recall::{DEFAULT_WORKSPACE, Workspace};
use crate::store::{Store, StoreError};

/// Hours within which a webhook is expected, because bots are in meetings on most days.
const WEBHOOKS_EXPECTED_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// Hours for which a refusal of a channel is reported. A channel is tried again by then, so older refusals
/// prove nothing.
const CLOSED_LATELY: SignedDuration = SignedDuration::from_hours(24);

pub(super) async fn examine(settings: &Settings, now: Timestamp, found: Found) {
    let part = format!("Database {}", settings.database.url);
    let store = match Store::open_existing(settings.database.url.expose()).await {
        Ok(store) => store,
        Err(error) => {
            found.tell(not_opened(&error, part));
            // Missing settings are reported even without a database.
            let is_new = matches!(error, StoreError::NotThere(_) | StoreError::NoTables);
            for workspace in settings.recall.workspaces() {
                let last = if is_new { LastWebhook::None } else { LastWebhook::Unknown };
                if let Some(finding) = webhooks(last, settings, &workspace, now) {
                    found.tell(finding);
                }
            }
            return;
        }
    };
    found.tell(database(&store, part, now).await);
    for workspace in settings.recall.workspaces() {
        let last = match store.last_webhook(&workspace.name).await {
            Ok(Some(last)) => LastWebhook::At(last),
            Ok(None) => LastWebhook::None,
            Err(error) => LastWebhook::Failed(error),
        };
        if let Some(finding) = webhooks(last, settings, &workspace, now) {
            found.tell(finding);
        }
    }
    signatures::examine(&store, settings, now, &found).await;
    for (channel, since, why) in store.unavailable_channels(now - CLOSED_LATELY).await.unwrap_or_default() {
        let words = format!(
            "refused an alert on {}: {}. Alerts went to the fallback channel if one is set",
            day_and_time(since),
            why.trim_end_matches('.')
        );
        found.tell(Finding::fail(format!("Channel {channel}"), words));
    }
    store.close().await;
}

/// Returns the finding for a database that could not be opened. What `serve` does by itself is a remark and
/// not a failure.
fn not_opened(error: &StoreError, part: String) -> Finding {
    match error {
        StoreError::NotThere(file) => not_there_yet(Path::new(file), part),
        StoreError::NoTables => Finding::skipped(part, "empty; `serve` creates its tables"),
        StoreError::EarlierVersion => Finding::skipped(part, "from an earlier version; `serve` upgrades it"),
        error => Finding::fail(part, with_reason(error)),
    }
}

fn not_there_yet(file: &Path, part: String) -> Finding {
    let folder = file.parent().unwrap_or(file);
    if !folder.is_dir() {
        let words = format!("its folder {} doesn't exist. Create it, or set database.url", folder.display());
        return Finding::fail(part, words);
    }
    // The file has no name, so nothing of it is left behind.
    match tempfile::tempfile_in(folder) {
        Ok(_) => Finding::skipped(part, "doesn't exist yet; `serve` creates it"),
        Err(error) => {
            let words = format!(
                "can't write to its folder {}: {error}. Fix its permissions, or set database.url",
                folder.display()
            );
            Finding::fail(part, words)
        }
    }
}

async fn database(store: &Store, part: String, now: Timestamp) -> Finding {
    match (store.probe().await, store.outbox_backlog().await) {
        (Ok(()), Ok(outbox)) if outbox.dead > 0 => {
            let messages = if outbox.dead == 1 { "message was" } else { "messages were" };
            let words = format!(
                "{} {messages} given up. Run `why-no-recording outbox list` to see why, then retry or drop them",
                outbox.dead
            );
            Finding::fail(part, words)
        }
        (Ok(()), Ok(_)) => match store.clock_off(now).await {
            Ok(Some(off)) if off.abs() > CLOCK_OFF_MAX => {
                let words = format!(
                    "its server's clock is {} seconds away from this machine's. Synchronise both (NTP), because leases \
                     depend on them",
                    off.abs().as_secs()
                );
                Finding::fail(part, words)
            }
            _ => Finding::pass(part, "can be written to"),
        },
        (Err(error), _) | (_, Err(error)) => {
            let words = format!(
                "{}. Check whether the disk is full or the database is read-only",
                with_reason(&error)
            );
            Finding::fail(part, words)
        }
    }
}

/// The database's record of a workspace's last webhook.
enum LastWebhook {
    At(Timestamp),
    None,
    Failed(StoreError),
    /// The database could not be opened, which is already a finding.
    Unknown,
}

/// Checks that webhooks arrive, if alerts are on or a secret is set.
fn webhooks(
    last: LastWebhook,
    settings: &Settings,
    workspace: &Workspace,
    now: Timestamp,
) -> Option<Finding> {
    let alerts = &settings.alerts;
    let named = !alerts.slack_channels().is_empty() || !alerts.discord_channels().is_empty();
    let wanted = named || alerts.channels().is_some();
    let part = format!("Webhooks of workspace {}", workspace.name);
    let path = match workspace.name.as_str() {
        DEFAULT_WORKSPACE => String::new(),
        name => format!("/{name}"),
    };
    let how = format!(
        "In Recall.ai's dashboard, add the endpoint https://…/webhooks/recall{path} with all bot.* and recording.* events"
    );
    let can_be_told = !workspace.webhook_secrets.is_empty() || settings.recall.insecure_webhooks;
    if !can_be_told {
        let secret = match workspace.name.as_str() {
            DEFAULT_WORKSPACE => "RECALL_WEBHOOK_SECRET".to_owned(),
            name => format!("webhook_secret of workspace {name:?}"),
        };
        let words = format!(
            "no webhook secret is set, so alerts are minutes late and can't warn you during a meeting. {how}. Create a \
             secret there, and set {secret} to it"
        );
        return wanted.then(|| Finding::skipped(part, words));
    }
    Some(match last {
        LastWebhook::At(last) => {
            let ago = now.duration_since(last);
            let words = format!("the last one arrived {} ago", format_duration(ago));
            if ago < WEBHOOKS_EXPECTED_WITHIN {
                Finding::pass(part, words)
            } else {
                let words = format!(
                    "{words}. If bots joined meetings since then, check the endpoint's deliveries in Recall.ai's dashboard"
                );
                Finding::skipped(part, words)
            }
        }
        LastWebhook::None => Finding::skipped(part, format!("none has arrived yet. {how}")),
        LastWebhook::Failed(error) => Finding::fail(part, with_reason(&error)),
        LastWebhook::Unknown => return None,
    })
}

fn with_reason(error: &StoreError) -> String {
    let reason = std::error::Error::source(error).map(|reason| format!(": {reason}"));
    format!("{error}{}", reason.unwrap_or_default())
}
