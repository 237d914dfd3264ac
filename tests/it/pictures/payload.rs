//! What a payload may hold: whatever nobody has drawn yet fails, so a picture leaves nothing out.

use serde_json::Value;

/// The member of this name, which is a text.
pub fn text<'a>(of: &'a Value, member: &str) -> &'a str {
    of[member].as_str().unwrap_or_else(|| panic!("no text {member} in {of}"))
}

/// The members of a list, or of none.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Fails where an object has members that are not drawn.
pub fn only(object: &Value, drawn: &[&str]) {
    let members = object.as_object().unwrap_or_else(|| panic!("no object: {object}"));
    for member in members.keys() {
        assert!(drawn.contains(&member.as_str()), "nobody has drawn the member {member} yet: {object}");
    }
}

/// Who has this id: a platform knows, and a payload does not say.
pub fn named(id: &str) -> &'static str {
    match id {
        "S012345" | "123456789012345678" => "@on-call",
        "U2" | "600000000000000001" => "@sam",
        "C0123456789" => "#recordings",
        "C9876543210" => "#acme-alerts",
        other => panic!("nobody knows who {other} is"),
    }
}
