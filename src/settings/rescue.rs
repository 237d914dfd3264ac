//! `[rescue]`: asking the host again while the meeting runs.

use super::form;
use super::reader::SettingsReader;
use crate::rescue::Mode;

/// `[rescue]`.
#[derive(Debug, Clone)]
pub struct Rescue {
    /// Who may send something into a running meeting.
    pub mode: Mode,
}

impl Rescue {
    pub(super) fn read(reader: &mut SettingsReader) -> Option<Self> {
        let mode = reader.plain("rescue.mode", form::one_of(Mode::ALL, Mode::as_str));
        Some(Self { mode: mode? })
    }
}
