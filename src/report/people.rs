//! The people in the call, as far as they may be named.

use super::{Report, compose};
use crate::diagnosis::Diagnosis;
use crate::diagnosis::case_file::Participant;
use crate::diagnosis::vocabulary::{Outcome, ParticipantNames};

/// Most people who are listed by name.
const LISTED_MAX: usize = 12;
/// Most words of a name whose first letter is shown.
const INITIALS_MAX: usize = 3;

/// Returns the report of an answer, with the people in the call if they may be named.
#[must_use]
pub fn compose_with_people(diagnosis: &Diagnosis<'_>, names: ParticipantNames) -> Report {
    let mut report = compose(diagnosis);
    report.notes.extend(in_the_call(diagnosis, names));
    report
}

/// Returns a sentence with the people in the call, if something is missing and people may be named. A
/// requester who knows them sees at once if the person who scheduled the meeting was there.
fn in_the_call(diagnosis: &Diagnosis<'_>, names: ParticipantNames) -> Option<String> {
    let missing =
        matches!(diagnosis.outcome, Outcome::NotRecorded | Outcome::PartlyRecorded | Outcome::Pending);
    let people = diagnosis.case.participants.learned().filter(|people| missing && !people.is_empty())?;
    let shown = |person: &Participant| shown(person, names);
    let listed: Vec<String> = people.iter().filter_map(shown).take(LISTED_MAX).collect();
    if listed.is_empty() {
        return None;
    }
    let others = people.len() - listed.len();
    let nobody = people.iter().all(|person| person.is_host == Some(false));
    let lead = if nobody { "In the call, none of them as the host" } else { "In the call" };
    let more = match others {
        0 => String::new(),
        1 => ", and one more".to_owned(),
        many => format!(", and {many} more"),
    };
    Some(format!("{lead}: {}{more}.", listed.join(", ")))
}

fn shown(person: &Participant, names: ParticipantNames) -> Option<String> {
    let name = person.name.as_deref()?.trim();
    let name = match names {
        ParticipantNames::Off => return None,
        ParticipantNames::Initials => initials(name),
        ParticipantNames::Full => name.to_owned(),
    };
    let redirect_note = match (person.is_host, person.signed_in) {
        (Some(true), _) => " (host)",
        (_, Some(false)) => " (not signed in)",
        _ => "",
    };
    (!name.is_empty()).then(|| format!("{name}{redirect_note}"))
}

/// Returns `D. R.` for "Dana Reyes"; nothing for a name without letters.
fn initials(name: &str) -> String {
    let firsts =
        name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphabetic()));
    let letters = firsts.take(INITIALS_MAX).map(|letter| format!("{}.", letter.to_uppercase()));
    letters.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_letters() {
        for (name, expect) in [
            ("Dana Reyes", "D. R."),
            ("dana (guest)", "D. G."),
            ("Ana de la Cruz", "A. D. L."),
            ("🙈 42", ""),
            ("田中 太郎", "田. 太."),
        ] {
            assert_eq!(initials(name), expect);
        }
    }
}
