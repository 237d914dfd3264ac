//! What came instead of an answer of Discord's, for whoever looks at the set-up.

use super::super::api::DiscordError;
use crate::chat::DeliveryError;

/// Where the token of the bot is made.
pub(super) const TOKEN_PAGE: &str = "https://discord.com/developers/applications > your app > Bot";

/// What was refused, and what to do about it.
pub(super) fn words(refusal: &DiscordError) -> String {
    match &refusal.error {
        DeliveryError::NotAllowed(_) => {
            format!(
                "401: Discord does not know the token. Press Reset Token at {TOKEN_PAGE}, and set discord.token to it"
            )
        }
        DeliveryError::Busy(wait) | DeliveryError::PlatformBusy(wait) => format!(
            "Discord asks us to slow down. Run `doctor` again in {} seconds",
            wait.as_secs_f64().ceil()
        ),
        DeliveryError::Failed(why) | DeliveryError::InDoubt(why) => format!(
            "{why}. Look at https://discordstatus.com whether Discord has trouble; let this machine open https \
             connections to discord.com (firewall, proxy, DNS), and compare discord.api_url"
        ),
        other => other.to_string(),
    }
}
