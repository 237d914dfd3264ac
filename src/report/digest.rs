//! A digest in words: numbers about the bots of some days, which stand alone on a phone and in a ticket.
//!
//! Platforms draw [`Digest::parts`]. Charts are drawn by platforms that have some, and as bars of text elsewhere.

mod chart;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::alert::{BodyLine, Span};
use super::plural;
use super::recurrence::RecurrenceKey;
use crate::diagnosis::vocabulary::Actor;

pub use chart::{Columns, DigestList, DigestRow};

/// Most characters of the title of a cause in a list.
const TITLE_MAX: usize = 100;

/// What happened to the bots of some days, in numbers. Each bot counts once, on the day on which it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Whose bots are counted.
    pub scope: DigestScope,
    /// The first day, in UTC.
    pub first_day: Date,
    /// The last day.
    pub last_day: Date,
    /// All of them.
    pub totals: Totals,
    /// The same for each day, or for each seven days.
    pub days: Vec<DayTotals>,
    /// The causes of what was lost, the most frequent first.
    pub causes: Vec<CauseLosses>,
    /// Bots that failed for causes that aren't named.
    pub other_causes: u64,
    /// Who can fix what was lost, the most frequent first.
    pub actors: Vec<ActorLosses>,
    /// Bots that recorded after an alert about them.
    pub saved_by_alert: u64,
    /// Bots that recorded after an attempt to get the recording while the meeting ran.
    pub saved_by_rescue: u64,
    /// The customers, hosts or meetings with most failures.
    #[serde(default)]
    pub keys: Vec<KeyLosses>,
    /// The first day of which `keys` knows, if that isn't the first day.
    #[serde(default)]
    pub keys_since: Option<Date>,
    /// Alerts of these days that were muted and never sent.
    #[serde(default)]
    pub muted_alerts: u64,
    /// What was muted when the digest was made.
    #[serde(default)]
    pub muted: Vec<MutedScope>,
    /// The totals of as many days before, if there are any.
    #[serde(default)]
    pub before: Option<Totals>,
}

/// Whose bots are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestScope {
    /// All that the service knows.
    Service,
    /// Those with an alert in the channel where it is shown.
    Channel,
}

/// How many bots ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// From start to end.
    pub recorded: u64,
    /// A part is missing.
    pub partly_recorded: u64,
    /// Nothing is there.
    pub not_recorded: u64,
    /// It is not known.
    pub unknown: u64,
    /// Nothing is there, and nothing went wrong.
    pub nothing_to_record: u64,
}

/// How many bots ended how on a day, or from that day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayTotals {
    /// The day.
    pub first_day: Date,
    /// Its bots.
    pub totals: Totals,
}

/// How many bots failed for a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseLosses {
    /// The ID of the cause.
    pub cause: String,
    /// Its title.
    pub title: String,
    /// How many.
    pub bots: u64,
}

/// How many failures someone can fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorLosses {
    /// Who.
    pub actor: Actor,
    /// How many.
    pub bots: u64,
}

/// How often it failed for one customer, host or meeting link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLosses {
    /// What the failures have in common.
    pub key: RecurrenceKey,
    /// How many there are.
    pub bots: u64,
}

/// Something that is muted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MutedScope {
    /// What, in words.
    pub what: String,
    /// Until when.
    pub until: Timestamp,
}

/// A part of a digest below its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DigestPart {
    /// Sentences.
    Lines(Vec<BodyLine>),
    /// Columns, one for each day.
    Columns(Columns),
    /// A list with numbers.
    List(DigestList),
    /// Small print.
    SmallPrint(String),
}

impl Totals {
    /// Returns how many recordings are missing, or not whole, or not known.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.partly_recorded.saturating_add(self.not_recorded).saturating_add(self.unknown)
    }

    /// Returns how many bots should have recorded.
    #[must_use]
    pub const fn expected(&self) -> u64 {
        self.recorded.saturating_add(self.lost())
    }

    /// Returns the share that was recorded, in percent. It is 0 or 100 only if that is exact.
    #[must_use]
    pub fn percent(&self) -> u64 {
        match (self.recorded, self.lost()) {
            (0, _) => 0,
            (_, 0) => 100,
            (recorded, _) => (recorded.saturating_mul(100) / self.expected()).clamp(1, 99),
        }
    }
}

impl Digest {
    /// Returns the first line, which stands alone.
    #[must_use]
    pub fn title(&self) -> String {
        let (days, totals) = (self.days_in_words(), &self.totals);
        match (self.scope, totals.expected()) {
            (DigestScope::Service, 0) => format!("{days}: nothing to record"),
            (DigestScope::Service, _) => {
                let (recorded, expected) = (totals.recorded, plural(totals.expected(), "bot"));
                format!("{days}: {recorded} of {expected} recorded ({}%)", totals.percent())
            }
            (DigestScope::Channel, _) => match totals.lost() {
                0 => format!("{days}: no recording was lost among the alerts here"),
                lost => format!("{days}: {} lost among the alerts here", plural(lost, "recording")),
            },
        }
    }

