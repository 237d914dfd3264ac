//! `[recall]`: workspaces, regions and secrets.

use std::collections::BTreeMap;

use secrecy::SecretString;
use url::Url;

use super::block::Block;
use super::block_variables::{API_KEY, WEBHOOK_SECRET};
use super::form::{self, Formed};
use super::problem::Problem;
use super::raw::Raw;
use super::reader::SettingsReader;
use super::variable::{NAME, WORKSPACES};
use crate::diagnosis::vocabulary::vocabulary;

/// Name of the workspace in `[recall]`.
pub const DEFAULT_WORKSPACE: &str = "default";

vocabulary! {
    /// A region of Recall.ai. Bots, keys and webhooks of one region are unknown in the others.
    Region {
        /// United States, pay as you go.
        UsEast1 = "us-east-1",
        /// United States.
        UsWest2 = "us-west-2",
        /// European Union.
        EuCentral1 = "eu-central-1",
        /// Japan.
        ApNortheast1 = "ap-northeast-1",
    }
}

impl Region {
    /// Returns the URL of the region, without a slash at its end.
    #[must_use]
    pub fn base_url(self) -> String {
        format!("https://{}", self.host())
    }

    fn host(self) -> String {
        format!("{}.recall.ai", self.as_str())
    }

    /// Returns the region with this address; `None` for a proxy or a test server.
    fn at(base_url: &str) -> Option<Self> {
        let url = Url::parse(base_url).ok()?;
        let host = url.host_str()?.trim_end_matches('.');
        Self::ALL.iter().copied().find(|region| region.host() == host)
    }
}

/// Region and URL of a workspace: its own, or inherited from `[recall]`.
#[derive(Debug, Clone, Copy)]
struct Location<'a> {
    region: Region,
    /// `None` for the region's URL.
    base_url: Option<&'a String>,
}

impl<'a> Location<'a> {
    /// Returns the workspace's own values, or the inherited ones.
    ///
    /// An API key is valid in one region only, so a workspace that names its region inherits no URL.
    fn of(region: Option<Region>, base_url: Option<&'a String>, inherited: Self) -> Self {
        match (region, base_url) {
            (None, None) => inherited,
            (Some(region), base_url) => Self { region, base_url },
            (None, Some(own)) => {
                Self { region: Region::at(own).unwrap_or(inherited.region), base_url: Some(own) }
            }
        }
    }

    fn base_url(self) -> String {
        self.base_url.cloned().unwrap_or_else(|| self.region.base_url())
    }
}

/// `[recall]`.
#[derive(Debug, Clone)]
pub struct Recall {
    /// API key of the workspace of the plain keys.
    pub api_key: Option<SecretString>,
    /// Region of the workspace of the plain keys, and of workspaces without a region of their own.
    pub region: Region,
    /// URL in place of the region's, also for workspaces that name neither a region nor a URL.
    pub base_url: Option<String>,
    /// Hosts that download links may lead to: names, or `*.` and a name.
    pub download_hosts: Vec<String>,
    /// Signing secrets of the workspace of the plain keys, all valid.
    pub webhook_secrets: Vec<SecretString>,
    /// `true` if webhooks without a signature are accepted.
    pub insecure_webhooks: bool,
    /// The `[[recall.workspace]]` blocks.
    pub further_workspaces: Vec<Workspace>,
}

/// One workspace in one region.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Unique among the workspaces, and usable in a path.
    pub name: String,
    /// The workspace's region.
    pub region: Region,
    /// URL of the API, without a trailing slash.
    pub base_url: String,
    /// API key. Without it, nothing can be fetched.
    pub api_key: Option<SecretString>,
    /// Signing secrets, all valid. Without any, the workspace's webhooks can't be verified.
    pub webhook_secrets: Vec<SecretString>,
}

impl Recall {
    /// Returns every workspace, in the order in which a bot ID is searched for.
    ///
    /// The plain keys make the first one, named `default`, unless they hold neither key nor secret and there
    /// are other workspaces.
    #[must_use]
    pub fn workspaces(&self) -> Vec<Workspace> {
        let plain = Workspace {
            name: DEFAULT_WORKSPACE.to_owned(),
            region: self.region,
            base_url: self.location().base_url(),
            api_key: self.api_key.clone(),
            webhook_secrets: self.webhook_secrets.clone(),
        };
        let counts = plain.is_on() || self.further_workspaces.is_empty();
        let further = self.further_workspaces.iter().cloned();
        counts.then_some(plain).into_iter().chain(further).collect()
    }

