//! What Discord's failures mean for the setup, in words.

use super::super::api::DiscordError;
use crate::chat::DeliveryError;

/// Where the token of the bot is made.
pub(super) const TOKEN_PAGE: &str = "https://discord.com/developers/applications > your app > Bot";

/// What was refused, and what to do about it.
pub(super) fn words(refusal: &DiscordError) -> String {
    match &refusal.error {
        DeliveryError::NotAllowed(_) => {
            format!(
                "Discord doesn't recognise the token (401). Select Reset Token at {TOKEN_PAGE}, and set discord.token to \
                 the new one"
            )
        }
        DeliveryError::Busy(wait) | DeliveryError::PlatformBusy(wait) => format!(
            "Discord's rate limit is reached. Run `doctor` again in {} seconds",
            wait.as_secs_f64().ceil()
        ),
        DeliveryError::Failed(why) | DeliveryError::InDoubt(why) => format!(
            "{why}. Check https://discordstatus.com, allow https connections to discord.com (firewall, proxy, DNS), and \
             check discord.api_url"
        ),
        other => other.to_string(),
    }
}
