//! `serve`: the service, until it is stopped. `healthcheck`: asks the service for its state.

use std::path::Path;
use std::time::Duration;

use super::{CommandError, runtime, settings};
use crate::observe::traces::Traces;
use crate::settings::process::read_channels;
use crate::{app, observe};

/// Seconds after which a service that has not responded counts as unhealthy.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn run(config: Option<&Path>) -> Result<String, CommandError> {
    let settings = settings(config)?;
    let ready = settings.ready_to_serve().and_then(|()| read_channels(&settings).map(drop));
    ready.map_err(|problems| CommandError::Usage(problems.to_string()))?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(anyhow::Error::from)?;
    let served = runtime.block_on(async {
        let traces = Traces::start(&settings.otel).map_err(anyhow::Error::msg)?;
        observe::start_logging(&settings.log, traces.as_ref());
        let served = app::serve(&settings).await;
        if let Some(traces) = traces {
            traces.stop().await;
        }
        served
    });
    served.map_err(|error| anyhow::anyhow!("{error:#}"))?;
    Ok(String::new())
}

pub(super) fn healthcheck(config: Option<&Path>) -> Result<String, CommandError> {
    let http = settings(config)?.http;
    // The metrics address responds with the details.
    let mut address = http.metrics_listen.unwrap_or(http.listen);
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let asked = runtime()?.block_on(async {
        let client = reqwest::Client::builder().timeout(ANSWER_TIMEOUT).no_proxy().build()?;
        let answer = client.get(format!("http://{address}/readyz")).send().await?;
        let ready = answer.status().is_success();
        Ok::<_, reqwest::Error>((ready, answer.text().await?))
    });
    match asked {
        Ok((true, state)) => Ok(format!("{state}\n")),
        Ok((false, state)) => Err(anyhow::anyhow!("The service is not ready: {state}").into()),
        Err(_) => Err(anyhow::anyhow!(
            "Nothing listens at {address}. Start the service with `why-no-recording serve`."
        )
        .into()),
    }
}
