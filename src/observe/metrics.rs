//! The metrics: one table, from which they are described to Prometheus, begun at zero, and documented.
//!
//! Knows no place that counts. `tests/it/metrics.rs` compares the table with the sources in both directions.

use std::fmt::Write as _;

use metrics::Unit;

/// What a metric is to Prometheus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only ever rises while the process lives.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Lengths of time in seconds, counted into [`SECONDS`].
    Histogram,
}

impl Kind {
    /// Prometheus' own word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One label of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// Every value that it can have; empty where they are too many to list, though they are bounded.
    pub values: &'static [&'static str],
}

/// One metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name, without the `_bucket`, `_sum` and `_count` of a histogram.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What it counts in.
    pub unit: Unit,
    /// Its labels, in the order in which the sources write them.
    pub labels: &'static [Label],
    /// What is counted.
    pub meaning: &'static str,
    /// When somebody should look.
    pub watch: &'static str,
}

/// Upper ends of the classes into which lengths of time are counted, in seconds: acknowledgements are
/// milliseconds, answers seconds, and messages to a platform that is down come after minutes.
pub const SECONDS: &[f64] =
    &[0.005, 0.02, 0.1, 0.3, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 3600.0];

const CHAT: Label = Label { name: "chat", values: &["slack", "discord"] };
const QUEUE: Label = Label { name: "queue", values: &["inbox", "outbox", "bots"] };

const fn counter(
    name: &'static str,
    labels: &'static [Label],
    meaning: &'static str,
    watch: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Counter, unit: Unit::Count, labels, meaning, watch }
}

const fn gauge(
    name: &'static str,
    unit: Unit,
    labels: &'static [Label],
    meaning: &'static str,
    watch: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Gauge, unit, labels, meaning, watch }
}

const fn seconds(
    name: &'static str,
    labels: &'static [Label],
    meaning: &'static str,
    watch: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Histogram, unit: Unit::Seconds, labels, meaning, watch }
}

