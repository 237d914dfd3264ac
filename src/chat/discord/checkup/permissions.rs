//! What the app may do in a channel, by Discord's own rules. Pure.
//! <https://docs.discord.com/developers/topics/permissions>

use serde_json::Value;
use serenity::all::Permissions;

/// What answers and alerts need, with the names that Discord shows.
const NEEDED: [(Permissions, &str); 6] = [
    (Permissions::VIEW_CHANNEL, "View Channel"),
    (Permissions::SEND_MESSAGES, "Send Messages"),
    (Permissions::EMBED_LINKS, "Embed Links"),
    (Permissions::READ_MESSAGE_HISTORY, "Read Message History"),
    (Permissions::CREATE_PUBLIC_THREADS, "Create Public Threads"),
    (Permissions::SEND_MESSAGES_IN_THREADS, "Send Messages in Threads"),
];

/// What the invitation of the app asks for.
pub const PERMISSIONS: Permissions = {
    let mut all = Permissions::empty();
    let mut index = 0;
    while index < NEEDED.len() {
        all = all.union(NEEDED[index].0);
        index += 1;
    }
    all
};

/// The names of what is needed and not among these.
pub(super) fn missing(may: Permissions) -> Vec<&'static str> {
    NEEDED.iter().filter(|(needed, _)| !may.contains(*needed)).map(|(_, name)| *name).collect()
}

/// What a member may do in a channel: what all their roles allow in the server, then the channel's exceptions
/// for everybody, for their roles together, and for themselves; in each step what is allowed wins.
pub(super) fn effective(channel: &Value, member: &Value, roles: &Value, me: &str) -> Option<Permissions> {
    // The role of everybody has the id of the server.
    let everybody = channel["guild_id"].as_str()?;
    let theirs: Vec<&str> = member["roles"].as_array()?.iter().filter_map(Value::as_str).collect();
    let mut may = Permissions::empty();
    for role in roles.as_array()? {
        let id = role["id"].as_str()?;
        if id == everybody || theirs.contains(&id) {
            may |= permissions(&role["permissions"])?;
        }
    }
    if may.contains(Permissions::ADMINISTRATOR) {
        return Some(Permissions::all());
    }
    let exceptions = channel["permission_overwrites"].as_array().map_or(&[][..], Vec::as_slice);
    let steps: [&dyn Fn(&str) -> bool; 3] =
        [&|id| id == everybody, &|id| theirs.contains(&id), &|id| id == me];
    for is_about in steps {
        let (mut allow, mut deny) = (Permissions::empty(), Permissions::empty());
        for exception in exceptions.iter().filter(|exception| exception["id"].as_str().is_some_and(is_about))
        {
            allow |= permissions(&exception["allow"])?;
            deny |= permissions(&exception["deny"])?;
        }
        may = may.difference(deny) | allow;
    }
    Some(may)
}

/// Discord writes them as the digits of one number. Bits beyond those that have a name may come.
fn permissions(value: &Value) -> Option<Permissions> {
    let bits: u128 = value.as_str()?.parse().ok()?;
    u64::try_from(bits & u128::from(u64::MAX)).ok().map(Permissions::from_bits_truncate)
}
