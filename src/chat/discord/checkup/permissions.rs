//! What the app may do in a channel, by Discord's own rules. Pure.
//! <https://docs.discord.com/developers/topics/permissions>

use serde_json::Value;

const ADMINISTRATOR: u64 = 1 << 3;

/// What answers and alerts need, with the names that Discord shows.
const NEEDED: [(u64, &str); 6] = [
    (1 << 10, "View Channel"),
    (1 << 11, "Send Messages"),
    (1 << 14, "Embed Links"),
    (1 << 16, "Read Message History"),
    (1 << 35, "Create Public Threads"),
    (1 << 38, "Send Messages in Threads"),
];

/// What the invitation of the app asks for.
pub const PERMISSIONS: u64 = {
    let mut all = 0;
    let mut index = 0;
    while index < NEEDED.len() {
        all |= NEEDED[index].0;
        index += 1;
    }
    all
};

/// The names of what is needed and not among these.
pub(super) fn missing(may: u64) -> Vec<&'static str> {
    NEEDED.iter().filter(|(bit, _)| may & bit == 0).map(|(_, name)| *name).collect()
}

/// What a member may do in a channel: what all their roles allow in the server, then the channel's exceptions
/// for everybody, for their roles together, and for themselves; in each step what is allowed wins.
pub(super) fn effective(channel: &Value, member: &Value, roles: &Value, me: &str) -> Option<u64> {
    // The role of everybody has the id of the server.
    let everybody = channel["guild_id"].as_str()?;
    let theirs: Vec<&str> = member["roles"].as_array()?.iter().filter_map(Value::as_str).collect();
    let mut may = 0;
    for role in roles.as_array()? {
        let id = role["id"].as_str()?;
        if id == everybody || theirs.contains(&id) {
            may |= bits(&role["permissions"])?;
        }
    }
    if may & ADMINISTRATOR != 0 {
        return Some(u64::MAX);
    }
    let exceptions = channel["permission_overwrites"].as_array().map_or(&[][..], Vec::as_slice);
    let steps: [&dyn Fn(&str) -> bool; 3] =
        [&|id| id == everybody, &|id| theirs.contains(&id), &|id| id == me];
    for is_about in steps {
        let (mut allow, mut deny) = (0, 0);
        for exception in exceptions.iter().filter(|exception| exception["id"].as_str().is_some_and(is_about))
        {
            allow |= bits(&exception["allow"])?;
            deny |= bits(&exception["deny"])?;
        }
        may = may & !deny | allow;
    }
    Some(may)
}

/// Discord writes them as the digits of one number.
fn bits(value: &Value) -> Option<u64> {
    // Bits beyond the ones that we know may come.
    u64::try_from(value.as_str()?.parse::<u128>().ok()? & u128::from(u64::MAX)).ok()
}
