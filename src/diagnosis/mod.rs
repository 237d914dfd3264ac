//! The core: finds out why a bot did or did not record.
//!
//! It is pure, without network, clock, JSON or chat. A broken bot is data here and never an error:
//! [`diagnose`] always returns a diagnosis, and the same one for the same case file.

pub mod bot_id;
pub mod case_file;
pub mod catalogue;
mod facts;
mod host;
mod liveness;
mod media;
mod missing;
mod rank;
pub mod signals;
pub mod status;
mod status_history;
pub mod template;
mod timeline;
mod timers;
pub mod untrusted;
pub mod vocabulary;

use jiff::SignedDuration;

use case_file::{CaseFile, Gap, GapKind, Recording, WhyMissing};
use catalogue::{Alternative, Catalogue, Cause, Note, Step};
use host::HostSeen;
use rank::Headline;
use signals::{Signal, SignalSet};
use status::{EventCode, StatusChange, SubCode};
use status_history::StatusHistory;
use template::Template;
use vocabulary::{Actor, Confidence, Outcome, Platform, ResendAdvice};

pub use facts::Facts;
pub use missing::Interruptions;
pub use timers::Timer;

/// The result of diagnosing one bot.
#[derive(Debug)]
pub struct Diagnosis<'a> {
    /// The case file that was diagnosed.
    pub case: &'a CaseFile,
    /// The platform of the meeting.
    pub platform: Platform,
    /// The primary cause.
    pub cause: &'a Cause,
    /// The title of the cause, as worded for the circumstances of this bot.
    pub title: &'a str,
    /// What happened and what it means, as worded for the circumstances of this bot.
    pub why: &'a Template,
    /// What to do in the circumstances of this bot.
    pub steps: &'a [Step],
    /// Sentences for the circumstances of this bot: those of the cause, and those that accompany any cause.
    pub notes: Vec<&'a Note>,
    /// The cause whose advice is given: the primary cause, or the error that ended the recording.
    pub advice: &'a Cause,
    /// The message for the host in the circumstances of this bot.
    pub host_message: Option<&'a Template>,
    /// The sub code that decided, or the unknown one that takes its place.
    pub sub_code: Option<&'a SubCode>,
    /// What happened to the recording.
    pub outcome: Outcome,
    /// Who can fix it.
    pub actor: Actor,
    /// How sure the diagnosis is.
    pub confidence: Confidence,
    /// What else contributed.
    pub contributing: Vec<&'a Cause>,
    /// What else is possible, each with the condition for it.
    pub alternatives: Vec<(&'a Alternative, &'a Cause)>,
    /// The causes that the answers yes and no lead to, if a person has to be asked.
    pub question: Option<(&'a Cause, &'a Cause)>,
    /// `true` if the bot is still in the meeting or its lobby.
    pub live: bool,
    /// `true` if the bot is still there and could still record.
    pub fixable_now: bool,
    /// `true` if sending a bot again, unchanged, is worthwhile.
    pub retry_helps: bool,
    /// What happened, oldest first.
    pub evidence: Vec<Evidence<'a>>,
    /// What could not be learned.
    pub gaps: Vec<Gap>,
    /// Codes and sub codes that we do not know, verbatim.
    pub unknown_codes: Vec<&'a str>,
    /// The signals that hold beside the cause.
    pub signals: SignalSet,
    /// Durations and times.
    pub facts: Facts,
}

impl Diagnosis<'_> {
    /// Returns `true` if text for these platforms applies here, which is also the case if the platform is
    /// unknown.
    #[must_use]
    pub fn is_on(&self, platforms: &[Platform]) -> bool {
        platforms.contains(&self.platform) || self.case.may_be_on_any_platform(self.platform)
    }

    /// Returns the title of a contributing cause, as worded for the circumstances of this bot.
    #[must_use]
    pub fn title_of<'c>(&self, cause: &'c Cause) -> &'c str {
        let variant = cause.variants.iter().find(|variant| self.signals.has(variant.when));
        variant.and_then(|variant| variant.title.as_deref()).unwrap_or(&cause.title)
    }
}

/// One status change, and how long it lasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// The status change in the case file.
    pub change: &'a StatusChange,
    /// How long it lasted: until the next status, or until now for a bot that is still there.
    pub lasted: Option<SignedDuration>,
    /// `true` if it still lasts.
    pub ongoing: bool,
}

