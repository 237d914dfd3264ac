//! Renders a digest for Slack, with charts of Slack's own where it draws them, and bars of text elsewhere.
//! <https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block>

use serde_json::Number;
use slack_morphism::prelude::{
    SlackBlock, SlackChart, SlackChartAxisConfig, SlackChartDataPoint, SlackChartDataSeries,
    SlackChartSegment, SlackDataVisualizationBlock, SlackPieChart, SlackSeriesChart,
};

use super::super::mrkdwn::{clip, escape};
use super::alerts;
use super::blocks::{context, header, preformatted, section};
use super::list;
use crate::report::digest::{Columns, Digest, DigestList, DigestPart, DigestRow, clipped};

/// Most characters of a chart's title.
const TITLE_MAX: usize = 50;
/// Most characters of a label, and of the name of a series.
const LABEL_MAX: usize = 20;
/// Most columns of a chart.
const POINTS_MAX: usize = 20;
/// Most charts in a message.
const CHARTS_MAX: usize = 2;

/// Renders a digest. Without `charts`, bars of text take their place.
pub(super) fn digest(digest: &Digest, charts: bool) -> Vec<SlackBlock> {
    let mut blocks = vec![header(&digest.title())];
    let mut charts_left = if charts { CHARTS_MAX } else { 0 };
    for part in digest.parts() {
        let chart = if charts_left > 0 { chart_of(&part) } else { None };
        charts_left -= usize::from(chart.is_some());
        match part {
            DigestPart::Lines(lines) => blocks.extend(alerts::lines(&lines)),
            DigestPart::Columns(columns) => match chart {
                Some(chart) => blocks.push(chart),
                None => {
                    blocks.push(section(&format!("*{}*", escape(&columns.title))));
                    blocks.push(preformatted(&columns.bars().join("\n")));
                }
            },
            DigestPart::List(rows) => {
                if let Some(chart) = chart {
                    blocks.push(chart);
                    // A pie has no numbers that a screen reader finds.
                    let numbers = rows.rows.iter().map(|row| match row.bots {
                        Some(bots) => format!("{} {bots}", alerts::line(&row.label)),
                        None => alerts::line(&row.label),
                    });
                    blocks.push(context(&numbers.collect::<Vec<_>>().join(" · ")));
                } else {
                    let lines = rows.rows.iter().map(|one| row(&rows, one, charts));
                    blocks.extend(list(&escape(&rows.heading), lines));
                }
            }
            DigestPart::SmallPrint(text) => blocks.push(context(&escape(&text))),
        }
    }
    blocks
}

/// Beside charts, a number is enough.
fn row(list: &DigestList, row: &DigestRow, charts: bool) -> String {
    let label = alerts::line(&row.label);
    match (list.bar(row).filter(|_| !charts), row.bots) {
        (Some(bar), Some(bots)) => format!("`{bar}` *{bots}* {label}"),
        (None, Some(bots)) => format!("• *{bots}* {label}"),
        (_, None) => format!("• {label}"),
    }
}

fn chart_of(part: &DigestPart) -> Option<SlackBlock> {
    match part {
        DigestPart::Columns(columns) if columns.labels.len() <= POINTS_MAX => Some(bars(columns)),
        DigestPart::List(list) => {
            let segments = list.segments()?.into_iter().map(|(label, value)| SlackChartSegment {
                label: self::label(&label),
                value: Number::from(value),
            });
            let pie = SlackPieChart { segments: segments.collect() };
            Some(block(&list.heading, SlackChart::Pie(pie)))
        }
        DigestPart::Columns(_) | DigestPart::Lines(_) | DigestPart::SmallPrint(_) => None,
    }
}

fn bars(columns: &Columns) -> SlackBlock {
    let categories: Vec<String> = columns.labels.iter().map(|label| self::label(label)).collect();
    let series = columns.series.iter().map(|(name, values)| SlackChartDataSeries {
        name: label(name),
        data: categories
            .iter()
            .zip(values)
            .map(|(label, value)| SlackChartDataPoint { label: label.clone(), value: Number::from(*value) })
            .collect(),
    });
    let series = series.collect();
    let axis_config = SlackChartAxisConfig { categories, x_label: None, y_label: None };
    block(&columns.title, SlackChart::Bar(SlackSeriesChart { series, axis_config }))
}

fn block(title: &str, chart: SlackChart) -> SlackBlock {
    SlackDataVisualizationBlock { title: clip(title, TITLE_MAX), chart, block_id: None }.into()
}

/// Plain text, in which Slack reads no marks.
fn label(text: &str) -> String {
    clipped(text, LABEL_MAX)
}
