//! The metrics as one table: it describes them to Prometheus, starts them at zero, and documents them.
//!
//! `tests/it/metrics.rs` compares the table with the sources in both directions.

use std::fmt::Write as _;

use metrics::Unit;

/// The type of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only rises during the life of the process.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Durations in seconds, counted into the buckets of [`SECONDS`].
    Histogram,
}

impl Kind {
    /// Returns Prometheus' name of the type.
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
    /// All its values; empty if they are too many to list, though they are bounded.
    pub values: &'static [&'static str],
}

/// One metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name, without the `_bucket`, `_sum` and `_count` of a histogram.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Its unit.
    pub unit: Unit,
    /// Its labels, in the order in which the sources write them.
    pub labels: &'static [Label],
    /// What is counted.
    pub meaning: &'static str,
    /// When an operator should check it.
    pub watch: &'static str,
}

/// Upper ends of the histogram buckets, in seconds: acknowledgements take milliseconds, answers seconds, and messages
/// to a platform that is down minutes.
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

/// All metrics.
pub const METRICS: &[Metric] = &[
    gauge(
        "wnr_ready",
        Unit::Count,
        &[],
        "1 if the service can do its work (`/readyz`), else 0.",
        "0 for longer than a restart takes",
    ),
    gauge(
        "wnr_queue_depth",
        Unit::Count,
        &[QUEUE],
        "Items in a queue: questions in `inbox`, messages in `outbox`, bots to be evaluated in `bots`.",
        "rises and doesn't fall again",
    ),
    gauge(
        "wnr_queue_oldest_seconds",
        Unit::Seconds,
        &[QUEUE],
        "Age of the oldest item in a queue.",
        "over 60: something is stuck",
    ),
    gauge(
        "wnr_dead_letters",
        Unit::Count,
        &[QUEUE],
        "Items that were given up, for an operator to check.",
        "rises: `why-no-recording outbox list`",
    ),
    gauge(
        "wnr_connected",
        Unit::Count,
        &[CHAT],
        "1 if this instance has an open connection for commands and buttons: Slack's Socket Mode, or Discord's gateway, which \
         one instance holds. Not exported for a platform that uses HTTP.",
        "0 in all instances: commands are lost; `/readyz` says why",
    ),
    counter("wnr_interactions_total", &[CHAT], "Accepted questions and button presses.", ""),
    counter(
        "wnr_duplicates_total",
        &[CHAT],
        "Deliveries that a platform repeated.",
        "many: acknowledgements are late",
    ),
    seconds(
        "wnr_acknowledge_seconds",
        &[Label { name: "chat", values: &["slack", "discord", "recall"] }],
        "Time from an HTTP request to its acknowledgement.",
        "the slowest near 3 seconds, when Slack and Discord give up",
    ),
    seconds(
        "wnr_answer_seconds",
        &[CHAT],
        "Time from a question to its answer in the outbox. Most of it is waiting for Recall.ai.",
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
                    "mute",
                    "mute_form",
                    "listing",
                ],
            },
        ],
        "Time from a message in the outbox to the platform that accepted it, failed attempts included.",
        "alerts over a minute: a platform is down, or a channel is at its limit of one message per second",
    ),
    seconds(
        "wnr_event_to_message_seconds",
        &[CHAT],
        "Time from the webhook of a failure to its message in the chat. A cause that Recall.ai doesn't state waits up to 3 \
         seconds for a lookup. Bots that are counted in a group have no message of their own.",
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
        "Messages that were given up because their parent is gone.",
        "any: a bug in why-no-recording; please report it",
    ),
    counter(
        "wnr_errors_total",
        &[
            Label { name: "platform", values: &["slack", "discord", "recall"] },
            Label { name: "class", values: &["auth", "rate_limited", "client", "server"] },
        ],
        "Failed requests to a platform: `auth` is a key, a token or a permission, `client` a request that it refuses, `server` \
         a failure of the platform or the network. A bot that isn't found, and a channel or a message that is gone, \
         don't count.",
        "any `auth`; `server` for more than a few minutes",
    ),
    counter(
        "wnr_unfurls_total",
        &[Label { name: "result", values: &["shown", "unknown", "denied", "limited", "refused", "failed"] }],
        "Messages with links to bots. `unknown`: no bot was found, or Recall.ai couldn't be asked. `denied`: the person may not \
         ask. `limited`: more than 40 messages in a minute. `refused`: Slack doesn't allow it for this message.",
        "`refused` without `shown`: the app's manifest",
    ),
    counter(
        "wnr_homes_total",
        &[Label { name: "result", values: &["published", "failed"] }],
        "Homes of people in Slack that were published.",
        "`failed` rises",
    ),
    counter("wnr_answers_failed_total", &[], "Failed attempts to answer. The question is retried.", "rises"),
    counter(
        "wnr_requests_refused_total",
        &[Label {
            name: "reason",
            values: &[
                "off",
                "signature",
                "stale",
                "unsigned",
                "foreign",
                "store",
                "length",
                "slow",
                "crowded",
                "token",
                "origin",
            ],
        }],
        "Refused requests of any platform. Requests whose headers are too long or too slow end before they are counted.",
        "`signature`, `stale`, `unsigned`: a secret or a clock differs; `foreign`: the app is installed in another workspace; \
         `store`: the disk; `crowded`: requests exceed the memory for bodies; `token`: an agent without a token of \
         `mcp.tokens`; `origin`: a web page that may not use `/mcp`",
    ),
    counter(
        "wnr_mcp_calls_total",
        &[
            Label {
                name: "call",
                values: &[
                    "diagnose_bot",
                    "explain_cause",
                    "recent_failures",
                    "recurrence",
                    "resource",
                    "write_to_the_host",
                ],
            },
            Label { name: "result", values: &["ok", "error"] },
        ],
        "Calls of AI agents, by tool, resource or prompt. `error`: the agent got advice instead, as for wrong arguments.",
        "far more than people could read: an agent in a loop, which uses up Recall.ai's rate limit",
    ),
    counter(
        "wnr_signatures_total",
        &[
            Label { name: "chat", values: &["slack", "discord", "recall"] },
            Label { name: "result", values: &["accepted", "refused"] },
        ],
        "Signed requests, by whether their signature and time were valid.",
        "`refused` and nothing `accepted`: a secret or the clock is wrong; `doctor` says which",
    ),
    counter(
        "wnr_connections_turned_away_total",
        &[],
        "Slow connections that were closed because others needed their place or their memory.",
        "rises: a client keeps connections open on purpose",
    ),
    counter(
        "wnr_webhooks_total",
        &[
            Label { name: "event", values: &["bot", "media", "ignored", "unknown"] },
            Label { name: "result", values: &["new", "duplicate", "set_aside"] },
        ],
        "Accepted webhooks: about bots, about their media, `ignored` (no effect on recording), and `unknown` (not readable). \
         A `duplicate` was received before. `set_aside`: the bot belongs to another workspace than the secret, and \
         nothing changes.",
        "doesn't rise while bots are in meetings; any `set_aside`: a secret of yours is in other hands",
    ),
    counter(
        "wnr_webhooks_refused_total",
        &[Label { name: "reason", values: &["off", "signature", "stale", "unsigned", "store"] }],
        "Refused webhooks. `wnr_requests_refused_total` counts them too.",
        "any: Recall.ai retries them for a while, and turns an endpoint off after 5 days",
    ),
    counter(
        "wnr_webhooks_missed_total",
        &[],
        "Status changes that arrived by reconciliation, not by webhook.",
        "rises: webhooks don't arrive",
    ),
    counter(
        "wnr_reconciliations_total",
        &[Label { name: "result", values: &["done", "failed"] }],
        "Reconciliations with Recall.ai's bot list.",
        "`failed`: missed webhooks aren't found",
    ),
    counter(
        "wnr_lookups_total",
        &[Label { name: "result", values: &["ok", "failed"] }],
        "Lookups of bots to improve an alert.",
        "`failed`: alerts have fewer details",
    ),
    counter(
        "wnr_rescues_total",
        &[
            Label { name: "plan", values: &["ask", "start"] },
            Label {
                name: "result",
                values: &[
                    "done",
                    "not_in_call",
                    "no_such_step",
                    "may_only_read",
                    "refused",
                    "failed",
                    "unknown",
                    "skipped",
                    "unreadable",
                    "outdated",
                    "no_right",
                    "too_late",
                ],
            },
        ],
        "Attempts to ask a host again, or to start a recording, by what came of the last call.",
        "`unknown`: Recall.ai's responses get lost. `may_only_read`: the API key can't act",
    ),
    counter(
        "wnr_meeting_actions_total",
        &[
            Label {
                name: "action",
                values: &["send_chat_message", "request_recording_permission", "start_recording"],
            },
            Label {
                name: "result",
                values: &[
                    "done",
                    "not_in_call",
                    "no_such_step",
                    "no_such_bot",
                    "no_workspace",
                    "may_only_read",
                    "blocked",
                    "wrong_key",
                    "no_credit",
                    "in_flight",
                    "rate_limited",
                    "out_of_capacity",
                    "refused",
                    "failed",
                    "in_doubt",
                ],
            },
        ],
        "Actions in running meetings, retries included: nothing happened, except if `done`. `in_flight`: Recall.ai \
         was still working on it; `in_doubt`: no response said whether it happened.",
        "any `may_only_read` or `wrong_key`: the API key; `in_doubt` rises: Recall.ai or the network",
    ),
    counter(
        "wnr_verdicts_total",
        &[Label { name: "cause", values: &[] }, Label { name: "trigger", values: &["question", "alert"] }],
        "Verdicts by the ID of their cause. `question`: one for each answer. `alert`: one for each bot, and one more if the \
         cause changes, however many channels get it.",
        "one cause far above the others: one setting or one customer is behind many failures",
    ),
    counter(
        "wnr_alerts_total",
        &[Label { name: "kind", values: &["single", "grouped", "muted", "dropped"] }],
        "Alerts, one per bot and channel: with a message of their own, counted in an alert group, kept back by a mute, or \
         dropped by a route.",
        "many meetings fail at once",
    ),
    counter("wnr_alert_groups_total", &[], "Alert groups that were opened.", "rises"),
    counter(
        "wnr_unknown_codes_total",
        &[],
        "Codes in a verdict that the catalogue doesn't have. The log names them.",
        "rises: the catalogue needs an entry",
    ),
    counter(
        "wnr_evaluations_failed_total",
        &[],
        "Evaluations of a bot that panicked.",
        "any: a bug in why-no-recording; please report it",
    ),
    counter(
        "wnr_unparsed_requests_total",
        &[CHAT],
        "Signed requests that couldn't be read.",
        "rises: a platform has changed",
    ),
    counter(
        "wnr_socket_errors_total",
        &[],
        "Socket Mode connections that broke or couldn't be opened.",
        "keeps rising",
    ),
    counter(
        "wnr_task_failures_total",
        &[Label { name: "task", values: &[] }],
        "Tasks that ended and were restarted. Starts at 0 with its task.",
        "any; the log says why",
    ),
];

/// Describes each metric to the recorder, and starts counters with listed label values at zero, because Prometheus
/// can't see the first step of a counter that is new.
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

/// All combinations of label values; empty if a label doesn't list its values.
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
    let _ = write!(page, "\nThe buckets of histograms end at {} seconds.\n", ends.join(", "));
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

Prometheus reads them from `/metrics` on `http.listen`, or only on `http.metrics_listen` if that is set.
[grafana-dashboard.json](../config/grafana-dashboard.json) shows them, [prometheus-rules.yml](../config/prometheus-rules.yml) has alert rules, and [operate.md](operate.md#alerts) says what to do when one fires.

Counters start at 0 with the process.
Counters with a label whose values aren't listed appear when they are first counted, except `wnr_task_failures_total`, which appears with its task.

| metric | kind | labels | what is counted | look when |
|---|---|---|---|---|
";
