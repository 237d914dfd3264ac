//! Interprets the close codes of a connection.

use super::End;

pub(super) const UNKNOWN_TOKEN: &str = "Discord does not know the token; copy discord.token again from the application's page Bot, \
    and start the service again";
const TOO_MANY_SERVERS: &str = "Discord wants the servers of this app shared out over several connections, which this service \
    does not do; set discord.public_key and take interactions over HTTP";
const TOO_OLD: &str = "4012: Discord does not speak this version of its gateway any more; install a newer version of this \
    service, or set discord.public_key and take interactions over HTTP";
const INTENTS: &str = "Discord does not let this app connect with the intents that it asks for, which are none; \
    set discord.public_key and take interactions over HTTP";

/// Interprets a close code by Discord's table, which says if a reconnect is allowed:
/// <https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes>
pub(super) fn end(code: Option<u16>) -> End {
    let why = || match code {
        Some(code) => format!("Discord closed the connection with code {code}"),
        None => "Discord closed the connection".to_owned(),
    };
    match code {
        Some(4004) => End::Refused(UNKNOWN_TOKEN),
        Some(4010 | 4011) => End::Refused(TOO_MANY_SERVERS),
        Some(4012) => End::Refused(TOO_OLD),
        Some(4013 | 4014) => End::Refused(INTENTS),
        // The sequence number is wrong, or the session was disconnected for too long.
        Some(4007 | 4009) => End::Anew(why()),
        _ => End::Resume(why()),
    }
}