/// Every metric there is.
pub const METRICS: &[Metric] = &[
    gauge(
        "wnr_ready",
        Unit::Count,
        &[],
        "1 while `/readyz` says that the service can do its work, else 0.",
        "0 for longer than a restart takes",
    ),
    gauge(
        "wnr_queue_depth",
        Unit::Count,
        &[QUEUE],
        "What waits: questions in `inbox`, messages in `outbox`, bots to be evaluated in `bots`.",
        "rises and does not fall again",
    ),
    gauge(
        "wnr_queue_oldest_seconds",
        Unit::Seconds,
        &[QUEUE],
        "Age of the oldest that waits.",
        "over 60: something is stuck",
    ),
    gauge(
        "wnr_dead_letters",
        Unit::Count,
        &[QUEUE],
        "What was given up and waits for somebody to look.",
        "rises: `why-no-recording outbox list`",
    ),
    gauge(
        "wnr_connected",
        Unit::Count,
        &[CHAT],
        "1 while what people do in a chat arrives through a connection of this instance: Slack's Socket Mode, or Discord's \
         gateway, which one instance holds. Not there for a platform that is reached over HTTP.",
        "0 in all instances: nobody hears what is asked; `/readyz` says why",
    ),
    counter("wnr_interactions_total", &[CHAT], "Questions and presses of buttons that were accepted.", ""),
    counter(
        "wnr_duplicates_total",
        &[CHAT],
        "Deliveries that a platform repeated.",
        "many: acknowledgements are late",
    ),
    seconds(
        "wnr_acknowledge_seconds",
        &[Label { name: "chat", values: &["slack", "discord", "recall"] }],
        "From a request over HTTP to its acknowledgement.",
        "the slowest near 3 seconds: Slack and Discord give up then",
    ),
    seconds(
        "wnr_answer_seconds",
        &[CHAT],
        "From a question to its answer in the outbox; most of it is waiting for Recall.ai.",
        "the median over 5 seconds",
    ),
    seconds(
        "wnr_delivery_seconds",
        &[
            CHAT,
            Label {
                name: "kind",
                values: &[
                    "verdict",
                    "details",
                    "explanation",
                    "host_message",
                    "notice",
                    "alert",
                    "alert_group",
                    "bots",
                ],
            },
        ],
        "From a message in the outbox to the platform that took it, attempts that failed included.",
        "alerts over a minute: a platform is down, or a channel is at its limit of a message a second",
    ),
    seconds(
        "wnr_event_to_message_seconds",
        &[CHAT],
        "From the webhook that tells of a failure to the message about it in the chat. What is not stated by Recall.ai waits \
         up to three seconds for more; what is counted in a group has no message of its own.",
        "the slowest over a minute, as for `wnr_delivery_seconds`",
    ),
    counter(
        "wnr_deliveries_total",
        &[
            CHAT,
            Label {
                name: "result",
                values: &[
                    "delivered",
                    "busy",
                    "platform_busy",
                    "in_doubt",
                    "failed",
                    "not_there",
                    "no_thread",
                    "thread_closed",
                    "message_gone",
                    "not_allowed",
                    "refused",
                ],
            },
        ],
        "Attempts to deliver a message.",
        "`not_allowed`: a token or permission; `not_there`: a channel; `busy`: a rate limit",
    ),
    counter(
        "wnr_outbox_orphans_total",
        &[],
        "Messages that were given up because the one they belong to is gone.",
        "any: a bug in why-no-recording; please report it",
    ),
    counter(
        "wnr_errors_total",
        &[
            Label { name: "platform", values: &["slack", "discord", "recall"] },
            Label { name: "class", values: &["auth", "rate_limited", "client", "server"] },
        ],
        "What a platform refused or failed to do: `auth` is a key, a token or a permission, `client` a request \
         that it does not take, `server` its own failure or that of the network. A bot that is not found, and a \
         channel or a message that is gone, are no errors.",
        "`auth` at all; `server` for longer than minutes",
    ),
    counter(
        "wnr_answers_failed_total",
        &[],
        "Attempts to answer that failed; the question is tried again.",
        "rises",
    ),
    counter(
        "wnr_requests_refused_total",
        &[Label {
            name: "reason",
            values: &["off", "signature", "stale", "unsigned", "store", "length", "slow", "crowded"],
        }],
        "HTTP requests of any platform that were refused. Those whose head is too long or too slow end before they \
         are counted.",
        "`signature`, `stale`, `unsigned`: secrets or clocks differ; `store`: the disk; `crowded`: somebody sends \
         more than there is room for",
    ),
    counter(
        "wnr_signatures_total",
        &[
            Label { name: "chat", values: &["slack", "discord", "recall"] },
            Label { name: "result", values: &["accepted", "refused"] },
        ],
        "Signed requests: whether their signature and time held.",
        "`refused` and nothing `accepted`: a secret or the clock is wrong; `doctor` says which",
    ),
    counter(
        "wnr_connections_turned_away_total",
        &[],
        "Connections that were closed while they sent their request slowly, because others needed the room.",
        "rises: somebody keeps connections open on purpose",
    ),
    counter(
        "wnr_webhooks_total",
        &[
            Label { name: "event", values: &["bot", "media", "ignored", "unknown"] },
            Label { name: "result", values: &["new", "duplicate", "set_aside"] },
        ],
        "Webhooks of Recall.ai that were accepted: of bots, of their media, of what does not concern us, and those \
         that could not be read. `duplicate` came before; `set_aside` tells of a bot of another workspace than the one \
         whose secret signed it, and changes nothing.",
        "stands still while bots are in meetings; `set_aside` at all: somebody else has a secret of yours",
    ),
    counter(
        "wnr_webhooks_refused_total",
        &[Label { name: "reason", values: &["off", "signature", "stale", "unsigned", "store"] }],
        "Webhooks that were refused; `wnr_requests_refused_total` counts them as well.",
        "any: Recall.ai repeats them for a while, and switches an endpoint off after five days",
    ),
    counter(
        "wnr_webhooks_missed_total",
        &[],
        "Status changes that only the lists of bots told, and no webhook.",
        "rises: webhooks do not come",
    ),
    counter(
        "wnr_reconciliations_total",
        &[Label { name: "result", values: &["done", "failed"] }],
        "Comparisons with Recall.ai's list of bots.",
        "`failed`: what no webhook tells stays unknown",
    ),
    counter(
        "wnr_lookups_total",
        &[Label { name: "result", values: &["ok", "failed"] }],
        "Bots that Recall.ai was asked about to make an alert better.",
        "`failed`: alerts are poorer",
    ),
    counter(
        "wnr_verdicts_total",
        &[Label { name: "cause", values: &[] }, Label { name: "trigger", values: &["question", "alert"] }],
        "Verdicts by the id of their cause in the catalogue. Asked for: one for each answer. AlertConfig: one for each \
         bot, and one more where the cause changes, whichever channels get it.",
        "one cause far above the others: one setting, or one customer, is behind many",
    ),
    counter(
        "wnr_alerts_total",
        &[Label { name: "kind", values: &["single", "grouped", "dropped"] }],
        "Alerts, once for each bot and channel: with a message of their own, counted in an alert group, or dropped by a \
         route.",
        "many meetings fail at once",
    ),
    counter("wnr_alert_groups_total", &[], "Alert groups that were opened.", "rises"),
    counter(
        "wnr_unknown_codes_total",
        &[],
        "Codes of Recall.ai that the catalogue does not know, each time that one is met in a verdict. The log \
         names them.",
        "rises: the catalogue wants an entry",
    ),
    counter(
        "wnr_evaluations_failed_total",
        &[],
        "Evaluations of a bot that panicked.",
        "any: a mistake of ours",
    ),
    counter(
        "wnr_unparsed_requests_total",
        &[CHAT],
        "Signed requests that could not be read.",
        "rises: a platform has changed",
    ),
    counter(
        "wnr_socket_errors_total",
        &[],
        "Socket Mode connections that broke or could not be opened.",
        "rises without end",
    ),
    counter(
        "wnr_task_failures_total",
        &[Label { name: "task", values: &[] }],
        "Tasks of the service that ended and were started again. It begins at zero when a task is started.",
        "any; the log says why",
    ),
];