    /// Returns what stands below the title, in order.
    #[must_use]
    pub fn parts(&self) -> Vec<DigestPart> {
        let mut parts = vec![DigestPart::Lines(self.lines())];
        parts.extend(self.columns().map(DigestPart::Columns));
        parts.extend(self.lists().into_iter().map(DigestPart::List));
        parts.push(DigestPart::SmallPrint(self.small_print()));
        parts
    }

    fn small_print(&self) -> String {
        let whose = match self.scope {
            DigestScope::Service => "",
            DigestScope::Channel => " Only bots with an alert in this channel are counted.",
        };
        format!("Each bot counts once, on the day it ended (UTC).{whose}")
    }

    fn lines(&self) -> Vec<BodyLine> {
        let totals = &self.totals;
        let mut lines = vec![self.how_they_ended()];
        if totals.nothing_to_record > 0 {
            let ended = plural(totals.nothing_to_record, "more bot");
            lines.push(format!("{ended} had nothing to record, for example because no one joined."));
        }
        lines.extend(self.saved());
        lines.extend(self.muted_alerts());
        lines.extend(self.before.as_ref().map(|before| self.compared_with(before)));
        lines.into_iter().map(|line| BodyLine(vec![Span::Words(line)])).collect()
    }

    fn how_they_ended(&self) -> String {
        let totals = &self.totals;
        let parts: Vec<String> = [
            (totals.not_recorded, "not recorded"),
            (totals.partly_recorded, "partly recorded"),
            (totals.unknown, "with an unknown outcome"),
        ]
        .into_iter()
        .filter(|(bots, _)| *bots > 0)
        .map(|(bots, how)| format!("{bots} {how}"))
        .collect();
        match (parts.is_empty(), self.scope) {
            (true, DigestScope::Service) => "No recording was lost.".to_owned(),
            (true, DigestScope::Channel) => format!("{} recorded after all.", plural(totals.recorded, "bot")),
            (false, DigestScope::Channel) if totals.recorded > 0 => {
                format!("{}, {} recorded after all.", parts.join(", "), totals.recorded)
            }
            (false, _) => format!("{}.", parts.join(", ")),
        }
    }

    fn saved(&self) -> Option<String> {
        let (alert, rescue) = (self.saved_by_alert, self.saved_by_rescue);
        let all = plural(alert.saturating_add(rescue), "recording");
        let verb = if alert.saturating_add(rescue) == 1 { "was" } else { "were" };
        Some(match (alert, rescue) {
            (0, 0) => return None,
            (_, 0) => format!("{all} {verb} saved after an alert."),
            (0, _) => format!("{all} {verb} saved by asking again in the meeting."),
            _ => format!(
                "{all} {verb} saved: {alert} after an alert, {rescue} by asking again in the meeting."
            ),
        })
    }

    fn muted_alerts(&self) -> Option<String> {
        let verb = if self.muted_alerts == 1 { "was" } else { "were" };
        (self.muted_alerts > 0).then(|| format!("{} {verb} muted.", plural(self.muted_alerts, "alert")))
    }

    fn compared_with(&self, before: &Totals) -> String {
        let what = match self.last_day.since(self.first_day).map_or(0, |days| days.get_days()) + 1 {
            1 => "The day before".to_owned(),
            7 => "The week before".to_owned(),
            days => format!("The {days} days before"),
        };
        let (lost, then) = (self.totals.lost(), before.lost());
        let change = match lost.cmp(&then) {
            std::cmp::Ordering::Less => format!("Losses went down from {then} to {lost}."),
            std::cmp::Ordering::Greater => format!("Losses went up from {then} to {lost}."),
            std::cmp::Ordering::Equal => format!("Losses stayed at {lost}."),
        };
        match self.scope {
            DigestScope::Service if before.expected() > 0 => {
                let (recorded, expected) = (before.recorded, before.expected());
                format!("{change} {what}: {recorded} of {expected} recorded ({}%).", before.percent())
            }
            DigestScope::Service | DigestScope::Channel => {
                format!("{} compared with {}.", change.trim_end_matches('.'), lower(&what))
            }
        }
    }

