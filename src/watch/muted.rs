//! Alerts that a mute keeps back, and those that it doesn't keep back any more.

use super::Watch;
use super::alerting::NewAlert;
use super::decide::BotContext;
use super::decision::Decision;
use crate::alerts::ChannelRef;
use crate::alerts::assess::BotState;
use crate::alerts::lifecycle::AlertUpdate;
use crate::mutes::Mute;
use crate::report::Report;
use crate::store::NewAlertRow;

impl Decision {
    /// Keeps a new alert back: it is stored and counted, and no message is sent.
    pub(super) fn keep_back(&mut self, channel: &ChannelRef, new: &NewAlert<'_>, mute: &Mute) {
        self.alerts.push(NewAlertRow {
            bot: new.bot.due.bot.clone(),
            channel: channel.0.clone(),
            cause: new.update.last_alert.cause.clone(),
            group_id: None,
            mention: None,
            muted_by: Some(mute.id.to_string()),
        });
    }
}

impl Watch {
    /// Returns the alert of a bot as a new one, with the channels in which nothing keeps it back any more: because its
    /// bot can still be saved when the mute ends, or because its cause is not the muted one any more. One that failed
    /// while it was muted stays silent.
    pub(super) fn released<'m>(
        &self,
        bot: &BotContext<'_>,
        report: &Report,
        cause: &str,
        muted: impl Fn(&str) -> Option<&'m Mute>,
        decision: &mut Decision,
    ) -> Option<(AlertUpdate, Vec<String>)> {
        let mut places = Vec::new();
        for alert in &bot.due.alerts {
            let Some(muted_by) = &alert.muted_by else { continue };
            let is_other = alert.cause != cause;
            match (muted(&alert.channel), bot.assessed.state) {
                (Some(mute), _) if is_other || mute.id.as_str() != muted_by => {
                    decision.still_muted.push(NewAlertRow {
                        bot: bot.due.bot.clone(),
                        channel: alert.channel.clone(),
                        cause: cause.to_owned(),
                        group_id: None,
                        mention: None,
                        muted_by: Some(mute.id.to_string()),
                    });
                }
                (None, BotState::AtRisk) => places.push(alert.channel.clone()),
                (None, BotState::Failed) if is_other => places.push(alert.channel.clone()),
                _ => {}
            }
        }
        if places.is_empty() {
            return None;
        }
        let policy = &self.alerts.policy;
        let mut again = policy.next_update(bot.diagnosis, &bot.assessed, report.clone(), None)?;
        // It was heard of in time, and kept back.
        again.alert.late = None;
        again.last_alert.late = None;
        Some((again, places))
    }
}