/// Tells the recorder what each metric is, and begins at zero what has few enough labels to do so:
/// Prometheus cannot see the first step of a counter that was not there before.
pub(super) fn describe() {
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(metric.name, metric.unit, metric.meaning),
            Kind::Gauge => metrics::describe_gauge!(metric.name, metric.unit, metric.meaning),
            Kind::Histogram => metrics::describe_histogram!(metric.name, metric.unit, metric.meaning),
        }
        if metric.kind == Kind::Counter {
            for labels in combinations(metric.labels) {
                metrics::counter!(metric.name, &labels).increment(0);
            }
        }
    }
}

/// Every combination of the values of some labels; none at all where a label does not list its values.
fn combinations(labels: &[Label]) -> Vec<Vec<(&'static str, &'static str)>> {
    labels.iter().fold(vec![Vec::new()], |begun, label| {
        let with = |value: &&'static str| {
            let (name, value) = (label.name, *value);
            begun.iter().map(move |labels| [labels.as_slice(), &[(name, value)]].concat())
        };
        label.values.iter().flat_map(with).collect()
    })
}

/// `docs/metrics.md`.
#[must_use]
pub fn reference_markdown() -> String {
    let mut page = PREAMBLE.to_owned();
    for metric in METRICS {
        let labels: Vec<String> = metric.labels.iter().map(label_in_words).collect();
        let kind = match metric.kind {
            Kind::Histogram => "histogram, seconds",
            other => other.as_str(),
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | {kind} | {} | {} | {} |",
            metric.name,
            labels.join("; "),
            metric.meaning,
            metric.watch
        );
    }
    let ends: Vec<String> = SECONDS.iter().map(ToString::to_string).collect();
    let _ = write!(page, "\nHistograms count into classes that end at {} seconds.\n", ends.join(", "));
    page
}

fn label_in_words(label: &Label) -> String {
    if label.values.is_empty() {
        return format!("`{}`", label.name);
    }
    let values: Vec<String> = label.values.iter().map(|value| format!("`{value}`")).collect();
    format!("`{}`: {}", label.name, values.join(", "))
}

const PREAMBLE: &str = "\
# Metrics

<!-- Generated from src/observe/metrics.rs. Change that file, not this one. -->

`/metrics` tells them to Prometheus, on `http.listen`, or on `http.metrics_listen` alone where that is set.
Counters begin at zero with the process, except those with a label whose values are not listed, which appear when they are first counted; `wnr_task_failures_total` appears with its task.
[grafana-dashboard.json](../config/grafana-dashboard.json) shows them; [prometheus-rules.yml](../config/prometheus-rules.yml) watches them, and [operate.md](operate.md#alerts) says what to do.

| metric | kind | labels | what is counted | look when |
|---|---|---|---|---|
";
