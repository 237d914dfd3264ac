//! What exactly is sent into the meeting, before somebody decides about it.

use uuid::Uuid;

use super::offer::Offer;
use super::{MESSAGE_MAX, Plan};
use crate::diagnosis::Diagnosis;
use crate::diagnosis::status::EventCode;
use crate::report::host_page;
use crate::report::language::Language;
use crate::report::rescue::{self, Preview};
use crate::report::{compose, fill};

/// Characters of a digest: enough to notice a change, and short enough for the ID of a button.
const DIGEST_CHARS: usize = 8;

/// Returns what is sent if this offer is taken; `None` if nothing can be sent now.
#[must_use]
pub fn preview(diagnosis: &Diagnosis<'_>, offer: Offer, public_url: Option<&str>) -> Option<Preview> {
    let Offer::Now { plan, .. } = offer else { return None };
    let text = match plan {
        Plan::Ask => Some(message(diagnosis, public_url)?),
        Plan::Start => None,
    };
    let joined_at = diagnosis.evidence.iter().map(|evidence| evidence.change);
    let joined_at = joined_at.filter(|change| change.code == EventCode::InCallNotRecording);
    Some(Preview {
        bot: diagnosis.case.bot_id?,
        bot_name: compose(diagnosis).name().to_owned(),
        platform: diagnosis.platform,
        digest: digest(plan, text.as_deref()),
        text,
        times: rescue::times(joined_at.filter_map(|change| change.at).min(), diagnosis.facts.leaves_at),
    })
}

/// Returns the message to the host: that of the catalogue, with the page for the host if it fits.
fn message(diagnosis: &Diagnosis<'_>, public_url: Option<&str>) -> Option<String> {
    let message = fill::fill(diagnosis.cause.meeting_message.as_ref()?, diagnosis, Language::En);
    let address = public_url.and_then(|url| host_page::address(url, diagnosis.cause));
    let linked = address.map(|address| host_page::with_link(&message, &address, Language::En));
    let fits = |text: &String| text.chars().count() <= MESSAGE_MAX;
    Some(linked.filter(fits).unwrap_or(message).chars().take(MESSAGE_MAX).collect())
}

fn digest(plan: Plan, text: Option<&str>) -> String {
    let said = format!("{plan}/{}", text.unwrap_or_default());
    let digest = Uuid::new_v5(&Uuid::NAMESPACE_OID, said.as_bytes());
    digest.simple().to_string().chars().take(DIGEST_CHARS).collect()
}
