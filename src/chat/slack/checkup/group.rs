//! Checks that the members of a user group can be read, because they may act in meetings.

use super::Access;
use super::call::call;
use crate::chat::slack::token::TokenKind;
use crate::report::finding::Finding;
use crate::report::plural;

/// Checks a user group of `slack.acting_groups`.
/// <https://docs.slack.dev/reference/methods/usergroups.users.list>
pub(super) async fn examine(access: &Access<'_>, group: &str) -> Finding {
    let part = format!("Slack user group {group} (slack.acting_groups)");
    let asked =
        call(access.api_url, "usergroups.users.list", access.bot_token, &[("usergroup", group)]).await;
    let answer = match asked {
        Ok((answer, _)) => answer,
        Err(words) => return Finding::fail(part, words),
    };
    match (answer.ok, answer.error.as_deref()) {
        (true, _) => {
            let members = answer.users.unwrap_or_default().len();
            Finding::pass(part, format!("{} may act in meetings", plural(members, "member")))
        }
        (false, Some("missing_scope")) => {
            let words = "the app lacks the scope usergroups:read, so no member of the group may act. Add it at \
                https://api.slack.com/apps > your app > OAuth & Permissions, and select Reinstall";
            Finding::fail(part, words)
        }
        (false, Some("no_such_subteam")) => {
            let words = "there is no such group. Copy its ID again: open the group in Slack, and select ⋮ > Copy group ID";
            Finding::fail(part, words)
        }
        (false, code) => Finding::fail(part, TokenKind::Bot.refused(code)),
    }
}
