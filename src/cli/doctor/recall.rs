//! Whether a workspace's key is taken, by the region that it is set for.

use crate::clock;
use crate::diagnosis::bot_id::BotId;
use crate::net::root_cause;
use crate::recall::{ClientConfig, FetchError, Fetcher, WorkspaceAccess};
use crate::report::finding::Finding;
use crate::settings::recall::{DEFAULT_WORKSPACE, Region, Workspace};

/// An id that no bot has: an API that says so has taken the key.
const PROBE_BOT_ID: &str = "00000000-0000-4000-8000-000000000000";

pub(super) async fn examine(workspace: Workspace) -> Finding {
    let part = format!("Recall.ai workspace {}", workspace.name);
    let named = Named::of(&workspace);
    let Some(api_key) = workspace.api_key.clone() else {
        return Finding::fail(
            part,
            format!("no API key. {}, and set {} to it", named.new_key(), named.api_key),
        );
    };
    let access = WorkspaceAccess { name: workspace.name, base_url: workspace.base_url, api_key };
    let fetcher = match Fetcher::new(vec![access], Vec::new(), ClientConfig::default()) {
        Ok(fetcher) => fetcher,
        Err(error) => return Finding::fail(part, error.to_string()),
    };
    let Ok(nobody) = PROBE_BOT_ID.parse::<BotId>() else { return Finding::fail(part, "not asked") };
    match fetcher.case_file(nobody, clock::now()).await {
        Ok(_) | Err(FetchError::NotFound { .. }) => {
            Finding::pass(part, format!("the key is valid in {}", named.region))
        }
        Err(error) => Finding::fail(part, named.refused(&error)),
    }
}

/// What the settings of a workspace are called.
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
            other => format!("{name} of the workspace {other:?}"),
        };
        Self {
            api_key: key("api_key"),
            region_key: key("region"),
            base_url_key: key("base_url"),
            region: workspace.region,
        }
    }

    fn new_key(&self) -> String {
        format!("Create a key at {}/dashboard > Developers > API Keys", self.region.base_url())
    }

    /// What a failure means for this workspace, and what to do.
    fn refused(&self, error: &FetchError) -> String {
        let Self { api_key, region_key, base_url_key, region } = self;
        let dashboards: Vec<String> =
            Region::ALL.iter().map(|region| format!("{}/dashboard", region.base_url())).collect();
        let dashboards = dashboards.join(", ");
        match error {
            FetchError::WrongKey { .. } => format!(
                "{region} refuses the key (401). A key is valid in the region whose dashboard made it, and in no other: \
                 compare {region_key} with the address of that dashboard ({dashboards}). Or {}, and set {api_key} to it",
                lower(&self.new_key())
            ),
            FetchError::NoCredit { .. } => format!(
                "the account has no credit (402). Add some at {}/dashboard > Billing",
                region.base_url()
            ),
            FetchError::Forbidden { .. } => format!(
                "the key may not read bots (403). {}, and set {api_key} to it",
                self.new_key()
            ),
            FetchError::Blocked { .. } => format!(
                "a firewall in front of Recall.ai blocks us (403, a web page). Look for a proxy that changes requests on \
                 the way, and ask Recall.ai's support whether the address of this machine is blocked; compare {base_url_key}"
            ),
            FetchError::RateLimited { .. } => {
                "Recall.ai asks us to slow down (429). Run `doctor` again in a minute".to_owned()
            }
            FetchError::ServerTrouble { status, .. } => format!(
                "Recall.ai has trouble of its own (HTTP {status}). Look at https://status.recall.ai, and run `doctor` \
                 again later"
            ),
            FetchError::TimedOut { .. } => {
                "Recall.ai did not answer in time. Look at https://status.recall.ai, and run `doctor` again in a minute"
                    .to_owned()
            }
            FetchError::Unreachable { source, .. } | FetchError::BrokenOff { source, .. } => format!(
                "Recall.ai cannot be reached: {}. Let this machine open https connections to *.recall.ai (firewall, \
                 proxy, DNS, certificates), and compare {base_url_key}",
                root_cause(source.as_ref())
            ),
            FetchError::Unexpected { status, .. } => format!(
                "the address does not answer like Recall.ai (HTTP {status}). {base_url_key} ends before /api/v1; leave it \
                 out, and set {region_key}"
            ),
            FetchError::TooLarge { .. } | FetchError::Unreadable { .. } => format!(
                "the answer is not Recall.ai's. Compare {base_url_key}, or leave it out and set {region_key}"
            ),
            FetchError::NoKey | FetchError::NotFound { .. } | FetchError::PartlySearched { .. } => error.advice(),
        }
    }
}

fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
