//! Checks that each workspace's key is accepted by its region.

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

use super::Found;
use crate::clock;
use crate::diagnosis::bot_id::BotId;
use crate::net::root_cause;
use crate::recall::{ClientConfig, FetchError, Fetcher, WorkspaceAccess};
use crate::report::finding::Finding;
use crate::settings::Settings;
use crate::settings::recall::{DEFAULT_WORKSPACE, Region, Workspace};

/// An ID that no bot has. An API that responds "not found" has accepted the key.
const PROBE_BOT_ID: &str = "00000000-0000-4000-8000-000000000000";

pub(super) async fn examine(settings: &Settings, found: Found) {
    let mut asked: FuturesOrdered<_> = settings.recall.workspaces().into_iter().map(key).collect();
    while let Some(finding) = asked.next().await {
        found.tell(finding);
    }
}

async fn key(workspace: Workspace) -> Finding {
    let part = format!("Recall.ai workspace {}", workspace.name);
    let named = Named::of(&workspace);
    let Some(api_key) = workspace.api_key.clone() else {
        return Finding::fail(part, format!("no API key. {}", named.new_key()));
    };
    let access = WorkspaceAccess { name: workspace.name, base_url: workspace.base_url, api_key };
    let fetcher = match Fetcher::new(vec![access], Vec::new(), ClientConfig::default()) {
        Ok(fetcher) => fetcher,
        Err(error) => return Finding::fail(part, error.to_string()),
    };
    let Ok(nobody) = PROBE_BOT_ID.parse::<BotId>() else { return Finding::fail(part, "not checked") };
    match fetcher.case_file(nobody, clock::now()).await {
        Ok(_) | Err(FetchError::NotFound { .. }) => {
            Finding::pass(part, format!("the key is valid in {}", named.region))
        }
        Err(error) => Finding::fail(part, named.refused(&error)),
    }
}

/// The names of a workspace's settings.
struct Named {
    api_key: String,
    region_key: String,
    base_url_key: String,
    region: Region,
}

impl Named {
    fn of(workspace: &Workspace) -> Self {
        let key = |name: &str| match workspace.name.as_str() {
            DEFAULT_WORKSPACE => format!("recall.{name}"),
            other => format!("{name} of workspace {other:?}"),
        };
        Self {
            api_key: key("api_key"),
            region_key: key("region"),
            base_url_key: key("base_url"),
            region: workspace.region,
        }
    }

    /// Returns how to get a key.
    fn new_key(&self) -> String {
        let Self { api_key, region, .. } = self;
        format!(
            "Create a key at {}/dashboard > Developers > API Keys, and set {api_key} to it",
            region.base_url()
        )
    }

    /// Returns the meaning of a failure for this workspace, and the fix.
    fn refused(&self, error: &FetchError) -> String {
        let Self { region_key, base_url_key, region, .. } = self;
        match error {
            FetchError::WrongKey { .. } => {
                let dashboards = Region::ALL
                    .iter()
                    .map(|region| format!("{}/dashboard", region.base_url()))
                    .collect::<Vec<_>>()
                    .join(", ");
                format!(
                    "{region} rejects the key (401). A key is valid only in the region whose dashboard created it. \
                     Compare {region_key} with that dashboard's address ({dashboards}). If the region is right, the key \
                     is not. {}",
                    self.new_key()
                )
            }
            FetchError::NoCredit { .. } => {
                format!(
                    "the account has no credit (402). Add credit at {}/dashboard > Billing",
                    region.base_url()
                )
            }
            FetchError::Forbidden { .. } => {
                format!("the key isn't allowed to read bots (403). {}", self.new_key())
            }
            FetchError::Blocked { .. } => format!(
                "blocked by a firewall in front of Recall.ai (403, a web page). Check {base_url_key}, and any proxy that \
                 changes requests. If both are right, ask Recall.ai's support whether this machine's IP address is blocked"
            ),
            FetchError::RateLimited { .. } => {
                "Recall.ai's rate limit is reached (429). Run `doctor` again in a minute".to_owned()
            }
            FetchError::ServerTrouble { status, .. } => format!(
                "Recall.ai returned an error (HTTP {status}). Check https://status.recall.ai, and run `doctor` again later"
            ),
            FetchError::TimedOut { .. } => {
                "no response in time. Check https://status.recall.ai, and run `doctor` again in a minute"
                    .to_owned()
            }
            FetchError::Unreachable { source, .. } | FetchError::BrokenOff { source, .. } => format!(
                "can't be reached: {}. Allow https connections to *.recall.ai (firewall, proxy, DNS, certificates), and \
                 check {base_url_key}",
                root_cause(source.as_ref())
            ),
            FetchError::Unexpected { status, .. } => format!(
                "the address doesn't respond like Recall.ai (HTTP {status}). Remove {base_url_key}, and set {region_key} \
                 instead"
            ),
            FetchError::TooLarge { .. } | FetchError::Unreadable { .. } => format!(
                "the response isn't Recall.ai's. Check {base_url_key}, or remove it and set {region_key} instead"
            ),
            FetchError::NoKey | FetchError::NotFound { .. } | FetchError::PartlySearched { .. } => {
                error.advice()
            }
        }
    }
}
