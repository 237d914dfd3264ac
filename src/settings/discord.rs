//! `[discord]`: how Discord is reached.

use secrecy::SecretString;

use super::form::{self, Formed};
use super::problem::Problem;
use super::raw::Raw;
use super::reader::SettingsReader;

/// `[discord]`.
#[derive(Debug, Clone)]
pub struct Discord {
    /// Bot token. Discord is off without it.
    pub token: Option<SecretString>,
    /// The application, a snowflake.
    pub application_id: Option<String>,
    /// Verifies interactions; 64 hexadecimal digits. If set, no gateway is used.
    pub public_key: Option<String>,
    /// The one server in which commands are registered, a snowflake.
    pub guild_id: Option<String>,
    /// Scheme, host and port of the API, without a trailing slash.
    pub api_url: String,
    /// IDs of the users who may ask; all if empty.
    pub allowed_users: Vec<String>,
    /// IDs of the channels in which people may ask; all if empty.
    pub allowed_channels: Vec<String>,
    /// `true` if people may ask in direct messages. They may not if `allowed_channels` is set.
    pub direct_messages: bool,
    /// IDs of the users who may act in a running meeting, snowflakes.
    pub acting_users: Vec<String>,
    /// IDs of the roles whose members may act in a running meeting, snowflakes.
    pub acting_roles: Vec<String>,
}

impl Discord {
    /// Returns `true` if a token is set.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.token.is_some()
    }

    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let token = reader.secret("discord.token", form::secret);
        let application_id = reader.plain("discord.application_id", form::snowflake);
        let public_key = reader.plain("discord.public_key", public_key);
        let guild_id = reader.plain("discord.guild_id", form::snowflake);
        let api_url = reader.url("discord.api_url", form::origin_url);
        let allowed_users = reader.plain("discord.allowed_users", form::texts).unwrap_or_default();
        let allowed_channels = reader.plain("discord.allowed_channels", form::texts).unwrap_or_default();
        let direct_messages = reader.plain("discord.direct_messages", form::flag);
        let acting_users = reader.plain("discord.acting_users", form::snowflakes).unwrap_or_default();
        let acting_roles = reader.plain("discord.acting_roles", form::snowflakes).unwrap_or_default();
        Some(Self {
            token,
            application_id,
            public_key,
            guild_id,
            api_url: api_url?,
            allowed_users,
            allowed_channels,
            direct_messages: direct_messages?,
            acting_users,
            acting_roles,
        })
    }

    /// HTTP interactions need all three; the token alone is enough for the gateway.
    pub(super) fn half_set(&self) -> Option<Problem> {
        let lacks = |set, lacks, lacks_variable| Some(Problem::HalfSet { set, lacks, lacks_variable });
        match (&self.token, &self.application_id, &self.public_key) {
            (None, _, Some(_)) => lacks("discord.public_key", "discord.token", "DISCORD_TOKEN"),
            (None, Some(_), None) => lacks("discord.application_id", "discord.token", "DISCORD_TOKEN"),
            (Some(_), None, Some(_)) => {
                lacks("discord.public_key", "discord.application_id", "DISCORD_APPLICATION_ID")
            }
            (Some(_), _, None) | (Some(_), Some(_), Some(_)) | (None, None, None) => None,
        }
    }
}

fn public_key(raw: &Raw) -> Formed<String> {
    form::text(raw)
        .ok()
        .filter(|key| key.len() == 64 && key.bytes().all(|digit| digit.is_ascii_hexdigit()))
        .ok_or_else(|| "64 hexadecimal digits, from the application's page General Information".to_owned())
}
