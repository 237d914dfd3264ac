//! Logs, metrics and traces.

pub mod metrics;
pub mod traces;
pub mod verdict;

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{FilterExt, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use self::traces::Traces;
use crate::settings::log::{Log, LogFormat};

/// Starts logging to standard error, and exporting traces if there is a collector. Libraries log bodies and tokens,
/// so their details are left out of both, whatever the level.
pub fn start_logging(log: &Log, traces: Option<&Traces>) {
    let filter = format!(
        "{level},hyper=warn,hyper_util=warn,reqwest=warn,rmcp=off,rustls=warn,slack_morphism=off,sqlx=warn,tungstenite=warn",
        level = log.level
    );
    // Each log line is complete by itself, so spans are for traces only.
    let written = EnvFilter::builder().parse_lossy(filter).and(filter_fn(|metadata| !metadata.is_span()));
    let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let lines = tracing_subscriber::fmt::layer().with_ansi(colour).with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let handed_over = traces.map(|traces| {
        let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), LevelFilter::INFO);
        tracing_opentelemetry::layer()
            .with_tracer(traces.tracer())
            .with_location(false)
            .with_threads(false)
            .with_filter(ours)
    });
    // A second call, as in tests, changes nothing.
    let _ = tracing_subscriber::registry().with(lines.with_filter(written)).with(handed_over).try_init();
}

/// The metrics of this process.
///
/// # Errors
/// Returns an error if another recorder is in place.
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