/// Finds out why a bot did or did not record.
#[must_use]
pub fn diagnose<'a>(case: &'a CaseFile, catalogue: &'a Catalogue) -> Diagnosis<'a> {
    let history = StatusHistory::of(case);
    let mut headline = rank::headline(&history, catalogue);
    let mut is_about_transcript = false;
    if matches!(headline, Headline::Follows(Signal::Recorded | Signal::RecordedVeryShort))
        && let Some(transcript) = rank::transcript_headline(&history, catalogue)
    {
        // The recording is fine, so the question must be about the transcript.
        (headline, is_about_transcript) = (transcript, true);
    }
    let cause = headline.cause(catalogue);
    let sub_code = match headline {
        Headline::Stated(_, sub_code) => Some(sub_code),
        Headline::Follows(Signal::RecordedThenFatal | Signal::FatalUnknown) => {
            rank::deciding_fatal(&history, catalogue).and_then(|fatal| fatal.sub_code.as_ref())
        }
        Headline::Follows(signal) => deciding_sub_code(&history, signal),
    };
    let missing = missing::find(&history);
    let signals = history.circumstances().union(missing.signals);
    let variant = cause.variants.iter().find(|variant| signals.has(variant.when));
    let outcome = match cause.outcome {
        // The same code may mean something else elsewhere. As a transcript's reason it takes nothing from the
        // recording.
        _ if is_about_transcript => Outcome::Recorded,
        // "Nothing so far" would be wrong for a bot that recorded and was put back into the lobby.
        Outcome::Pending if history.recorded => Outcome::PartlyRecorded,
        Outcome::NotRecorded if history.live => Outcome::Pending,
        Outcome::NotRecorded if rank::may_have_recorded_before(&history, catalogue) => Outcome::Unknown,
        outcome => outcome,
    };
    // If an error ended the recording, the fix is the one for that error.
    let ended_by = matches!(headline, Headline::Follows(Signal::RecordedThenFatal))
        .then(|| rank::known_fatal(&history, catalogue).filter(|cause| cause.in_call))
        .flatten();
    let advice = ended_by.unwrap_or(cause);
    // A bot that was refused is in the call, or asked from the lobby.
    let is_there = |code| history.timeline.has(&code);
    let in_lobby = is_there(EventCode::InWaitingRoom) || is_there(EventCode::PermissionDenied);
    let in_meeting = history.live && (history.in_call || in_lobby);

    Diagnosis {
        case,
        platform: history.platform,
        cause,
        sub_code,
        outcome,
        title: variant.and_then(|variant| variant.title.as_deref()).unwrap_or(&cause.title),
        why: variant.map_or(&cause.why, |variant| &variant.why),
        steps: match variant {
            Some(variant) if !variant.steps.is_empty() => &variant.steps,
            _ if history.live && !advice.steps_now.is_empty() => &advice.steps_now,
            _ => &advice.steps,
        },
        advice,
        host_message: advice
            .host_message_now
            .as_ref()
            .filter(|_| history.live)
            .or(advice.host_message.as_ref()),
        actor: variant.map_or(advice.actor, |variant| variant.actor),
        confidence: confidence(&history, cause),
        contributing: rank::contributing(&history, catalogue, cause),
        alternatives: alternatives(cause, signals, catalogue),
        question: cause.question.as_ref().and_then(|question| {
            Some((catalogue.by_id(question.yes.as_str())?, catalogue.by_id(question.no.as_str())?))
        }),
        live: history.live,
        fixable_now: in_meeting && matches!(outcome, Outcome::Pending | Outcome::PartlyRecorded),
        retry_helps: advice.resend == ResendAdvice::Yes,
        evidence: evidence(&history),
        gaps: gaps(&history, cause),
        unknown_codes: unknown_codes(case, catalogue),
        signals,
        facts: facts::measure(&history, &missing),
        notes: notes(cause, signals, outcome, catalogue),
    }
}

/// Returns the sub code to name beside an inferred cause: the one in the place of a known code.
fn deciding_sub_code<'a>(history: &StatusHistory<'a>, signal: Signal) -> Option<&'a SubCode> {
    let on = |code| history.timeline.last(&code)?.sub_code.as_ref();
    match signal {
        Signal::PermissionDeniedUnknown | Signal::RecordedThenPermissionWithdrawn => {
            on(EventCode::PermissionDenied)
        }
        Signal::TranscriptFailed => {
            media::failed_transcript(history.case, &history.timeline)?.sub_code.as_ref()
        }
        Signal::RecordingMediaFailed => {
            history.case.recordings.iter().find_map(|recording| recording.sub_code.as_ref())
        }
        _ => history.end_sub_code(),
    }
}

