//! Plays a scenario, and prints each step.

use std::io::Write;
use std::time::Duration;

use reqwest::Url;

use super::refused;
use crate::clock;
use crate::simulate::{Scenario, Sender};

/// Printed after several scenarios, because the expectations assume that each runs alone.
const GROUPED: &str = "\nMany alerts in one channel are grouped: after about 10 new messages within 10 minutes,\n\
                      one message counts all further alerts. To see what a scenario expects, run it alone.";

/// Sends scenarios to a service and prints what happens.
pub(super) struct Play<W> {
    pub(super) out: W,
    pub(super) sender: Sender,
    pub(super) url: Url,
    pub(super) pause: Duration,
}

impl<W: Write> Play<W> {
    /// Plays scenarios, one after the other.
    ///
    /// # Errors
    /// Returns an error if the service doesn't respond or refuses a webhook, or if the output is closed.
    pub(super) async fn scenarios(&mut self, scenarios: &[Scenario]) -> anyhow::Result<()> {
        for (number, scenario) in scenarios.iter().enumerate() {
            if number > 0 {
                self.wait().await?;
                self.line("")?;
            }
            self.scenario(scenario).await?;
        }
        if scenarios.len() > 1 {
            self.line(GROUPED)?;
        }
        Ok(())
    }

    async fn scenario(&mut self, scenario: &Scenario) -> anyhow::Result<()> {
        self.line(&format!("{}: {}.", scenario.id, scenario.about))?;
        for (number, part) in scenario.steps().iter().enumerate() {
            if number > 0 {
                self.wait().await?;
            }
            for webhook in part.webhooks(clock::now()) {
                let answer = self.sender.send(&webhook, clock::now()).await;
                let answer = answer.map_err(|error| anyhow::anyhow!(refused::unheard(&self.url, &error)))?;
                self.line(&format!("  {}  {}  {}", webhook.bot, answer.status.as_u16(), webhook.about))?;
                if !answer.status.is_success() {
                    anyhow::bail!(refused::refused(&self.url, &answer));
                }
            }
        }
        self.line(&format!("Expect in the channel: {}", scenario.expect))
    }

    async fn wait(&mut self) -> anyhow::Result<()> {
        let secs = self.pause.as_secs();
        if secs > 0 {
            let seconds = if secs == 1 { "second" } else { "seconds" };
            self.line(&format!("  Waiting {secs} {seconds}, so that the channel shows the previous step."))?;
            tokio::time::sleep(self.pause).await;
        }
        Ok(())
    }

    /// Writes a line and flushes it, so that a pipe shows it at once.
    fn line(&mut self, text: &str) -> anyhow::Result<()> {
        writeln!(self.out, "{text}")?;
        Ok(self.out.flush()?)
    }
}
