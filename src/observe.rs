//! What is told about the service itself: logs and metrics.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::settings::log::{Log, LogFormat};

/// Upper ends of the classes into which lengths of time are counted, in seconds.
const SECONDS: &[f64] = &[0.005, 0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 120.0, 600.0];

/// What is counted, and what it means.
const COUNTED: &[(&str, &str)] = &[
    ("wnr_arrivals_total", "Questions and presses of buttons that were accepted, by chat."),
    ("wnr_repetitions_total", "Deliveries that a platform repeated, by chat."),
    ("wnr_requests_refused_total", "HTTP requests that were refused, by reason."),
    ("wnr_unreadable_total", "Signed requests that could not be read, by chat."),
    ("wnr_answers_failed_total", "Attempts to answer that failed; the question is tried again."),
    ("wnr_deliveries_total", "Attempts to deliver a message, by chat and result."),
    ("wnr_socket_errors_total", "Socket Mode connections that broke, and envelopes that could not be read."),
    ("wnr_task_failures_total", "Tasks of the service that ended and were started again, by task."),
];

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
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
                .map_err(|error| error.to_string())?;
            let handle = builder.install_recorder().map_err(|error| error.to_string())?;
            for (name, about) in COUNTED {
                metrics::describe_counter!(*name, *about);
            }
            metrics::describe_histogram!(
                "wnr_acknowledge_seconds",
                "From a request of a platform to its acknowledgement."
            );
            metrics::describe_histogram!(
                "wnr_answer_seconds",
                "From a question to the delivery of each message of its answer."
            );
            metrics::describe_gauge!("wnr_waiting", "What waits, by queue.");
            metrics::describe_gauge!(
                "wnr_buried",
                "What was given up and waits for somebody to look, by queue."
            );
            metrics::describe_gauge!("wnr_oldest_seconds", "Age of the oldest that waits, by queue.");
            Ok(handle)
        })
        .clone()
}