fn confidence(history: &StatusHistory<'_>, cause: &Cause) -> Confidence {
    let mut confidence = cause.confidence;
    // The recording of a stream is undocumented, so no conclusion about it is certain.
    if history.case.is_stream && cause.outcome == Outcome::NotRecorded && confidence == Confidence::Inferred {
        confidence = confidence.lowered();
    }
    if history.timeline.has_untimed() {
        confidence = confidence.lowered();
    }
    // A person's answer decides between two causes, but it does not prove that there was no host.
    let answered = history.case.host_was_present.is_some() && cause.question.is_none();
    if answered && history.host == HostSeen::Unknown && confidence == Confidence::Inferred {
        confidence = confidence.lowered();
    }
    confidence
}

fn alternatives<'a>(
    cause: &'a Cause,
    signals: SignalSet,
    catalogue: &'a Catalogue,
) -> Vec<(&'a Alternative, &'a Cause)> {
    cause
        .alternatives
        .iter()
        .filter(|alternative| alternative.when.is_none_or(|signal| signals.has(signal)))
        .filter_map(|alternative| Some((alternative, catalogue.by_id(alternative.cause.as_str())?)))
        .collect()
}

fn notes<'a>(
    cause: &'a Cause,
    signals: SignalSet,
    outcome: Outcome,
    catalogue: &'a Catalogue,
) -> Vec<&'a Note> {
    // If the recording is gone, it does not matter which part of it was missing.
    let of_any = catalogue.notes().filter(|_| outcome != Outcome::Lost);
    cause.notes.iter().chain(of_any).filter(|note| signals.has(note.when)).collect()
}

fn evidence<'a>(history: &StatusHistory<'a>) -> Vec<Evidence<'a>> {
    let now = history.live.then_some(history.case.now);
    let current = history.timeline.last_lifecycle_place();
    history
        .timeline
        .iter()
        .enumerate()
        .map(|(place, change)| Evidence {
            change,
            lasted: history.timeline.lasted(place, now),
            ongoing: history.live && current == Some(place),
        })
        .collect()
}

fn gaps(history: &StatusHistory<'_>, cause: &Cause) -> Vec<Gap> {
    let mut gaps = history.case.gaps.clone();
    let host_matters =
        cause.question.is_some() || history.asks_for_consent() && cause.outcome == Outcome::NotRecorded;
    if host_matters && history.in_call {
        gaps.extend(host::host_gap(history.case));
    }
    let told = gaps.iter().any(|gap| gap.kind == GapKind::StatusTimes);
    if history.timeline.has_untimed() && !told {
        gaps.push(Gap { kind: GapKind::StatusTimes, why: WhyMissing::Unreadable });
    }
    if history.case.may_be_on_any_platform(history.platform) {
        gaps.push(Gap { kind: GapKind::Platform, why: WhyMissing::NotSaid });
    }
    let transcript_is_missing = history.recorded
        && history.ended
        && history.case.settings.transcript_requested == Some(true)
        && !history.case.recordings.iter().any(|recording| recording.transcript.is_some());
    if transcript_is_missing {
        gaps.push(Gap { kind: GapKind::Transcript, why: WhyMissing::NotOffered });
    }
    gaps
}

fn unknown_codes<'a>(case: &'a CaseFile, catalogue: &Catalogue) -> Vec<&'a str> {
    let codes = case.status_changes.iter().filter_map(|change| match &change.code {
        EventCode::Unknown(raw) => Some(raw.as_str()),
        _ => None,
    });
    let on_status = case.status_changes.iter().filter_map(|change| change.sub_code.as_ref());
    let on_media = case.recordings.iter().flat_map(Recording::sub_codes);
    let sub_codes =
        on_status.chain(on_media).map(SubCode::as_str).filter(|code| !catalogue.knows_sub_code(code));
    let mut unknown: Vec<&str> = codes.chain(sub_codes).collect();
    unknown.sort_unstable();
    unknown.dedup();
    unknown
}
