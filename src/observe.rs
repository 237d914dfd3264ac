//! What is told about the service itself: logs and metrics.

pub mod metrics;
pub mod verdict;

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::settings::log::{Log, LogFormat};

/// Writes logs to standard error from here on. The libraries' own details hold bodies and tokens, so
/// they are kept out whatever the level.
pub fn start_logging(log: &Log) {
    let filter = format!(
        "{level},hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn,slack_morphism=off,sqlx=warn,tungstenite=warn",
        level = log.level
    );
    let filter = EnvFilter::builder().parse_lossy(filter);
    let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colour).with_writer(std::io::stderr);
    // A second call, as in tests, changes nothing.
    let _ = match log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
}

/// The metrics of this process.
///
/// # Errors
/// Where another recorder is in place.
pub fn start_metrics() -> Result<PrometheusHandle, String> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let builder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), self::metrics::SECONDS)
                .map_err(|error| error.to_string())?;
            let handle = builder.install_recorder().map_err(|error| error.to_string())?;
            self::metrics::describe();
            Ok(handle)
        })
        .clone()
}
