//! `[privacy]`: personal data that is shown and stored.

use jiff::SignedDuration;

use super::form;
use super::reader::SettingsReader;
use crate::diagnosis::vocabulary::ParticipantNames;

/// The largest retention in days, a hundred years: longer than any obligation to keep records.
const MOST_DAYS: u32 = 36_500;

/// `[privacy]`.
#[derive(Debug, Clone)]
pub struct Privacy {
    /// How messages name participants.
    pub participant_names: ParticipantNames,
    /// Days after which records are purged; with 0, as soon as they are no longer needed.
    pub retention_days: u32,
}

impl Privacy {
    /// Returns how long records are kept.
    #[must_use]
    pub fn kept(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.retention_days))
    }

    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let participant_names = reader.plain(
            "privacy.participant_names",
            form::one_of(ParticipantNames::ALL, ParticipantNames::as_str),
        );
        let retention_days = reader.plain("privacy.retention_days", form::whole(0..=MOST_DAYS));
        Some(Self { participant_names: participant_names?, retention_days: retention_days? })
    }
}
