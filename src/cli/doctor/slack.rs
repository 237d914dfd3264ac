//! Checks Slack's tokens, permissions and channels, and that questions can arrive.

use jiff::Timestamp;
use url::Url;

use super::Found;
use super::channels::TableChannels;
use crate::chat::slack::checkup::{self, Access};
use crate::report::finding::Finding;
use crate::settings::Settings;
use crate::settings::slack::Slack;

pub(super) async fn examine(settings: &Settings, now: Timestamp, found: Found) {
    let slack = &settings.slack;
    if let (Some(bot_token), Ok(api_url)) = (&slack.bot_token, Url::parse(&slack.api_url)) {
        let access = Access {
            api_url: &api_url,
            bot_token,
            app_token: slack.app_token.as_ref(),
            acting_groups: &slack.acting_groups,
        };
        let mut channels = settings.slack_channels();
        let mut table = TableChannels::add_to(&mut channels, settings, |row| row.slack_channel);
        let mut tell = |finding| table.take(finding).into_iter().for_each(|finding| found.tell(finding));
        checkup::examine(&access, &channels, now, &mut tell).await;
        table.others("Slack").into_iter().for_each(|finding| found.tell(finding));
    }
    if let Some(finding) = requests(slack) {
        found.tell(finding);
    }
}

/// Checks that questions can arrive. Slack's requests come through Socket Mode or over HTTP, and each has its
/// own setting.
fn requests(slack: &Slack) -> Option<Finding> {
    let can_ask = slack.app_token.is_some() || slack.signing_secret.is_some();
    let words = "alerts are posted, but people can't ask, because neither slack.app_token nor slack.signing_secret is \
                 set. For Socket Mode, select Generate Token and Scopes at https://api.slack.com/apps > your app > Basic \
                 Information > App-Level Tokens, with the scope connections:write. For HTTP, copy the Signing Secret from \
                 Basic Information > App Credentials";
    (slack.is_on() && !can_ask).then(|| Finding::skipped("Slack requests", words))
}
