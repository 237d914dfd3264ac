//! An entry of the catalogue as its file contains it, and its conversion to a checked one.

use serde::Deserialize;

use super::example::{Example, RawExample};
use super::load::Fault;
use super::{Alternative, Cause, CauseId, Claim, HostQuestion, Note, Rescue, Role, Stated, Step, Variant};
use crate::diagnosis::signals::Signal;
use crate::diagnosis::template::{BadSlot, Template};
use crate::diagnosis::vocabulary::{Actor, AlertLevel, Confidence, Outcome, Platform, ResendAdvice};

/// Longest title, in characters, that fits into a notification on a phone.
pub(super) const TITLE_CHARS_MAX: usize = 72;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFamily {
    #[serde(default)]
    pub(super) cause: Vec<RawCause>,
    #[serde(default)]
    pub(super) note: Vec<RawNote>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCause {
    pub(super) id: String,
    when: Vec<RawClaim>,
    #[serde(default = "ordinary")]
    role: Role,
    platform: Option<Platform>,
    outcome: Outcome,
    #[serde(default)]
    in_call: bool,
    actor: Actor,
    resend: ResendAdvice,
    confidence: Option<Confidence>,
    title: String,
    why: String,
    steps: Vec<RawStep>,
    #[serde(default)]
    steps_now: Vec<RawStep>,
    host_message: Option<String>,
    host_message_now: Option<String>,
    rescue: Option<Rescue>,
    meeting_message: Option<String>,
    #[serde(default)]
    variants: Vec<RawVariant>,
    #[serde(default)]
    alternatives: Vec<RawAlternative>,
    #[serde(default)]
    notes: Vec<RawNote>,
    question: Option<RawQuestion>,
    docs: Vec<String>,
    alert: AlertLevel,
    added: String,
    retired: Option<String>,
    #[serde(default)]
    example: Vec<RawExample>,
}

const fn ordinary() -> Role {
    Role::Cause
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClaim {
    event: Option<Stated>,
    sub_code: Option<String>,
    signal: Option<Signal>,
    bot_log: Option<String>,
    api_error: Option<String>,
}

/// A text, or a text with the person who acts on it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a step is a text, or { text, for = \"reader\" }, or for = \"team\"")]
enum RawStep {
    ForActor(String),
    Addressed(AddressedStep),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressedStep {
    text: String,
    #[serde(rename = "for")]
    addressee: Addressee,
}

/// Steps are for the actor unless they say otherwise.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
enum Addressee {
    #[serde(rename = "reader")]
    Reader,
    #[serde(rename = "team")]
    Team,
}

impl RawStep {
    fn to_step(&self) -> Result<Step, BadSlot> {
        let (text, addressee) = match self {
            Self::ForActor(text) => (text, None),
            Self::Addressed(step) => (&step.text, Some(step.addressee)),
        };
        Ok(Step {
            text: Template::parse(text)?,
            is_for_reader: addressee == Some(Addressee::Reader),
            is_for_actor: addressee.is_none(),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVariant {
    when: Signal,
    actor: Actor,
    title: Option<String>,
    why: String,
    #[serde(default)]
    steps: Vec<RawStep>,
}

impl RawVariant {
    fn into_variant(self) -> Result<Variant, Fault> {
        if let Some(title) = &self.title {
            fits(title)?;
        }
        Ok(Variant {
            when: self.when,
            actor: self.actor,
            title: self.title,
            why: Template::parse(&self.why)?,
            steps: steps(&self.steps)?,
        })
    }
}

/// Returns an error if a title is too long for a phone's notification.
fn fits(title: &str) -> Result<(), Fault> {
    let chars = title.chars().count();
    if chars > TITLE_CHARS_MAX { Err(Fault::TitleLength(chars)) } else { Ok(()) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAlternative {
    #[serde(rename = "if")]
    condition: String,
    cause: String,
    when: Option<Signal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNote {
    pub(super) when: Signal,
    text: String,
    #[serde(default)]
    small_print: bool,
}

/// The only question so far. Its ID is spelled out, so that a second one can be added without changing the
/// format.
#[derive(Deserialize)]
enum QuestionId {
    #[serde(rename = "host_was_present")]
    HostWasPresent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQuestion {
    #[serde(rename = "id")]
    _id: QuestionId,
    yes: String,
    no: String,
}

impl RawCause {
    pub(super) fn into_cause(self, family: &'static str) -> Result<Cause, Fault> {
        if self.id.is_empty()
            || !self.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            return Err(Fault::Id);
        }
        fits(&self.title)?;
        if self.steps.is_empty() {
            return Err(Fault::NoSteps);
        }
        let when = self.when.into_iter().map(RawClaim::into_claim).collect::<Result<Vec<_>, _>>()?;
        let is_stated = when.iter().any(|claim| matches!(claim, Claim::SubCode { .. }));
        let by_claim = if is_stated { Confidence::Stated } else { Confidence::Inferred };
        Ok(Cause {
            family,
            role: self.role,
            platform: self.platform,
            outcome: self.outcome,
            in_call: self.in_call,
            actor: self.actor,
            resend: self.resend,
            confidence: self.confidence.unwrap_or(by_claim),
            why: Template::parse(&self.why)?,
            steps: steps(&self.steps)?,
            steps_now: steps(&self.steps_now)?,
            host_message: self.host_message.as_deref().map(Template::parse).transpose()?,
            host_message_now: self.host_message_now.as_deref().map(Template::parse).transpose()?,
            rescue: self.rescue,
            meeting_message: meeting_message(self.rescue, self.meeting_message.as_deref())?,
            variants: self.variants.into_iter().map(RawVariant::into_variant).collect::<Result<_, _>>()?,
            alternatives: self
                .alternatives
                .into_iter()
                .map(|raw| Alternative {
                    condition: raw.condition,
                    cause: CauseId(raw.cause),
                    when: raw.when,
                })
                .collect(),
            notes: self.notes.into_iter().map(RawNote::into_note).collect::<Result<_, _>>()?,
            question: self.question.map(|raw| HostQuestion { yes: CauseId(raw.yes), no: CauseId(raw.no) }),
            docs: self.docs,
            alert: self.alert,
            added: self.added,
            retired: self.retired,
            examples: examples(self.example, self.platform)?,
            id: CauseId(self.id),
            title: self.title,
            when,
        })
    }
}

impl RawNote {
    pub(super) fn into_note(self) -> Result<Note, BadSlot> {
        Ok(Note { when: self.when, text: Template::parse(&self.text)?, is_small_print: self.small_print })
    }
}

impl RawClaim {
    fn into_claim(self) -> Result<Claim, Fault> {
        match self {
            Self {
                event: Some(event),
                sub_code: Some(sub_code),
                signal: None,
                bot_log: None,
                api_error: None,
            } => Ok(Claim::SubCode { event, sub_code }),
            Self { event: None, sub_code: None, signal: Some(signal), bot_log: None, api_error: None } => {
                Ok(Claim::Signal(signal))
            }
            Self { event: None, sub_code: None, signal: None, bot_log: Some(line), api_error: None } => {
                Ok(Claim::BotLog(line))
            }
            Self { event: None, sub_code: None, signal: None, bot_log: None, api_error: Some(code) } => {
                Ok(Claim::ApiError(code))
            }
            _ => Err(Fault::Claim),
        }
    }
}

/// Whoever asks the host again has to say why.
fn meeting_message(rescue: Option<Rescue>, text: Option<&str>) -> Result<Option<Template>, Fault> {
    if matches!(rescue, Some(Rescue::Ask | Rescue::AfterChange)) != text.is_some() {
        return Err(Fault::MeetingMessage);
    }
    Ok(text.map(Template::parse).transpose()?)
}

fn steps(raw: &[RawStep]) -> Result<Vec<Step>, BadSlot> {
    raw.iter().map(RawStep::to_step).collect()
}

fn examples(raw: Vec<RawExample>, platform: Option<Platform>) -> Result<Vec<Example>, Fault> {
    raw.into_iter()
        .enumerate()
        .map(|(index, raw)| {
            Example::parse(&raw, platform).map_err(|source| Fault::Example { number: index + 1, source })
        })
        .collect()
}
