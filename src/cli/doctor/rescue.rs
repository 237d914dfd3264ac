//! Checks who may ask a host again, and if bots stay long enough for it. Only where that is turned on.

use jiff::{SignedDuration, Timestamp};

use super::{Found, day_and_time};
use crate::acting::no_step;
use crate::diagnosis::vocabulary::Platform;
use crate::recall::{BotList, ClientConfig, Fetcher, WorkspaceAccess};
use crate::report::finding::Finding;
use crate::report::{format_duration, plural};
use crate::rescue::{Mode, PERSON_NEEDS, STAY_DEFAULT};
use crate::settings::Settings;
use crate::settings::recall::Workspace;
use crate::store::Store;

pub(super) async fn examine(settings: &Settings, now: Timestamp, found: Found) {
    let mode = settings.rescue.mode;
    if mode == Mode::Off {
        return;
    }
    found.tell(who(settings));
    let store = Store::open_existing(settings.database.url.expose()).await.ok();
    for workspace in settings.recall.workspaces() {
        let fact = match &store {
            Some(store) => store.fact(&no_step(&workspace.name)).await.ok().flatten(),
            None => None,
        };
        if let Some(since) = fact {
            found.tell(cannot_ask(&workspace, &since));
        }
        found.tell(stay(workspace, mode, now).await);
    }
    if let Some(store) = store {
        store.close().await;
    }
}

/// Says who may act. A button that no one may select helps no one.
fn who(settings: &Settings) -> Finding {
    let part = format!("rescue.mode = {}", settings.rescue.mode);
    let (slack, discord) = (&settings.slack, &settings.discord);
    let listed = [
        (slack.is_on(), slack.acting_users.len(), "Slack user"),
        (slack.is_on(), slack.acting_groups.len(), "Slack user group"),
        (discord.is_on(), discord.acting_users.len(), "Discord user"),
        (discord.is_on(), discord.acting_roles.len(), "Discord role"),
    ];
    let listed = listed.into_iter().filter(|(is_on, many, _)| *is_on && *many > 0);
    let listed: Vec<String> = listed.map(|(_, many, what)| plural(many, what)).collect();
    if !listed.is_empty() {
        return Finding::pass(part, format!("{} may act in meetings", listed.join(", ")));
    }
    let set = "Set slack.acting_users, slack.acting_groups, discord.acting_users or discord.acting_roles";
    match settings.rescue.mode {
        Mode::Automatic => Finding::skipped(
            part,
            format!("the service asks once by itself, and no person may ask again. {set}"),
        ),
        Mode::Button | Mode::Off => Finding::fail(part, format!("no person may select the button. {set}")),
    }
}

fn cannot_ask(workspace: &Workspace, since: &str) -> Finding {
    let since =
        since.parse().map_or_else(|_| "before".to_owned(), |since| format!("on {}", day_and_time(since)));
    let words = format!(
        "Recall.ai said {since} that this workspace's bots can't request permission again, so it isn't offered any more. \
         Ask Recall.ai's support which kind of bot can"
    );
    Finding::fail(format!("Asking again in workspace {}", workspace.name), words)
}

/// Says how long the newest bots of a workspace stay after a refusal.
async fn stay(workspace: Workspace, mode: Mode, now: Timestamp) -> Finding {
    let part = format!("Time to ask again in workspace {}", workspace.name);
    let unknown = |why: String| {
        let words = format!(
            "not checked: {why}. By default, a bot leaves {} after a refusal",
            format_duration(STAY_DEFAULT)
        );
        Finding::skipped(part.clone(), words)
    };
    let Some(api_key) = workspace.api_key else { return unknown("no API key".to_owned()) };
    let access = WorkspaceAccess { name: workspace.name.clone(), base_url: workspace.base_url, api_key };
    let fetcher = match Fetcher::new(vec![access], Vec::new(), ClientConfig::default()) {
        Ok(fetcher) => fetcher,
        Err(error) => return unknown(error.to_string()),
    };
    let bots = match fetcher.list(&workspace.name, BotList::All, None, now).await {
        Ok(page) => page.bots,
        Err(error) => return unknown(error.to_string()),
    };
    let on_zoom = bots.iter().filter(|bot| bot.case.platform == Platform::Zoom);
    let stays = on_zoom.map(|bot| bot.case.settings.leave.permission_denied.unwrap_or(STAY_DEFAULT));
    let Some(shortest) = stays.filter(SignedDuration::is_positive).min() else {
        return unknown("no bot has been in a Zoom meeting lately".to_owned());
    };
    let words = format!("a bot on Zoom leaves {} after a refusal", format_duration(shortest));
    if mode == Mode::Automatic || shortest >= PERSON_NEEDS {
        return Finding::pass(part, words);
    }
    let words = format!(
        "{words}. That is too short for a person. When you create bots, set \
         automatic_leave.recording_permission_denied_timeout to 300 or more"
    );
    Finding::skipped(part, words)
}
