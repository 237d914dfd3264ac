//! Plays a scenario, and prints each step as it happens.

use std::io::Write;
use std::time::Duration;

use reqwest::Url;

use super::refused;
use crate::clock;
use crate::simulate::{Scenario, Sender};

/// Printed after several scenarios, because the expectations of each hold only if it is played alone.
const GROUPED: &str = "\nMany alerts in one channel are grouped: after about ten new messages within ten minutes,\n\
                      one message counts the rest. To see a scenario's own messages, run it alone.";

/// Plays scenarios to a service, and prints the steps.
pub(super) struct Play<W> {
    pub(super) out: W,
    pub(super) sender: Sender,
    /// The service's URL for webhooks.
    pub(super) url: Url,
    /// The pause between two steps.
    pub(super) pause: Duration,
}

impl<W: Write> Play<W> {
    /// Plays scenarios, one after the other.
    ///
    /// # Errors
    /// Returns an error if the service can't be reached, rejects a webhook, or `out` can't be written to.
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
            self.line(&format!("  Waiting {secs} {seconds}, so that you can see this step in the channel."))?;
            tokio::time::sleep(self.pause).await;
        }
        Ok(())
    }

    /// Writes a line and flushes it, so that it appears when it happens, even in a pipe.
    fn line(&mut self, text: &str) -> anyhow::Result<()> {
        writeln!(self.out, "{text}")?;
        Ok(self.out.flush()?)
    }
}