    fn location(&self) -> Location<'_> {
        Location { region: self.region, base_url: self.base_url.as_ref() }
    }

    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let api_key = reader.secret("recall.api_key", form::secret);
        let named_region = reader.plain("recall.region", form::one_of(Region::ALL, Region::as_str));
        let base_url = reader.url("recall.base_url", base_url);
        let region = named_region.map(|region| region_at(reader, region, base_url.as_deref()));
        let download_hosts = reader.plain("recall.download_hosts", download_hosts);
        let webhook_secrets = reader.secret("recall.webhook_secret", webhook_secrets);
        let insecure_webhooks = reader.plain("recall.insecure_webhooks", form::flag);
        let inherited = region.map(|region| Location { region, base_url: base_url.as_ref() });
        let further: Vec<Option<Workspace>> =
            reader.blocks(WORKSPACES).iter().map(|block| Workspace::read(reader, block, inherited)).collect();
        let recall = Self {
            api_key,
            region: region?,
            base_url,
            download_hosts: download_hosts?,
            webhook_secrets: webhook_secrets.unwrap_or_default(),
            insecure_webhooks: insecure_webhooks?,
            further_workspaces: further.into_iter().collect::<Option<_>>()?,
        };
        recall.note_equal_names(reader);
        Some(recall)
    }

    fn note_equal_names(&self, reader: &mut SettingsReader) {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let others = self.further_workspaces.len();
        let is_plain_first = self.workspaces().len() > others;
        if is_plain_first {
            seen.insert(DEFAULT_WORKSPACE.to_owned(), "[recall]".to_owned());
        }
        for (index, workspace) in self.further_workspaces.iter().enumerate() {
            let block = format!("recall.workspace[{}]", index + 1);
            let key = format!("{block}.name");
            match seen.insert(workspace.name.clone(), block) {
                None => {}
                Some(earlier) => reader.problems.push(Problem::Unusable {
                    place: Box::new(reader.source(&key)),
                    key,
                    found: Some(format!("{:?}", workspace.name)),
                    wanted: format!("another name than that of {earlier}"),
                }),
            }
        }
    }
}

impl Workspace {
    /// Returns `true` if the workspace has a key or a secret, so that its bots can be fetched or its webhooks
    /// verified.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.api_key.is_some() || !self.webhook_secrets.is_empty()
    }

    fn read(reader: &mut SettingsReader, block: &Block, inherited: Option<Location<'_>>) -> Option<Self> {
        let key = |name: &str| block.key_of(name);
        let is_named = reader.is_set(&key(NAME));
        let name = reader.plain(&key(NAME), workspace_name);
        let region = reader.plain(&key("region"), form::one_of(Region::ALL, Region::as_str));
        let base_url = reader.url(&key("base_url"), base_url);
        if let (Some(region), Some(base_url)) = (region, &base_url) {
            note_other_region(reader, [&key("region"), &key("base_url")], region, base_url);
        }
        let api_key = reader.secret(&key(API_KEY), form::secret);
        let webhook_secrets = reader.secret(&key(WEBHOOK_SECRET), webhook_secrets);
        if !is_named {
            reader.problems.push(Problem::Missing {
                place: block.place(),
                lacks: "name",
                fix: "Add a line such as name = \"europe\".".to_owned(),
            });
        }
        let location = Location::of(region, base_url.as_ref(), inherited?);
        Some(Self {
            name: name?,
            region: location.region,
            base_url: location.base_url(),
            api_key,
            webhook_secrets: webhook_secrets.unwrap_or_default(),
        })
    }
}

/// Returns the region of `[recall]`. If it isn't set, it follows from the URL of another region.
fn region_at(reader: &mut SettingsReader, region: Region, base_url: Option<&str>) -> Region {
    let keys = ["recall.region", "recall.base_url"];
    match base_url {
        Some(base_url) if reader.is_default(keys[0]) => {
            let Some(official) = Region::at(base_url).filter(|official| *official != region) else {
                return region;
            };
            reader.show_as_following(keys[0], &format!("{:?}", official.as_str()), keys[1]);
            official
        }
        Some(base_url) => {
            note_other_region(reader, keys, region, base_url);
            region
        }
        None => region,
    }
}

fn note_other_region(reader: &mut SettingsReader, keys: [&str; 2], region: Region, base_url: &str) {
    if let Some(other) = Region::at(base_url).filter(|other| *other != region) {
        let [region_place, url_place] = keys.map(|key| reader.source(key).name(key));
        reader.problems.push(Problem::OtherRegion { region_place, region, url_place, other });
    }
}

/// Parses a base URL. Recall.ai's documentation shows URLs with `/api/v1`, which are rejected because the
/// path would occur twice.
fn base_url(raw: &Raw) -> Formed<String> {
    let url = form::http_url(raw)?;
    if url.ends_with("/api/v1") {
        return Err("a URL without /api/v1, as in https://us-east-1.recall.ai".to_owned());
    }
    Ok(url)
}

fn webhook_secrets(raw: &Raw) -> Formed<Vec<SecretString>> {
    let secrets = form::texts(raw)?;
    if secrets.iter().all(|secret| is_webhook_secret(secret)) {
        Ok(secrets.into_iter().map(SecretString::from).collect())
    } else {
        Err("whsec_ and base64, as the Recall.ai dashboard shows it; several are separated by commas"
            .to_owned())
    }
}

fn is_webhook_secret(secret: &str) -> bool {
    let Some(key) = secret.strip_prefix("whsec_") else {
        return false;
    };
    let digits = key.trim_end_matches('=');
    !digits.is_empty()
        && digits.len() % 4 != 1
        && digits.bytes().all(|digit| digit.is_ascii_alphanumeric() || matches!(digit, b'+' | b'/'))
}

fn download_hosts(raw: &Raw) -> Formed<Vec<String>> {
    let hosts = form::texts(raw)?;
    let is_host = |host: &String| {
        let name = host.strip_prefix("*.").unwrap_or(host);
        !name.is_empty()
            && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'.'))
    };
    if hosts.iter().all(is_host) {
        Ok(hosts.iter().map(|host| host.to_ascii_lowercase()).collect())
    } else {
        Err("host names without scheme, port and path, as in files.example.com or *.example.com".to_owned())
    }
}

fn workspace_name(raw: &Raw) -> Formed<String> {
    form::text(raw)
        .ok()
        .filter(|name| {
            name.bytes().all(|letter| {
                letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, b'-' | b'_')
            })
        })
        .ok_or_else(|| "lower-case letters, digits, - and _, because it is part of a path".to_owned())
}
