//! The meaning of a refused token. Each of the two kinds has its own page, its own button and its own
//! permission.

use super::error::advice;

/// The kinds of Slack tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// The token for everything that the app sends.
    Bot,
    /// The token that opens Socket Mode.
    App,
}

impl TokenKind {
    const fn setting(self) -> &'static str {
        match self {
            Self::Bot => "slack.bot_token",
            Self::App => "slack.app_token",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Bot => "bot token",
            Self::App => "app-level token",
        }
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Bot => "xoxb-",
            Self::App => "xapp-",
        }
    }

    /// Returns the page that shows it. <https://docs.slack.dev/authentication/tokens>
    const fn page(self) -> &'static str {
        match self {
            Self::Bot => "https://api.slack.com/apps > your app > OAuth & Permissions > Bot User OAuth Token",
            Self::App => "https://api.slack.com/apps > your app > Basic Information > App-Level Tokens",
        }
    }

    /// Returns how to get a new one.
    const fn renewed(self) -> &'static str {
        match self {
            Self::Bot => {
                "Select Reinstall at https://api.slack.com/apps > your app > OAuth & Permissions, and set \
                 slack.bot_token to the token shown"
            }
            Self::App => {
                "Select Generate Token and Scopes at https://api.slack.com/apps > your app > Basic Information > \
                 App-Level Tokens, add the scope connections:write, and set slack.app_token to the token shown"
            }
        }
    }

    /// Returns the meaning of Slack's error code for this token, and the fix.
    pub(super) fn refused(self, code: Option<&str>) -> String {
        let (code, name, setting, page) =
            (code.unwrap_or_default(), self.name(), self.setting(), self.page());
        let words = match code {
            "invalid_auth" => format!("Slack does not know this {name}. Copy {setting} again from {page}"),
            "not_authed" => format!("no token reached Slack. Copy {setting} from {page}"),
            "not_allowed_token_type" => {
                format!("this is another kind of token. Copy the {name}, which starts with {}, from {page}", self.prefix())
            }
            "token_revoked" => format!("the {name} was revoked. {}", self.renewed()),
            "token_expired" => format!("the {name} has expired. {}", self.renewed()),
            "account_inactive" | "access_denied" | "org_login_required" if self == Self::App => format!(
                "the app isn't allowed to connect. Install it at https://api.slack.com/apps > your app > Install App, ask \
                 the workspace's administrators to allow it, and copy {setting} again from {page}"
            ),
            "account_inactive" => {
                "the app was removed from the workspace. Select Install to Workspace at https://api.slack.com/apps > \
                 your app > Install App, and set slack.bot_token to the token shown"
                    .to_owned()
            }
            "missing_scope" | "no_permission" if self == Self::App => {
                format!("the {name} lacks the scope connections:write. {}", self.renewed())
            }
            "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => {
                "Slack returned an error. Check https://slack-status.com, and run `doctor` again later".to_owned()
            }
            _ => match advice(code) {
                Some(advice) => advice.to_owned(),
                None => format!(
                    "Slack gives a reason that isn't documented. Check that the app is installed, and that Socket Mode is \
                     on if you use it. Then copy {setting} again from {page}"
                ),
            },
        };
        format!("{code}: {words}")
    }

    /// Returns the fix for a token that belongs to a person.
    pub(super) fn is_of_a_person(self) -> String {
        format!(
            "this is a person's token and not the {}. Copy {} from {}",
            self.name(),
            self.setting(),
            self.page()
        )
    }
}