    fn columns(&self) -> Option<Columns> {
        if self.days.len() < 2 || self.totals.expected() == 0 {
            return None;
        }
        let is_week = self.days.len() <= 7;
        let label =
            |day: &DayTotals| day.first_day.strftime(if is_week { "%a %-d" } else { "%-d %b" }).to_string();
        let values = |of: fn(&Totals) -> u64| self.days.iter().map(|day| of(&day.totals)).collect::<Vec<_>>();
        let name = match self.scope {
            DigestScope::Service => "Recorded",
            DigestScope::Channel => "Recorded after all",
        };
        let recorded = (name, values(|totals| totals.recorded));
        let lost = ("Lost or partly", values(Totals::lost));
        let by_day = self.days.get(1).is_some_and(|second| {
            second.first_day.since(self.first_day).is_ok_and(|between| between.get_days() == 1)
        });
        let title = if by_day { "Bots by day" } else { "Bots by week" };
        Some(Columns {
            title: title.to_owned(),
            labels: self.days.iter().map(label).collect(),
            series: vec![recorded, lost],
        })
    }

    fn lists(&self) -> Vec<DigestList> {
        let words = |words: &str| BodyLine(vec![Span::Words(clipped(words, TITLE_MAX))]);
        let row = |bots, label| DigestRow { bots: Some(bots), label };
        let mut causes: Vec<DigestRow> =
            self.causes.iter().map(|losses| row(losses.bots, words(&losses.title))).collect();
        causes.extend((self.other_causes > 0).then(|| row(self.other_causes, words("Other causes"))));
        let actors = self.actors.iter().map(|losses| row(losses.bots, words(who(losses.actor))));
        let keys = self.keys.iter().map(|losses| row(losses.bots, BodyLine(losses.key.spans_in_a_list())));
        let muted = self.muted.iter().map(|muted| {
            let until = muted.until.strftime("%-d %b, %H:%M UTC");
            let what = Span::Words(format!("{}, until {until}", clipped(&muted.what, TITLE_MAX)));
            DigestRow { bots: None, label: BodyLine(vec![what]) }
        });
        let since = self.keys_since.map(|day| format!(" since {}", day.strftime("%-d %b")));
        let list = |heading: String, rows, is_pie| DigestList { heading, rows, is_pie };
        let lists = [
            list("Why recordings were lost".to_owned(), causes, false),
            list("Who can fix it".to_owned(), actors.collect(), true),
            list(format!("Most failures{}", since.unwrap_or_default()), keys.collect(), false),
            list("Muted now".to_owned(), muted.collect(), false),
        ];
        lists.into_iter().filter(|list| !list.rows.is_empty()).collect()
    }

    /// Returns the days as people write them: `16–22 Nov`, `28 Nov – 4 Dec`, with years if they differ.
    #[must_use]
    pub fn days_in_words(&self) -> String {
        days_in_words(self.first_day, self.last_day)
    }
}

/// Returns days as people write them.
fn days_in_words(first: Date, last: Date) -> String {
    if first == last {
        first.strftime("%-d %b").to_string()
    } else if first.year() != last.year() {
        format!("{} – {}", first.strftime("%-d %b %Y"), last.strftime("%-d %b %Y"))
    } else if first.month() != last.month() {
        format!("{} – {}", first.strftime("%-d %b"), last.strftime("%-d %b"))
    } else {
        format!("{}–{}", first.day(), last.strftime("%-d %b"))
    }
}

/// Returns who can fix something, in at most 20 characters.
const fn who(actor: Actor) -> &'static str {
    match actor {
        Actor::Host => "The host",
        Actor::Participant => "A participant",
        Actor::AccountAdmin => "An administrator",
        Actor::Developer => "Your developers",
        Actor::Recall => "Recall.ai",
        Actor::Platform => "The meeting platform",
        Actor::Nobody => "No one",
        Actor::Unknown => "Not known",
    }
}

/// Cuts a text between two words, visibly.
#[must_use]
pub fn clipped(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max.saturating_sub(1)).collect();
    let whole =
        cut.rsplit_once(' ').map(|(before, _)| before).filter(|before| before.chars().count() * 2 > max);
    format!("{}…", whole.unwrap_or(&cut).trim_end_matches([' ', ',', ';', ':']))
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

/// Returns the answer if there is nothing to count.
#[must_use]
pub fn nothing(scope: DigestScope, first: Date, last: Date) -> String {
    let days = days_in_words(first, last);
    match scope {
        DigestScope::Service => format!("No bot ended on {days} (UTC). Today isn't counted yet."),
        DigestScope::Channel => format!(
            "There were no alerts in this channel about bots that ended on {days} (UTC). In this channel I only count its \
             own alerts. The digest of all bots is in the digest channel."
        ),
    }
}

/// Returns the answer to a number of days that can't be counted.
#[must_use]
pub fn not_so_many_days(most: u8) -> String {
    format!("I can count 1 to {most} days. Example: digest 7d")
}
