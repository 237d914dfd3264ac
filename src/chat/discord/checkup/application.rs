//! Checks that the settings match the token's application, and how Discord sends it interactions.

use serde_json::Value;

use super::Setup;
use crate::report::finding::Finding;

/// The page with the application's ID and public key.
const PAGE: &str = "https://discord.com/developers/applications > your app > General Information";

/// Compares Discord's data about the application with the settings.
/// <https://docs.discord.com/developers/resources/application#application-object>
pub(super) fn examine(application: &Value, setup: &Setup<'_>) -> Vec<Finding> {
    let text = |name: &str| application[name].as_str().filter(|text| !text.is_empty());
    let mut findings = Vec::new();
    if let (Some(set), Some(id)) = (setup.application_id, text("id"))
        && let Some(words) = another(set, id)
    {
        findings.push(Finding::fail("Discord application", words));
    }
    if let (Some(set), Some(key)) = (setup.public_key, text("verify_key"))
        && !set.eq_ignore_ascii_case(key)
    {
        let words = format!(
            "discord.public_key isn't this application's key, so everything Discord sends is rejected. Copy it again \
             from {PAGE} > Public Key"
        );
        findings.push(Finding::fail("Discord public key", words));
    }
    findings.extend(reached(setup.public_key.is_some(), text("interactions_endpoint_url")));
    findings
}

/// Returns the fix if the ID in the settings is not that of the token's application.
pub(in crate::chat::discord) fn another(set: &str, id: &str) -> Option<String> {
    (set != id).then(|| {
        format!(
            "discord.application_id is {set}, but discord.token belongs to the application {id}. Copy both from the \
             same application: {PAGE} > Application ID"
        )
    })
}

/// Checks the transport. Discord sends interactions to a URL if one is set, and otherwise through the
/// gateway, never both.
fn reached(over_http: bool, endpoint: Option<&str>) -> Option<Finding> {
    let words = match (over_http, endpoint) {
        (true, None) => format!(
            "discord.public_key is set, so interactions are expected over HTTP, but Discord has no address for them. \
             Enter https://<your host>/discord/interactions at {PAGE} > Interactions Endpoint URL, and select Save Changes"
        ),
        (false, Some(_)) => format!(
            "Discord sends interactions to an address, and none through the gateway. Empty {PAGE} > Interactions Endpoint \
             URL and select Save Changes, or set discord.public_key and discord.application_id"
        ),
        (true, Some(endpoint)) if !endpoint.ends_with("/discord/interactions") => format!(
            "Discord sends interactions to {endpoint}, but this service expects them at /discord/interactions. Correct \
             the path at {PAGE} > Interactions Endpoint URL, and select Save Changes"
        ),
        (true, Some(_)) | (false, None) => return None,
    };
    Some(Finding::fail("Discord interactions", words))
}
