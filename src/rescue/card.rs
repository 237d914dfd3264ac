//! What the card says of asking again.

use jiff::{SignedDuration, Timestamp};

use super::attempt::{Attempt, By, NotBegun, StepResult};
use super::offer::{Known, Offer, Reason, offer};
use super::{PERSON_NEEDS, Plan, STAY_DEFAULT};
use crate::diagnosis::Diagnosis;
use crate::diagnosis::catalogue::Rescue;
use crate::diagnosis::status::EventCode;
use crate::report::alert::BodyLine;
use crate::report::rescue::{self, NotSent, RescueButton, RescueCard, Sequel, Told};

/// Returns what the card says; `None` if it says nothing of asking again.
#[must_use]
pub fn card(diagnosis: &Diagnosis<'_>, known: Known<'_>) -> Option<RescueCard> {
    let mut lines = lines(diagnosis, known.attempts);
    let attempts = lines.len();
    let offer = offer(diagnosis, known);
    let is_overdue = diagnosis.facts.leaves_at.is_some_and(|leaves_at| leaves_at <= diagnosis.case.now);
    let mut button = None;
    match offer {
        Offer::Now { plan, after_change } if !is_overdue => {
            button = Some(match (plan, after_change) {
                (Plan::Ask, false) => RescueButton::Ask,
                (Plan::Ask, true) => RescueButton::AskAfterChange,
                (Plan::Start, _) => RescueButton::Start,
            });
            lines.extend(short_stay(diagnosis));
        }
        Offer::NotBefore(at) => lines.push(rescue::not_before(at)),
        Offer::No(reason) => lines.push(rescue::words(words(reason))),
        Offer::Nothing | Offer::Underway | Offer::Now { .. } => {}
    }
    (button.is_some() || !lines.is_empty()).then_some(RescueCard { lines, attempts, button })
}

/// Returns why this offer can't be taken, for the person who tried.
#[must_use]
pub fn why_not(offer: Offer) -> String {
    match offer {
        Offer::Nothing | Offer::Now { .. } => rescue::NOTHING_TO_ASK.to_owned(),
        Offer::Underway => rescue::UNDERWAY.to_owned(),
        Offer::NotBefore(_) => rescue::TOO_SOON.to_owned(),
        Offer::No(reason) => words(reason).to_owned(),
    }
}

const fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::WaitingRoom => rescue::IN_WAITING_ROOM,
        Reason::CannotGrant => rescue::CANNOT_GRANT,
        Reason::Blocked => rescue::BLOCKED,
        Reason::OtherPlatform => rescue::OTHER_PLATFORM,
        Reason::NoSuchStep => rescue::NO_SUCH_STEP,
        Reason::Used => rescue::USED,
    }
}

/// Returns how long the bot stays after a refusal, if that is too short for a person.
fn short_stay(diagnosis: &Diagnosis<'_>) -> Option<BodyLine> {
    let is_refused = diagnosis.evidence.iter().any(|line| line.change.code == EventCode::PermissionDenied);
    let asks = matches!(diagnosis.cause.rescue, Some(Rescue::Ask | Rescue::AfterChange));
    let own = diagnosis.case.settings.leave.permission_denied.filter(SignedDuration::is_positive);
    let stay = own.unwrap_or(STAY_DEFAULT);
    (is_refused && asks && stay < PERSON_NEEDS).then(|| rescue::short_stay(stay, own.is_some()))
}

fn lines(diagnosis: &Diagnosis<'_>, attempts: &[Attempt]) -> Vec<BodyLine> {
    let ends = attempts.iter().skip(1).map(|next| Some(next.heard_until)).chain([None]);
    let told = attempts.iter().zip(ends).map(|(attempt, end)| {
        let by = match &attempt.by {
            By::Person(person) => Some(person.as_str()),
            By::Service => None,
        };
        rescue::told(attempt.plan == Plan::Start, by, attempt.at, told(diagnosis, attempt, end))
    });
    told.collect()
}

fn told(diagnosis: &Diagnosis<'_>, attempt: &Attempt, end: Option<Timestamp>) -> Told {
    if !attempt.is_over {
        return Told::Underway;
    }
    if let Some(why) = attempt.not_begun {
        return Told::NotSent(match why {
            NotBegun::Unreadable => NotSent::Unreadable,
            NotBegun::Outdated => NotSent::Outdated,
            NotBegun::NoRight => NotSent::NoRight,
            NotBegun::TooLate => NotSent::TooLate,
        });
    }
    let sequel = sequel(diagnosis, attempt, end);
    match (attempt.message, attempt.request) {
        (Some(StepResult::Refused | StepResult::Failed), Some(StepResult::Done)) => {
            Told::WithoutMessage(sequel)
        }
        (_, Some(StepResult::Done)) => Told::Sent(sequel),
        (_, Some(StepResult::Unknown | StepResult::Begun)) => Told::Unknown(sequel),
        (Some(StepResult::Done), other) => Told::OnlyMessage(not_sent(other)),
        (Some(StepResult::Unknown | StepResult::Begun), _) => Told::Unknown(sequel),
        (message, None | Some(StepResult::Skipped)) => Told::NotSent(not_sent(message)),
        (_, other) => Told::NotSent(not_sent(other)),
    }
}

const fn not_sent(result: Option<StepResult>) -> NotSent {
    match result {
        Some(StepResult::NotInCall) => NotSent::NotInCall,
        Some(StepResult::NoSuchStep) => NotSent::NoSuchStep,
        Some(StepResult::MayOnlyRead) => NotSent::MayOnlyRead,
        Some(StepResult::Refused) => NotSent::Refused,
        _ => NotSent::Failed,
    }
}

/// Returns the first thing after an attempt, and before the next one, that shows what came of it.
fn sequel(diagnosis: &Diagnosis<'_>, attempt: &Attempt, end: Option<Timestamp>) -> Sequel {
    // Recall.ai's times have microseconds, and those of stored attempts have milliseconds.
    let is_later = |at: Timestamp, than: Timestamp| at.as_millisecond() > than.as_millisecond();
    let is_within =
        |at: Timestamp| is_later(at, attempt.heard_until) && end.is_none_or(|end| !is_later(at, end));
    let mut last = Sequel::Waiting;
    for change in diagnosis.evidence.iter().map(|evidence| evidence.change) {
        let Some(at) = change.at.filter(|at| is_within(*at)) else { continue };
        match change.code {
            EventCode::InCallRecording => return Sequel::Recording(at),
            EventCode::PermissionDenied => last = Sequel::Declined(at),
            EventCode::PermissionAllowed => last = Sequel::Allowed(at),
            _ if change.code.is_end() && last == Sequel::Waiting => last = Sequel::Left,
            _ => {}
        }
    }
    last
}
