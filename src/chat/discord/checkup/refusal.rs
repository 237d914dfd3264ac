//! Words for what Discord's errors mean for the setup.

use super::super::api::DiscordError;
use crate::chat::DeliveryError;

/// The page on which the bot's token is created.
pub(super) const TOKEN_PAGE: &str = "https://discord.com/developers/applications > your app > Bot";

/// Returns what was refused, and how to fix it.
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
